//! The screens, and the frame around them.

use super::choices::Choices;
use super::drawer::drawer;
use super::language::Language;
use super::template::{Values, fill};
use super::words;
use crate::model::form;

const DOCUMENT: &str = include_str!("document.html");

/// What a screen has to know of the visit.
pub(crate) struct Link<'a> {
    pub(crate) token: &'a str,
    pub(crate) signature_id: &'a str,
    /// Where the person came from and goes back to.
    pub(crate) return_url: &'a str,
    /// The query that led here, with the choices that were made so far.
    pub(crate) asked: &'a str,
    pub(crate) language: Language,
}

/// A step of the flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    Start,
    Permission,
    Camera,
    Card,
    Upload,
    Captured,
    Checking {
        for_ever: bool,
    },
    /// Checked; with why there is no text, if there is none.
    Done {
        failure: Option<String>,
    },
    /// Finished already.
    Used,
    /// Finished already, and otherwise than is asked for now.
    Otherwise,
}

impl Screen {
    /// The screen of this name, before anything was decided.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "permission" => Self::Permission,
            "camera" => Self::Camera,
            "card" => Self::Card,
            "upload" => Self::Upload,
            "captured" => Self::Captured,
            _ => Self::Start,
        }
    }

    /// Its name, its title and its place in the progress.
    fn facts(&self) -> (&'static str, &'static str, Option<usize>) {
        match self {
            Self::Start => ("start", "start.title", Some(0)),
            Self::Permission => ("permission", "permission.title", Some(1)),
            Self::Camera => ("camera", "frame.title", Some(2)),
            Self::Card => ("card", "frame.title", Some(2)),
            Self::Upload => ("upload", "upload.title", Some(2)),
            Self::Captured => ("captured", "captured.title", Some(3)),
            Self::Checking { .. } => ("checking", "checking.title", Some(4)),
            Self::Done { failure: None } => ("done", "done.title", Some(5)),
            Self::Done { failure: Some(_) } => ("done", "failed.title", Some(5)),
            Self::Used => ("done", "used.title", None),
            Self::Otherwise => ("done", "otherwise.title", None),
        }
    }

    pub(crate) fn html(&self, link: &Link<'_>, choices: &Choices) -> String {
        let (step, title, place) = self.facts();
        let language = link.language;
        let way = match form::value(link.asked, "via").as_deref() {
            Some("camera") => "camera",
            Some("upload") => "upload",
            _ => "card",
        };
        let via = if matches!(self, Self::Camera | Self::Card | Self::Upload) {
            step
        } else {
            way
        };
        let flow = fill(
            include_str!("screens/flow.html"),
            language,
            &[
                ("token", link.token),
                ("id", link.signature_id),
                ("lang", language.code()),
                ("via", via),
            ],
        );
        let drawer = match self {
            Self::Start | Self::Permission | Self::Camera | Self::Card | Self::Upload | Self::Captured => {
                drawer(choices, link.asked, step, language)
            }
            _ => String::new(),
        };
        Document {
            language,
            title: words::word(title, language),
            place,
            content: &format!("{flow}{}", self.content(link, way)),
            drawer: &drawer,
            asked: link.asked,
        }
        .html()
    }

    fn content(&self, link: &Link<'_>, way: &str) -> String {
        let shop = shop(link.return_url);
        let choices = without_secrets(link.asked);
        let word = |key: &str| words::word(key, link.language);
        let filled = |template, values: Values<'_>| fill(template, link.language, values);
        let preview: Values<'_> = &[("choices", &choices), ("shop", &shop), ("way", way)];
        let ended = |text: &str, good: bool| {
            let (sign, mark) = if good {
                ("good", "M15 25l6 6 12-14")
            } else {
                ("bad", "M24 13v14M24 34v.5")
            };
            filled(
                include_str!("screens/done.html"),
                &[("text", text), ("shop", &shop), ("sign", sign), ("mark", mark)],
            )
        };
        match self {
            Self::Start => filled(include_str!("screens/start.html"), preview),
            Self::Permission => filled(include_str!("screens/permission.html"), preview),
            Self::Camera => filled(include_str!("screens/camera.html"), preview),
            Self::Card => filled(include_str!("screens/card.html"), preview),
            Self::Upload => filled(include_str!("screens/upload.html"), preview),
            Self::Captured => filled(include_str!("screens/captured.html"), preview),
            Self::Checking { for_ever } => {
                let id = form::encode(link.signature_id);
                let query = format!("token={}&signatureId={id}", form::encode(link.token));
                filled(
                    include_str!("screens/checking.html"),
                    &[
                        ("poll", &format!("status?{query}")),
                        (
                            "self",
                            &format!("./?{query}&step=checking&lang={}", link.language.code()),
                        ),
                        ("never", if *for_ever { "" } else { "hidden" }),
                    ],
                )
            }
            Self::Done { failure: None } => {
                ended(word("done.text"), true) + &filled(include_str!("screens/soon.html"), &[])
            }
            Self::Done { failure: Some(code) } => {
                let known = word(&format!("idv.{code}"));
                let text = if known.is_empty() {
                    word("idv.other")
                } else {
                    known
                };
                ended(text, false) + &filled(include_str!("screens/soon.html"), &[])
            }
            Self::Used => ended(word("used.text"), true),
            Self::Otherwise => ended(word("otherwise.text"), false),
        }
    }
}

/// Why the page is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    Unknown,
    /// With where the person may go instead.
    Expired {
        to: String,
    },
    NoChoice,
    NoPage,
    Method,
}

impl Closed {
    pub(crate) fn html(&self, asked: &str, language: Language) -> String {
        let (title, text) = match self {
            Self::Unknown => ("unknown.title", "unknown.text"),
            Self::Expired { .. } => ("expired.title", "expired.text"),
            Self::NoChoice => ("choice.title", "choice.text"),
            Self::NoPage => ("missing.title", "missing.text"),
            Self::Method => ("method.title", "method.text"),
        };
        let more = match self {
            Self::Expired { to } => fill(
                include_str!("screens/expired.html"),
                language,
                &[("to", to), ("shop", &shop(to))],
            ),
            Self::Unknown => fill(include_str!("screens/unknown.html"), language, &[]),
            _ => fill(include_str!("screens/dashboard.html"), language, &[]),
        };
        let content = fill(
            include_str!("screens/closed.html"),
            language,
            &[("text", words::word(text, language)), ("more", &more)],
        );
        Document {
            language,
            title: words::word(title, language),
            place: None,
            content: &content,
            drawer: "",
            asked,
        }
        .html()
    }
}

/// The frame around a screen.
struct Document<'a> {
    language: Language,
    title: &'a str,
    place: Option<usize>,
    content: &'a str,
    drawer: &'a str,
    asked: &'a str,
}

impl Document<'_> {
    fn html(&self) -> String {
        fill(
            DOCUMENT,
            self.language,
            &[
                ("lang", self.language.code()),
                ("title", self.title),
                ("languages", &self.languages()),
                ("progress", &self.progress()),
                ("content", self.content),
                ("drawer", self.drawer),
            ],
        )
    }

    /// The same page in either language.
    fn languages(&self) -> String {
        let same: Vec<&str> = self
            .asked
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("lang="))
            .collect();
        let links = [
            (Language::English, "English"),
            (Language::Indonesian, "Bahasa Indonesia"),
        ]
        .map(|(language, name)| {
            let query = [&same[..], &[&format!("lang={}", language.code())]]
                .concat()
                .join("&");
            let current = if language == self.language {
                " aria-current=\"true\""
            } else {
                ""
            };
            let code = language.code();
            format!(
                "<a href=\"?{}\" lang=\"{code}\" hreflang=\"{code}\"{current}>{name}</a>",
                form::markup(&query)
            )
        });
        let label = form::markup(words::word("language", self.language));
        format!("<nav aria-label=\"{label}\">{}</nav>", links.concat())
    }

    fn progress(&self) -> String {
        let Some(place) = self.place else {
            return String::new();
        };
        let steps = ["start", "permission", "frame", "captured", "checking", "done"];
        let steps = (0..).zip(steps).map(|(number, step)| {
            let state = match number {
                _ if number < place => " class=\"past\"",
                _ if number == place => " aria-current=\"step\"",
                _ => "",
            };
            let name = words::word(&format!("step.{step}"), self.language);
            format!(
                "<li{state}><span class=\"hidden-text\">{}</span></li>",
                form::markup(name)
            )
        });
        let label = form::markup(words::word("steps", self.language));
        format!(
            "<ol class=\"progress\" aria-label=\"{label}\">{}</ol>",
            steps.collect::<String>()
        )
    }
}

/// The host of an address, or its scheme if it is an app's.
fn shop(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let name = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => host,
        _ => scheme,
    };
    if name.chars().count() > 60 {
        let start: String = name.chars().take(59).collect();
        format!("{start}…")
    } else {
        name.to_owned()
    }
}

/// The choices in a query, for the address of a picture.
fn without_secrets(asked: &str) -> String {
    let secret = |pair: &&str| {
        !["token=", "signatureId=", "step=", "lang="]
            .iter()
            .any(|name| pair.starts_with(name))
    };
    asked.split('&').filter(secret).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_is_known_by_its_host() {
        for (url, name) in [
            ("https://www.example.com/a?b#c", "www.example.com"),
            ("HTTP://localhost:3000", "localhost:3000"),
            ("https://user:pass@shop.example/x", "shop.example"),
            ("myapp://done/x", "myapp"),
        ] {
            assert_eq!(shop(url), name);
        }
        assert_eq!(shop(&format!("https://{}", "a".repeat(80))).chars().count(), 60);
    }

    #[test]
    fn every_word_that_a_template_names_is_there() {
        let templates = [
            DOCUMENT,
            include_str!("drawer.html"),
            include_str!("screens/start.html"),
            include_str!("screens/permission.html"),
            include_str!("screens/camera.html"),
            include_str!("screens/card.html"),
            include_str!("screens/upload.html"),
            include_str!("screens/captured.html"),
            include_str!("screens/checking.html"),
            include_str!("screens/done.html"),
            include_str!("screens/soon.html"),
            include_str!("screens/expired.html"),
            include_str!("screens/unknown.html"),
            include_str!("screens/dashboard.html"),
        ];
        for template in templates {
            for place in template.split("{{t:").skip(1) {
                let key = place.split("}}").next().unwrap();
                assert!(!words::word(key, Language::English).is_empty(), "{key}");
            }
        }
        let screens = [
            Screen::Start,
            Screen::Permission,
            Screen::Camera,
            Screen::Card,
            Screen::Upload,
            Screen::Captured,
            Screen::Checking { for_ever: false },
            Screen::Done { failure: None },
            Screen::Done {
                failure: Some(String::new()),
            },
            Screen::Used,
            Screen::Otherwise,
        ];
        for screen in screens {
            assert!(
                !words::word(screen.facts().1, Language::Indonesian).is_empty(),
                "{screen:?}"
            );
        }
    }
}
