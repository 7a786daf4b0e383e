//! The one place that knows both sides: it opens the store, binds the sockets, serves, and stops cleanly.

mod error;
mod identity;
mod limits;
mod listen;
mod running;
mod stores;

use crate::{
    config::{AuthSettings, Serve, StoreSettings},
    http::Sources,
    repo::{Backend, BackupError, EraseError, Erased, Erasure, MoveError, MoveReport, OpenError},
};
pub use error::StartError;
use listen::BoundSockets;
pub use running::App;
use std::path::Path;

impl App {
    /// Starts the service; it answers when this returns, and nobody can connect before. A start that is dropped leaves nothing
    /// behind.
    ///
    /// # Errors
    /// [`StartError`] says what to change.
    pub async fn start(config: Serve) -> Result<Self, StartError> {
        Self::start_by(config, Sources::default()).await
    }

    /// Starts the service by other sources of time and ids than those of this machine.
    ///
    /// # Errors
    /// [`StartError`] says what to change.
    pub async fn start_by(config: Serve, sources: Sources) -> Result<Self, StartError> {
        // Before the sockets and the store, so that a wrong setting is what the error is about.
        let store = stores::named_by(&config.store)?;
        let bound = BoundSockets::bind(&config).await?;
        announce(&config, &store.to_string());
        let identity = identity::start(&config).await?;
        store.serve(bound, identity, sources, config).await
    }

    /// Starts the service over a store that is open already, such as one that a test has wrapped; ignores `config.store`.
    ///
    /// # Errors
    /// [`StartError::Listen`].
    pub async fn start_over<R: Backend>(config: Serve, repo: R) -> Result<Self, StartError> {
        let identity = identity::start(&config).await?;
        Self::serve(BoundSockets::bind(&config).await?.listen()?, repo, identity, Sources::default(), config)
    }
}

/// Logs the settings that the service starts with.
fn announce(config: &Serve, location: &str) {
    let Serve {
        admin,
        api_version,
        auth,
        compress,
        cors,
        cors_headers,
        drain,
        events_keep,
        external_url,
        idle_timeout,
        limit,
        listen,
        max_body,
        max_client_connections,
        max_connections,
        max_results,
        max_streams,
        memory_budget,
        metrics,
        operator_listen,
        profiling,
        start_timeout,
        store,
        timeout,
        trusted_proxies,
    } = config;
    let AuthSettings { auth_issuer, auth_audience, auth_jwks, auth_organisation_claim, auth_scope_claims } = auth;
    tracing::info!(
        admin,
        api_version,
        auth_audience = ?auth_audience,
        auth_issuer,
        auth_jwks = auth_jwks.as_ref().map(|file| file.display().to_string()),
        auth_organisation_claim,
        auth_scope_claims = ?auth_scope_claims,
        compress,
        cors = cors.as_ref().map(ToString::to_string),
        cors_headers = ?cors_headers,
        drain_s = drain.as_secs(),
        events_keep_s = events_keep.map(|keep| keep.as_secs()),
        idle_timeout_s = idle_timeout.map(|limit| limit.as_secs()),
        external_url,
        limit = limit.as_ref().map(ToString::to_string),
        listen = %listen,
        max_body,
        max_client_connections,
        max_connections,
        max_results,
        max_streams,
        memory_budget,
        metrics,
        operator_listen = operator_listen.as_ref().map(ToString::to_string),
        profiling,
        start_timeout_s = start_timeout.as_secs(),
        store = location,
        table = store.repo_schema_payments.as_str(),
        timeout_s = timeout.as_secs(),
        trusted_proxies = ?trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "settings"
    );
}

/// The store that the settings name, as the log names it: without a password.
///
/// # Errors
/// [`StartError::Config`] when they contradict each other.
pub fn name_of(store: &StoreSettings) -> Result<String, StartError> {
    stores::named_by(store).map(|store| store.to_string())
}

/// Brings the schema of a store up to date.
///
/// # Errors
/// [`StartError`] says what to change.
pub async fn migrate(store: &StoreSettings) -> Result<(), StartError> {
    match stores::named_by(store)?.migrate().await {
        // The settings name no file: a wrong command line, not a store that failed.
        Err(StartError::Store(error @ OpenError::NothingToMigrate)) => Err(StartError::Config(error.to_string())),
        outcome => outcome,
    }
}

/// Moves the anonymous payments of a store to the tenants that their organisations are. Calls `progress` every few seconds.
///
/// # Errors
/// [`StartError`] says what to change.
pub async fn move_to_tenants(store: &StoreSettings, progress: fn(&MoveReport)) -> Result<MoveReport, StartError> {
    match stores::named_by(store)?.move_to_tenants(progress).await {
        // The settings name no file: a wrong command line, not a store that failed.
        Err(StartError::Move(MoveError::Open(error @ OpenError::NothingToMigrate))) => {
            Err(StartError::Config(error.to_string()))
        }
        outcome => outcome,
    }
}

/// Erases a payment in all its versions.
///
/// # Errors
/// [`StartError`] says what to change.
pub async fn erase(store: &StoreSettings, erasure: Erasure) -> Result<Erased, StartError> {
    match stores::named_by(store)?.erase(erasure).await {
        // The settings name no file: a wrong command line, not a store that failed.
        Err(StartError::Erase(EraseError::Open(error @ OpenError::NothingToMigrate))) => {
            Err(StartError::Config(error.to_string()))
        }
        outcome => outcome,
    }
}

/// Copies a store, which may be in use, into the file `to`. Returns how many payments the copy has.
///
/// # Errors
/// [`StartError`] says what to change.
pub async fn back_up(store: &StoreSettings, to: &Path) -> Result<u64, StartError> {
    match stores::named_by(store)?.back_up(to).await {
        // The settings name nothing that can be copied: a wrong command line, not a copy that failed.
        Err(StartError::Backup(error @ (BackupError::NothingToBackUp | BackupError::OtherTool { .. }))) => {
            Err(StartError::Config(error.to_string()))
        }
        outcome => outcome,
    }
}
