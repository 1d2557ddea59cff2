//! The same format read another way: into a `Value`, by rules written apart from the crate's.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};

/// What a reply says, by the oracle.
pub(crate) enum Judged {
    /// The members in the notation the crate writes.
    Reply(Value),
    /// Not a reply of the documented format.
    Refused,
    /// `serde_json` does not read it as a `Value`, for this reason.
    Unreadable(String),
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Ask {
    Token,
    Url,
    Result,
}

/// A value, and the places in it where a member stands twice.
struct Seen {
    value: Value,
    doubled: Vec<String>,
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SeenVisitor)
    }
}

struct SeenVisitor;

impl Seen {
    fn plain(value: Value) -> Self {
        Self {
            value,
            doubled: Vec::new(),
        }
    }
}

impl<'de> Visitor<'de> for SeenVisitor {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Seen, E> {
        Ok(Seen::plain(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Seen, E> {
        Ok(Seen::plain(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Seen, E> {
        Ok(Seen::plain(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Seen, E> {
        Ok(Seen::plain(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Seen, E> {
        Ok(Seen::plain(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Seen, E> {
        Ok(Seen::plain(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Seen, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Seen>()? {
            list.push(item.value);
        }
        Ok(Seen::plain(list.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Seen, A::Error> {
        let mut object = Map::new();
        let mut doubled = Vec::new();
        while let Some((name, seen)) = members.next_entry::<String, Seen>()? {
            doubled.extend(seen.doubled.iter().map(|below| format!("{name}/{below}")));
            if object.insert(name.clone(), seen.value).is_some() {
                doubled.push(name);
            }
        }
        Ok(Seen {
            value: object.into(),
            doubled,
        })
    }
}

pub(crate) fn judge(ask: Ask, body: &[u8]) -> Judged {
    let body = body.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(body);
    let Ok(text) = std::str::from_utf8(body) else {
        return Judged::Refused;
    };
    match serde_json::from_str::<Seen>(text) {
        Ok(seen) => reply(ask, &seen).map_or(Judged::Refused, Judged::Reply),
        Err(error) => Judged::Unreadable(error.to_string()),
    }
}

const ENVELOPE: [&str; 6] = [
    "code",
    "message",
    "data",
    "extra",
    "transactionId",
    "pricingStrategy",
];

fn reply(ask: Ask, seen: &Seen) -> Option<Value> {
    let reply = seen.value.as_object()?;
    if seen
        .doubled
        .iter()
        .any(|place| ENVELOPE.contains(&place.as_str()))
    {
        return None;
    }
    let code = reply.get("code")?.as_str().filter(|code| !code.is_empty())?;
    let raw = reply.get("data").unwrap_or(&Value::Null);
    let data = if code == "SUCCESS" && !raw.is_null() {
        let below: Vec<&str> = seen
            .doubled
            .iter()
            .filter_map(|place| place.strip_prefix("data/"))
            .collect();
        match ask {
            Ask::Token => token(raw, &below)?,
            Ask::Url => url(raw, &below)?,
            Ask::Result => result(raw, &below)?,
        }
    } else {
        Value::Null
    };
    Some(json!({
        "code": code,
        "message": text_or_null(reply.get("message"))?,
        "data": data,
        "extra": reply.get("extra").unwrap_or(&Value::Null),
        "transactionId": text_or_null(reply.get("transactionId"))?,
        "pricingStrategy": text_or_null(reply.get("pricingStrategy"))?,
    }))
}

/// Nothing if it is of another type.
fn text_or_null(value: Option<&Value>) -> Option<Value> {
    match value {
        None | Some(Value::Null) => Some(Value::Null),
        Some(Value::String(text)) => Some(text.as_str().into()),
        Some(_) => None,
    }
}

/// The members by these names, none of them doubled.
fn members<'a>(value: &'a Value, doubled: &[&str], names: &[&str]) -> Option<&'a Map<String, Value>> {
    let clean = !doubled.iter().any(|place| names.contains(place));
    value.as_object().filter(|_| clean)
}

fn token(data: &Value, doubled: &[&str]) -> Option<Value> {
    let data = members(data, doubled, &["token", "expiredTime"])?;
    let token = data.get("token")?.as_str()?;
    let sendable = (1..=16_384).contains(&token.len()) && token.bytes().all(|b| (0x21..0x7f).contains(&b));
    let expired = data.get("expiredTime")?;
    sendable.then(|| json!({ "token": token, "expiredTime": millis(expired) }))
}

fn url(data: &Value, doubled: &[&str]) -> Option<Value> {
    let data = members(data, doubled, &["signatureId", "url", "expiredTime"])?;
    let id = data.get("signatureId")?.as_str()?;
    let sound = (1..=256).contains(&id.len()) && !id.contains(|c: char| c.is_control());
    let expired = data.get("expiredTime")?;
    sound.then(|| {
        Some(json!({ "signatureId": id, "url": data.get("url")?.as_str()?, "expiredTime": millis(expired) }))
    })?
}

/// A string of digits becomes a number; anything else stays, for the comparison to judge.
fn millis(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            text.parse::<u64>().map_or_else(|_| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}

fn result(data: &Value, doubled: &[&str]) -> Option<Value> {
    const NAMES: [&str; 7] = [
        "image",
        "croppedImage",
        "imageType",
        "idvCode",
        "idvResult",
        "ocrCode",
        "ocrResult",
    ];
    let members = members(data, doubled, &NAMES)?;
    let mut read = Map::new();
    for name in ["image", "croppedImage", "imageType", "idvCode", "ocrCode"] {
        read.insert(name.into(), text_or_null(members.get(name))?);
    }
    let below = |name: &str| -> Vec<&str> {
        let places = doubled
            .iter()
            .filter_map(|place| place.strip_prefix(name)?.strip_prefix('/'));
        places.collect()
    };
    let checks = members.get("idvResult").unwrap_or(&Value::Null);
    read.insert("idvResult".into(), self::checks(checks, &below("idvResult"))?);
    let card = members.get("ocrResult").unwrap_or(&Value::Null);
    read.insert("ocrResult".into(), self::card(card, &below("ocrResult"))?);
    Some(Value::Object(read))
}

fn checks(value: &Value, doubled: &[&str]) -> Option<Value> {
    if value.is_null() {
        return Some(Value::Null);
    }
    let members = members(
        value,
        doubled,
        &["isLowQuality", "forgeryLabels", "qualityLabels"],
    )?;
    let low = members.get("isLowQuality").unwrap_or(&Value::Null);
    let labels = |name: &str| -> Option<Value> {
        let list = members.get(name).unwrap_or(&Value::Null);
        let fine = list.is_null()
            || list
                .as_array()
                .is_some_and(|list| list.iter().all(Value::is_string));
        fine.then(|| list.clone())
    };
    (low.is_null() || low.is_boolean()).then(|| {
        Some(json!({
            "isLowQuality": low,
            "forgeryLabels": labels("forgeryLabels")?,
            "qualityLabels": labels("qualityLabels")?,
        }))
    })?
}

fn card(value: &Value, doubled: &[&str]) -> Option<Value> {
    const NAMES: [&str; 18] = [
        "idNumber",
        "name",
        "bloodType",
        "religion",
        "gender",
        "birthPlaceBirthday",
        "province",
        "city",
        "district",
        "village",
        "rtrw",
        "occupation",
        "expiryDate",
        "nationality",
        "maritalStatus",
        "address",
        "placeOfBirth",
        "birthday",
    ];
    if value.is_null() {
        return Some(Value::Null);
    }
    let members = members(value, doubled, &NAMES)?;
    let mut read = Map::new();
    for name in NAMES {
        if let Some(printed) = members.get(name) {
            read.insert(name.into(), text_or_null(Some(printed))?);
        }
    }
    Some(Value::Object(read))
}
