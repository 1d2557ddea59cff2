//! Receivers that fail, are slow, redirect or are gone: each letter comes at least once and in order, and a receiver that is
//! back is not flooded.

use std::time::Duration;

use advance_core::transport::{self, Failure, FailureKind, Phase};

use crate::world::{HOUR, World, asking_for, deliver, each_came_in_order, gone, post, status};

/// The most that came within a second, and within the first second after `from`.
fn rush(world: &World, from: Duration) -> (usize, usize) {
    let times: Vec<Duration> = world.seen().iter().map(|seen| seen.at).collect();
    let within = |from: Duration| {
        let second = from..from + Duration::from_secs(1);
        times.iter().filter(|at| second.contains(at)).count()
    };
    let most = times.iter().map(|at| within(*at)).max().unwrap_or(0);
    (
        most,
        times
            .iter()
            .find(|at| **at >= from)
            .map_or(0, |first| within(*first)),
    )
}

#[test]
fn a_receiver_that_is_gone_for_an_hour_gets_each_and_is_not_flooded() {
    let world = World::new(|at, _| if at < HOUR { gone() } else { status(204) });
    let post = post(&world, 200);
    deliver(&world, &post, 24 * HOUR);
    each_came_in_order(&world, &*post, 200);
    let probes = world.seen().iter().filter(|seen| !seen.taken).count();
    assert!(
        (50..=80).contains(&probes),
        "{probes} probes of a receiver that is gone"
    );
    let back = world.seen().iter().find(|seen| seen.taken).unwrap().at;
    assert!(
        back < HOUR + Duration::from_secs(75),
        "it is noticed soon: {back:?}"
    );
    let (most, first) = rush(&world, HOUR);
    assert!(
        most <= 24 && first <= 24,
        "{most} within a second, {first} in the first"
    );
    let done = world.seen().last().unwrap().at;
    assert!(done < back + HOUR / 10, "the backlog is gone soon: {done:?}");
}

#[test]
fn a_receiver_that_was_well_and_goes_is_probed_by_one_letter_at_a_time() {
    let begins = Duration::from_secs(2);
    let world = World::new(move |at, _| {
        if (begins..HOUR).contains(&at) {
            gone()
        } else {
            status(204)
        }
    });
    let post = post(&world, 200);
    deliver(&world, &post, 24 * HOUR);
    each_came_in_order(&world, &*post, 200);
    assert!(
        world.seen().iter().filter(|seen| seen.at < begins).count() > 20,
        "it had some"
    );
    let probes = world.seen().iter().filter(|seen| !seen.taken).count();
    assert!((50..=85).contains(&probes), "{probes} probes");
}

#[test]
fn a_receiver_that_fails_now_and_then_gets_each_in_order() {
    // Drawn once, so that it is the same each time; every fourth answer is a failure.
    let world = World::new(|_, number| match number * 7_919 % 101 {
        0..=15 => status(500),
        16..=20 => gone(),
        21..=25 => status(422),
        _ => status(200),
    });
    let post = post(&world, 60);
    deliver(&world, &post, 100 * HOUR);
    each_came_in_order(&world, &*post, 60);
}

#[test]
fn a_receiver_that_is_slow_or_redirects_at_first_gets_each() {
    for trouble in [301, 302, 307, 308, 503, 0] {
        let world = World::new(move |at, _| match trouble {
            _ if at > HOUR / 2 => status(200),
            0 => {
                let slow = FailureKind::Timeout(Phase::Exchange);
                Err((
                    Failure::new(slow, transport::Sent::Maybe),
                    Duration::from_secs(15),
                ))
            }
            other => status(other),
        });
        let post = post(&world, 10);
        deliver(&world, &post, 24 * HOUR);
        each_came_in_order(&world, &*post, 10);
        let troubled = world.seen().iter().filter(|seen| !seen.taken).count();
        assert!(troubled < 50, "{trouble}: {troubled}");
    }
}

#[test]
fn a_receiver_is_left_alone_as_long_as_it_asks() {
    for (answer, seconds, least) in [
        (429, 120, 120),
        (503, 120, 120),
        (410, 0, 3_600),
        (503, 999_999, 3_600),
    ] {
        let world = World::new(move |_, number| match number {
            0 => asking_for(answer, seconds),
            _ => status(200),
        });
        let post = post(&world, 3);
        deliver(&world, &post, 24 * HOUR);
        let seen = world.seen();
        let pause = seen[1].at.saturating_sub(seen[0].at).as_secs();
        assert!((least..least + 5).contains(&pause), "{answer}: {pause} s");
        each_came_in_order(&world, &*post, 3);
    }
}

#[test]
fn a_receiver_may_name_the_time_from_which_it_takes_letters() {
    for (date, after, least) in [
        // By the clock of the courier's machine, on which it is 14:13:20.
        (None, "Mon, 21 Sep 2026 14:15:20 GMT", 120),
        // By the receiver's own clock, which is an hour ahead.
        (
            Some("Mon, 21 Sep 2026 15:13:20 GMT"),
            "Mon, 21 Sep 2026 15:15:20 GMT",
            120,
        ),
        (None, "Tue, 22 Sep 2026 14:13:20 GMT", 3_600),
        // Against the standard, but plain enough.
        (None, "10s", 10),
        // Neither a date nor a number: the pause is the courier's own.
        (None, "soon", 1),
    ] {
        let world = World::new(move |_, number| {
            let mut response = status(if number == 0 { 503 } else { 200 })?;
            response
                .headers_mut()
                .insert("retry-after", after.parse().unwrap());
            if let Some(date) = date {
                response.headers_mut().insert("date", date.parse().unwrap());
            }
            Ok(response)
        });
        let post = post(&world, 3);
        deliver(&world, &post, 24 * HOUR);
        let seen = world.seen();
        let pause = seen[1].at.saturating_sub(seen[0].at).as_secs();
        assert!((least..least + 5).contains(&pause), "{after}: {pause} s");
    }
}
