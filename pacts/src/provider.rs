//! The service as it is verified: the real one, in this process, over a store that the states can fill and take away.

use crate::{states, store::Store};
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
use serde_json::Value;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// What a state tells the interactions that it is for, such as a cursor.
pub type Values = HashMap<String, Value>;

/// Why there is no service to verify.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The environment has settings that the service refuses.
    #[error("{0}")]
    Settings(#[from] clap::Error),
    /// The service does not start.
    #[error(transparent)]
    App(#[from] AppError),
}

/// A running service.
pub struct Provider<R> {
    app: App,
    store: Store<R>,
    failed: Mutex<HashMap<String, String>>,
}

impl Provider<Sqlite> {
    /// A service over SQLite in memory.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn over_sqlite() -> Result<Arc<Self>, StartError> {
        Self::start(Sqlite::open(SqliteOptions::default()).await?).await
    }
}

impl Provider<Postgres> {
    /// A service over the PostgreSQL database at `url`.
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
    /// A service over `repo`, with the settings that it has by itself, on any port that is free. It runs as long as the
    /// runtime does.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(repo: R) -> Result<Arc<Self>, StartError> {
        crate::ready();
        let Command::Serve(settings) =
            Config::try_parse_from(["payments", "serve", "--listen", "127.0.0.1:0"])?.command
        else {
            unreachable!("the command is serve")
        };
        let store = Store::new(repo);
        let app = App::start_over(settings, store.clone()).await?;
        Ok(Arc::new(Self { app, store, failed: Mutex::default() }))
    }
}

impl<R: Repo> Provider<R> {
    /// The store behind the service.
    #[must_use]
    pub fn store(&self) -> &Store<R> {
        &self.store
    }

    /// Where the service listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.app.address())
    }

    /// The same, as the verifier wants it.
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

    /// Why a state could not be entered. The verifier only says that it could not.
    #[must_use]
    pub fn failure(&self, state: &str) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).get(state).cloned()
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
    ) -> Result<Values, anyhow::Error> {
        let entered = states::enter(&self, &state.name).await;
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match &entered {
            Ok(_) => failed.remove(&state.name),
            Err(error) => failed.insert(state.name.clone(), error.to_string()),
        };
        Ok(entered?)
    }

    /// Every state begins with an empty store, so none is left.
    fn teardown(&self) -> bool {
        false
    }
}

impl<R> fmt::Debug for Provider<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("app", &self.app).finish_non_exhaustive()
    }
}
