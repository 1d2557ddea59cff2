//! Each run of the exploration near its plain course; `cargo xtask explore` goes deeper.

use advance_tests::exploration::{Depth, SCOPES, play, replay, scope};

#[test]
fn no_life_of_two_departures_violates_a_rule() {
    for scope in SCOPES {
        // A wait and a batch have many turns, and some runs are others with fewer attempts or replies.
        let long = matches!(
            scope.name,
            "wait"
                | "batch"
                | "one-cold"
                | "one-window"
                | "two-cold-each"
                | "two-window-each"
                | "two-cold-again"
                | "two-window-again"
        );
        let most = if long { 1 } else { 2 };
        let played = play(scope, Depth::Departures(most), None);
        assert!(
            played.lives > 1 && played.transitions > played.lives,
            "{}: {played:?}",
            scope.name
        );
        assert!(played.failure.is_none(), "{}: {:?}", scope.name, played.failure);
    }
}

#[test]
fn a_life_is_told_step_by_step_and_the_same_twice() {
    let scope = scope("two-cold").unwrap();
    let (trail, result) = replay(scope, &[0, 1, 2, 3], None);
    assert!(result.is_ok(), "{result:?}");
    assert!(trail.iter().any(|line| line.contains("CallEnded")), "{trail:?}");
    assert_eq!(trail, replay(scope, &[0, 1, 2, 3], None).0);
}

#[test]
fn an_unknown_run_is_refused_with_the_names_of_those_that_there_are() {
    let problem = scope("nowhere").unwrap_err();
    assert!(
        problem.contains("two-cold") && problem.contains("nowhere"),
        "{problem}"
    );
}

#[test]
fn only_callers_that_nothing_tells_apart_have_an_order() {
    let first = |name: &str| replay(scope(name).unwrap(), &[1], None).0.remove(0);
    // Two that want the same, and two that do not.
    assert!(first("two-cold").ends_with("Begins(0)"), "{}", first("two-cold"));
    assert!(first("given-up").ends_with("Begins(1)"), "{}", first("given-up"));
}
