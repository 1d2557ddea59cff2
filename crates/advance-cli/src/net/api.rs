//! The two clients behind one face. A command asks and waits; which client does it is the caller's choice.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use advance_core::domain::Picture;
use advance_core::session::Waited;
use advance_core::url::{DownloadPolicy, InsecureHost};
use advance_core::wire::IssuedToken;
use advance_core::{
    Advice, AsyncClient, BaseUrl, Client, Credentials, Error, GenerateUrl, ImageLink, Period, Response,
    SignatureId, Verification, VerificationLink, WaitControl, WaitPolicy,
};
use advance_reqwest::ReqwestTransport;
use advance_ureq::UreqTransport;
use tokio::runtime::{self, Runtime};

use super::attempts::Attempts;
use super::clock::{BEYOND_REPAIR, Clock, Offset};
use super::proxy::is_loopback;
use super::told::{Teller, Told};
use super::transport::Wiring;
use crate::connection::Connection;
use crate::interrupt::Interrupt;
use crate::out::Out;
use crate::problem::Problem;
use crate::service::intake::Maker;
use crate::settings;
use crate::stop::Stop;

pub(crate) struct Api {
    pub(super) base_url: BaseUrl,
    insecure_host: Option<InsecureHost>,
    attempts: Attempts,
    interrupt: Interrupt,
    clock: Clock,
    wiring: Wiring,
    pub(super) client: Either,
}

pub(super) enum Either {
    Async(Runtime, AsyncClient<Told<ReqwestTransport>>),
    Blocking(Client<Told<UreqTransport>>),
}

/// What a client is made of.
pub(crate) struct Parts {
    pub(crate) base_url: BaseUrl,
    /// Whence pictures may come over plain http.
    pub(crate) insecure_host: Option<InsecureHost>,
    pub(crate) credentials: Credentials,
    pub(crate) wiring: Wiring,
    pub(crate) period: Period,
    pub(crate) blocking: bool,
    pub(crate) curl: bool,
    /// Whether single replies are kept, and not only counted.
    pub(crate) kept: bool,
}

impl Parts {
    /// The host and keys of the settings.
    pub(crate) fn of(connection: &Connection) -> Result<Self, Stop> {
        let settings = connection.settings()?;
        let (base_url, _) = settings.base_url()?;
        Ok(Self {
            credentials: settings.credentials()?,
            wiring: Wiring::of(&settings, &base_url)?,
            base_url,
            insecure_host: settings.insecure_host()?,
            period: Period::default(),
            blocking: connection.blocking,
            curl: connection.curl,
            kept: false,
        })
    }
}

impl Api {
    /// The host and keys of the settings.
    pub(crate) fn connect(connection: &Connection, out: &Out) -> Result<Self, Stop> {
        Self::new(Parts::of(connection)?, out)
    }

    pub(crate) fn new(parts: Parts, out: &Out) -> Result<Self, Stop> {
        let config = settings::config(parts.base_url.clone())?.period(parts.period);
        let attempts = Attempts::new(out, parts.kept);
        let clock = Clock::default();
        let teller = Teller {
            out: out.clone(),
            verbose: out.is_verbose(),
            curl: parts.curl,
            clock: clock.clone(),
        };
        // Its keys differ each time. They spread retries; no secret depends on them.
        let seed = RandomState::new().hash_one(());
        let client = if parts.blocking {
            let transport = Told::new(parts.wiring.ureq()?, teller);
            let client = Client::new(transport, config, parts.credentials, seed);
            Either::Blocking(client.with_observer(attempts.clone()))
        } else {
            // A thread of its own drives connections, so that they go on for the intake while this one does something else.
            let runtime = runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build();
            let runtime = runtime.map_err(|error| {
                Problem::local("client", "the HTTP client cannot be set up").caused_by(&error)
            })?;
            let transport = Told::new(parts.wiring.reqwest()?, teller);
            let client = AsyncClient::new(transport, config, parts.credentials, seed);
            Either::Async(runtime, client.with_observer(attempts.clone()))
        };
        let counted = attempts.clone();
        let interrupt = Interrupt::listen(out, move || {
            let (sent, charges) = counted.totals();
            Problem::interrupted("interrupted").after(sent, charges).into()
        });
        Ok(Self {
            base_url: parts.base_url,
            insecure_host: parts.insecure_host,
            attempts,
            interrupt,
            clock,
            wiring: parts.wiring,
            client,
        })
    }

    /// What was sent so far.
    pub(crate) const fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    /// How its hosts are reached.
    pub(crate) const fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    pub(crate) const fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// Where pictures may come from: the vendor's hosts, the host of the API if it is a sandbox, and these.
    pub(crate) fn pictures(&self, hosts: &[String]) -> Result<DownloadPolicy, Error> {
        let mut policy = DownloadPolicy::new();
        if self.base_url.as_str().starts_with("http://") || is_loopback(self.base_url.host()) {
            policy = policy.host(self.base_url.host())?;
        }
        if let Some(host) = &self.insecure_host {
            policy = policy.insecure_host(host.clone());
        }
        hosts.iter().try_fold(policy, |policy, host| policy.host(host))
    }

    /// What becomes of Ctrl-C.
    pub(crate) const fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// How far this machine's clock is off, by the last reply.
    pub(crate) fn clock(&self) -> Option<Offset> {
        self.clock.get()
    }

    pub(crate) fn ask_token(&self) -> Result<Response<IssuedToken>, Error> {
        match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.token()),
            Either::Blocking(client) => client.token(),
        }
    }

    pub(crate) fn ask_url(&self, request: GenerateUrl) -> Result<Response<VerificationLink>, Error> {
        match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.generate_url(request)),
            Either::Blocking(client) => client.generate_url(request),
        }
    }

    /// Asks for links from other threads, also while this one is busy.
    pub(crate) fn maker(&self) -> Maker {
        match &self.client {
            Either::Async(runtime, client) => {
                let (runtime, client) = (runtime.handle().clone(), client.clone());
                Arc::new(move |request| runtime.block_on(client.generate_url(request)))
            }
            Either::Blocking(client) => {
                let client = client.clone();
                Arc::new(move |request| client.generate_url(request))
            }
        }
    }

    pub(crate) fn token(&self) -> Result<Response<IssuedToken>, Stop> {
        self.explained(self.ask_token())
    }

    pub(crate) fn generate_url(&self, request: GenerateUrl) -> Result<Response<VerificationLink>, Stop> {
        self.explained(self.ask_url(request))
    }

    pub(crate) fn get_result(&self, id: &SignatureId) -> Result<Response<Verification>, Stop> {
        self.explained(match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.get_result(id)),
            Either::Blocking(client) => client.get_result(id),
        })
    }

    pub(crate) fn download(&self, link: &ImageLink, policy: &DownloadPolicy) -> Result<Picture, Error> {
        match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.download_with(link, policy)),
            Either::Blocking(client) => client.download_with(link, policy),
        }
    }

    /// Asks again and again until the person has finished, or the command is interrupted.
    pub(crate) fn wait(&self, policy: WaitPolicy) -> Waited {
        let control = WaitControl::new();
        self.interrupt.cancels(control.clone());
        match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.wait_for_result_with(&control, policy)),
            Either::Blocking(client) => client.wait_for_result_with(&control, policy),
        }
    }

    /// Says which host it was that failed, and by how much the clocks differ if that is the reason.
    pub(crate) fn problem(&self, error: Error) -> Problem {
        let is_clock = error.advice() == Advice::CheckCredentials
            && error
                .message()
                .is_some_and(|said| said.to_ascii_lowercase().contains("timestamp"));
        let offset = self
            .clock()
            .filter(|offset| is_clock && offset.is_beyond_repair());
        let problem = Problem::from(error).at(self.base_url.as_str());
        match offset {
            Some(offset) => problem
                .hint(format!("this machine's clock is {offset}, and what is more than a day is not worked around: {BEYOND_REPAIR}")),
            None => problem,
        }
    }

    fn explained<T>(&self, result: Result<T, Error>) -> Result<T, Stop> {
        result.map_err(|error| self.problem(error).into())
    }
}
