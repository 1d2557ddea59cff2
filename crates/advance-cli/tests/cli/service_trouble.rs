//! What a service must not lose, whatever goes wrong beside it.

use serde_json::{Value, json};

use crate::serving::World;
use crate::support::{advance, run, with_keys};

impl World {
    /// A link of this person's, added to the store; its signatureId.
    fn pending(&self, user_id: &str) -> String {
        let link = [
            "link",
            "--json",
            "--user-id",
            user_id,
            "--base-url",
            self.sandbox.base_url(),
        ];
        let made = run(&mut with_keys(&link)).succeeded().json();
        let id = made["signatureId"].as_str().unwrap();
        run(&mut self.task(&["add", id])).succeeded();
        id.to_owned()
    }

    /// `advance collect` with these on the store.
    fn task(&self, task: &[&str]) -> std::process::Command {
        advance(&[&["collect"], task, &["--store", &self.store]].concat())
    }

    fn letters(&self) -> Value {
        run(&mut self.task(&["status", "--json"])).succeeded().json()["letters"].take()
    }
}

const CLOSED: &str = "http://127.0.0.1:1/hooks";

#[test]
fn a_run_without_notify_keeps_outcomes_for_the_service_that_delivers() {
    let world = World::new();
    run(&mut world.collect(&["--notify", CLOSED, "--until-done"])).succeeded();
    world.pending("sbx-ok");
    run(&mut world.collect(&["--until-done"])).succeeded();
    assert_eq!(
        world.letters(),
        json!({ "waiting": 1, "delivered": 0, "dead": 0 })
    );
    // Until it is said that none delivers any longer.
    world.pending("sbx-forged");
    run(&mut world.collect(&["--no-notify", "--until-done"])).succeeded();
    assert_eq!(
        world.letters(),
        json!({ "waiting": 1, "delivered": 0, "dead": 0 })
    );
}
