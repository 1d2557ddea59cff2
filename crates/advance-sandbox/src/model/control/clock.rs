//! The clock over HTTP.

use serde::Deserialize;
use serde_json::json;

use super::{Done, json_reply, malformed};
use crate::model::Vendor;
use crate::model::clock::MAX_SPEED;
use crate::model::time::UnixMs;

/// What a clock is told. Several at once are done in this order.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Moves {
    reset: Option<bool>,
    freeze: Option<bool>,
    now_ms: Option<u64>,
    advance_ms: Option<i64>,
    speed: Option<f64>,
}

impl Vendor {
    pub(super) fn show_clock(&self, real: UnixMs) -> Done {
        json_reply(&json!({
            "nowMs": self.clock.at(real).as_millis(),
            "realMs": real.as_millis(),
            "frozen": self.clock.is_frozen(),
            "speed": self.clock.speed(),
        }))
    }

    pub(super) fn move_clock(&mut self, moves: &Moves, real: UnixMs) -> Done {
        let mut clock = self.clock;
        if moves.reset == Some(true) {
            clock.reset();
        }
        match moves.freeze {
            Some(true) => clock.freeze(real),
            Some(false) => clock.resume(real),
            None => {}
        }
        if let Some(now) = moves.now_ms {
            clock.set(UnixMs(now), real);
        }
        if let Some(by) = moves.advance_ms {
            clock.advance(by);
        }
        if let Some(speed) = moves.speed
            && !clock.run_at(speed, real)
        {
            return Err(malformed(&format!(
                "speed is more than 0 and at most {MAX_SPEED}"
            )));
        }
        self.clock = clock;
        self.show_clock(real)
    }
}
