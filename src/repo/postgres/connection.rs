//! The first sessions of a start: they find out what the server can do, and what is between it and the service.

use super::address::{Address, is_local, name};
use super::session::{Servers, Session, Setup};
use crate::repo::OpenError;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{Executor, Row as _};
use std::time::Duration;
use tokio::time::Instant;

/// How long a start waits for the server, which may be starting too.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the address, and warns of what it says in vain.
pub(super) fn address(url: &str) -> Result<Address, OpenError> {
    let address = Address::parse(url).map_err(OpenError::Url)?;
    for parameter in &address.ignored {
        tracing::warn!(parameter, "--repo-uri has a parameter that changes nothing here: remove it");
    }
    Ok(address)
}

/// Opens a session for what is done once, such as migrations: its statements may take as long as they take.
///
/// # Errors
/// [`OpenError::Connect`], and [`OpenError::Pooler`] if a pooler shares sessions among connections.
pub(super) async fn first(address: &Address) -> Result<Session, OpenError> {
    let deadline = Instant::now() + CONNECT_TIMEOUT;
    let servers = Servers::new(address.servers.clone(), Setup::none());
    let open = || async { servers.open_once(deadline).await.map_err(|error| refuse(address, error)) };
    let (mut first, second) = (open().await?, open().await?);
    // Two connections that are both open have a process each at the server, and keep it.
    let pid = backend_pid(&mut first.connection).await.map_err(|error| refuse(address, error))?;
    if first.backend == second.backend || first.backend.pid != pid {
        return Err(OpenError::Pooler { server: address.to_string() });
    }
    second.close().await;
    if let Some(server) = address.servers.iter().find(|server| is_exposed(server))
        && !is_encrypted(&mut first.connection).await
    {
        tracing::warn!(
            server = name(server),
            "the connection to PostgreSQL is not encrypted: set sslmode=verify-full in --repo-uri, or sslmode=disable if the \
             network may read passwords and payments"
        );
    }
    Ok(first)
}

/// Whether the server can look after the client of a statement, and does it for this session from now on.
pub(super) async fn watch_client(connection: &mut PgConnection) -> bool {
    // Since PostgreSQL 14, and not on every system.
    connection.execute("SELECT set_config('client_connection_check_interval', '1000', false)").await.is_ok()
}

/// The server did not do what it must to be used.
pub(super) fn refuse(address: &Address, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> OpenError {
    OpenError::Connect { server: address.to_string(), source: source.into() }
}

async fn backend_pid(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    connection.fetch_one("SELECT pg_backend_pid()").await?.try_get(0)
}

/// Whether the address leaves it to the server to encrypt, and others may read what is sent.
fn is_exposed(server: &PgConnectOptions) -> bool {
    let leaves_it = match server.get_ssl_mode() {
        PgSslMode::Allow | PgSslMode::Prefer => true,
        PgSslMode::Disable | PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => false,
    };
    leaves_it && !is_local(server)
}

/// Whether this session is encrypted, as far as the server knows.
async fn is_encrypted(connection: &mut PgConnection) -> bool {
    let asked = connection.fetch_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").await;
    asked.and_then(|row| row.try_get(0)).unwrap_or(false)
}
