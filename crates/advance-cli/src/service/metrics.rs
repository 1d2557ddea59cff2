//! What is counted, in the words of OpenMetrics.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use advance_collector::Status;
use advance_collector::outbox::LetterCounts;
use advance_core::session::{Event, Purpose};
use advance_core::{Charge, Code, UnixMillis};
use advance_webhook::deliver::Answer;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

type Labels = Vec<(&'static str, String)>;

/// From 10 ms to 40 s.
const SECONDS: [f64; 10] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 40.0];

/// Everything that is counted, and what is looked up when somebody asks.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Labels, Counter>,
    request_seconds: Family<Labels, Histogram>,
    tokens: Family<Labels, Counter>,
    swept: Counter,
    deliveries: Family<Labels, Counter>,
    delivery_seconds: Histogram,
    intake: Family<Labels, Counter>,
    verifications: Family<Labels, Gauge>,
    charges: Family<Labels, Gauge>,
    letters: Family<Labels, Gauge>,
    untold: Gauge,
    pictures: Gauge,
    oldest: Family<Labels, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        let this = Self {
            registry: Mutex::new(Registry::with_prefix("advance")),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(|| Histogram::new(SECONDS)),
            tokens: Family::default(),
            swept: Counter::default(),
            deliveries: Family::default(),
            delivery_seconds: Histogram::new(SECONDS),
            intake: Family::default(),
            verifications: Family::default(),
            charges: Family::default(),
            letters: Family::default(),
            untold: Gauge::default(),
            pictures: Gauge::default(),
            oldest: Family::default(),
        };
        this.register();
        this
    }
}

impl Metrics {
    fn register(&self) {
        let mut all = lock(&self.registry);
        all.register(
            "requests",
            "Requests to the vendor, by endpoint, result and charge",
            self.requests.clone(),
        );
        all.register_with_unit(
            "request_duration",
            "How long requests to the vendor took",
            Unit::Seconds,
            self.request_seconds.clone(),
        );
        all.register(
            "tokens",
            "Access tokens asked for, by reason",
            self.tokens.clone(),
        );
        all.register(
            "vanished",
            "Requests whose senders vanished: doubts",
            self.swept.clone(),
        );
        all.register(
            "deliveries",
            "Attempts to deliver a webhook, by answer",
            self.deliveries.clone(),
        );
        all.register_with_unit(
            "delivery_duration",
            "How long the receiver took to answer",
            Unit::Seconds,
            self.delivery_seconds.clone(),
        );
        all.register(
            "intake_requests",
            "Requests to the intake, by status",
            self.intake.clone(),
        );
        all.register(
            "verifications",
            "Verifications in the store, by state",
            self.verifications.clone(),
        );
        all.register(
            "charges",
            "What all attempts in the store cost, in requests",
            self.charges.clone(),
        );
        all.register(
            "letters",
            "Webhooks in the outbox, by state",
            self.letters.clone(),
        );
        all.register(
            "outcomes_untold",
            "Outcomes not yet handed over",
            self.untold.clone(),
        );
        all.register(
            "pictures_waiting",
            "Pictures still to be fetched",
            self.pictures.clone(),
        );
        all.register_with_unit(
            "oldest",
            "The age of the oldest that waits: verification, letter",
            Unit::Seconds,
            self.oldest.clone(),
        );
    }

    /// Something that happened in the session.
    pub(crate) fn event(&self, event: &Event) {
        let Event::AttemptEnded {
            purpose,
            path,
            took,
            code,
            charge,
            error,
            ..
        } = event
        else {
            return;
        };
        let endpoint = path.rsplit('/').next().unwrap_or(path).to_owned();
        let result = match (code, error) {
            // Only documented codes: a server must not be able to make labels without end.
            (Some(code), _) if !matches!(code, Code::Unknown(_)) => code.to_string(),
            (None, None) => "OK".to_owned(),
            _ => "OTHER".to_owned(),
        };
        let charge = match charge {
            Charge::Free => "free",
            Charge::Pay => "pay",
            Charge::Unknown => "unknown",
        };
        let labels = vec![
            ("endpoint", endpoint.clone()),
            ("result", result),
            ("charge", charge.to_owned()),
        ];
        self.requests.get_or_create(&labels).inc();
        let by_endpoint = self.request_seconds.get_or_create(&vec![("endpoint", endpoint)]);
        by_endpoint.observe(took.as_secs_f64());
        let why = match purpose {
            Purpose::Token => "first",
            Purpose::Renewal => "renewal",
            Purpose::Replacement => "replacement",
            _ => return,
        };
        self.tokens.get_or_create(&vec![("why", why.to_owned())]).inc();
    }

    pub(crate) fn swept(&self, found: u64) {
        self.swept.inc_by(found);
    }

    pub(crate) fn delivered(&self, answer: Answer, took: Duration) {
        let word = match answer {
            Answer::Taken => "taken",
            Answer::Status(..) => "refused",
            Answer::None(_) => "unreachable",
            Answer::NotSent => "not_sent",
        };
        self.deliveries
            .get_or_create(&vec![("answer", word.to_owned())])
            .inc();
        self.delivery_seconds.observe(took.as_secs_f64());
    }

    pub(crate) fn asked(&self, status: u16) {
        self.intake
            .get_or_create(&vec![("status", status.to_string())])
            .inc();
    }

    /// Takes in what the store and the outbox say, and writes all of it.
    pub(crate) fn write(
        &self,
        status: &Status,
        counts: &LetterCounts,
        oldest: Option<UnixMillis>,
        now: UnixMillis,
    ) -> String {
        let set = |family: &Family<Labels, Gauge>, name, word: &str, value: u64| {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            family.get_or_create(&vec![(name, word.to_owned())]).set(value);
        };
        for (state, count) in [
            ("waiting", status.waiting),
            ("done", status.done),
            ("unsure", status.unsure),
            ("failed", status.failed),
        ] {
            set(&self.verifications, "state", state, count);
        }
        for (charge, count) in [
            ("free", status.charges.free),
            ("pay", status.charges.pay),
            ("unknown", status.charges.unknown),
        ] {
            set(&self.charges, "charge", charge, count);
        }
        for (state, count) in [
            ("waiting", counts.waiting),
            ("delivered", counts.delivered),
            ("dead", counts.dead),
        ] {
            set(&self.letters, "state", state, count);
        }
        for (what, at) in [("verification", oldest), ("letter", counts.oldest)] {
            let age = at.map_or(0, |at| now.saturating_since(at).as_secs());
            set(&self.oldest, "what", what, age);
        }
        self.untold.set(i64::try_from(status.untold).unwrap_or(i64::MAX));
        self.pictures
            .set(i64::try_from(status.pictures).unwrap_or(i64::MAX));
        let mut text = String::new();
        if encode(&mut text, &lock(&self.registry)).is_err() {
            // Writing to a string does not fail; an empty exposition ends like this.
            let _ = write!(text, "# EOF");
        }
        text
    }
}

/// Whether the account gave a token, if this event tells.
pub(crate) fn gave_token(event: &Event) -> Option<bool> {
    match event {
        Event::AttemptEnded {
            purpose: Purpose::Token | Purpose::Renewal | Purpose::Replacement,
            error,
            ..
        } => Some(error.is_none()),
        // A token that came another way, for it was taken.
        Event::AttemptEnded {
            purpose: Purpose::Call,
            error: None,
            ..
        } => Some(true),
        _ => None,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
