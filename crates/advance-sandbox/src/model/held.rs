//! The bodies of the last requests and replies, so that a person can look at them.

use std::collections::VecDeque;

use serde_json::Value;

/// Names whose values say nothing about anybody and open nothing.
const SHOWN: &[&str] = &[
    "code",
    "message",
    "transactionId",
    "pricingStrategy",
    "signatureId",
    "region",
    "periodSecond",
    "timestamp",
    "expiredTime",
    "imageType",
    "idvCode",
    "ocrCode",
    "isLowQuality",
    "forgeryLabels",
    "qualityLabels",
    "userId",
];
const HIDDEN: &str = "•••";
/// The largest body that is kept.
const LARGEST: usize = 64 << 10;

/// The bodies of one request and its reply.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    n: u64,
    pub(super) request: Vec<u8>,
    pub(super) reply: Vec<u8>,
}

impl Exchange {
    fn size(&self) -> usize {
        self.request.len() + self.reply.len()
    }
}

/// The last exchanges, up to so many bytes.
#[derive(Clone, Debug)]
pub(super) struct Held {
    most: usize,
    bytes: usize,
    exchanges: VecDeque<Exchange>,
}

impl Held {
    /// Holds nothing if `most` is 0.
    pub(super) const fn new(most: usize) -> Self {
        Self {
            most,
            bytes: 0,
            exchanges: VecDeque::new(),
        }
    }

    pub(super) fn keep(&mut self, n: u64, request: &[u8], reply: &[u8]) {
        if self.most == 0 {
            return;
        }
        let start = |body: &[u8]| body.get(..LARGEST).unwrap_or(body).to_vec();
        let exchange = Exchange {
            n,
            request: start(request),
            reply: start(reply),
        };
        self.bytes += exchange.size();
        self.exchanges.push_back(exchange);
        while self.bytes > self.most
            && let Some(oldest) = self.exchanges.pop_front()
        {
            self.bytes -= oldest.size();
        }
    }

    pub(super) fn get(&self, n: u64) -> Option<&Exchange> {
        let at = self
            .exchanges
            .binary_search_by_key(&n, |exchange| exchange.n)
            .ok()?;
        self.exchanges.get(at)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new(self.most);
    }
}

/// A body as it may be shown unasked: its members, without values that are secret or somebody's.
pub(super) fn redacted(body: &[u8]) -> Value {
    match serde_json::from_slice(body) {
        Ok(value) => hide(value, false),
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => format!("{} bytes that are no JSON", body.len()).into(),
    }
}

fn hide(value: Value, shown: bool) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| {
                let shown = SHOWN.contains(&name.as_str());
                (name, hide(value, shown))
            })
            .collect(),
        Value::Array(items) => items.into_iter().map(|item| hide(item, shown)).collect(),
        Value::Null => Value::Null,
        other if shown => other,
        _ => HIDDEN.into(),
    }
}

/// A body as it is.
pub(super) fn revealed(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_known_to_be_harmless_is_shown() {
        let body = json!({
            "code": "SUCCESS", "new": "secret", "n": 5, "data": {"token": "t", "expiredTime": 7, "x": [1, {"code": "A"}]},
            "message": null, "idvResult": {"forgeryLabels": ["retake"]}, "ocrResult": {"name": "SITI", "bloodType": null},
        });
        let shown = redacted(body.to_string().as_bytes());
        assert_eq!(
            shown,
            json!({
                "code": "SUCCESS", "new": "•••", "n": "•••", "data": {"token": "•••", "expiredTime": 7, "x": ["•••", {"code": "A"}]},
                "message": null, "idvResult": {"forgeryLabels": ["retake"]}, "ocrResult": {"name": "•••", "bloodType": null},
            })
        );
        assert_eq!(redacted(b"token=abc"), json!("9 bytes that are no JSON"));
        assert_eq!(redacted(b""), json!(null));
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_bytes() {
        let mut held = Held::new(10);
        for n in 1..=4 {
            held.keep(n, b"ab", b"cd");
        }
        assert!(held.get(2).is_none());
        assert_eq!(held.get(3).unwrap().reply, b"cd");
        assert!(held.bytes <= 10);
        let mut none = Held::new(0);
        none.keep(1, b"ab", b"cd");
        assert!(none.get(1).is_none());
    }
}
