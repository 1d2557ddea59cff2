//! The shop as a process that is killed: each result is booked once all the same.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use advance_sandbox::model::{Charging, Effect, Endpoint, Fault};
use advance_sandbox::{Outcome, Sandbox};
use serde_json::{Value, json};

struct Shop {
    process: Child,
    url: String,
}

impl Shop {
    fn start(sandbox: &Sandbox, folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_axum-shop"))
            .current_dir(folder)
            .env("ADVANCE_BASE_URL", sandbox.base_url())
            .env("ADVANCE_ACCESS_KEY", "sampleaccesskey")
            .env("ADVANCE_SECRET_KEY", "samplesecretkey")
            .env("SHOP_LISTEN", "127.0.0.1:0")
            .env("SHOP_PUBLIC_URL", "https://shop.example")
            .env("SHOP_STAFF_TOKEN", "of the staff")
            .env("SHOP_CALL_SECONDS", "3")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { process, url }
    }

    /// As `kill -9` does.
    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn order(&self, customer: &str) -> String {
        let reply = self.post(&json!({ "customer": customer }));
        assert_eq!(reply.0, 201);
        assert!(reply.1["link"].as_str().unwrap().starts_with("http"));
        reply.1["order"].as_str().unwrap().to_owned()
    }

    fn post(&self, body: &Value) -> (u16, Value) {
        let mut reply = agent()
            .post(format!("{}/orders", self.url))
            .send_json(body)
            .unwrap();
        (reply.status().as_u16(), reply.body_mut().read_json().unwrap())
    }

    fn get(&self, path: &str, token: &str) -> ureq::http::Response<ureq::Body> {
        let request = agent()
            .get(format!("{}{path}", self.url))
            .header("authorization", token);
        request.call().unwrap()
    }

    fn status(&self, path: &str) -> u16 {
        self.get(path, "").status().as_u16()
    }

    fn shown(&self, order: &str) -> Value {
        self.get(&format!("/orders/{order}"), "")
            .body_mut()
            .read_json()
            .unwrap()
    }

    /// The order, once it no longer waits.
    fn ended(&self, order: &str) -> Value {
        wait_for(|| Some(self.shown(order)).filter(|shown| shown["status"] != "waiting"))
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0);
    config.max_redirects_will_error(false).build().into()
}

fn wait_for<R>(mut look: impl FnMut() -> Option<R>) -> R {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it never came");
        thread::sleep(Duration::from_millis(20));
    }
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().images_on_api().start_blocking().unwrap();
    sandbox.with_vendor(|vendor| vendor.behaviour_mut().charging = Charging::PayPerResult);
    sandbox
}

fn finish_all(sandbox: &Sandbox) {
    let links = |entry: &advance_sandbox::model::Entry| entry.signature_id.clone();
    sandbox.with_vendor(|vendor| {
        let made: Vec<_> = vendor
            .journal()
            .of(Endpoint::GenerateUrl)
            .filter_map(links)
            .collect();
        for id in made {
            assert!(vendor.finish(&id, Outcome::Ok));
        }
    });
}

fn asked(sandbox: &Sandbox) -> usize {
    sandbox.with_vendor(|vendor| vendor.journal().of(Endpoint::GetResult).count())
}

fn charged(sandbox: &Sandbox) -> u64 {
    sandbox.with_vendor(|vendor| vendor.ledger().total().pay)
}

#[test]
fn an_order_outlives_the_process_that_took_it() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::start(&sandbox, folder.path());
    let order = shop.order("somebody");
    let other = shop.order("sbx-never");
    shop.kill();

    let shop = Shop::start(&sandbox, folder.path());
    assert_eq!(shop.shown(&order)["status"], "waiting");
    let id = sandbox.with_vendor(|vendor| {
        let made = vendor.journal().of(Endpoint::GenerateUrl);
        made.rev().find_map(|entry| {
            (entry.user_id.as_deref() == Some("somebody")).then(|| entry.signature_id.clone())
        })
    });
    assert!(sandbox.with_vendor(|vendor| vendor.finish(&id.flatten().unwrap(), Outcome::Ok)));
    let back = shop.get(&format!("/verified?state={order}"), "");
    assert_eq!(back.status(), 303);
    assert_eq!(back.headers()["location"], format!("/orders/{order}"));
    let ended = shop.ended(&order);
    assert_eq!((&ended["status"], &ended["mails"]), (&json!("passed"), &json!(1)));
    shop.kill();

    let shop = Shop::start(&sandbox, folder.path());
    assert_eq!(shop.shown(&order), ended);
    let picture = format!("/orders/{order}/pictures/image");
    let mut shown = wait_for(|| {
        let reply = shop.get(&picture, "Bearer of the staff");
        (reply.status() == 200).then_some(reply)
    });
    assert_eq!(shown.headers()["cache-control"], "no-store");
    let bytes = shown.body_mut().read_to_vec().unwrap();
    assert!(bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xff\xd8\xff"));
    assert_eq!(
        (charged(&sandbox), &shop.shown(&other)["status"]),
        (1, &json!("waiting"))
    );

    assert_eq!(shop.status(&picture), 401);
    assert_eq!(shop.status("/orders/unknown"), 404);
    assert_eq!(shop.status("/verified?state=unknown"), 404);
    assert_eq!(
        shop.status(&format!("/verified?state={order}&signatureId=another")),
        400
    );
    assert_eq!(shop.post(&json!({ "customer": "" })).0, 400);
}

#[test]
fn killed_while_the_vendor_answers_it_is_a_doubt_and_never_a_second_charge() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::start(&sandbox, folder.path());
    let slow = Fault::new(Effect::Delay(Duration::from_secs(10))).of(Endpoint::GetResult);
    let now = sandbox.clock();
    assert!(sandbox.with_vendor(|vendor| vendor.plan_fault(slow, now)));
    let order = shop.order("somebody");
    finish_all(&sandbox);
    assert_eq!(shop.status(&format!("/verified?state={order}")), 303);
    wait_for(|| (charged(&sandbox) == 1).then_some(()));
    shop.kill();
    let asked_before = asked(&sandbox);

    let shop = Shop::start(&sandbox, folder.path());
    let ended = shop.ended(&order);
    assert_eq!((&ended["status"], &ended["mails"]), (&json!("unsure"), &json!(1)));
    assert_eq!((charged(&sandbox), asked(&sandbox)), (1, asked_before));
}

#[test]
fn killed_again_and_again_each_result_comes_once() {
    const ORDERS: u64 = 12;
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let mut shop = Shop::start(&sandbox, folder.path());
    let orders: Vec<_> = (0..ORDERS).map(|_| shop.order("somebody")).collect();
    finish_all(&sandbox);
    for (number, order) in orders.iter().enumerate() {
        assert_eq!(shop.status(&format!("/verified?state={order}")), 303);
        // Sooner or later in what the nudge has begun.
        thread::sleep(Duration::from_millis(7 * number as u64));
        shop.kill();
        shop = Shop::start(&sandbox, folder.path());
    }
    let mut unsure = 0;
    for order in &orders {
        let ended = shop.ended(order);
        assert_eq!(ended["mails"], 1, "{ended}");
        unsure += u64::from(ended["status"] == "unsure");
        assert!(
            ended["status"] == "unsure" || ended["status"] == "passed",
            "{ended}"
        );
    }
    let charged = charged(&sandbox);
    assert!(
        (ORDERS - unsure..=ORDERS).contains(&charged),
        "{charged} charged, {unsure} unsure"
    );
}
