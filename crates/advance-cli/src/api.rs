//! The two clients behind one face. A command asks and waits; which client does it is the caller's choice.

use advance_core::BaseUrl;
use advance_core::wire::{IssuedToken, Period};
use advance_core::{
    BatchPolicy, BatchResult, Credentials, Error, GenerateUrl, Response, SignatureId, Verification,
    VerificationLink, WaitPolicy, Waited,
};
use tokio::runtime::{self, Runtime};

use crate::account;
use crate::args::Connection;
use crate::attempts::Attempts;
use crate::out::Out;
use crate::problem::{Problem, Stop};

pub(crate) struct Api {
    base_url: BaseUrl,
    attempts: Attempts,
    client: Either,
}

enum Either {
    Async(Runtime, advance_reqwest::Client),
    Blocking(advance_ureq::Client),
}

impl Api {
    /// The host of the command line or environment, with the keys of the environment.
    pub(crate) fn connect(connection: &Connection, out: &Out) -> Result<Self, Stop> {
        Self::connect_for(connection, Period::default(), out)
    }

    /// The same, asking for tokens of this life.
    pub(crate) fn connect_for(connection: &Connection, period: Period, out: &Out) -> Result<Self, Stop> {
        let base_url = account::base_url(connection.base_url.as_deref())?;
        Self::new(
            base_url,
            account::credentials()?,
            connection.blocking,
            period,
            out,
        )
    }

    pub(crate) fn new(
        base_url: BaseUrl,
        credentials: Credentials,
        blocking: bool,
        period: Period,
        out: &Out,
    ) -> Result<Self, Stop> {
        let config = account::config(base_url.clone())?.period(period);
        let attempts = Attempts::new(out.is_watched());
        let no_client = |cause: &(dyn std::error::Error + 'static)| {
            Stop::from(Problem::local("client", "the HTTP client cannot be set up").caused_by(cause))
        };
        let client = if blocking {
            let client = advance_ureq::client(config, credentials).map_err(|failure| no_client(&failure))?;
            Either::Blocking(client.with_observer(attempts.clone()))
        } else {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| no_client(&error))?;
            let client =
                advance_reqwest::client(config, credentials).map_err(|failure| no_client(&failure))?;
            Either::Async(runtime, client.with_observer(attempts.clone()))
        };
        Ok(Self {
            base_url,
            attempts,
            client,
        })
    }

    /// What was sent so far.
    pub(crate) const fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    pub(crate) fn token(&self) -> Result<Response<IssuedToken>, Stop> {
        self.explained(match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.token()),
            Either::Blocking(client) => client.token(),
        })
    }

    pub(crate) fn generate_url(&self, request: GenerateUrl) -> Result<Response<VerificationLink>, Stop> {
        self.explained(match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.generate_url(request)),
            Either::Blocking(client) => client.generate_url(request),
        })
    }

    pub(crate) fn get_result(&self, id: &SignatureId) -> Result<Response<Verification>, Stop> {
        self.explained(match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.get_result(id)),
            Either::Blocking(client) => client.get_result(id),
        })
    }

    /// Asks again and again until the person has finished.
    pub(crate) fn wait(&self, polling: WaitPolicy) -> Waited {
        match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.wait_for_result(polling)),
            Either::Blocking(client) => client.wait_for_result(polling),
        }
    }

    /// Asks for all of these, several at a time.
    pub(crate) fn get_results(&self, ids: Vec<SignatureId>, policy: BatchPolicy) -> BatchResult {
        match &self.client {
            Either::Async(runtime, client) => runtime.block_on(client.get_results(ids, policy)),
            Either::Blocking(client) => client.get_results(ids, policy),
        }
    }

    /// Says which host it was that failed.
    pub(crate) fn problem(&self, error: Error) -> Problem {
        Problem::from(error).at(self.base_url.as_str())
    }

    fn explained<T>(&self, result: Result<T, Error>) -> Result<T, Stop> {
        result.map_err(|error| self.problem(error).into())
    }
}
