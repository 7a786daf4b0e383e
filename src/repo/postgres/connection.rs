//! The first connection to the server: how it is made, and how messages name the server.

use crate::repo::OpenError;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::time::Duration;

/// How long a start waits for the server, which may be starting too.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings for connections to the server at `url`.
pub(super) fn settings(url: &str) -> Result<PgConnectOptions, OpenError> {
    let server: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| OpenError::Url(error.into()))?;
    let server = match server.get_application_name() {
        Some(_) => server,
        None => server.application_name("payments"),
    };
    Ok(server.disable_statement_logging())
}

/// Connects to the server, outside any pool.
pub(super) async fn open(server: &PgConnectOptions) -> Result<PgConnection, OpenError> {
    match tokio::time::timeout(CONNECT_TIMEOUT, PgConnection::connect_with(server)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(refuse(server, error)),
        Err(_) => Err(refuse(server, "no answer for 10 seconds")),
    }
}

/// Closes a connection that [`open`] made.
pub(super) async fn close(server: &PgConnectOptions, connection: PgConnection) -> Result<(), OpenError> {
    connection.close().await.map_err(|error| refuse(server, error))
}

/// The server did not do what it must to be used.
pub(super) fn refuse(
    server: &PgConnectOptions,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> OpenError {
    OpenError::Connect { server: name(server), source: source.into() }
}

/// The server as a message may show it: without user and password.
fn name(server: &PgConnectOptions) -> String {
    let database = server.get_database().unwrap_or(server.get_username());
    match server.get_socket() {
        Some(socket) => format!("{}/{database}", socket.display()),
        None => format!("{}:{}/{database}", server.get_host(), server.get_port()),
    }
}
