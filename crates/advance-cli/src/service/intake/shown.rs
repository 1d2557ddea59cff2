//! A verification as JSON: ids, times, the verdict and the kinds of its reasons, what it cost.

use advance_collector::Record;
use serde_json::{Value, json};

/// One verification as an object.
pub(crate) fn shown(record: &Record) -> Value {
    let conclusion = record.conclusion.as_ref();
    let pictures = record.pictures.iter().map(|picture| {
        json!({
            "kind": picture.kind.as_str(), "state": picture.state.as_str(), "sha256": picture.sha256,
            "bytes": picture.bytes, "lost": picture.lost,
        })
    });
    json!({
        "signatureId": record.signature_id.as_str(),
        "state": record.state.as_str(),
        "ending": conclusion.map(|end| end.ending.as_str()),
        "outcome": conclusion.and_then(|end| Some(end.verdict?.as_str())),
        "reasons": conclusion.map(|end| &end.reasons),
        "code": conclusion.and_then(|end| end.code.as_ref()),
        "transactionId": conclusion.and_then(|end| end.transaction_id.as_ref()),
        "replyKept": conclusion.map(|end| end.kept),
        "charges": record.charges,
        "polls": record.polls,
        "doubts": record.doubts,
        "added": record.added,
        "linkEnds": record.link_ends,
        "ended": record.ended,
        "told": record.told >= record.revision && record.revision > 0,
        "pictures": pictures.collect::<Vec<_>>(),
    })
}
