//! Text from outside, without the secrets that it repeats.
//!
//! A server echoes what it was sent: as it was, in other letters, encoded, escaped, or cut off. The text is looked at as
//! it is and with its escapes undone; each secret is looked for as it is, in hex and in base64. Eight characters of a
//! secret in a row are taken for the secret.

mod id;
mod view;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use view::{View, WINDOW};

use crate::wipe::Wiped;

/// What is shorter keeps no secret, and stands in many a word.
const SHORTEST: usize = 4;
/// `siti` in base64 has as many; what is shorter stands in many a word by chance.
const SHORTEST_ENCODED: usize = 6;
/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// As many as most calls have: a body, a token, two keys, two links. Nearly every reply is judged by them.
const MANY: usize = 16;

/// What must not be repeated.
pub(crate) struct Redaction<'a>(Vec<(Stands, &'a str)>);

impl<'a> Redaction<'a> {
    pub(crate) fn new() -> Self {
        Self(Vec::with_capacity(MANY))
    }

    /// What opens a door: keys, tokens, signatures, links with a token in them. It is redacted wherever it stands.
    pub(crate) fn secrets(&mut self, secrets: impl IntoIterator<Item = &'a str>) {
        self.0
            .extend(secrets.into_iter().map(|text| (Stands::Anywhere, text)));
    }

    /// The caller's own values. Of a URL this is what follows its host. A short one is redacted only where it stands as a
    /// word, so that a user called `rate` does not take the words out of an error.
    pub(crate) fn own(&mut self, values: impl IntoIterator<Item = &'a str>) {
        self.0
            .extend(values.into_iter().map(|text| (Stands::AsAWord, text)));
    }

    /// The text, with `[redacted]` in the place of each secret.
    pub(crate) fn apply(&self, text: String) -> String {
        if self.is_free(&text) {
            return text;
        }
        self.search(text)
    }

    /// Whether it can be told at once that nothing in the text is a secret.
    pub(crate) fn is_free(&self, text: &str) -> bool {
        let free = |pieces: id::Pieces| !self.0.iter().any(|(_, secret)| pieces.may_hold(secret));
        text.len() < SHORTEST || id::Pieces::of(text).is_some_and(free)
    }

    fn search(&self, text: String) -> String {
        let plain = View::of(&text);
        let decoded = plain.decoded();
        let mut covered: Vec<(usize, usize)> = Vec::new();
        for view in std::iter::once(&plain).chain(&decoded) {
            let mut search = view.search();
            for part in self.parts() {
                for form in forms(part.text) {
                    part.look_for(&form, &mut search);
                }
            }
            covered.extend(search.found());
        }
        if covered.is_empty() {
            return text;
        }
        covered.sort_unstable();
        without(&Wiped::new(text), &covered)
    }

    fn parts(&self) -> impl Iterator<Item = Part<'a>> {
        let parts = self.0.iter().flat_map(|(stands, text)| {
            let whole = (*stands == Stands::Anywhere).then(|| Part::new(text, *stands, Cut::No));
            whole.into_iter().chain(parts(text, *stands))
        });
        parts.filter(|part| part.text.len() >= SHORTEST)
    }
}

/// One thing to look for.
#[derive(Clone, Copy)]
struct Part<'a> {
    text: &'a str,
    stands: Stands,
    cut: Cut,
}

/// Where a whole value counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Anywhere,
    AsAWord,
}

/// Whether a piece of it counts as well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    No,
    /// Any piece of eight characters.
    Any,
    /// A piece that is more than letters: a path has words of any error in it.
    NotLetters,
}

impl<'a> Part<'a> {
    const fn new(text: &'a str, stands: Stands, cut: Cut) -> Self {
        Self { text, stands, cut }
    }

    fn look_for(self, form: &Form, search: &mut view::Search<'_>) {
        let plain = form.encoding == Encoding::None;
        let any_piece = self.cut == Cut::Any || (self.cut == Cut::NotLetters && !plain);
        if any_piece && form.text.len() >= WINDOW {
            // The whole is found with its pieces, which takes no walk through the text.
            return search.pieces(&form.text, |_| true);
        }
        // An encoded form is no word of a language, unless it is very short.
        if plain || form.text.len() >= SHORTEST_ENCODED {
            search.whole(&form.text, plain && self.stands == Stands::AsAWord);
        }
        if plain && self.cut == Cut::NotLetters {
            search.pieces(&form.text, |piece| !piece.iter().all(u8::is_ascii_alphabetic));
        }
    }
}

/// What of a value is looked for. Of a URL it is what follows the host: all of it, and each value of its query; and what
/// stands before it, if that names somebody.
fn parts(text: &str, stands: Stands) -> Vec<Part<'_>> {
    let Some((scheme, authority, tail)) = url(text) else {
        return vec![Part::new(text, stands, Cut::Any)];
    };
    let mut parts = vec![Part::new(tail, stands, Cut::NotLetters)];
    if let Some((user, _)) = authority.rsplit_once('@') {
        parts.push(Part::new(user, stands, Cut::Any));
    }
    // `acct://siti@mail.example` has no host of a server.
    if !["http", "https"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web))
        && is_more_than_letters(authority)
    {
        parts.push(Part::new(text, stands, Cut::NotLetters));
        parts.push(Part::new(authority, stands, Cut::NotLetters));
    }
    let query = tail.split_once(['?', '#']).map_or("", |(_, query)| query);
    for pair in query.split(['&', ';', '#', '?']) {
        let value = pair.split_once('=').map_or(pair, |(_, value)| value);
        // `status=error` and the like are no secret.
        if value.len() >= WINDOW || is_more_than_letters(value) {
            parts.push(Part::new(value, stands, Cut::Any));
        }
    }
    parts
}

fn is_more_than_letters(text: &str) -> bool {
    text.contains(|c: char| !c.is_alphabetic())
}

/// The scheme of a URL, what stands between it and the path, and all that follows; nothing of other text.
fn url(text: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    Some((scheme, authority, tail))
}

/// A value in one of the forms in which it may be repeated, in small letters.
struct Form {
    text: Wiped<String>,
    encoding: Encoding,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    None,
    Some,
}

fn forms(text: &str) -> impl Iterator<Item = Form> {
    let form = |encoding, text: Wiped<String>| Form {
        text: Wiped::new(text.to_lowercase()),
        encoding,
    };
    let plain = View::of(text);
    let decoded = plain.decoded().map(|view| form(Encoding::None, view.text));
    let hex = form(Encoding::Some, Wiped::new(hex::encode(text)));
    // What stands before it in the encoded text shifts it by none, one or two bytes.
    let base64 = (0..3).flat_map(move |shift| {
        let shifted = Wiped::new([&[0; 2][..shift], text.as_bytes()].concat());
        let ends_within = shifted.len() % 3 != 0;
        [STANDARD_NO_PAD, URL_SAFE_NO_PAD]
            .into_iter()
            .flat_map(move |engine| {
                let encoded = Wiped::new(engine.encode(&*shifted));
                // The first characters are made of the shift as well.
                let own = encoded.get([0, 2, 3][shift]..).unwrap_or_default();
                // The last one is made of what follows as well. Of a long one the pieces are looked for.
                let shorter = &own[..own.len().saturating_sub(1)];
                let mixed = ends_within && own.len() <= WINDOW && shorter.len() >= SHORTEST_ENCODED;
                [Some(own), mixed.then_some(shorter)]
                    .into_iter()
                    .flatten()
                    .map(|own| form(Encoding::Some, Wiped::new(own.to_owned())))
                    .collect::<Vec<_>>()
            })
    });
    std::iter::once(form(Encoding::None, plain.text))
        .chain(decoded)
        .chain([hex])
        .chain(base64)
}

/// The text without these ranges, which are in order and may overlap.
fn without(text: &str, covered: &[(usize, usize)]) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut done = 0;
    let mut covered = covered.iter().copied().peekable();
    while let Some((start, mut end)) = covered.next() {
        while let Some(&(_, further)) = covered.peek().filter(|(next, _)| *next <= end) {
            end = end.max(further);
            covered.next();
        }
        kept.push_str(text.get(done..start).unwrap_or_default());
        kept.push_str(REDACTED);
        done = end;
    }
    kept.push_str(text.get(done..).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests;
