//! The shared suites over this crate's own parser, and the properties of what a caller builds.
//!
//! `PROPTEST_CASES=10000 cargo test -p advance-core --features proptest --test properties` tries more.
#![cfg(feature = "proptest")]

use std::collections::BTreeMap;

use advance_core::domain::{CalendarDate, CheckReason, Finding, Nik, Reading};
use advance_core::strategies::{any_text, values};
use advance_core::suites::{self, Ask, Parsed};
use advance_core::url::ReturnMismatch;
use advance_core::wire::{self, build_request, sign};
use advance_core::{BaseUrl, Endpoint, Outcome, Region, ReturnUrl, ReturnedUrl, SignatureId, UserId};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

macro_rules! suites_over_the_core {
    ($($suite:ident,)+) => {
        $(#[test]
        fn $suite() {
            suites::$suite(&suites::core);
        })+
    };
}

suites_over_the_core! {
    any_bytes_are_judged,
    documented_replies_come_back_equal,
    unknown_words_survive,
    unknown_members_change_nothing,
    a_doubled_member_is_refused,
    a_cut_example_is_refused_at_every_byte,
    a_cut_reply_is_refused,
    a_wrong_type_is_refused_by_its_place,
    numbers_are_exact_or_refused,
    only_success_has_data,
    what_is_personal_is_never_shown,
}

#[test]
fn nesting_is_refused_or_ignored_on_a_small_stack() {
    // Building the strategy's own values takes more of it than parsing, so only parsing is on the small one.
    suites::nesting_is_refused_or_ignored(&|ask: Ask, body: &[u8]| {
        std::thread::scope(|scope| {
            let parse = std::thread::Builder::new()
                .stack_size(128 * 1024)
                .spawn_scoped(scope, || suites::core(ask, body));
            parse.unwrap().join().unwrap()
        })
    });
}

/// A parser that makes the mistakes the suites look for; each suite must notice.
mod careless {
    use super::*;
    use advance_core::Code;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn notices(suite: impl FnOnce()) {
        assert!(catch_unwind(AssertUnwindSafe(suite)).is_err());
    }

    macro_rules! noticed {
        ($($suite:ident: $parser:expr;)+) => {
            $(#[test]
            fn $suite() {
                let parser: fn(Ask, &[u8]) -> Parsed = $parser;
                notices(|| suites::$suite(&parser));
            })+
        };
    }

    /// Takes what is cut or has a tail for whole, by closing it.
    fn closes(ask: Ask, body: &[u8]) -> Parsed {
        let text = String::from_utf8_lossy(body);
        (0..4)
            .map(|closing| suites::core(ask, format!("{text}{}", "}".repeat(closing)).as_bytes()))
            .find(|parsed| parsed.is_reply)
            .unwrap_or_else(|| suites::core(ask, body))
    }

    /// Reads through a `Value`, as most programs do: of two members the last counts, and floats are rounded.
    fn through_a_value(ask: Ask, body: &[u8]) -> Parsed {
        match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(value) => suites::core(ask, value.to_string().as_bytes()),
            Err(_) => suites::core(ask, body),
        }
    }

    #[test]
    fn a_float_that_is_a_whole_number_is_not_refused_unnoticed() {
        for float in [":1642580192430.0}", ":0.1e1}", ":1E+2}"] {
            let refuses = |ask: Ask, body: &[u8]| {
                let text = String::from_utf8_lossy(body).replace(float, ":null}");
                suites::core(ask, text.as_bytes())
            };
            notices(|| suites::numbers_are_exact_or_refused(&refuses));
        }
    }

    #[test]
    fn a_place_beside_or_below_the_right_one_is_noticed() {
        for more in ["s", ".x"] {
            let names = |ask: Ask, body: &[u8]| {
                let mut parsed = suites::core(ask, body);
                parsed.path = parsed.path.map(|path| path + more);
                parsed
            };
            notices(|| suites::a_wrong_type_is_refused_by_its_place(&names));
        }
    }

    noticed! {
        any_bytes_are_judged: |ask, body| {
            assert!(body.first() != Some(&b'['), "arrays were never expected");
            suites::core(ask, body)
        };
        documented_replies_come_back_equal: |ask, body| {
            suites::core(ask, String::from_utf8_lossy(body).replace("null", "\"\"").as_bytes())
        };
        unknown_words_survive: |ask, body| {
            suites::core(ask, String::from_utf8_lossy(body).to_uppercase().as_bytes())
        };
        unknown_members_change_nothing: |ask, body| {
            let mut parsed = suites::core(ask, body);
            parsed.is_reply &= !body.windows(2).any(|pair| pair == b"\"_");
            parsed
        };
        a_doubled_member_is_refused: through_a_value;
        a_cut_example_is_refused_at_every_byte: closes;
        a_cut_reply_is_refused: closes;
        a_wrong_type_is_refused_by_its_place: |ask, body| {
            let mut parsed = suites::core(ask, body);
            parsed.path = parsed.path.map(|_| "data".to_owned());
            parsed
        };
        numbers_are_exact_or_refused: |ask, body| {
            let text = String::from_utf8_lossy(body).replace(".0000000000000000001", "");
            suites::core(ask, text.as_bytes())
        };
        nesting_is_refused_or_ignored: |ask, body| {
            let mut parsed = suites::core(ask, body);
            let count = |brackets: [u8; 2]| body.iter().filter(|b| brackets.contains(b)).count();
            parsed.is_reply |= count(*b"[{") == count(*b"]}");
            parsed
        };
        only_success_has_data: |ask, body| {
            let mut parsed = suites::core(ask, body);
            parsed.code = Some(Code::Success);
            parsed
        };
        what_is_personal_is_never_shown: |ask, body| {
            let mut parsed = suites::core(ask, body);
            parsed.shown = String::from_utf8_lossy(body).into_owned();
            parsed
        };
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_carry_what_was_given(
        token in values::access_token(),
        base in values::base_url(),
        url in values::generate_url(),
        result in values::get_result(),
        ask in values::generate_token(),
    ) {
        for request in [
            build_request(&url, &base, Some(&token)).unwrap(),
            build_request(&result, &base, Some(&token)).unwrap(),
            build_request(&ask, &base, None).unwrap(),
        ] {
            prop_assert_eq!(request.method(), "POST");
            prop_assert!(request.uri().to_string().starts_with(base.as_str()));
            prop_assert!(serde_json::from_slice::<serde_json::Value>(request.body()).unwrap().is_object());
            if let Some(sent) = request.headers().get("x-access-token") {
                prop_assert!(sent.is_sensitive());
                prop_assert_eq!(sent.to_str().unwrap(), token.expose());
            }
        }
    }

    #[test]
    fn a_signature_depends_on_all_it_signs(
        keys in values::credentials(),
        other in values::credentials(),
        time in values::timestamp(),
        later in values::timestamp(),
    ) {
        let signature = sign(&keys, time);
        prop_assert_eq!(signature.expose().len(), 64);
        prop_assert!(signature.expose().bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        prop_assert!(keys == other || sign(&other, time) != signature);
        prop_assert!(time == later || sign(&keys, later) != signature);
    }

    #[test]
    fn any_text_is_a_url_or_is_refused_without_an_echo(text in any_text()) {
        for refusal in [
            BaseUrl::new(&text).err(),
            ReturnUrl::new(text.as_str()).err(),
            ReturnedUrl::parse(&text).err(),
            SignatureId::new(text.as_str()).err(),
            UserId::new(text.as_str()).err(),
            Region::new(&text).err(),
        ].into_iter().flatten() {
            let shown = format!("{refusal} {refusal:?}");
            prop_assert!(!shown.contains(|c: char| c.is_control()), "{}", shown);
            // Short or common words stand in the rule itself.
            prop_assert!(text.len() < 12 || !shown.contains(&text), "{}", shown);
        }
    }

    #[test]
    fn a_return_url_that_came_back_fits(sent in values::return_url(), id in values::signature_id()) {
        let returned = ReturnedUrl::parse(sent.as_str()).unwrap();
        prop_assert_eq!(returned.mismatches(&sent, &id), []);
        let (address, fragment) = sent.as_str().split_once('#').unwrap_or((sent.as_str(), ""));
        let joint = if address.contains('?') { '&' } else { '?' };
        let other = ReturnedUrl::parse(&format!("{address}{joint}signatureId=another%20one#{fragment}")).unwrap();
        prop_assert_eq!(other.mismatches(&sent, &id), [ReturnMismatch::SignatureId]);
        let elsewhere = ReturnUrl::new(format!("https://elsewhere.example/{}", id.as_str().len())).unwrap();
        prop_assert!(returned.mismatches(&elsewhere, &id).contains(&ReturnMismatch::Address));
    }

    #[test]
    fn what_the_page_appends_is_read(returned in values::returned_url()) {
        prop_assert!(returned.signature_id().is_some());
    }

    #[test]
    fn a_nik_is_its_digits(nik in values::nik(), on in values::calendar_date()) {
        let whole = format!("{}{}{}", nik.district(), &nik.expose()[6..12], nik.serial());
        prop_assert_eq!(whole.as_str(), nik.expose());
        prop_assert_eq!(Nik::new(nik.expose()), Some(nik.clone()));
        prop_assert!(nik.district().starts_with(nik.city()) && nik.city().starts_with(nik.province()));
        if let Some(born) = nik.birth_date(on) {
            prop_assert!(nik.sex().is_some());
            prop_assert_eq!(format!("{:02}", born.year() % 100), &nik.expose()[10..12]);
            prop_assert!((1900..2100).contains(&born.year()));
        }
    }

    #[test]
    fn any_text_is_no_nik_or_sixteen_digits(text in any_text()) {
        prop_assert_eq!(Nik::new(&text).is_some(), text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit()));
    }

    #[test]
    fn days_are_ordered_as_they_are_written(a in values::calendar_date(), b in values::calendar_date()) {
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        prop_assert_eq!(CalendarDate::new(a.year(), a.month(), a.day()), Some(a));
    }

    #[test]
    fn a_verdict_needs_a_reason_not_to_pass(result in values::verification()) {
        let verdict = result.verdict();
        prop_assert_eq!(verdict.outcome == Outcome::Passed, verdict.reasons.is_empty());
    }

    #[test]
    fn a_comparison_needs_two_readings(card in values::ktp()) {
        let consistency = card.consistency();
        for check in consistency.checks() {
            let readable = check.fields.iter().all(|field| match *field {
                "idNumber" => matches!(card.nik(), Reading::Read(_)),
                "birthday" => matches!(card.date_of_birth(), Reading::Read(_)),
                "birthPlaceBirthday" => matches!(card.birth().date, Reading::Read(_)),
                _ => matches!(card.sex(), Reading::Read(_)),
            });
            let says_nothing = matches!(
                check.reason,
                CheckReason::NikHasNoRealDate | CheckReason::UnbelievableDate | CheckReason::NikTellsNoSex
            );
            prop_assert_eq!(check.finding != Finding::NotComparable || says_nothing, readable);
        }
    }

    #[test]
    fn a_result_survives_being_written_down(ask in values::get_result(), result in values::verification()) {
        let body = serde_json::json!({ "code": "SUCCESS", "data": result }).to_string();
        prop_assert_eq!(wire::parse(&ask, body.as_bytes()).unwrap().data, Some(result));
    }

    #[test]
    fn one_pass_reads_what_two_read(reply in hostile_or_documented()) {
        let (ask, body) = reply;
        one_pass_is_two(ask, &body)?;
    }

    #[test]
    fn a_path_is_never_lost(base in values::base_url()) {
        let token = advance_core::secret::AccessToken::new("t").unwrap();
        let request = build_request(&advance_core::GetResult::new(SignatureId::new("s").unwrap()), &base, Some(&token));
        prop_assert!(request.unwrap().uri().path().ends_with(advance_core::GetResult::PATH));
    }
}

fn hostile_or_documented() -> impl Strategy<Value = (Ask, Vec<u8>)> {
    prop::sample::select(Ask::ALL).prop_flat_map(|ask| {
        let documented = advance_core::strategies::documents::reply(ask).prop_map(String::into_bytes);
        (
            Just(ask),
            prop_oneof![documented, advance_core::strategies::hostile::body(ask)],
        )
    })
}

/// The same endpoint as a stranger would have written it, whose replies are read in two passes.
struct Strangers<E>(E);

impl<E: Endpoint> Endpoint for Strangers<E> {
    type Output = E::Output;
    const PATH: &'static str = E::PATH;
    const AUTH: wire::Auth = E::AUTH;
    const REPLAY: wire::Replay = E::REPLAY;

    fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    fn decode(&self, data: &str) -> Result<E::Output, wire::DecodeError> {
        self.0.decode(data)
    }
}

fn one_pass_is_two(ask: Ask, body: &[u8]) -> Result<(), TestCaseError> {
    fn both<E>(ours: E, body: &[u8]) -> Result<(), TestCaseError>
    where
        E: Endpoint<Output: PartialEq + std::fmt::Debug> + Clone,
    {
        prop_assert_eq!(
            wire::parse(&ours, body),
            wire::parse(&Strangers(ours.clone()), body)
        );
        Ok(())
    }
    let credentials = advance_core::Credentials::new("sampleaccesskey", "samplesecretkey").unwrap();
    let page = ReturnUrl::new("https://shop.example/done").unwrap();
    match ask {
        Ask::GenerateToken => {
            let now = advance_core::UnixMillis::new(1_665_993_522_952);
            both(
                advance_core::GenerateToken::sign(&credentials, now).unwrap(),
                body,
            )
        }
        Ask::GenerateUrl => both(
            advance_core::GenerateUrl::new(page.clone(), page, Region::IDN),
            body,
        ),
        Ask::GetResult => both(advance_core::GetResult::new(SignatureId::new("s").unwrap()), body),
    }
}

#[test]
fn one_pass_reads_the_documents_examples_as_two_do() {
    for example in suites::EXAMPLES {
        for ask in Ask::ALL {
            one_pass_is_two(*ask, example.body.as_bytes()).unwrap();
        }
    }
}

/// Draws from a strategy and looks at what a log line would show of each value.
fn drawn_and_shown<S: Strategy>(name: &str, strategy: &S) -> String {
    let mut runner = proptest::test_runner::TestRunner::default();
    let shown: Vec<String> = (0..32)
        .map(|_| match strategy.new_tree(&mut runner) {
            Ok(tree) => format!("{:?}", tree.current()),
            Err(reason) => panic!("{name}: {reason}"),
        })
        .collect();
    for text in &shown {
        assert!(!text.contains(|c: char| c.is_control()), "{name}: {text}");
    }
    shown.join("\n")
}

macro_rules! every_strategy {
    (open: $($open:ident)+; closed: $($closed:ident)+;) => {
        /// Where a type shows its value, the strategy shows that it makes more than one.
        #[test]
        fn every_strategy_makes_values_that_are_safe_to_show() {
            $({
                let shown = drawn_and_shown(stringify!($open), &values::$open());
                let different: std::collections::BTreeSet<_> = shown.lines().collect();
                assert!(different.len() > 1, "{}: {shown}", stringify!($open));
            })+
        }

        /// Where a type is secret or personal, one value looks like any other.
        #[test]
        fn what_is_secret_or_personal_looks_the_same_whatever_it_is() {
            $({
                let shown = drawn_and_shown(stringify!($closed), &values::$closed());
                let different: std::collections::BTreeSet<_> = shown.lines().collect();
                assert_eq!(different.len(), 1, "{}: {shown}", stringify!($closed));
            })+
        }
    };
}

every_strategy! {
    open: code pricing_strategy idv_code ocr_code image_type forgery_label quality_label unix_millis now lifetime
        timestamp period base_url signature_id transaction_id region return_url returned_url web_url image_link
        charge charges retry_after generate_url get_result issued_token verification_link verification ktp envelope
        verdict reason outcome generate_token expiry printed idv_result consistency raw_json parse_error picture
        birth check decode_error advice ask auth check_reason code_class decode_fault error_kind failure_kind finding
        missing_check phase picture_format protocol_fault purpose replay return_mismatch sent unknown_word wait_reason
        failure limits retry_policy config download_policy polling batch_policy exported_token call response error
        wait_outcome waited batch_item batch_result;
    closed: access_key secret_key credentials access_token user_id calendar_date nik sex rt_rw signature;
}

/// How often each word comes in a thousand draws, always the same ones.
fn drawn<T>(strategy: &impl Strategy<Value = T>, words: impl Fn(T) -> Vec<String>) -> BTreeMap<String, u32> {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut counts = BTreeMap::new();
    for _ in 0..1_000 {
        let Ok(tree) = strategy.new_tree(&mut runner) else {
            panic!("too many were filtered out")
        };
        for word in words(tree.current()) {
            *counts.entry(word).or_insert(0) += 1;
        }
    }
    counts
}

#[test]
fn results_come_to_every_outcome_and_cards_to_every_finding() {
    let outcomes = drawn(&values::verification(), |result| {
        vec![result.verdict().outcome.to_string()]
    });
    assert_eq!(outcomes.len(), 4, "{outcomes:?}");
    assert!(outcomes.values().all(|count| *count >= 50), "{outcomes:?}");
    let reasons = drawn(&values::ktp(), |card| {
        let consistency = card.consistency();
        let checks = consistency.checks().iter();
        checks.map(|check| format!("{:?}", check.reason)).collect()
    });
    assert_eq!(reasons.len(), 10, "{reasons:?}");
    assert!(reasons.values().all(|count| *count >= 10), "{reasons:?}");
    let sound = drawn(&values::ktp(), |card| {
        vec![card.consistency().agreements().count().to_string()]
    });
    assert!(sound["4"] >= 200, "{sound:?}");
    let against = drawn(&values::verification(), |result| {
        let reasons = result.verdict().reasons;
        reasons.iter().map(|reason| reason.as_str().to_owned()).collect()
    });
    assert_eq!(against.len(), 9, "{against:?}");
}

#[test]
fn a_reading_shows_whether_and_not_what() {
    let shown = drawn_and_shown("reading", &values::reading(values::nik()));
    let words: std::collections::BTreeSet<_> = shown.lines().collect();
    assert!(
        words
            .iter()
            .all(|word| ["read", "not_read", "masked", "unreadable"].contains(word)),
        "{words:?}"
    );
    assert!(words.len() > 1);
}
