//! The panel in which a tester chooses how it ends.

use super::choices::{Checking, Choices, IDV_CODES, IMAGE_TYPES, OCR_CODES};
use super::language::Language;
use super::template::fill;
use super::words;
use crate::card::{FORGERY_LABELS, QUALITY_LABELS};
use crate::model::person::FIELDS;
use crate::model::{Outcome, form, people};

const TEMPLATE: &str = include_str!("drawer.html");
/// How many people there are to choose from; any other number will do in the address.
const PEOPLE: u64 = 12;
/// What is chosen before anybody chooses: long enough to be seen.
const USUAL_CHECKING: &str = "2";

/// `asked` is the query that led here.
pub(super) fn drawer(choices: &Choices, asked: &str, step: &str, language: Language) -> String {
    let word = |key: &str| words::word(key, language);
    let outcomes = Outcome::ALL.iter().map(|outcome| {
        option(
            outcome.name(),
            words::outcome(*outcome, language),
            choices.outcome == *outcome,
        )
    });
    let chosen = form::value(asked, "checking");
    let chosen = chosen.as_deref().unwrap_or(USUAL_CHECKING);
    let checking =
        Checking::OFFERED.map(|name| option(name, word(&format!("drawer.{name}")), name == chosen));
    let people = (0..PEOPLE).map(|number| {
        let person = people::made_up(number);
        let name = person["name"].as_str().unwrap_or_default().to_owned();
        option(&number.to_string(), &name, number == choices.person)
    });
    let codes = |name: &str, codes: &[&str], unchosen: &str| {
        let first = option("", word(unchosen), false);
        let rest = codes
            .iter()
            .map(|code| option(code, code, choices.has(name, code)));
        std::iter::once(first).chain(rest).collect::<String>()
    };
    let ticks = |name: &str, labels: &[&str]| {
        labels
            .iter()
            .map(|label| tick(name, label, choices.has(name, label)))
            .collect::<String>()
    };
    fill(
        TEMPLATE,
        language,
        &[
            ("step", step),
            ("outcomes", &outcomes.collect::<String>()),
            ("checking", &checking.concat()),
            ("people", &people.collect::<String>()),
            ("open", if choices.has_details() { " open" } else { "" }),
            ("idv_codes", &codes("idvCode", &IDV_CODES, "drawer.as")),
            ("ocr_codes", &codes("ocrCode", &OCR_CODES, "drawer.as")),
            ("image_types", &codes("imageType", &IMAGE_TYPES, "drawer.taken")),
            ("forgery", &ticks("forgery", &FORGERY_LABELS)),
            ("quality", &ticks("quality", &QUALITY_LABELS)),
            ("fields", &FIELDS.map(|name| field(name, choices)).concat()),
        ],
    )
}

fn option(value: &str, text: &str, selected: bool) -> String {
    let selected = if selected { " selected" } else { "" };
    format!(
        "<option value=\"{}\"{selected}>{}</option>",
        form::markup(value),
        form::markup(text)
    )
}

fn tick(name: &str, label: &str, checked: bool) -> String {
    let checked = if checked { " checked" } else { "" };
    let label = form::markup(label);
    format!(
        "<label><input type=\"checkbox\" form=\"flow\" name=\"{name}\" value=\"{label}\"{checked}>{label}</label>"
    )
}

fn field(name: &str, choices: &Choices) -> String {
    let value = form::markup(choices.field(name));
    format!(
        "<p class=\"field\"><label for=\"ocr.{name}\">{name}</label>\
         <input id=\"ocr.{name}\" form=\"flow\" name=\"ocr.{name}\" value=\"{value}\" maxlength=\"256\" autocomplete=\"off\"></p>"
    )
}
