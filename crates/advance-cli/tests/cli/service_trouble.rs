//! A service loses nothing when something beside it goes wrong.

use std::thread;
use std::time::{Duration, Instant};

use advance_sandbox::Vendor;
use advance_sandbox::model::{Effect, Endpoint, Failure, Fault};
use serde_json::{Value, json};

use crate::serving::{PATIENCE, Receiver, Service, World};
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

    /// A webhook that waits, and its signatureId.
    fn letter(&self) -> String {
        run(&mut self.collect(&["--notify", CLOSED, "--until-done"])).succeeded();
        let id = self.pending("sbx-ok");
        run(&mut self.collect(&["--until-done"])).succeeded();
        id
    }

    /// Links take two seconds from now on.
    fn slow_links(&self) {
        let slow = Fault::new(Effect::Delay(Duration::from_secs(2))).of(Endpoint::GenerateUrl);
        let now = self.sandbox.clock();
        assert!(self.sandbox.with_vendor(|vendor| vendor.plan_fault(slow, now)));
    }

    /// How many links the vendor was asked for.
    fn links(&self) -> usize {
        self.sandbox.with_vendor(|vendor| {
            let entries = vendor.journal().entries();
            entries
                .filter(|entry| entry.path.ends_with("/generate-url"))
                .count()
        })
    }

    /// A service with these options, and its intake and monitor.
    fn service_with(&self, more: &[&str]) -> Service {
        let own = ["--intake", "0", "--monitor", "0"];
        Service::start(&mut self.collect(&[&own, more].concat()))
    }

    fn letters(&self) -> Value {
        run(&mut self.task(&["status", "--json"])).succeeded().json()["letters"].take()
    }
}

const CLOSED: &str = "http://127.0.0.1:1/hooks";

#[test]
fn a_run_without_notify_keeps_outcomes_for_the_service_that_delivers() {
    let world = World::new();
    world.letter();
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

#[test]
fn what_is_only_old_is_not_forgotten_before_its_webhook_was_delivered() {
    let world = World::new();
    world.letter();
    let waiting = json!({ "waiting": 1, "delivered": 0, "dead": 0 });
    let prune = run(&mut world.task(&["prune", "--older-than", "0", "--json"])).succeeded();
    assert_eq!(
        (prune.json(), world.letters()),
        (json!({ "pruned": 1 }), waiting.clone())
    );
    run(&mut world.collect(&["--until-done", "--retain", "0"])).succeeded();
    assert_eq!(world.letters(), waiting);
    // A person who is to be erased is.
    let id = world.pending("sbx-ok");
    run(&mut world.collect(&["--until-done"])).succeeded();
    assert_eq!(world.letters()["waiting"], 2);
    run(&mut world.task(&["erase", &id])).succeeded();
    assert_eq!(world.letters(), waiting);
}

#[test]
fn results_of_a_real_account_never_go_to_a_receiver_without_tls() {
    let world = World::new();
    let plain = [
        "--insecure-host",
        "receiver.test",
        "--notify",
        "http://receiver.test/hooks",
        "--until-done",
    ];
    let real = run(world.collect(&plain).env("ADVANCE_SECRET_KEY", "a-real-secret")).failed(2);
    assert!(
        real.stderr.contains("with real keys") && !real.stderr.contains("a-real"),
        "{}",
        real.stderr
    );
    // The sandbox's people are made up.
    run(&mut world.collect(&plain)).succeeded();
}

#[test]
fn a_result_that_cannot_be_read_is_not_left_out() {
    let world = World::new();
    let kept = world.folder.path().join("kept");
    let kept = kept.to_str().unwrap();
    run(&mut world.collect(&["--notify", CLOSED, "--until-done"])).succeeded();
    let id = world.pending("sbx-ok");
    run(&mut world.collect(&["--until-done", "--output", kept])).succeeded();
    let file = std::path::Path::new(kept).join(&id).join("result.json");
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).unwrap();
    let receiver = Receiver::start(&[200]);
    let notify = ["--notify", &receiver.url, "--notify-results", "--output", kept];
    let _service = world.service_with(&notify);
    until(|| {
        let waiting = run(&mut world.task(&["letters", "--state", "waiting", "--json"])).succeeded();
        waiting.json()["trouble"]
            .as_str()
            .is_some_and(|trouble| trouble.contains("cannot be read"))
    });
    let letter = run(&mut world.task(&["letters", "--state", "waiting", "--json"]))
        .succeeded()
        .json();
    assert_eq!(receiver.got.lock().unwrap().len(), 0);
    std::fs::rename(&aside, &file).unwrap();
    run(&mut world.task(&["resend", letter["webhookId"].as_str().unwrap()])).succeeded();
    assert!(receiver.has(1)[0].1["data"]["result"].is_object());
}

#[test]
fn where_a_port_is_taken_no_webhook_is_sent() {
    let world = World::new();
    world.letter();
    let receiver = Receiver::start(&[200]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let ran = run(&mut world.collect(&["--notify", &receiver.url, "--intake", &taken])).failed(2);
    assert!(ran.stderr.contains("cannot listen"), "{}", ran.stderr);
    assert_eq!(receiver.got.lock().unwrap().len(), 0);
}

#[test]
fn it_is_ready_again_as_soon_as_the_account_gives_a_token() {
    let world = World::new();
    let id = world.pending("sbx-ok");
    world
        .sandbox
        .with_vendor(|vendor| vendor.fail_next(Endpoint::GenerateToken, u32::MAX, Failure::busy()));
    let service = world.service(&[]);
    until(|| service.monitor("/readyz").status == 503);
    // Nothing is left to be collected, so that it is the intake that asks for the next token.
    run(&mut world.task(&["erase", &id])).succeeded();
    world.sandbox.with_vendor(Vendor::clear_faults);
    until(|| service.link("order-1", "sbx-ok").status == 201);
    assert_eq!(service.monitor("/readyz").status, 200);
}

#[cfg(unix)]
#[test]
fn a_link_that_is_being_made_is_given_out_before_the_service_ends() {
    for more in [&[][..], &["--blocking"]] {
        let world = World::new();
        world.slow_links();
        let mut service = world.service(more);
        let reply = thread::scope(|scope| {
            let reply = scope.spawn(|| service.link("order-1", "sbx-ok"));
            until(|| world.links() == 1);
            signal(&service, "-TERM");
            reply.join().unwrap()
        });
        assert_eq!(reply.status, 201, "{more:?}: {}", reply.head);
        assert!(service.child.wait().unwrap().success());
        let kept = run(&mut world.task(&["export"])).succeeded().json();
        assert_eq!(kept["signatureId"], reply.json()["signatureId"]);
    }
}

#[test]
fn of_two_services_on_one_store_one_gives_the_link_out_and_the_other_repeats_it() {
    let world = World::new();
    world.slow_links();
    let services = [world.service(&[]), world.service(&[])];
    let replies = thread::scope(|scope| {
        let asked = services
            .each_ref()
            .map(|service| scope.spawn(|| service.link("order-1", "sbx-ok")));
        asked.map(|reply| reply.join().unwrap())
    });
    let mut statuses = replies.each_ref().map(|reply| reply.status);
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 201], "{} {}", replies[0].head, replies[1].head);
    assert_eq!(replies[0].json(), replies[1].json());
    // A link that was given to no person is not asked about.
    let kept = run(&mut world.task(&["export"])).succeeded();
    assert_eq!(kept.json()["signatureId"], replies[0].json()["signatureId"]);
}

#[test]
fn one_key_does_not_take_the_places_of_others() {
    let world = World::new();
    world.slow_links();
    let service = world.service(&[]);
    thread::scope(|scope| {
        let first = scope.spawn(|| service.link("order-1", "sbx-ok"));
        until(|| world.links() == 1);
        let second = service.link("order-1", "sbx-ok");
        let first = first.join().unwrap();
        assert_eq!(first.status, 201);
        // A slow machine may come too late with the second one.
        if second.status == 409 {
            assert!(second.head.contains("retry-after: 1"), "{}", second.head);
        } else {
            assert_eq!((second.status, second.json()), (200, first.json()));
        }
    });
    assert_eq!(service.link("order-1", "sbx-ok").status, 200);
}

#[cfg(target_os = "linux")]
#[test]
fn a_hangup_ends_what_has_nothing_to_read_again() {
    use std::os::unix::process::ExitStatusExt as _;

    let world = World::new();
    let plain = world.collect(&["--intake", "0", "--monitor", "0"]);
    // What nohup starts inherits that a hangup is ignored, and the tests may be among it.
    let mut command = std::process::Command::new("env");
    command
        .arg("--default-signal=HUP")
        .arg(plain.get_program())
        .args(plain.get_args());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut service = Service::start(&mut command);
    signal(&service, "-HUP");
    assert_eq!(service.child.wait().unwrap().signal(), Some(1));
}

#[cfg(unix)]
#[test]
fn a_refused_account_ends_neither_webhooks_nor_the_intake() {
    let world = World::new();
    let receiver = Receiver::start(&[200]);
    world.letter();
    let id = world.pending("sbx-forged");
    let own = ["--intake", "0", "--monitor", "0", "--notify", &receiver.url];
    let mut command = world.collect(&own);
    let mut service = Service::start(command.env("ADVANCE_SECRET_KEY", "another-secret-key"));
    until(|| service.monitor("/readyz").status == 503);
    receiver.has(1);
    // Until it has said what is wrong, it might be about to end.
    thread::sleep(Duration::from_millis(300));
    assert_eq!(
        service
            .ask("GET", &format!("/verifications/{id}"), &[], "")
            .status,
        200
    );
    signal(&service, "-TERM");
    assert_eq!(service.child.wait().unwrap().code(), Some(1));
}

#[cfg(unix)]
fn signal(service: &Service, signal: &str) {
    let sent = std::process::Command::new("kill")
        .args([signal, &service.child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// Waits until this is so.
#[track_caller]
fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "it did not become so");
        thread::sleep(Duration::from_millis(50));
    }
}
