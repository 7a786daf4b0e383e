//! Runs the service that is verified: the real one, in this process, over a store that the provider states can fill and
//! make unavailable.

use crate::{
    states::{self, StateValues},
    store::Store,
};
use async_trait::async_trait;
use clap::Parser;
use pact_models::provider_states::ProviderState;
use pact_verifier::{ProviderInfo, ProviderTransport, callback_executors::ProviderStateExecutor};
use payments::{
    app::{App, Backend, StartError as AppError},
    config::{Command, Config},
    payments::Repo,
    repo::{OpenError, Postgres, PostgresOptions, Sqlite, SqliteOptions, TableName},
};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Why the provider does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// An environment variable holds a setting that the service refuses.
    #[error("{0}")]
    Settings(#[from] clap::Error),
    /// The service does not start.
    #[error(transparent)]
    App(#[from] AppError),
}

/// A running service and its store.
pub struct Provider<R> {
    app: App,
    store: Store<R>,
    /// Why states could not be entered, by their names.
    state_errors: Mutex<HashMap<String, String>>,
}

impl Provider<Sqlite> {
    /// Starts a service over SQLite in memory.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn over_sqlite() -> Result<Arc<Self>, StartError> {
        Self::start(Sqlite::open(SqliteOptions::default()).await?).await
    }
}

impl Provider<Postgres> {
    /// Starts a service over the PostgreSQL database at `url`.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn over_postgres(url: String) -> Result<Arc<Self>, StartError> {
        let max_connections = PostgresOptions::MAX_CONNECTIONS;
        let options = PostgresOptions { url, table: TableName::default(), migrations: None, max_connections };
        Self::start(Postgres::connect(options).await?).await
    }
}

impl<R: Backend> Provider<R> {
    /// Starts a service over `repo`, with default settings, on a free port. It runs as long as the runtime does.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(repo: R) -> Result<Arc<Self>, StartError> {
        crate::install_crypto_provider();
        let Command::Serve(settings) =
            Config::try_parse_from(["payments", "serve", "--listen", "127.0.0.1:0"])?.command
        else {
            unreachable!("the command is serve")
        };
        let store = Store::new(repo);
        let app = App::start_over(settings, store.clone()).await?;
        Ok(Arc::new(Self { app, store, state_errors: Mutex::default() }))
    }
}

impl<R> Provider<R> {
    /// The address of the service.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.app.address())
    }

    /// The address of the service, as the verifier takes it.
    #[must_use]
    pub fn info(&self) -> ProviderInfo {
        let transport = ProviderTransport {
            transport: "http".to_owned(),
            port: Some(self.app.address().port()),
            path: None,
            scheme: None,
        };
        ProviderInfo {
            name: crate::PROVIDER.to_owned(),
            host: self.app.address().ip().to_string(),
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
        let entered = states::enter(&self.store, &self.url(), &state.name).await;
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
        f.debug_struct("Provider").field("app", &self.app).finish_non_exhaustive()
    }
}
