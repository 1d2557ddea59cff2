//! The macro that makes a test of every case, and what its tests call.

use crate::cases::cases;
use crate::run::{Outcome, run_all, run_one};
use crate::subject::Subject;
use crate::summary::Summary;

/// Makes one `#[test]` of every case, for one transport.
///
/// What the transport does not claim is listed as ignored, with the reason "not claimed"; it does not pass.
///
/// ```
/// mod mine {
///     # use std::time::{Duration, Instant, SystemTime};
///     # use advance_core::transport::{Failure, FailureKind, Limits, Sent, Transport};
///     # use advance_core::Now;
///     # struct Mine;
///     # impl Transport for Mine {
///     #     fn send(&self, _: http::Request<Vec<u8>>, _: &Limits) -> Result<http::Response<Vec<u8>>, Failure> {
///     #         Err(Failure::new(FailureKind::Connect, Sent::No))
///     #     }
///     #     fn sleep(&self, duration: Duration) { std::thread::sleep(duration) }
///     #     fn now(&self) -> Now { Now::new(SystemTime::now(), Duration::ZERO) }
///     # }
///     advance_conformance::conformance! {
///         name: "mine",
///         claims: [tls, pool],
///         blocking: |_setup| Mine,
///     }
/// }
/// # fn main() {}
/// ```
///
/// `claims` are any of `tls`, `identity`, `proxy`, `pool` and `compression`. The closure gets a [`Setup`](crate::Setup):
/// the certificate to trust, the one to show and the proxy to go through. What the HTTP crate below logs by itself is
/// declared after the claims, as `logs: ["its::target" => Trace],`; see [`Subject::logs`]. What no transport over that crate
/// can do is declared after that, as `cannot: [("case", "what the crate does")],`; such a case fails and says so; see
/// [`Subject::cannot`]. One more test, `summary`, runs everything and says what to mend first. An async transport says `asynchronous:` for `blocking:`, and how
/// its runtime runs a future to the end: `block_on: |future| runtime().block_on(future)`. To test several transports
/// in one file, put each call into a module of its own.
#[macro_export]
macro_rules! conformance {
    (
        name: $name:expr, claims: [$($claim:ident),* $(,)?],
        $(logs: [$($target:literal => $level:ident),* $(,)?],)?
        $(cannot: $cannot:expr,)?
        blocking: $make:expr $(,)?
    ) => {
        fn subject() -> $crate::Subject {
            $crate::Subject::blocking($name, $crate::Claims::none()$(.$claim())*, $make)
                $($(.logs($target, $crate::Level::$level))*)?
                $(.cannot($cannot))?
        }
        $crate::__conformance! { @all [$($claim)*] }
    };
    (
        name: $name:expr, claims: [$($claim:ident),* $(,)?],
        $(logs: [$($target:literal => $level:ident),* $(,)?],)?
        $(cannot: $cannot:expr,)?
        asynchronous: $make:expr, block_on: $block_on:expr $(,)?
    ) => {
        fn subject() -> $crate::Subject {
            $crate::Subject::asynchronous($name, $crate::Claims::none()$(.$claim())*, $make, $block_on)
                $($(.logs($target, $crate::Level::$level))*)?
                $(.cannot($cannot))?
        }
        $crate::__conformance! { @all [$($claim)*] }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance {
    (@all [$($claims:ident)*]) => {
        /// Every case in one table, and what to mend first.
        #[test]
        fn summary() {
            $crate::summary(&subject());
        }
        $crate::__conformance! { @scan base [$($claims)*] {
            connection_refused
            connect_that_hangs
            silence_after_the_request
            server_that_never_reads
            slow_head
            slow_body
            body_that_stops
            slow_but_in_time
            reset_before_the_response
            close_before_the_response
            close_within_the_head
            reset_while_the_request_is_sent
            reset_within_the_body
            close_within_the_body
            half_close_within_the_body
            chunks_without_an_end
            garbage_for_a_status_line
            malformed_chunk_size
            early_hints_and_continue
            early_hints_without_end
            ten_thousand_headers
            header_without_end
            two_content_lengths
            length_and_chunks
            redirect_to_another_origin
            redirect_that_keeps_the_body
            redirect_to_the_same_origin
            redirect_without_a_place
            error_bodies_are_kept
            retry_after_is_kept
            unavailable_is_sent_once
            a_challenge_is_not_answered
            other_charsets_are_left_alone
            empty_bodies
            bodies_of_every_framing
            body_too_large_by_its_length
            announced_length_is_not_believed
            body_too_large_by_its_chunks
            body_too_large_without_a_length
            error_body_too_large
            body_at_its_limit
            limits_without_bounds
            no_time_at_all
            the_request_arrives_as_it_was_given
            large_requests_arrive_whole
            nothing_is_remembered
            plain_http_to_another_machine
            responses_are_not_mixed_up
            nothing_is_shown_of_a_lost_request
            nothing_secret_is_logged
            sleep_takes_its_time
            clocks_tell_the_time
            a_dropped_call_ends
            client_gets_a_link
            client_does_not_ask_twice_for_what_may_be_charged
            client_asks_again_after_a_lost_reply_that_is_free
            client_stops_before_its_deadline
            client_refuses_a_redirect
            client_asks_again_after_a_server_page
            client_waits_as_long_as_it_is_told
            client_reads_the_code_of_an_error_page
            client_asks_once_for_a_token
            client_replaces_a_rejected_token_once
            client_counts_what_was_charged
            client_survives_an_observer_that_panics
            images_are_fetched_without_credentials
            images_that_do_not_end_are_cut
            images_of_a_host_that_refuses_connections
            compression_is_all_or_nothing
        } }
        $crate::__conformance! { @scan tls [$($claims)*] {
            name_that_does_not_resolve
            redirect_from_https_to_http
            tls_with_a_good_certificate
            self_signed_certificate
            expired_certificate
            certificate_of_another_host
            certificate_of_an_unknown_authority
            plain_http_on_the_tls_port
            close_within_the_handshake
            handshake_that_hangs
            tls_cut_within_the_body
            no_other_root_is_trusted
            an_added_root_is_trusted
            a_certificate_of_an_authority
        } }
        $crate::__conformance! { @scan identity [$($claims)*] {
            a_certificate_of_our_own_is_shown
            no_certificate_of_our_own
        } }
        $crate::__conformance! { @scan proxy [$($claims)*] {
            proxy_that_wants_authentication
            proxy_that_cannot_connect
            proxy_that_hangs
            proxy_that_dribbles
            proxy_that_closes
            proxy_that_is_not_there
            proxy_that_tunnels
            plain_http_does_not_go_through_the_proxy
            loopback_does_not_go_through_the_proxy
        } }
        $crate::__conformance! { @scan pool [$($claims)*] {
            connections_are_used_again
            two_hundred_in_flight_twice
            stale_connection
            connection_lost_while_used_again
            surplus_bytes_are_not_the_next_response
            length_and_chunks_end_the_connection
            unread_body_ends_the_connection
        } }
        $crate::__conformance! { @scan compression [$($claims)*] {
            gzip_is_expanded
            gzip_bomb
            broken_gzip
        } }
    };
    (@scan base [$($claims:ident)*] $cases:tt) => { $crate::__conformance! { @run base $cases } };
    (@scan tls [tls $($rest:ident)*] $cases:tt) => { $crate::__conformance! { @run tls $cases } };
    (@scan identity [identity $($rest:ident)*] $cases:tt) => { $crate::__conformance! { @run identity $cases } };
    (@scan proxy [proxy $($rest:ident)*] $cases:tt) => { $crate::__conformance! { @run proxy $cases } };
    (@scan pool [pool $($rest:ident)*] $cases:tt) => { $crate::__conformance! { @run pool $cases } };
    (@scan compression [compression $($rest:ident)*] $cases:tt) => {
        $crate::__conformance! { @run compression $cases }
    };
    (@scan $need:ident [$other:ident $($rest:ident)*] $cases:tt) => {
        $crate::__conformance! { @scan $need [$($rest)*] $cases }
    };
    (@scan $need:ident [] {$($case:ident)*}) => {
        mod $need {
            $(
                #[test]
                #[ignore = "not claimed"]
                fn $case() {
                    $crate::check(&super::subject(), stringify!($case));
                }
            )*
        }
    };
    (@run $need:ident {$($case:ident)*}) => {
        mod $need {
            $(
                #[test]
                fn $case() {
                    $crate::check(&super::subject(), stringify!($case));
                }
            )*
        }
    };
}

/// Runs the case of this name, and panics unless it passes. The tests of [`conformance!`](crate::conformance) call it.
///
/// # Panics
/// With the report, if the transport fails the case or does not claim what it needs.
pub fn check(subject: &Subject, name: &str) {
    let case = cases().find(|case| case.name == name);
    let report = case.map(|case| run_one(subject, case));
    let report = report.unwrap_or_else(|| panic!("there is no case {name}"));
    assert!(report.outcome == Outcome::Passed, "{report}");
}

/// Runs every case, and panics unless all that are claimed pass: with the table of them, and what to mend first. The
/// macro's test `summary` calls it.
///
/// # Panics
/// If a case fails.
pub fn summary(subject: &Subject) {
    let reports = run_all(subject);
    let failed = reports
        .iter()
        .any(|report| matches!(report.outcome, Outcome::Failed(_) | Outcome::Cannot(_)));
    assert!(!failed, "\n{}", Summary::of(&reports));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::cases::cases;

    /// What `@all` of the macro lists, as `need name`.
    fn listed() -> BTreeSet<(String, String)> {
        let source = include_str!("macros.rs");
        let all = source
            .split("(@all")
            .nth(1)
            .and_then(|rest| rest.split("(@scan base").next());
        let mut need = String::new();
        let mut found = BTreeSet::new();
        for line in all.unwrap_or_default().lines().map(str::trim) {
            if let Some((_, rest)) = line.split_once("@scan ") {
                need = rest.split(' ').next().unwrap_or_default().to_owned();
            } else if !line.is_empty()
                && line
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())
            {
                assert!(
                    found.insert((need.clone(), line.to_owned())),
                    "{line} is listed twice"
                );
            }
        }
        found
    }

    #[test]
    fn the_macro_makes_a_test_of_every_case() {
        let known: BTreeSet<_> = cases()
            .map(|case| (case.need.as_str().to_owned(), case.name.to_owned()))
            .collect();
        assert_eq!(listed(), known);
        assert_eq!(cases().count(), known.len(), "two cases have the same name");
    }
}
