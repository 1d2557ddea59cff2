//! One request, from its head to its reply.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use super::body::{self, Body, NextPiece, Unread};
use super::desk::{Desk, lock, now};
use super::guard::{self, Refused};
use super::line::{Fate, Grip, later};
use super::{Event, Events, cors};
use crate::model::{
    Asked, BrokenOff, Delivery, Entry, MAX_BODY, Peer, Route, SocketFault, UnderWay, entry, shield,
};

/// How often a reader of events hears something although nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The longest that a call without an answer is kept.
const NO_ANSWER: Duration = Duration::from_secs(3600);
const GARBAGE: &[u8] = b"\x16\x03\x01 this is no HTTP \x00\xff\r\n\r\n";

/// What a listener is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Everything, pictures too.
    All,
    /// Everything but pictures.
    Api,
    /// Pictures alone.
    Images,
}

/// A connection, as its requests see it.
pub(super) struct Conversation {
    pub(super) desk: Desk,
    pub(super) grip: Arc<Grip>,
    pub(super) peer: SocketAddr,
    pub(super) local: SocketAddr,
    pub(super) role: Role,
}

/// One of the requests under way, until it is answered or its client has gone.
struct Visit(Arc<AtomicU32>);

impl Visit {
    fn begin(under_way: &Arc<AtomicU32>) -> (Self, UnderWay) {
        let others = under_way.fetch_add(1, Ordering::Relaxed);
        (Self(Arc::clone(under_way)), UnderWay(others + 1))
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Marks a connection as in use, until its reply is made.
struct Busy<'a>(&'a Grip);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.set_busy(false);
    }
}

pub(super) async fn answer(
    talk: Arc<Conversation>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    talk.grip.set_busy(true);
    let _busy = Busy(&talk.grip);
    let (head, body) = request.into_parts();
    let route = Route::of(head.uri.path(), &talk.desk.prefix);
    let controls = route.controls();
    let reader = cors::reader(&talk.desk.policy, &head, controls);
    let preflight = cors::is_preflight(&head);
    let mut response = if preflight && reader.is_some() {
        let mut response = Response::new(Body::whole(Bytes::new()));
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    } else if let Some(refused) = talk.refused(&head, route) {
        refused
    } else if head.method == Method::GET && route == Route::Control("events") {
        talk.events()
    } else {
        talk.ask(head, body, controls).await
    };
    if let Some(reader) = reader {
        cors::allow(response.headers_mut(), reader, preflight);
    }
    shield(response.headers_mut());
    Ok(response)
}

impl Conversation {
    /// The reply to what must not reach the model.
    fn refused(&self, head: &Parts, route: Route<'_>) -> Option<Response<Body>> {
        let is_image = matches!(route, Route::Image(_));
        let elsewhere = match self.role {
            Role::All => false,
            Role::Api => is_image,
            Role::Images => !is_image,
        };
        let (status, text) = if head.method == Method::CONNECT {
            (405, "the sandbox is no proxy")
        } else if elsewhere {
            (
                404,
                "pictures are on an origin of their own, and nothing else is there",
            )
        } else if route.controls() {
            let refused = self.desk.policy.judge(head, self.local.ip()).err()?;
            self.say_refused(head, &refused);
            (refused.status(), refused.text())
        } else {
            return None;
        };
        let mut response = Response::new(Body::whole(json!({"error": text}).to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(http::header::CONTENT_TYPE, json);
        if status == 405 {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(http::header::CONNECTION, close);
        }
        Some(response)
    }

    fn say_refused(&self, head: &Parts, refused: &Refused) {
        if self.desk.feed.is_heard() {
            let request = Request::from_parts(head.clone(), ());
            let mut response = Response::new(());
            *response.status_mut() = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::FORBIDDEN);
            let mut entry = entry(&request, &response, now());
            entry.hint = Some(refused.text().into());
            self.say(entry, Duration::ZERO);
        }
    }

    fn say(&self, entry: Entry, duration: Duration) {
        self.desk.feed.say(Event::Answered {
            entry: Box::new(entry),
            duration,
        });
    }

    /// Asks the model.
    async fn ask(&self, mut head: Parts, body: Incoming, controls: bool) -> Response<Body> {
        let began = Instant::now();
        let (_visit, under_way) = Visit::begin(&self.desk.under_way);
        head.extensions.insert(under_way);
        head.extensions.insert(Peer(self.peer.ip()));
        if let Some(asked) = self.asked(&head) {
            head.extensions.insert(asked);
        }
        let deadline = later(self.desk.limits.read);
        let body = match body::read(body, MAX_BODY, deadline).await {
            Ok(body) => body,
            // The model judges the length alone, so that zeros do for what was not read.
            Err(Unread::TooLarge) => vec![0; MAX_BODY + 1],
            Err(Unread::Broken) => {
                head.extensions.insert(BrokenOff);
                Vec::new()
            }
        };
        let request = Request::from_parts(head, body);
        let (reply, entry) = self.handled(&request, controls);
        let delivery = reply.extensions().get::<Delivery>().copied().unwrap_or_default();
        if !delivery.delay.is_zero() {
            tokio::time::sleep_until(later(delivery.delay)).await;
        }
        if let Some(entry) = entry {
            self.say(entry, began.elapsed());
        }
        if delivery.socket == Some(SocketFault::NoAnswer) {
            tokio::time::sleep(NO_ANSWER).await;
        }
        self.deliver(reply, delivery)
    }

    /// The model's reply, and what there is to say about it.
    fn handled(&self, request: &Request<Vec<u8>>, controls: bool) -> (Response<Vec<u8>>, Option<Entry>) {
        let real = now();
        let mut vendor = lock(&self.desk.vendor);
        let before = vendor.journal().total();
        let reply = vendor.handle(request, real);
        if !self.desk.feed.is_heard() {
            return (reply, None);
        }
        let journal = vendor.journal();
        let newest = journal.entries().next_back().filter(|_| journal.total() > before);
        let said = match newest {
            Some(newest) => Some(newest.clone()),
            // Reading is no news: a dashboard that reads would talk about itself.
            None if controls && request.method() != Method::GET => {
                Some(entry(request, &reply, vendor.clock().at(real)))
            }
            None => None,
        };
        (reply, said)
    }

    /// Puts a reply on its way, or makes it fail as planned.
    fn deliver(&self, reply: Response<Vec<u8>>, delivery: Delivery) -> Response<Body> {
        let (mut head, body) = reply.into_parts();
        let fate = match delivery.socket {
            None | Some(SocketFault::NoAnswer | SocketFault::CutBody) => None,
            Some(SocketFault::ResetBefore | SocketFault::ResetUnanswered) => Some(Fate::Cut {
                after: 0,
                reset: true,
            }),
            // In the middle of the head.
            Some(SocketFault::ResetIn) => Some(Fate::Cut {
                after: 40,
                reset: true,
            }),
            Some(SocketFault::Garbage) => Some(Fate::Garbage(GARBAGE)),
            Some(SocketFault::StaleKeepAlive) => Some(Fate::Stale),
            Some(SocketFault::ResetAfter) => Some(Fate::Over { replied: false }),
        };
        if let Some(fate) = fate {
            self.grip.decide(fate);
        }
        let body = match (delivery.socket, delivery.dribble) {
            (Some(SocketFault::CutBody), _) => Body::cut(body),
            (_, Some((bytes, every))) => Body::drops(body, bytes, every),
            _ => Body::whole(body),
        };
        head.extensions.clear();
        Response::from_parts(head, body)
    }

    /// The address by which the sandbox was asked, if it is one of its own; else the one that it was reached at.
    fn asked(&self, head: &Parts) -> Option<Asked> {
        let links = self.desk.links.as_ref()?;
        let scheme = if links.tls { &Scheme::HTTPS } else { &Scheme::HTTP };
        let known = guard::asked(head).filter(|asked| self.desk.policy.knows_host(asked, self.local.ip()));
        let local;
        let host = if let Some(asked) = known {
            asked
        } else {
            local = self.local.to_string();
            &local
        };
        let prefix = &self.desk.prefix;
        let page = format!("{scheme}://{host}{prefix}");
        let images = match links.images_port {
            None => page.clone(),
            Some(port) => {
                let name = host
                    .rsplit_once(':')
                    .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
                let name = name.map_or(host, |(name, _)| name);
                format!("{scheme}://{name}:{port}")
            }
        };
        Some(Asked { page, images })
    }

    /// Events as they come, in the format of server-sent events.
    fn events(&self) -> Response<Body> {
        let events = Arc::new(tokio::sync::Mutex::new(self.desk.feed.listen()));
        let ending = self.desk.ending.clone();
        let make = move || -> NextPiece {
            let (events, mut ending) = (Arc::clone(&events), ending.clone());
            Box::pin(async move {
                let mut events = events.lock().await;
                tokio::select! {
                    piece = next_piece(&mut events) => piece,
                    _ = ending.wait_for(|wish| *wish != super::Wish::Serve) => None,
                }
            })
        };
        let mut response = Response::new(Body::stream(make));
        let kind = HeaderValue::from_static("text/event-stream");
        response.headers_mut().insert(http::header::CONTENT_TYPE, kind);
        response
    }
}

async fn next_piece(events: &mut Events) -> Option<Bytes> {
    match tokio::time::timeout(HEARTBEAT, events.next()).await {
        Err(_) => Some(Bytes::from_static(b":\n\n")),
        Ok(event) => {
            let json = serde_json::to_string(&*event?).ok()?;
            Some(format!("data: {json}\n\n").into())
        }
    }
}
