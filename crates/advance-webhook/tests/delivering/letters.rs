//! What becomes of a letter: dead and sent again, signed with other secrets, with what was chosen in it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use advance_collector::outbox::{LetterState, Outbox as _};
use advance_core::transport::Transport as _;
use advance_webhook::Secrets;
use advance_webhook::deliver::Schedule;

use crate::world::{FIRST, HOUR, SECOND, World, courier, deliver, each_came_in_order, post, status};

#[test]
fn what_is_never_taken_is_a_dead_letter_and_can_be_sent_again() {
    let world = World::new(|at, number| {
        if at < 100 * HOUR {
            status(400)
        } else {
            assert!(number >= 20);
            status(200)
        }
    });
    let post = post(&world, 2);
    deliver(&world, &post, 99 * HOUR);
    // The first letter of each verification; the second of the other one follows when the first is dead.
    let dead = post.list(LetterState::Dead, 10).unwrap();
    assert_eq!(dead.len(), 2);
    assert!(
        dead.iter()
            .all(|letter| letter.failures == 10 && letter.trouble.as_deref() == Some("status 400"))
    );
    let attempts: Vec<Duration> = world
        .seen()
        .iter()
        .filter(|seen| seen.id == dead[0].id)
        .map(|seen| seen.at)
        .collect();
    assert_eq!(attempts.len(), 10);
    let pauses = attempts
        .windows(2)
        .map(|two| two[1].saturating_sub(two[0]).as_secs());
    for (pause, planned) in pauses.zip([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]) {
        let most = planned * 6 / 5 + 2;
        assert!((planned..=most).contains(&pause), "{pause} s for {planned} s");
    }
    world.sleep(2 * HOUR);
    let before = world.seen().len();
    assert_eq!(post.resend_dead().unwrap(), 2);
    assert!(!post.resend("evt_unknown").unwrap());
    // The second letter of the other verification is in the middle of its schedule.
    deliver(&world, &post, 30 * HOUR);
    let counts = post.counts().unwrap();
    assert_eq!((counts.waiting, counts.delivered, counts.dead), (0, 3, 0));
    assert_eq!(world.seen().len(), before + 3);
}

#[test]
fn a_secret_is_changed_while_it_runs() {
    let world = World::new(|_, number| status(if number == 0 { 500 } else { 200 }));
    let post = post(&world, 1);
    let courier = courier(&world, &post).schedule(Schedule::new(vec![Duration::from_secs(60)]));
    courier.run(|| world.seen().len() == 1);
    courier.change_secrets(Secrets::parse(&format!("{SECOND},{FIRST}")).unwrap());
    *world.known.lock().unwrap() = SECOND;
    courier.run(|| post.counts().unwrap().waiting == 0);
    each_came_in_order(&world, &*post, 1);
}

#[test]
fn a_body_holds_what_was_chosen_and_the_outbox_no_more_than_the_verdict() {
    let world = World::new(|_, _| status(200));
    let seen = Arc::new(Mutex::new(0));
    let asked = Arc::clone(&seen);
    let post = post(&world, 1);
    let courier = courier(&world, &post).enclosing(move |signature_id| {
        *asked.lock().unwrap() += 1;
        // The first time it cannot be had.
        (*asked.lock().unwrap() > 1).then(|| serde_json::json!({ "of": signature_id, "nik": "3174…" }))
    });
    courier.run(|| post.counts().unwrap().waiting == 0);
    assert_eq!((*seen.lock().unwrap(), world.seen().len()), (2, 1));
    let kept = post.list(LetterState::Delivered, 1).unwrap().remove(0);
    assert!(!kept.body.contains("3174"));
    let body: serde_json::Value = serde_json::from_str(&kept.body).unwrap();
    assert_eq!(body["type"], "verification.ended");
    assert_eq!(body["timestamp"], "2026-09-21T14:13:20Z");
    assert_eq!(body["data"]["ending"], "unsure");
    let id = kept.id.strip_prefix("evt_").unwrap();
    assert!(
        id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{id}"
    );
}
