use super::*;

fn own(values: &[&str], text: &str) -> String {
    let mut redaction = Redaction::new();
    redaction.own(values.iter().copied());
    redaction.apply(text.to_owned())
}

fn secret(value: &str, text: &str) -> String {
    let mut redaction = Redaction::new();
    redaction.secrets([value]);
    redaction.apply(text.to_owned())
}

#[test]
fn a_value_is_redacted_in_every_form() {
    const ID: &str = "Siti+Ünal@mail.example";
    let escaped = ID
        .encode_utf16()
        .fold(String::new(), |text, unit| format!("{text}\\u{unit:04x}"));
    let entities = ID
        .chars()
        .fold(String::new(), |text, c| format!("{text}&#{};", u32::from(c)));
    let percent = percent_encoding::utf8_percent_encode(ID, percent_encoding::NON_ALPHANUMERIC).to_string();
    for form in [
        ID.to_owned(),
        ID.to_uppercase(),
        hex::encode(ID),
        hex::encode(ID).to_uppercase(),
        STANDARD_NO_PAD.encode(ID),
        base64::engine::general_purpose::STANDARD.encode(ID),
        URL_SAFE_NO_PAD.encode(ID),
        percent.clone(),
        percent.replace('%', "%25"),
        percent.replace('%', "%2525"),
        ID.replace('@', "%40"),
        ID.replace('@', "&#x40;"),
        escaped.clone(),
        escaped.to_uppercase().replace("\\U", "\\u"),
        escaped.replace('\\', "\\\\"),
        entities,
    ] {
        let shown = own(&[ID], &format!("illegal userId {form}, please check"));
        let shown = shown.replace("[redacted]=", "[redacted]");
        assert_eq!(shown, "illegal userId [redacted], please check", "{form}");
        assert!(
            secret(ID, &format!("a {form}")).starts_with("a [redacted]"),
            "{form}"
        );
    }
}

#[test]
fn in_base64_it_may_stand_anywhere() {
    for before in ["", "a", "ab", "abc"] {
        for after in ["", "z", "zy", "zyx"] {
            let text = STANDARD_NO_PAD.encode(format!("{before}siti@mail.example{after}"));
            let shown = own(&["siti@mail.example"], &text);
            // What is left are the characters in which it is mixed with its neighbours.
            assert!(shown.len() <= "[redacted]".len() + 10, "{text}: {shown}");
            assert!(shown.contains("[redacted]"), "{text}: {shown}");
        }
    }
}

#[test]
fn eight_characters_of_it_are_taken_for_it() {
    const ID: &str = "8e44f0089b076e18";
    for length in 8..=ID.len() {
        for start in 0..=ID.len() - length {
            let text = format!("no user {}…", &ID[start..start + length]);
            assert_eq!(own(&[ID], &text), "no user [redacted]…");
        }
    }
    assert_eq!(own(&[ID], "8e44f00"), "8e44f00");
}

#[test]
fn of_a_url_it_is_what_follows_its_host() {
    const URL: &str = "https://shop.example/done?session=S3SS10N&who=sitinurhaliza&status=error";
    for (text, shown) in [
        (
            &*format!("bad returnUrl {URL}"),
            "bad returnUrl https://shop.example[redacted]",
        ),
        (
            "bad returnUrl https://shop.example/done?session=S3SS",
            "bad returnUrl https://shop.example[redacted]",
        ),
        (
            "host shop.example is not allowed",
            "host shop.example is not allowed",
        ),
        ("session S3SS10N is over", "session [redacted] is over"),
        ("no sitinurhaliza", "no [redacted]"),
        ("no sitinurhal", "no [redacted]"),
        ("internal error", "internal error"),
        ("not https://other.example/", "not https://other.example/"),
    ] {
        assert_eq!(own(&[URL], text), shown);
    }
    // A path is made of words, and so is an error.
    let url = "myapp://verification/parameter/signature";
    assert_eq!(
        own(&[url], "the parameter of this signature"),
        "the parameter of this signature"
    );
    assert_eq!(own(&[url], "/parameter/signature"), "[redacted]");
    assert_eq!(
        own(&["https://shop.example"], "https://shop.example"),
        "https://shop.example"
    );
}

#[test]
fn a_short_path_stands_right_behind_its_host() {
    for (url, text, shown) in [
        (
            "https://shop.example/u/siti",
            "bad returnUrl https://shop.example/u/siti.",
            "bad returnUrl https://shop.example[redacted].",
        ),
        (
            "https://shop.example?u=42",
            "at shop.example?u=42",
            "at shop.example[redacted]",
        ),
        ("https://shop.example/fail", "/failed", "/failed"),
    ] {
        assert_eq!(own(&[url], text), shown);
    }
    assert_eq!(own(&["@siti"], "no user@siti"), "no user[redacted]");
}

#[test]
fn what_has_the_form_of_a_url_may_name_a_person_before_its_path() {
    for (value, text, shown) in [
        (
            "acct://siti@mail.example",
            "no acct://siti@mail.example!",
            "no [redacted]!",
        ),
        (
            "acct://siti@mail.example",
            "no siti@mail.example!",
            "no [redacted]!",
        ),
        ("wallet://0812-3456", "no 0812-3456!", "no [redacted]!"),
        (
            "https://siti.n:pw-1@shop.example/",
            "no siti.n:pw-1 at shop.example",
            "no [redacted] at shop.example",
        ),
    ] {
        assert_eq!(own(&[value], text), shown, "{value}");
    }
}

#[test]
fn a_short_value_in_the_midst_of_base64_or_escapes_of_a_page_is_found() {
    for before in ["", "a", "ab"] {
        for after in ["", "z", "zy", "zyx"] {
            let text = STANDARD_NO_PAD.encode(format!("{before}siti-1{after}"));
            assert!(
                own(&["siti-1"], &text).contains("[redacted]"),
                "{before} {after}: {text}"
            );
        }
    }
    for text in [
        "no siti&commat;mail.test",
        "no siti&#0000000064;mail.test",
        "no siti&#X40;mail.test",
        r"no siti\x40mail.test",
        "no siti%u0040mail.test",
    ] {
        assert_eq!(own(&["siti@mail.test"], text), "no [redacted]", "{text}");
    }
}

#[test]
fn what_is_short_is_a_word_or_nothing() {
    assert_eq!(
        own(&["rate"], "no rate for rate-limited"),
        "no [redacted] for [redacted]-limited"
    );
    assert_eq!(own(&["rate"], "your rates, generated"), "your rates, generated");
    assert_eq!(own(&["IDN"], "IDN is wrong"), "IDN is wrong");
    for form in ["siti", "SITI", "73697469", "c2l0aQ=="] {
        let shown = own(&["siti"], &format!("no {form}!"));
        assert!(shown.starts_with("no [redacted]"), "{form}: {shown}");
    }
    assert_eq!(secret("abcd", "xabcdx"), "x[redacted]x");
    assert_eq!(secret("abc", "xabcx"), "xabcx");
    assert_eq!(secret("", "anything"), "anything");
}

#[test]
fn any_text_and_any_secret_pass() {
    use proptest::prelude::*;
    let text = || prop_oneof![".{0,40}", "[%u0-9a-f&#;+\\\\]{0,60}", "(é|ß|İ|🙂|ﬀ|%c3%9c){0,12}"];
    proptest!(|(value in text(), before in text(), after in text())| {
        let shown = secret(&value, &format!("{before} {value} {after}"));
        prop_assert!(value.len() < SHORTEST || !shown.contains(&value) || REDACTED.contains(&value), "{shown}");
    });
}

#[test]
fn a_text_and_a_secret_that_repeat_themselves_take_time_in_proportion() {
    // Each place of one held against each place of the other would take minutes.
    let text = "a".repeat(1 << 18);
    assert_eq!(secret(&"a".repeat(1 << 14), &text), REDACTED);
}

/// A megabyte of a server's against a thousand strings of a request: each is not a walk through the text.
#[test]
fn a_long_text_and_many_values_take_time_in_proportion_to_their_sum() {
    let text = "id-".repeat(1 << 17);
    let values: Vec<String> = (0..1_500).map(|n| format!("id-{n:06}-{}", n * 7)).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    // A walk for each of them would take minutes.
    assert_eq!(own(&values, &text), text);
}
