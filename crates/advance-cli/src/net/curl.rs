//! A request as a curl command, with variables in the place of secrets.

use http::Request;
use serde_json::Value;

/// The command. Pasted into a shell that has the variables, it does the same; the signature's timestamp is the one
/// that the signature is made for.
pub(super) fn command(request: &Request<Vec<u8>>) -> String {
    let mut text = format!("curl -sS -X {} '{}'", request.method(), quoted(&shown(request)));
    for (name, value) in request.headers() {
        let value = match name.as_str() {
            "x-access-token" => "'\"$ADVANCE_TOKEN\"'".to_owned(),
            "content-length" | "host" => continue,
            _ => quoted(&String::from_utf8_lossy(value.as_bytes())),
        };
        text += &format!(" -H '{name}: {value}'");
    }
    if let Ok(body) = serde_json::from_slice::<Value>(request.body()) {
        text += &format!(" --data '{}'", data(&body));
    }
    text
}

/// The URL without its query, which only a link to a picture has.
fn shown(request: &Request<Vec<u8>>) -> String {
    let uri = request.uri().to_string();
    uri.split('?').next().unwrap_or_default().to_owned()
}

fn data(body: &Value) -> String {
    const HOLDS: &str = "\u{1}";
    let mut body = body.clone();
    let mut variables = Vec::new();
    if let Value::Object(members) = &mut body {
        for (name, variable) in [
            ("accessKey", "$ADVANCE_ACCESS_KEY"),
            ("signature", "$SIGNATURE"),
            ("userId", "$USER_ID"),
            ("returnUrl", "$RETURN_URL"),
            ("failReturnUrl", "$FAIL_RETURN_URL"),
        ] {
            if let Some(value) = members.get_mut(name) {
                *value = format!("{HOLDS}{name}{HOLDS}").into();
                variables.push((name, variable));
            }
        }
    }
    let mut text = quoted(&body.to_string());
    for (name, variable) in variables {
        text = text.replace(&format!("\\u0001{name}\\u0001"), &format!("'\"{variable}\"'"));
    }
    text
}

/// For the inside of single quotes.
fn quoted(text: &str) -> String {
    text.replace('\'', "'\\''")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_variables() {
        let body = br#"{"accessKey":"h1dden","signature":"h1dden","timestamp":1665993522952}"#;
        let request = Request::post("https://api.advance.ai/x?token=h1dden")
            .header("content-type", "application/json")
            .header("x-access-token", "h1dden")
            .body(body.to_vec())
            .unwrap();
        assert_eq!(
            command(&request),
            "curl -sS -X POST 'https://api.advance.ai/x' -H 'content-type: application/json' \
             -H 'x-access-token: '\"$ADVANCE_TOKEN\"'' \
             --data '{\"accessKey\":\"'\"$ADVANCE_ACCESS_KEY\"'\",\"signature\":\"'\"$SIGNATURE\"'\",\"timestamp\":1665993522952}'"
        );
    }
}
