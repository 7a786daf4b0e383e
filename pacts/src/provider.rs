//! Runs the service that is verified: the real one, in this process, over a store that the provider states can fill and
//! make unavailable.

use crate::states::{StateError, StateValues, States};
use async_trait::async_trait;
use bytes::Bytes;
use either::Either;
use pact_models::{
    bodies::OptionalBody, http_parts::HttpPart, pact::Pact, provider_states::ProviderState, v4::http_parts::HttpRequest,
};
use pact_verifier::{
    ProviderInfo, ProviderTransport,
    callback_executors::{ProviderStateExecutor, RequestFilterExecutor},
};
use payments::{
    payments::{Repo, Tenant},
    repo::{Backend, OpenError, Sqlite, SqliteOptions},
};
use payments_client::{Client, TokenSource};
use serde_json::Value;
use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use test_support::{Fault, Faulty, Plan, Service, tokens};

/// The organisation that the payments of all pacts belong to.
const ORGANISATION: &str = "harbour-lane-bakery";

/// A running service and its store.
pub struct Provider<R> {
    service: Service,
    states: States<R>,
    /// What requests carry, if the service asks for it.
    token: Option<String>,
    progress: Mutex<Progress>,
}

/// Where the verification of a pact has come to. The verifier enters the states of all interactions one by one, and does not
/// say where an interaction begins.
#[derive(Debug, Default)]
struct Progress {
    /// How often the verifier enters a state for each interaction.
    states: Vec<usize>,
    /// How many states it has entered for each interaction so far, up to the current one; and why some could not be.
    entered: Vec<(usize, Vec<String>)>,
}

impl Progress {
    /// Of a pact. For an interaction without a state the verifier enters the state `""`.
    fn of(pact: &dyn Pact) -> Self {
        let states = pact.interactions().iter().map(|interaction| interaction.provider_states().len().max(1)).collect();
        Self { states, entered: Vec::new() }
    }

    /// Counts a state. Returns whether it is the first of its interaction.
    fn count_state(&mut self) -> bool {
        let expected = self.entered.len().checked_sub(1).and_then(|current| self.states.get(current));
        match (self.entered.last_mut(), expected) {
            (Some((count, _)), Some(expected)) if *count < *expected => {
                *count += 1;
                false
            }
            _ => {
                self.entered.push((1, Vec::new()));
                true
            }
        }
    }
}

impl Provider<Sqlite> {
    /// Starts a service over SQLite in memory.
    ///
    /// # Errors
    /// [`OpenError`] if the store cannot be opened.
    pub async fn over_sqlite() -> Result<Arc<Self>, OpenError> {
        Ok(Self::start(Sqlite::open(SqliteOptions::default()).await?).await)
    }
}

impl<R: Backend> Provider<R> {
    /// Starts a service over `repo`, with default settings, on a free port. It runs as long as the runtime does.
    ///
    /// # Panics
    /// When an environment variable holds a setting that the service refuses, or the service cannot listen.
    pub async fn start(repo: R) -> Arc<Self> {
        Self::start_with(repo, &[], None).await
    }

    /// Starts a service that asks for tokens. Consumers do not say in their pacts who they are: each request is sent with a
    /// token for the organisation of all payments in them.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub async fn start_with_identity(repo: R) -> Arc<Self> {
        Self::start_with(repo, &tokens::flags(), Some(ORGANISATION)).await
    }

    #[expect(clippy::expect_used, reason = "the address and the token are good ones")]
    async fn start_with(repo: R, flags: &[String], organisation: Option<&str>) -> Arc<Self> {
        crate::install_crypto_provider();
        let store = Faulty::new(repo, Plan::of_every_call(Fault::Fails));
        let service = Service::over(store.clone(), test_support::settings(flags)).await;
        let token = organisation.map(|organisation| tokens::token(organisation, "payments:read payments:write"));
        let tenant = Tenant::stored(organisation.unwrap_or_default()).expect("the name of an organisation");
        let mut client = Client::builder(&service.url);
        if let Some(token) = &token {
            client = client.tokens(TokenSource::fixed(token).expect("a token"));
        }
        let client = client.build().expect("the address of a service");
        let states = States::new(store, client, tenant);
        Arc::new(Self { service, states, token, progress: Mutex::default() })
    }
}

impl<R> Provider<R> {
    /// The address of the service, as the verifier takes it.
    #[must_use]
    ///
    /// # Panics
    /// Never: the service listens at an IP address.
    #[expect(clippy::expect_used, reason = "`127.0.0.1:0` resolves to an address")]
    pub fn info(&self) -> ProviderInfo {
        let address: SocketAddr = self.service.address().parse().expect("an IP address and a port");
        let transport =
            ProviderTransport { transport: "http".to_owned(), port: Some(address.port()), path: None, scheme: None };
        ProviderInfo {
            name: crate::PROVIDER.to_owned(),
            host: address.ip().to_string(),
            transports: vec![transport],
            ..ProviderInfo::default()
        }
    }

    /// Gives each request the token that the service asks for.
    pub(crate) fn request_filter(&self) -> Arc<AddToken> {
        Arc::new(AddToken(self.token.clone()))
    }

    /// Begins with a pact. Pacts are verified one by one, for they share the store.
    pub(crate) fn begin(&self, pact: &dyn Pact) {
        *self.progress() = Progress::of(pact);
    }

    /// Why states of the interaction at this place in the pact could not be entered. The verifier swallows the texts of these
    /// errors, so they are kept here.
    #[must_use]
    pub fn state_errors(&self, interaction: usize) -> Vec<String> {
        self.progress().entered.get(interaction).map(|(_, errors)| errors.clone()).unwrap_or_default()
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Repo> Provider<R> {
    async fn enter(&self, state: &ProviderState, is_first: bool) -> Result<StateValues, StateError> {
        if is_first {
            self.states.reset().await?;
        }
        self.states.enter(&state.name, &state.params).await
    }
}

#[async_trait]
impl<R: Repo> ProviderStateExecutor for Provider<R> {
    async fn call(
        self: Arc<Self>,
        _interaction: Option<String>,
        state: &ProviderState,
        _setup: bool,
        _client: Option<&reqwest::Client>,
    ) -> Result<StateValues, anyhow::Error> {
        let is_first = self.progress().count_state();
        let entered = self.enter(state, is_first).await;
        if let (Err(error), Some((_, errors))) = (&entered, self.progress().entered.last_mut()) {
            errors.push(error.to_string());
        }
        Ok(entered?)
    }

    /// No teardown: the first state of every interaction begins by emptying the store.
    fn teardown(&self) -> bool {
        false
    }
}

/// Adds a token to the requests of pacts, if there is one.
#[derive(Debug)]
pub(crate) struct AddToken(Option<String>);

impl RequestFilterExecutor for AddToken {
    fn call(self: Arc<Self>, request: &HttpRequest) -> HttpRequest {
        let mut request = request.clone();
        if let Some(token) = &self.0 {
            request.add_header("authorization", vec![&format!("Bearer {token}")]);
        }
        request
    }

    fn call_non_http(
        &self,
        body: &OptionalBody,
        metadata: &HashMap<String, Either<Value, Bytes>>,
    ) -> (OptionalBody, HashMap<String, Either<Value, Bytes>>) {
        (body.clone(), metadata.clone())
    }
}

impl<R> fmt::Debug for Provider<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("service", &self.service).finish_non_exhaustive()
    }
}
