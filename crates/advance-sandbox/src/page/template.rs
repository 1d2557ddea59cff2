//! Templates: `{{name}}` is a value, escaped; `{{{name}}}` is markup; `{{t:key}}` is from the table of words.

use super::language::Language;
use super::words;
use crate::model::form;

/// What a template is filled with.
pub(super) type Values<'a> = &'a [(&'a str, &'a str)];

/// `template` with its places filled. What a value holds is not looked at again, so that no value can name another.
pub(super) fn fill(template: &str, language: Language, values: Values<'_>) -> String {
    let value = |name: &str| {
        values
            .iter()
            .find(|(other, _)| *other == name)
            .map_or("", |(_, value)| *value)
    };
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let (markup, after) = match after.strip_prefix('{') {
            Some(after) => (true, after),
            None => (false, after),
        };
        let close = if markup { "}}}" } else { "}}" };
        let Some((name, after)) = after.split_once(close) else {
            rest = "";
            break;
        };
        match name.strip_prefix("t:") {
            Some(key) => out.push_str(&form::markup(words::word(key, language))),
            None if markup => out.push_str(value(name)),
            None => out.push_str(&form::markup(value(name))),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_escaped_and_cannot_name_others() {
        let values: Values<'_> = &[("a", "<{{b}}>"), ("b", "x"), ("c", "<i>{{{a}}}</i>")];
        assert_eq!(
            fill("1{{a}}2{{{c}}}3{{none}}4", Language::English, values),
            "1&lt;{{b}}&gt;2<i>{{{a}}}</i>34"
        );
    }

    #[test]
    fn words_follow_the_language() {
        let text = |language| fill("<h1>{{t:start.button}}</h1>", language, &[]);
        assert_eq!(text(Language::English), "<h1>Start</h1>");
        assert_eq!(text(Language::Indonesian), "<h1>Mulai</h1>");
    }
}
