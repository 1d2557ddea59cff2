//! A sandbox, both clients over real sockets, and what the sandbox's books say.

// Each suite uses a part of it.
#![allow(dead_code)]

use std::time::Duration;

use advance_core::session::{BatchResult, Waited};
use advance_core::{
    BaseUrl, BatchPolicy, Charges, Config, Credentials, Endpoint, Error, GenerateUrl, Region, Response,
    RetryPolicy, ReturnUrl, SignatureId, UserId, Verification, VerificationLink, WaitControl, WaitPolicy,
};
use advance_sandbox::model::{Account, Behaviour, Endpoint as Call};
use advance_sandbox::{Sandbox, VendorConfig};
use tokio::runtime::Runtime;

pub(crate) const ACCESS_KEY: &str = "7c1f9ab04e6d2835";
pub(crate) const SECRET_KEY: &str = "e93b57d10af8c264";

/// A sandbox with one account and these habits.
pub(crate) fn sandbox(habits: impl FnOnce(&mut Behaviour)) -> Sandbox {
    let mut config = VendorConfig::default();
    config.accounts = vec![Account::new(ACCESS_KEY, SECRET_KEY)];
    habits(&mut config.behaviour);
    Sandbox::builder().config(config).start_blocking().unwrap()
}

/// Impatient, so that what is retried is retried soon.
pub(crate) fn config(sandbox: &Sandbox) -> Config {
    let soon = RetryPolicy::new().backoff(Duration::from_millis(5), Duration::from_millis(20));
    Config::new()
        .base_url(BaseUrl::with_loopback(sandbox.base_url()).unwrap())
        .retry(soon)
}

pub(crate) fn credentials() -> Credentials {
    Credentials::new(ACCESS_KEY, SECRET_KEY).unwrap()
}

/// Asks for a link of the person who is scripted under this name.
pub(crate) fn link_for(user: &str) -> GenerateUrl {
    let page = ReturnUrl::new("https://shop.example/").unwrap();
    GenerateUrl::new(page.clone(), page, Region::IDN).user_id(UserId::new(user).unwrap())
}

/// What the sandbox charged in all.
pub(crate) fn ledger(sandbox: &Sandbox) -> Charges {
    let prices = sandbox.with_vendor(|vendor| vendor.ledger().total());
    Charges {
        free: prices.free,
        pay: prices.pay,
        unknown: prices.unstated,
    }
}

/// How often each id was asked for, and what else the journal knows of it.
pub(crate) fn polls(sandbox: &Sandbox) -> usize {
    sandbox.with_vendor(|vendor| {
        let entries = vendor.journal().entries();
        entries
            .filter(|entry| entry.path == Call::GetResult.path())
            .count()
    })
}

/// Which of the two clients.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Async,
    Blocking,
}

pub(crate) const BOTH: [Kind; 2] = [Kind::Async, Kind::Blocking];

/// A client of either kind; the async one with a runtime to run it on.
pub(crate) enum Api {
    Async(Runtime, advance_reqwest::Client),
    Blocking(advance_ureq::Client),
}

impl Api {
    pub(crate) fn new(kind: Kind, config: Config) -> Self {
        match kind {
            Kind::Async => {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .enable_all()
                    .build()
                    .unwrap();
                Self::Async(runtime, advance_reqwest::client(config, credentials()).unwrap())
            }
            Kind::Blocking => Self::Blocking(advance_ureq::client(config, credentials()).unwrap()),
        }
    }

    pub(crate) fn of(kind: Kind, sandbox: &Sandbox) -> Self {
        Self::new(kind, config(sandbox))
    }

    pub(crate) fn link(&self, user: &str) -> VerificationLink {
        let request = link_for(user);
        match self {
            Self::Async(runtime, client) => runtime.block_on(client.generate_url(request)),
            Self::Blocking(client) => client.generate_url(request),
        }
        .unwrap()
        .into_data()
    }

    pub(crate) fn call<E: Endpoint + Send>(&self, endpoint: E) -> Result<Response<E::Output>, Error> {
        match self {
            Self::Async(runtime, client) => runtime.block_on(client.call(endpoint)),
            Self::Blocking(client) => client.call(endpoint),
        }
    }

    pub(crate) fn get_result(&self, id: &SignatureId) -> Result<Response<Verification>, Error> {
        match self {
            Self::Async(runtime, client) => runtime.block_on(client.get_result(id)),
            Self::Blocking(client) => client.get_result(id),
        }
    }

    pub(crate) fn wait(&self, polling: WaitPolicy) -> Waited {
        match self {
            Self::Async(runtime, client) => runtime.block_on(client.wait_for_result(polling)),
            Self::Blocking(client) => client.wait_for_result(polling),
        }
    }

    pub(crate) fn wait_with(&self, control: &WaitControl, polling: WaitPolicy) -> Waited {
        match self {
            Self::Async(runtime, client) => runtime.block_on(client.wait_for_result_with(control, polling)),
            Self::Blocking(client) => client.wait_for_result_with(control, polling),
        }
    }

    pub(crate) fn get_results(&self, ids: Vec<SignatureId>, policy: BatchPolicy) -> BatchResult {
        match self {
            Self::Async(runtime, client) => runtime.block_on(client.get_results(ids, policy)),
            Self::Blocking(client) => client.get_results(ids, policy),
        }
    }

    pub(crate) fn charges(&self) -> Charges {
        match self {
            Self::Async(_, client) => client.charges(),
            Self::Blocking(client) => client.charges(),
        }
    }

    pub(crate) fn observed(self, observer: impl advance_core::Observer + 'static) -> Self {
        match self {
            Self::Async(runtime, client) => Self::Async(runtime, client.with_observer(observer)),
            Self::Blocking(client) => Self::Blocking(client.with_observer(observer)),
        }
    }
}
