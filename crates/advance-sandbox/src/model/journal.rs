//! What was asked and what it cost, without secrets and without anybody's data.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;

use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::delivery::SocketFault;
use super::endpoint::Endpoint;

/// Entries that are kept; older ones are forgotten, and still counted.
const KEPT: usize = 10_000;
/// About how many bytes they may take.
const KEPT_BYTES: usize = 8 << 20;
/// Characters that are kept of a text that a client chose.
const LONGEST: usize = 256;

/// What a reply says of its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Price {
    /// `FREE`.
    Free,
    /// `PAY`.
    Pay,
}

/// One request: a call of the vendor, an image, or the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Entry {
    /// Counts from 1 since the start or the last reset.
    pub n: u64,
    /// When it came, in milliseconds since 1970.
    pub at: u64,
    /// How many requests were under way when it came, itself included, as the [server](crate::server) counts them:
    /// from the head of a request to its reply. The model alone answers one at a time.
    pub under_way: u32,
    /// `POST`, for instance.
    pub method: Cow<'static, str>,
    /// The path without its query, at most 256 characters.
    pub path: Cow<'static, str>,
    /// The HTTP status of the reply.
    pub status: u16,
    /// The envelope's code; none for images and the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Cow<'static, str>>,
    /// The reply's id; none for images and the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<String>,
    /// The price that the reply stated, if it stated one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing_strategy: Option<Price>,
    /// The `userId` that was sent, at most 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The `signatureId` that was sent or given, at most 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_id: Option<String>,
    /// What probably went wrong, if the sandbox can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Cow<'static, str>>,
    /// What a planned fault did to the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<SocketFault>,
    /// Headers that were sent to where pictures are and do not belong there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leaked: Vec<&'static str>,
}

impl Entry {
    /// About how many bytes it takes.
    fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        size_of::<Self>()
            + self.path.len()
            + text(&self.transaction_id)
            + text(&self.user_id)
            + text(&self.signature_id)
            + self.hint.as_ref().map_or(0, |hint| hint.len())
    }
}

/// How many requests are under way, as an extension of the request that the shell hands to the model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnderWay(pub(crate) u32);

/// Where a request came from, as an extension of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The last 10,000 requests.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    entries: VecDeque<Entry>,
    total: u64,
    bytes: usize,
}

impl Journal {
    /// The requests, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// The calls of one endpoint, oldest first, for a test that counts them.
    pub fn of(&self, endpoint: Endpoint) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(move |entry| entry.code.is_some() && entry.path == endpoint.path())
    }

    /// How many requests there were, with those that are forgotten.
    pub fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn record(&mut self, mut entry: Entry) {
        self.total += 1;
        entry.n = self.total;
        self.bytes += entry.size();
        self.entries.push_back(entry);
        while (self.entries.len() > KEPT || self.bytes > KEPT_BYTES)
            && let Some(oldest) = self.entries.pop_front()
        {
            self.bytes -= oldest.size();
        }
    }

    /// The requests after the one of this number, at most `count`, oldest first.
    pub fn since(&self, n: u64, count: usize) -> impl ExactSizeIterator<Item = &Entry> {
        let first = self.total - self.entries.len() as u64;
        let skipped = usize::try_from(n.saturating_sub(first)).unwrap_or(usize::MAX);
        self.entries.iter().skip(skipped).take(count)
    }

    /// How many requests are forgotten.
    pub fn forgotten(&self) -> u64 {
        self.total - self.entries.len() as u64
    }
}

impl Serialize for Journal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.entries)
    }
}

/// The beginning of a text that a client chose.
pub(super) fn clipped(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// How many replies said which price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub struct Prices {
    /// Replies that said `FREE`.
    pub free: u64,
    /// Replies that said `PAY`.
    pub pay: u64,
    /// Replies that said nothing.
    pub unstated: u64,
}

impl Prices {
    fn count(&mut self, price: Option<Price>) {
        *match price {
            Some(Price::Free) => &mut self.free,
            Some(Price::Pay) => &mut self.pay,
            None => &mut self.unstated,
        } += 1;
    }
}

/// What the vendor charged, in all and by endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    total: Prices,
    by_endpoint: BTreeMap<Endpoint, Prices>,
}

impl Ledger {
    /// Of every envelope that was sent, those for paths that do not exist too.
    pub fn total(&self) -> Prices {
        self.total
    }

    /// Of one endpoint.
    pub fn of(&self, endpoint: Endpoint) -> Prices {
        self.by_endpoint.get(&endpoint).copied().unwrap_or_default()
    }

    pub(super) fn count(&mut self, endpoint: Option<Endpoint>, price: Option<Price>) {
        self.total.count(price);
        if let Some(endpoint) = endpoint {
            self.by_endpoint.entry(endpoint).or_default().count(price);
        }
    }
}

impl Serialize for Ledger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("FREE", &self.total.free)?;
        map.serialize_entry("PAY", &self.total.pay)?;
        map.serialize_entry("UNSTATED", &self.total.unstated)?;
        for endpoint in Endpoint::ALL {
            map.serialize_entry(endpoint.name(), &self.of(endpoint))?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            n: 0,
            at: 1,
            under_way: 1,
            method: "GET".into(),
            path: "/".into(),
            status: 200,
            code: None,
            transaction_id: None,
            pricing_strategy: None,
            user_id: None,
            signature_id: None,
            hint: None,
            fault: None,
            leaked: Vec::new(),
        }
    }

    #[test]
    fn forgets_but_counts() {
        let mut journal = Journal::default();
        for _ in 0..KEPT + 3 {
            journal.record(entry());
        }
        assert_eq!(journal.entries().len(), KEPT);
        assert_eq!(journal.total(), KEPT as u64 + 3);
        assert_eq!(journal.entries().next().map(|first| first.n), Some(4));
    }

    #[test]
    fn the_ledger_adds_up() {
        let mut ledger = Ledger::default();
        ledger.count(Some(Endpoint::GetResult), Some(Price::Pay));
        ledger.count(Some(Endpoint::GetResult), None);
        ledger.count(None, Some(Price::Free));
        assert_eq!(
            ledger.total(),
            Prices {
                free: 1,
                pay: 1,
                unstated: 1
            }
        );
        assert_eq!(
            serde_json::to_string(&ledger).unwrap(),
            r#"{"FREE":1,"PAY":1,"UNSTATED":1,"generate-token":{"FREE":0,"PAY":0,"UNSTATED":0},"generate-url":{"FREE":0,"PAY":0,"UNSTATED":0},"get-result":{"FREE":0,"PAY":1,"UNSTATED":1}}"#
        );
    }
}
