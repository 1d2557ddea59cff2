//! What a user must see in each situation, on one seed: hours of virtual time are long without optimisation.
//! `cargo xtask simulate --situations` plays many and prints the figures.

use std::collections::BTreeSet;

use advance_tests::simulation::situations::{Figures, SITUATIONS, Situation, play};

const SEED: u64 = 7;

/// Plays the situations of these rows, and says what a user would complain about.
fn complaints(rows: &[&str]) -> Vec<String> {
    let shows = |situation: &&Situation| situation.row.split(", ").any(|row| rows.contains(&row));
    let chosen: Vec<_> = SITUATIONS.iter().filter(shows).collect();
    assert!(!chosen.is_empty(), "no situation shows {rows:?}");
    let mut complaints = Vec::new();
    for situation in chosen {
        let mut figures = Figures::default();
        figures.add(play(situation, SEED, None));
        let found = figures.complaints(&situation.bounds);
        complaints.extend(
            found
                .into_iter()
                .map(|found| format!("{} (seed {SEED}): {found}", situation.name)),
        );
    }
    complaints
}

fn holds(rows: &[&str]) {
    let complaints = complaints(rows);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn fault_80_who_is_denied_costs_the_others_nothing() {
    holds(&["80"]);
}

#[test]
fn fault_81_a_token_that_is_known_late_is_waited_for() {
    holds(&["81"]);
}

#[test]
fn fault_82_a_bad_node_is_passed_by() {
    holds(&["82"]);
}

#[test]
fn fault_83_what_was_revoked_or_disabled_comes_back() {
    holds(&["83"]);
}

#[test]
fn fault_83_a_token_endpoint_that_is_down_and_tokens_that_die_early_cost_no_call() {
    holds(&["83a"]);
}

#[test]
fn fault_84_a_gateway_says_the_same_in_its_own_way() {
    holds(&["84"]);
}

#[test]
fn fault_85_a_dead_endpoint_takes_no_retry_from_another() {
    holds(&["85"]);
}

#[test]
fn fault_87_a_machine_that_sleeps_fails_no_call() {
    holds(&["87"]);
}

#[test]
fn fault_88_a_clock_that_jumps_starts_no_storm() {
    holds(&["88"]);
}

#[test]
fn nothing_is_complained_about_where_all_is_well() {
    holds(&["–"]);
}

#[test]
fn every_situation_has_a_name_of_its_own() {
    let names: BTreeSet<_> = SITUATIONS.iter().map(|situation| situation.name).collect();
    assert_eq!(names.len(), SITUATIONS.len());
}
