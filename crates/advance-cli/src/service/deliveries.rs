//! What is put into a webhook by choice, and what is said of each attempt to deliver one.

use advance_collector::Store;
use advance_collector::sink::Folder;
use advance_core::SignatureId;
use advance_webhook::deliver::{Answer, Sent};
use serde_json::{Value, json};

use super::log::{Level, Log};
use super::metrics::Metrics;
use crate::out::Out;

/// The data of the reply that is kept; null if none is said to be kept. Nothing if it cannot be read, as where another
/// folder was given.
pub(crate) fn result(store: &dyn Store, folder: &Folder, id: &str) -> Option<Value> {
    let id = SignatureId::new(id).ok()?;
    let conclusion = store.get(&id).ok()?.and_then(|record| record.conclusion);
    if !conclusion.is_some_and(|conclusion| conclusion.kept) {
        return Some(Value::Null);
    }
    let reply = std::fs::read(folder.of(&id).join("result.json")).ok()?;
    let mut reply: Value = serde_json::from_slice(&reply).ok()?;
    reply.get_mut("data").map(Value::take)
}

/// Counts, logs and tells an attempt to deliver.
pub(crate) fn seen(sent: &Sent<'_>, metrics: &Metrics, log: Log, out: &Out) {
    match sent {
        Sent::Letter {
            letter,
            answer,
            took,
            dead,
            ..
        } => {
            metrics.delivered(*answer, *took);
            let taken = *answer == Answer::Taken;
            let level = if taken { Level::Info } else { Level::Warn };
            let fields = json!({
                "webhookId": letter.id,
                "signatureId": letter.signature_id.as_str(),
                "answer": answer.to_string(),
                "milliseconds": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
                "dead": dead,
            });
            log.say(level, "delivery", fields);
            if !taken {
                let rest = if *dead {
                    "; it was given up: see `advance collect letters`"
                } else {
                    ""
                };
                out.progress(&format!("webhook {}: {answer}{rest}", letter.id));
            }
        }
        Sent::Outbox(error) => {
            log.say(Level::Error, "outbox", json!({ "error": error.to_string() }));
            out.progress(&error.to_string());
        }
        Sent::NoThread(error) => {
            log.say(Level::Error, "no_thread", json!({ "error": error.to_string() }));
            out.progress(&format!("no thread to send a webhook: {error}"));
        }
        _ => {}
    }
}
