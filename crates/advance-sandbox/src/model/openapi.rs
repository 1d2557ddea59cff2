//! The calls and the control calls, described in the format of `OpenAPI` 3.1 from the tables that they are served from.
//!
//! Not by a derive such as utoipa's: that describes the types of handlers, and here a table routes, the three calls read
//! bodies member by member as the vendor does, and the description would be a crate more for every user. A test holds it
//! against the tables, and schemathesis against the replies (`cargo xtask release-gates schemathesis`).

use serde_json::{Map, Value, json};

use super::control::CALLS;
use super::delivery::SocketFault;
use super::endpoint::Endpoint;
use super::outcome::Outcome;
use super::shape::Shape;

/// The description, served at `GET /__sandbox/openapi.json`. Calls have the configured `prefix`.
pub(super) fn description(prefix: &str) -> Value {
    let mut paths = Map::new();
    for endpoint in Endpoint::ALL {
        paths.insert(format!("{prefix}{}", endpoint.path()), call(endpoint));
    }
    for (name, methods) in CALLS {
        let operations = methods
            .split(", ")
            .map(|method| (method.to_lowercase(), control(name, method)));
        paths.insert(format!("/__sandbox/{name}"), Value::Object(operations.collect()));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sandbox of the ADVANCE.AI H5 document verification API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Three calls of the vendor, and the control calls of the sandbox. The three calls answer HTTP 200 with any code. GET /__sandbox/fidelity says what is documented and what is a guess.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "X-ACCESS-TOKEN"},
            },
        },
    })
}

fn named(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn nullable(kind: &str) -> Value {
    json!({"type": [kind, "null"]})
}

fn whole() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn object(required: &[&str], properties: &Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

fn content(schema: &Value) -> Value {
    json!({"application/json": {"schema": schema}})
}

/// One of the three calls. What they refuse they refuse with a code, so that any object is a request.
fn call(endpoint: Endpoint) -> Value {
    let (summary, request, data) = match endpoint {
        Endpoint::GenerateToken => ("Get an access token", "GenerateToken", "Token"),
        Endpoint::GenerateUrl => ("Begin a verification", "GenerateUrl", "Link"),
        Endpoint::GetResult => ("Fetch how it ended", "GetResult", "Result"),
    };
    let mut envelope = envelope();
    if let Some(member) = envelope.pointer_mut("/properties/data") {
        *member = json!({"anyOf": [named(data), {"type": "null"}]});
    }
    let mut operation = json!({
        "operationId": endpoint.name(),
        "summary": summary,
        "requestBody": {"required": true, "content": content(&named(request))},
        "responses": {"200": {"description": "The envelope, of success or failure", "content": content(&envelope)}},
    });
    if endpoint != Endpoint::GenerateToken {
        operation["security"] = json!([{"token": []}]);
    }
    json!({"post": operation})
}

fn envelope() -> Value {
    object(
        &["code", "message", "data", "extra"],
        &json!({
            "code": {"type": "string"},
            "message": {"type": "string"},
            "data": {},
            "extra": {"type": ["string", "object", "null"]},
            "transactionId": {"type": "string", "maxLength": 64},
            "pricingStrategy": named("Price"),
        }),
    )
}

/// One method of a control call.
fn control(name: &str, method: &str) -> Value {
    let (summary, request, reply) = described(name, method);
    let mut responses = Map::new();
    responses.insert(
        "200".to_owned(),
        json!({"description": "Done", "content": content(&reply)}),
    );
    for (status, description) in [
        ("400", "The request is not as described"),
        ("403", "A Host or Origin that may not control the sandbox"),
        ("404", "There is no such thing"),
        ("405", "Another method"),
        ("409", "Not as things are"),
        ("413", "More than 1 MiB"),
        ("415", "A POST that is not JSON"),
    ] {
        responses.insert(
            status.to_owned(),
            json!({"description": description, "content": content(&named("Error"))}),
        );
    }
    let id: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut operation = json!({
        "operationId": format!("{}-{id}", method.to_lowercase()),
        "summary": summary,
        "responses": responses,
    });
    if let Some(request) = request {
        operation["requestBody"] = json!({"required": true, "content": content(&request)});
    }
    let parameters = parameters(name, method);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation
}

fn parameters(name: &str, method: &str) -> Vec<Value> {
    let query = |name: &str, schema: Value| json!({"name": name, "in": "query", "schema": schema});
    let path =
        |name: &str, schema: Value| json!({"name": name, "in": "path", "required": true, "schema": schema});
    match (name, method) {
        ("journal", "GET") => vec![query("since", whole()), query("count", whole())],
        ("verifications", "GET") => vec![query("count", whole())],
        ("journal/{n}", _) => vec![path("n", whole()), query("reveal", json!({"type": "boolean"}))],
        ("verifications/{signatureId}", _) => {
            vec![path(
                "signatureId",
                json!({"type": "string", "pattern": "^[0-9a-f]{1,64}$"}),
            )]
        }
        _ => Vec::new(),
    }
}

/// What a control call does, what it takes and what it answers.
fn described(name: &str, method: &str) -> (&'static str, Option<Value>, Value) {
    let ok = named("Ok");
    let none = || Some(json!({"type": "object"}));
    match (name, method) {
        ("clock", "GET") => ("What the clock says", None, named("Clock")),
        ("clock", _) => (
            "Move, freeze, set or speed up the clock",
            Some(named("ClockMoves")),
            named("Clock"),
        ),
        ("fidelity", _) => (
            "What is documented and what is a guess",
            None,
            list(&named("Fidelity")),
        ),
        ("faults", "GET") => (
            "What is planned, what stands, and the habits in force",
            None,
            json!({"type": "object"}),
        ),
        ("faults", "DELETE") => ("End all faults", None, ok),
        ("faults", _) => ("Plan faults, change habits", Some(named("Faults")), ok),
        ("health", _) => ("Whether it is ready, and what it forgot", None, named("Health")),
        ("journal", _) => ("What was asked", None, list(&named("Entry"))),
        ("journal/{n}", _) => (
            "The bodies of one request and its reply, redacted unless reveal is true",
            None,
            named("Exchange"),
        ),
        ("ledger", _) => ("What it cost", None, named("Ledger")),
        ("openapi.json", _) => ("This description", None, json!({"type": "object"})),
        ("reset", _) => ("Forget everything but the accounts", none(), ok),
        ("restore", _) => ("Make everything as it was at the snapshot", none(), ok),
        ("scenarios", _) => ("What magic names there are", None, list(&named("Scenario"))),
        ("snapshot", _) => ("Remember everything as it is", none(), ok),
        ("stubs", "DELETE") => ("Forget all stubs", None, ok),
        ("stubs", _) => ("Answer a path of another product", Some(named("Stub")), ok),
        ("verifications", _) => ("The newest verifications", None, list(&named("Verification"))),
        ("verifications/{signatureId}", "GET") => {
            ("The state of a verification", None, named("Verification"))
        }
        ("verifications/{signatureId}", _) => ("End a verification", Some(named("Ending")), ok),
        _ => ("", None, json!({"type": "object"})),
    }
}

fn schemas() -> Value {
    let mut all = request_schemas();
    let replies = reply_schemas();
    if let (Value::Object(all), Value::Object(replies)) = (&mut all, replies) {
        all.extend(replies);
    }
    all
}

fn request_schemas() -> Value {
    let outcomes: Vec<_> = Outcome::ALL.iter().map(|outcome| outcome.name()).collect();
    let text = json!({"type": "string"});
    let digits = json!({"type": ["integer", "string"]});
    let said = json!({
        "code": {"type": "string", "maxLength": 4096},
        "message": {"type": "string", "maxLength": 4096},
        "retryAfter": {"type": "string", "maxLength": 4096},
        "status": {"type": "integer", "minimum": 200, "maximum": 999},
    });
    let mut next = said.clone();
    next["endpoint"] = named("Endpoint");
    next["times"] = json!({"type": "integer", "minimum": 0, "maximum": u32::MAX});
    let plan = json!({
        "endpoint": named("Endpoint"),
        "nth": whole(), "every": whole(), "first": whole(),
        "chance": {"type": "number", "minimum": 0, "maximum": 1},
        "times": whole(), "forMs": whole(),
        "fail": object(&[], &said),
        "delayMs": whole(),
        "dribble": object(&["bytes", "everyMs"], &json!({"bytes": whole(), "everyMs": whole()})),
        "shape": {"enum": Shape::ALL},
        "socket": {"enum": SocketFault::ALL},
    });
    let milliseconds = json!({"type": "integer"});
    json!({
        "GenerateToken": {
            "type": "object",
            "required": ["accessKey", "signature", "timestamp"],
            "properties": {"accessKey": text, "signature": text, "timestamp": digits, "periodSecond": digits},
        },
        "GenerateUrl": {
            "type": "object",
            "required": ["returnUrl", "failReturnUrl", "region"],
            "properties": {"returnUrl": text, "failReturnUrl": text, "userId": text, "region": text},
        },
        "GetResult": {"type": "object", "required": ["signatureId"], "properties": {"signatureId": text}},
        "Endpoint": {"enum": Endpoint::ALL.map(Endpoint::name)},
        "Price": {"enum": ["FREE", "PAY"]},
        "Outcome": {"enum": outcomes},
        "ClockMoves": object(&[], &json!({
            "reset": {"type": "boolean"}, "freeze": {"type": "boolean"}, "nowMs": whole(),
            "advanceMs": milliseconds, "speed": {"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000},
        })),
        "Ending": ending(),
        "Stub": object(&["path"], &json!({
            "method": text, "path": {"type": "string", "pattern": "^/[^?#]*$"}, "auth": {"type": "boolean"}, "data": {},
            "code": text, "message": text, "price": named("Price"), "times": whole(),
        })),
        "Faults": object(&[], &json!({
            "busy": object(&["endpoint"], &next), "error": object(&["endpoint"], &next),
            "retryLater": object(&["endpoint"], &next), "fail": object(&["endpoint"], &next),
            "plan": list(&object(&[], &plan)),
            "revokeTokens": {"type": "boolean"}, "disableAccount": text, "enableAccount": text,
            "charging": {"enum": ["documented", "pay-per-result", "pay-per-poll", "omit"]},
            "region": {"enum": ["region-wrong", "parameter-error"]},
            "unfinished": {"enum": ["null-fields", "null-data", "signature-not-exist"]},
            "strict": {"type": "boolean"}, "expiredTimeOffsetMs": milliseconds, "dateOffsetMs": milliseconds,
            "delayMs": whole(),
        })),
    })
}

/// An outcome, perhaps with changes, or data; not both.
fn ending() -> Value {
    let members = json!({
        "outcome": named("Outcome"), "override": {"type": "object"}, "data": {}, "afterMs": whole(),
        "never": {"type": "boolean"}, "again": {"type": "boolean"},
    });
    let mut ending = object(&[], &members);
    ending["oneOf"] = json!([
        {"required": ["outcome"], "properties": {"data": false}},
        {"required": ["data"], "properties": {"outcome": false, "override": false}},
    ]);
    ending
}

fn reply_schemas() -> Value {
    let text = json!({"type": "string"});
    let number = json!({"type": "number"});
    let prices = json!({"FREE": whole(), "PAY": whole(), "UNSTATED": whole()});
    let mut ledger = prices.clone();
    for endpoint in Endpoint::ALL {
        ledger[endpoint.name()] = object(&["FREE", "PAY", "UNSTATED"], &prices);
    }
    let sources = json!({"enum": ["documented", "sibling", "guess"]});
    json!({
        "Token": object(&["token", "expiredTime"], &json!({"token": text, "expiredTime": whole()})),
        "Link": object(
            &["signatureId", "url", "expiredTime"],
            &json!({"signatureId": text, "url": text, "expiredTime": whole()}),
        ),
        // A test may have written it.
        "Result": {"description": "Seven members, documented; anything, if a test said so"},
        "Ok": object(&["ok"], &json!({"ok": {"const": true}})),
        "Error": object(&["error"], &json!({"error": text})),
        "Clock": object(
            &["nowMs", "realMs", "frozen", "speed"],
            &json!({"nowMs": whole(), "realMs": whole(), "frozen": {"type": "boolean"}, "speed": number}),
        ),
        "Fidelity": object(&["behaviour", "source"], &json!({"behaviour": text, "source": sources})),
        "Health": object(
            &["ready", "requests", "verifications", "forgotten", "clock", "strict"],
            &json!({
                "ready": {"type": "boolean"}, "requests": whole(), "verifications": whole(), "clock": whole(),
                "strict": {"type": "boolean"},
                "forgotten": object(&["verifications", "journal"], &json!({"verifications": whole(), "journal": whole()})),
            }),
        ),
        "Entry": object(
            &["n", "at", "underWay", "method", "path", "status"],
            &json!({
                "n": whole(), "at": whole(), "underWay": whole(), "method": text, "path": text, "status": whole(),
                "code": text, "transactionId": text, "pricingStrategy": named("Price"), "userId": text,
                "signatureId": text, "hint": text, "fault": {"enum": SocketFault::ALL}, "leaked": list(&text),
            }),
        ),
        "Exchange": object(&["n", "request", "reply"], &json!({"n": whole(), "request": {}, "reply": {}})),
        "Ledger": object(&["FREE", "PAY", "UNSTATED"], &ledger),
        "Scenario": object(
            &["name", "place", "help", "source", "outcome", "label"],
            &json!({
                "name": text, "place": {"enum": ["userId", "accessKey"]}, "help": text, "source": sources,
                "outcome": nullable("string"), "label": nullable("string"),
            }),
        ),
        "Verification": object(
            &["signatureId", "userId", "state", "outcome", "beganMs", "linkExpiresMs", "polls", "page"],
            &json!({
                "signatureId": text, "userId": nullable("string"), "outcome": nullable("string"),
                "state": {"enum": ["waiting", "checking", "finished", "delivered", "expired"]},
                "beganMs": whole(), "linkExpiresMs": whole(), "polls": whole(), "page": text,
            }),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_described_and_every_reference_leads_somewhere() {
        let description = description("/gateway");
        let paths = description["paths"].as_object().unwrap();
        assert_eq!(paths.len(), Endpoint::ALL.len() + CALLS.len());
        for (name, methods) in CALLS {
            for method in methods.split(", ") {
                assert!(!described(name, method).0.is_empty(), "{method} {name}");
            }
        }
        let text = description.to_string();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(description["components"]["schemas"].get(name).is_some(), "{name}");
        }
    }
}
