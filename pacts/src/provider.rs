//! Runs the service that is verified: the real one, in this process, over a store that the provider states can fill and
//! make unavailable.

use crate::states::{self, StateValues};
use async_trait::async_trait;
use pact_models::provider_states::ProviderState;
use pact_verifier::{ProviderInfo, ProviderTransport, callback_executors::ProviderStateExecutor};
use payments::{
    payments::Repo,
    repo::{Backend, OpenError, Sqlite, SqliteOptions},
};
use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use test_support::{Fault, Faulty, Plan, Service};

/// A running service and its store.
pub struct Provider<R> {
    service: Service,
    store: Faulty<R>,
    /// Why states could not be entered, by their names.
    state_errors: Mutex<HashMap<String, String>>,
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
        crate::install_crypto_provider();
        let store = Faulty::new(repo, Plan::of_every_call(Fault::Fails));
        let service = Service::over(store.clone(), test_support::settings::<&str>([])).await;
        Arc::new(Self { service, store, state_errors: Mutex::default() })
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

    /// Why `state` could not be entered. The verifier swallows the text of that error, so it is kept here.
    #[must_use]
    pub fn state_error(&self, state: &str) -> Option<String> {
        self.state_errors.lock().unwrap_or_else(PoisonError::into_inner).get(state).cloned()
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
        let entered = states::enter(&self.store, &self.service.url, &state.name).await;
        let mut errors = self.state_errors.lock().unwrap_or_else(PoisonError::into_inner);
        match &entered {
            Ok(_) => errors.remove(&state.name),
            Err(error) => errors.insert(state.name.clone(), error.to_string()),
        };
        Ok(entered?)
    }

    /// No teardown: every state begins by emptying the store.
    fn teardown(&self) -> bool {
        false
    }
}

impl<R> fmt::Debug for Provider<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("service", &self.service).finish_non_exhaustive()
    }
}
