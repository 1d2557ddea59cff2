//! The heads of HTTP messages, as `curl -i` and `curl -v` write them.

use std::time::UNIX_EPOCH;

use advance_core::UnixMillis;

use super::detect::Call;

/// What a message says before its body.
#[derive(Clone, Default)]
pub(super) struct Head {
    /// The call, by the path of the request.
    pub(super) call: Option<Call>,
    pub(super) status: Option<u16>,
    pub(super) headers: Vec<(String, String)>,
}

impl Head {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// When it was sent, by the clock of its sender.
    pub(super) fn date(&self) -> Option<UnixMillis> {
        let date = httpdate::parse_http_date(self.header("date")?).ok()?;
        let since = date.duration_since(UNIX_EPOCH).ok()?;
        Some(UnixMillis::new(u64::try_from(since.as_millis()).ok()?))
    }

    fn line(&mut self, line: &str) {
        let line = line.trim();
        if let Some(status) = line.strip_prefix("HTTP/") {
            // A head after another one, as of a proxy or `100 Continue`.
            self.headers.clear();
            self.status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
        } else if let Some((name, value)) = line.split_once(": ") {
            self.headers.push((name.to_owned(), value.trim().to_owned()));
        } else if line.ends_with("HTTP/1.1") || line.ends_with("HTTP/2") || line.ends_with("HTTP/1.0") {
            self.headers.clear();
            self.call = line.split(' ').nth(1).and_then(Call::of_path);
        }
    }
}

/// The messages of a text, each with its head. None if it has no head.
pub(super) fn split(text: &str) -> Vec<(Head, String)> {
    if text.trim_start().starts_with("HTTP/") || starts_with_request(text) {
        plain(text.trim_start())
    } else if text
        .lines()
        .any(|line| line.starts_with("< HTTP/") || line.starts_with("> POST "))
    {
        verbose(text)
    } else {
        Vec::new()
    }
}

fn starts_with_request(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default();
    first.starts_with("POST ") && first.contains(" HTTP/")
}

fn is_head(line: &str) -> bool {
    line.starts_with("HTTP/") || (line.starts_with("POST ") && line.contains(" HTTP/"))
}

/// `curl -i`: head, empty line, body, and perhaps again.
fn plain(text: &str) -> Vec<(Head, String)> {
    let mut messages = Vec::new();
    let (mut head, mut body, mut in_head) = (Head::default(), String::new(), true);
    for line in text.lines() {
        if is_head(line) && (!in_head || head.headers.is_empty()) {
            if !body.trim().is_empty() {
                messages.push((head, std::mem::take(&mut body)));
                head = Head::default();
            }
            in_head = true;
        }
        if !in_head {
            body.push_str(line);
            body.push('\n');
        } else if line.trim().is_empty() {
            in_head = false;
        } else {
            head.line(line);
        }
    }
    messages.push((head, body));
    messages
}

/// `curl -v`: what was sent after `> `, the head that came after `< `, notes after `* `, and the body as it is.
fn verbose(text: &str) -> Vec<(Head, String)> {
    let mut messages = Vec::new();
    let (mut head, mut body) = (Head::default(), String::new());
    for line in text.lines() {
        if let Some(sent) = line.strip_prefix("> ") {
            if !body.trim().is_empty() {
                messages.push((std::mem::take(&mut head), std::mem::take(&mut body)));
            }
            head.line(sent);
        } else if let Some(came) = line.strip_prefix("< ") {
            head.line(came);
        } else if !line.starts_with("* ")
            && !matches!(line.trim_end(), "<" | ">")
            && !line.starts_with("{ [")
            && !line.starts_with("} [")
        {
            // The last note may stand behind a body without a line break at its end.
            body.push_str(line.split("* Connection #").next().unwrap_or(line));
            body.push('\n');
        }
    }
    messages.push((head, body));
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_split_from_bodies() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 30\r\n\r\n{\"a\":1}\r\n";
        let [(head, body)] = &split(text)[..] else {
            panic!()
        };
        assert_eq!(
            (head.status, head.header("retry-after"), body.as_str()),
            (Some(503), Some("30"), "{\"a\":1}\n")
        );
        let text = "* Connected\n> POST /x/get-result HTTP/1.1\n> Host: a\n>\n< HTTP/1.1 200 OK\n< Date: Thu, 01 Jan 1970 00:00:01 GMT\n<\n{\"a\":1}* Connection #0 left\n";
        let [(head, body)] = &split(text)[..] else {
            panic!()
        };
        assert_eq!(
            (head.call, head.status, body.as_str()),
            (Some(Call::GetResult), Some(200), "{\"a\":1}\n")
        );
        assert_eq!(head.date(), Some(UnixMillis::new(1000)));
        assert!(split("{}").is_empty());
    }
}
