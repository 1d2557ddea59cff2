//! The whole of it: a client over the transport, and a vendor that misbehaves.

use std::time::{Duration, Instant};

use advance_core::error::ProtocolFault;
use advance_core::session::Event;
use advance_core::transport::FailureKind;
use advance_core::{
    Charge, Error, ErrorKind, GenerateUrl, GetResult, Region, RetryPolicy, ReturnUrl, SignatureId,
};

use crate::bench::{Bench, FINE};
use crate::case::Case;
use crate::need::Need;
use crate::server::Script;
use crate::vendor::{Vendor, envelope, ok, reply};
use crate::verdict::Verdict;

const WHOLE: &str = "see what the transport makes of the reply: the machine above it is the same for every transport and \
                     is tested by itself";

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "client_gets_a_link",
        row: 104,
        need: Need::Base,
        mend: WHOLE,
        run: client_gets_a_link,
    },
    Case {
        name: "client_does_not_ask_twice_for_what_may_be_charged",
        row: 8,
        need: Need::Base,
        mend: "report a lost body with Sent::Maybe, once, so that the cost is said to be unknown",
        run: client_does_not_ask_twice_for_what_may_be_charged,
    },
    Case {
        name: "client_asks_again_after_a_lost_reply_that_is_free",
        row: 8,
        need: Need::Base,
        mend: WHOLE,
        run: client_asks_again_after_a_lost_reply_that_is_free,
    },
    Case {
        name: "client_stops_before_its_deadline",
        row: 16,
        need: Need::Base,
        mend: WHOLE,
        run: client_stops_before_its_deadline,
    },
    Case {
        name: "client_refuses_a_redirect",
        row: 18,
        need: Need::Base,
        mend: "bring a 3xx as a response",
        run: client_refuses_a_redirect,
    },
    Case {
        name: "client_asks_again_after_a_server_page",
        row: 20,
        need: Need::Base,
        mend: "bring a 503 as a response",
        run: client_asks_again_after_a_server_page,
    },
    Case {
        name: "client_waits_as_long_as_it_is_told",
        row: 23,
        need: Need::Base,
        mend: "bring the Retry-After header, and sleep for as long as the client asks",
        run: client_waits_as_long_as_it_is_told,
    },
    Case {
        name: "client_reads_the_code_of_an_error_page",
        row: 27,
        need: Need::Base,
        mend: "bring the body of a 400",
        run: client_reads_the_code_of_an_error_page,
    },
    Case {
        name: "client_asks_once_for_a_token",
        row: 63,
        need: Need::Base,
        mend: "allow concurrent sends",
        run: client_asks_once_for_a_token,
    },
    Case {
        name: "client_replaces_a_rejected_token_once",
        row: 64,
        need: Need::Base,
        mend: WHOLE,
        run: client_replaces_a_rejected_token_once,
    },
    Case {
        name: "client_counts_what_was_charged",
        row: 74,
        need: Need::Base,
        mend: WHOLE,
        run: client_counts_what_was_charged,
    },
    Case {
        name: "client_survives_an_observer_that_panics",
        row: 78,
        need: Need::Base,
        mend: WHOLE,
        run: client_survives_an_observer_that_panics,
    },
];

pub(super) const QUICK: RetryPolicy = RetryPolicy::new()
    .backoff(Duration::from_millis(20), Duration::from_millis(50))
    .total(Duration::from_secs(6));
pub(super) const LINK: &str = r#"{"code":"SUCCESS","message":"OK","data":{"signatureId":"ed8b21c0c87ad617","url":"https://h5.advance.ai/h5-idv/?signatureId=ed8b21c0c87ad617","expiredTime":1642580192430},"extra":null,"transactionId":"ed8b21c0c87ad617","pricingStrategy":"FREE"}"#;
/// Breaks off within the body.
const TORN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"code\":\"SUCCESS\",";

pub(super) fn link() -> Result<GenerateUrl, String> {
    let made = || {
        Ok::<_, Error>(GenerateUrl::new(
            ReturnUrl::new("https://shop.example/verified")?,
            ReturnUrl::new("https://shop.example/not-verified")?,
            Region::IDN,
        ))
    };
    made().map_err(|error| format!("was not run, the suite's request is none: {error}"))
}

fn result() -> Result<GetResult, String> {
    SignatureId::new("ed8b21c0c87ad617")
        .map(GetResult::new)
        .map_err(|error| format!("was not run, the suite's request is none: {error}"))
}

pub(super) fn came<T>(result: Result<T, Error>) -> Result<T, String> {
    result.map_err(|error| format!("made the client fail: {error}"))
}

pub(super) fn failed<T>(result: Result<T, Error>, kind: ErrorKind) -> Result<Error, String> {
    match result {
        Ok(_) => Err(format!("made the client succeed where {kind:?} was due")),
        Err(error) if error.kind() == kind => Ok(error),
        Err(error) => Err(format!(
            "made the client fail as {:?} where {kind:?} was due",
            error.kind()
        )),
    }
}

fn client_gets_a_link(bench: &Bench) -> Verdict {
    let vendor = Vendor::new(bench, QUICK, |_, _| ok(LINK))?;
    let response = came(vendor.call(bench, link()?))?;
    if response.data().signature_id().as_str() != "ed8b21c0c87ad617" {
        return Err("made the client read another link than was sent".into());
    }
    vendor.counted(1, 1)?;
    let requests = vendor.server.journal().requests();
    for seen in &requests {
        let agent = seen.values("user-agent");
        if agent.len() != 1 || !agent[0].starts_with(b"advance-rust/") {
            return Err("did not send the User-Agent once, as it was given".into());
        }
    }
    let token = bench.planted.token.as_bytes();
    let tokens: Vec<_> = requests
        .iter()
        .map(|seen| seen.values("x-access-token"))
        .collect();
    if tokens == [vec![], vec![token]] {
        Ok(())
    } else {
        Err("did not send the token once, as it was issued, and not before".into())
    }
}

fn client_does_not_ask_twice_for_what_may_be_charged(bench: &Bench) -> Verdict {
    let vendor = Vendor::new(bench, QUICK, |_, _| TORN.to_vec())?;
    let error = failed(
        vendor.call(bench, result()?),
        ErrorKind::Transport(FailureKind::Body),
    )?;
    if error.charge() != Charge::Unknown {
        return Err(format!(
            "made the client say {:?} of a cost that is unknown",
            error.charge()
        ));
    }
    vendor.counted(1, 1)
}

fn client_asks_again_after_a_lost_reply_that_is_free(bench: &Bench) -> Verdict {
    let vendor = Vendor::new(
        bench,
        QUICK,
        |before, _| {
            if before == 0 { TORN.to_vec() } else { ok(LINK) }
        },
    )?;
    came(vendor.call(bench, link()?))?;
    vendor.counted(1, 2)
}

fn client_stops_before_its_deadline(bench: &Bench) -> Verdict {
    let busy = |_: usize, _: &_| reply("503 Busy", "Retry-After: 30\r\n", "busy");
    let vendor = Vendor::new(bench, QUICK.total(Duration::from_secs(2)), busy)?;
    let start = Instant::now();
    failed(
        vendor.call(bench, link()?),
        ErrorKind::Protocol(ProtocolFault::Status(503)),
    )?;
    let took = start.elapsed();
    if took > Duration::from_secs(1) {
        return Err(format!(
            "made the client wait for {took:?} though there was nothing to wait for"
        ));
    }
    vendor.counted(1, 1)
}

fn client_refuses_a_redirect(bench: &Bench) -> Verdict {
    let thief = bench.server(Script::reply(FINE))?;
    let place = format!("Location: {}\r\n", thief.url("/stolen"));
    let vendor = Vendor::new(bench, QUICK, move |_, _| reply("307 Elsewhere", &place, ""))?;
    failed(
        vendor.call(bench, link()?),
        ErrorKind::Protocol(ProtocolFault::Redirect),
    )?;
    match thief.journal().connections() {
        0 => vendor.counted(1, 1),
        _ => Err("followed a redirect to another origin".into()),
    }
}

fn client_asks_again_after_a_server_page(bench: &Bench) -> Verdict {
    let vendor = Vendor::new(bench, QUICK, |before, _| {
        if before == 0 {
            reply("503 Busy", "Content-Type: text/html\r\n", "<h1>Busy</h1>")
        } else {
            ok(LINK)
        }
    })?;
    came(vendor.call(bench, link()?))?;
    vendor.counted(1, 2)
}

fn client_waits_as_long_as_it_is_told(bench: &Bench) -> Verdict {
    let vendor = Vendor::new(bench, QUICK, |before, _| {
        let busy = envelope("SERVICE_BUSY", "FREE");
        if before == 0 {
            reply("200 OK", "Retry-After: 1s\r\n", &busy)
        } else {
            ok(LINK)
        }
    })?;
    let start = Instant::now();
    came(vendor.call(bench, link()?))?;
    let took = start.elapsed();
    if took < Duration::from_secs(1) {
        return Err(format!(
            "made the client ask again after {took:?} though it was told to wait for a second"
        ));
    }
    vendor.counted(1, 2)
}

fn client_reads_the_code_of_an_error_page(bench: &Bench) -> Verdict {
    let vendor = Vendor::new(bench, QUICK, |_, _| {
        reply("400 Bad Request", "", &envelope("SIGNATURE_NOT_EXIST", "FREE"))
    })?;
    match vendor.call(bench, result()?) {
        Err(error) if error.transaction_id().is_some() && error.charge() == Charge::Free => {
            vendor.counted(1, 1)
        }
        _ => Err("kept the vendor's code, transaction id and price from the client".into()),
    }
}

fn client_asks_once_for_a_token(bench: &Bench) -> Verdict {
    let vendor = Vendor::new(bench, QUICK, |_, _| ok(LINK))?;
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| came(vendor.call(bench, link()?)).map(drop)))
            .collect();
        callers.into_iter().try_for_each(|caller| {
            caller
                .join()
                .unwrap_or_else(|_| Err("panicked under concurrent use".into()))
        })
    })?;
    vendor.counted(1, 16)
}

fn client_replaces_a_rejected_token_once(bench: &Bench) -> Verdict {
    let vendor = Vendor::new(bench, QUICK, |before, _| {
        // Refused, sent once more, and refused again.
        if (1..3).contains(&before) {
            ok(&envelope("IAM_FAILED", "FREE"))
        } else {
            ok(LINK)
        }
    })?;
    came(vendor.call(bench, link()?))?;
    came(vendor.call(bench, link()?))?;
    vendor.counted(2, 4)
}

fn client_counts_what_was_charged(bench: &Bench) -> Verdict {
    let paid = r#"{"code":"SUCCESS","message":"OK","data":{"idvCode":"CARD_NOT_FOUND"},"extra":null,"transactionId":"d3fde1547eeaf226","pricingStrategy":"PAY"}"#;
    let vendor = Vendor::new(bench, QUICK, move |_, _| ok(paid))?;
    for _ in 0..3 {
        let response = came(vendor.call(bench, result()?))?;
        if response.charge() != Charge::Pay {
            return Err(format!(
                "made the client say {:?} of a reply that says PAY",
                response.charge()
            ));
        }
    }
    let charges = vendor.client.charges();
    if (charges.free, charges.pay, charges.unknown) == (1, 3, 0) {
        return vendor.counted(1, 3);
    }
    Err(format!(
        "made the client count {charges:?} where one was free and three were charged"
    ))
}

fn client_survives_an_observer_that_panics(bench: &Bench) -> Verdict {
    let mut vendor = Vendor::new(bench, QUICK, |_, _| ok(LINK))?;
    // Not `panic!`: that would print to the standard error of the program that runs the suite.
    vendor.client = vendor
        .client
        .with_observer(|_: &Event| std::panic::resume_unwind(Box::new("an observer's own trouble")));
    for _ in 0..2 {
        came(vendor.call(bench, link()?))?;
    }
    vendor.counted(1, 2)
}
