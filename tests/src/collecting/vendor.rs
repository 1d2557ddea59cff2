//! A vendor that charges as often as it is asked: the sandbox's charges a result once however often it is delivered, which
//! would hide a second question.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Value, json};

/// What is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charging {
    /// `PAY` for each answer with a result, `FREE` before.
    PerResult,
    /// `PAY` for each answer.
    PerPoll,
}

/// What was charged for one verification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charged {
    /// Answers that said `PAY`.
    pub pay: u64,
    /// Those of them that brought a result.
    pub results: u64,
}

/// The vendor: every id is a verification that was begun at the same time, and ends a while later.
#[derive(Clone, Debug)]
pub struct Shop {
    charging: Charging,
    opened: u64,
    patience: u64,
    /// Where pictures are, without a slash at the end; nothing if results have none.
    pictures: Option<String>,
    picture_life: u64,
    ledger: HashMap<String, Charged>,
    begun: HashMap<String, u64>,
    answers: u64,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot much of a picture";

impl Shop {
    /// Verifications that begin at `opened` and end within `patience` milliseconds.
    pub fn new(charging: Charging, opened: u64, patience: u64) -> Self {
        Self {
            charging,
            opened,
            patience,
            pictures: None,
            picture_life: 86_400_000,
            ledger: HashMap::new(),
            begun: HashMap::new(),
            answers: 0,
        }
    }

    /// Results have pictures there, whose links live so long.
    #[must_use]
    pub fn with_pictures(mut self, base: &str, life_ms: u64) -> Self {
        self.pictures = Some(base.to_owned());
        self.picture_life = life_ms;
        self
    }

    /// This verification begins then, and not with all others.
    pub fn begun(&mut self, id: &str, at: u64) {
        self.begun.insert(id.to_owned(), at);
    }

    /// What was charged for this verification.
    pub fn charged(&self, id: &str) -> Charged {
        self.ledger.get(id).copied().unwrap_or_default()
    }

    /// What was charged in all.
    pub fn pay(&self) -> u64 {
        self.ledger.values().map(|charged| charged.pay).sum()
    }

    /// How many answers were given.
    pub const fn answers(&self) -> u64 {
        self.answers
    }

    /// When the person of this verification finishes.
    fn finishes(&self, id: &str) -> u64 {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let begun = self.begun.get(id).copied().unwrap_or(self.opened);
        begun + hasher.finish() % self.patience.max(1)
    }

    /// Answers a request: status, content type, body.
    pub fn handle(&mut self, path: &str, body: &[u8], now: u64) -> (u16, &'static str, Vec<u8>) {
        self.answers += 1;
        if path.starts_with("/pictures/") {
            return picture(path, now);
        }
        let json = if path.ends_with("/generate-token") {
            let token = format!("token.of.{now}");
            envelope(
                "SUCCESS",
                &json!({"token": token, "expiredTime": now + 86_400_000}),
                "FREE",
            )
        } else {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            self.result(body["signatureId"].as_str().unwrap_or_default(), now)
        };
        (200, "application/json", json.to_string().into_bytes())
    }

    fn result(&mut self, id: &str, now: u64) -> Value {
        let finished = now >= self.finishes(id);
        let pays = finished || self.charging == Charging::PerPoll;
        let charged = self.ledger.entry(id.to_owned()).or_default();
        charged.pay += u64::from(pays);
        charged.results += u64::from(pays && finished);
        let price = if pays { "PAY" } else { "FREE" };
        if !finished {
            return envelope("SUCCESS", &json!({"idvCode": null}), price);
        }
        let link = self.pictures.as_ref().map(|base| {
            let ends = (now + self.picture_life) / 1_000;
            format!("{base}/pictures/{ends}/{id}.png?Expires={ends}")
        });
        let data = json!({
            "image": link, "croppedImage": null, "imageType": "SCAN", "idvCode": "SUCCESS",
            "idvResult": {"isLowQuality": false, "forgeryLabels": []},
            "ocrCode": "SUCCESS", "ocrResult": {"name": "BUDI", "idNumber": "3171012501900001"},
        });
        envelope("SUCCESS", &data, price)
    }
}

fn picture(path: &str, now: u64) -> (u16, &'static str, Vec<u8>) {
    let ends = path.split('/').nth(2).and_then(|ends| ends.parse::<u64>().ok());
    if ends.is_some_and(|ends| ends * 1_000 > now) {
        (200, "image/png", PNG.to_vec())
    } else {
        (
            403,
            "application/xml",
            b"<Error><Code>AccessDenied</Code></Error>".to_vec(),
        )
    }
}

fn envelope(code: &str, data: &Value, price: &str) -> Value {
    json!({
        "code": code, "message": "OK", "data": data, "extra": null,
        "transactionId": "d3fde1547eeaf226", "pricingStrategy": price,
    })
}
