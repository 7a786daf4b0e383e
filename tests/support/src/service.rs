//! The service, started in this process.

use crate::Client;
use clap::Parser;
use payments::{
    app::App,
    config::{Command, Config, Serve},
    repo::Backend,
};
use std::{ffi::OsString, ops::Deref};

/// The settings that `payments serve` makes of these flags, on any port that is free.
///
/// # Panics
/// When the flags are wrong; the message is the program's own.
#[must_use]
#[track_caller]
pub fn settings<T: Into<OsString>>(flags: impl IntoIterator<Item = T>) -> Serve {
    let command = ["payments", "serve", "--listen", "127.0.0.1:0"].map(OsString::from);
    let line = command.into_iter().chain(flags.into_iter().map(Into::into));
    match Config::try_parse_from(line).map(|config| config.command) {
        Ok(Command::Serve(serve)) => serve,
        Ok(other) => panic!("expected the settings of serve, got {other:?}"),
        Err(error) => panic!("{error}"),
    }
}

/// A running service, and a client of it. It serves until the test ends, or until [`stop`](Self::stop).
#[derive(Debug)]
pub struct Service {
    client: Client,
    app: App,
}

impl Service {
    /// Starts a service over SQLite in memory, with the admin endpoints.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        Self::start_with(&["--admin"]).await
    }

    /// Starts a service with just these flags, on any port that is free.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(flags: &[&str]) -> Self {
        Self::of(App::start(settings(flags)).await.unwrap_or_else(|error| panic!("{flags:?}: {error}")))
    }

    /// Starts a service over a store that is open, such as a [`Faulty`](crate::Faulty) one.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn over<R: Backend>(repo: R, settings: Serve) -> Self {
        Self::of(App::start_over(settings, repo).await.unwrap_or_else(|error| panic!("{error}")))
    }

    fn of(app: App) -> Self {
        Self { client: Client::new(format!("http://{}", app.address())), app }
    }

    /// A client of the listener for operators.
    ///
    /// # Panics
    /// When the service was started without `--operator-listen`.
    #[must_use]
    #[track_caller]
    pub fn operator(&self) -> Client {
        let address = self.app.operator_address();
        Client::new(format!("http://{}", address.unwrap_or_else(|| panic!("expected an address for operators"))))
    }

    /// Stops the service; the store is closed when this returns.
    pub async fn stop(self) {
        self.app.stop().await;
    }
}

impl Deref for Service {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
