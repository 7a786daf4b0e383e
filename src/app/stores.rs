//! The list of stores, and what can be done with any of them before it is open.

use super::{error::StartError, listen::BoundSockets, running::App};
use crate::{
    config::{Serve, StoreKind, StoreSettings},
    http::{Identity, Sources},
    repo::{Erased, Erasure, MoveReport, PostgresOptions, SqliteOptions, StoreOptions, UriForm},
};
use futures_util::future::BoxFuture;
use std::{fmt, path::Path};
use tokio::time::timeout;

/// The store that the settings name, not open yet.
///
/// The list of stores: a new one gets its line here. From then on its type is known to the compiler, so that calls of the
/// store cost no dynamic dispatch.
pub(super) fn named_by(settings: &StoreSettings) -> Result<Box<dyn ClosedStore>, StartError> {
    match settings.repo {
        StoreKind::Sqlite3 => options::<SqliteOptions>(settings),
        StoreKind::Postgres => options::<PostgresOptions>(settings),
    }
}

fn options<O: StoreOptions>(settings: &StoreSettings) -> Result<Box<dyn ClosedStore>, StartError> {
    let StoreSettings { repo, repo_migrations, repo_schema_payments, repo_uri } = settings;
    match O::from_uri(repo_uri.as_deref(), repo_schema_payments.clone(), repo_migrations.clone()) {
        Ok(options) => Ok(Box::new(options)),
        Err(UriForm { form, example }) => Err(StartError::Config(format!(
            "--repo-uri must be {form} with --repo {repo}, for example --repo-uri {example}"
        ))),
    }
}

/// A store of any kind that is not open yet. Its text is for the log.
pub(super) trait ClosedStore: fmt::Display + Send {
    /// Opens the store, and starts the service over it. Clients can connect once the store is open.
    fn serve(
        self: Box<Self>,
        bound: BoundSockets,
        identity: Option<Identity>,
        sources: Sources,
        config: Serve,
    ) -> BoxFuture<'static, Result<App, StartError>>;

    /// Brings the schema up to date.
    fn migrate(self: Box<Self>) -> BoxFuture<'static, Result<(), StartError>>;

    /// Moves the anonymous payments to the tenants that their organisations are.
    fn move_to_tenants(
        self: Box<Self>,
        progress: fn(&MoveReport),
    ) -> BoxFuture<'static, Result<MoveReport, StartError>>;

    /// Erases a payment.
    fn erase(self: Box<Self>, erasure: Erasure) -> BoxFuture<'static, Result<Erased, StartError>>;

    /// Copies the store into the file `to`, and returns how many payments the copy has.
    fn back_up(self: Box<Self>, to: &Path) -> BoxFuture<'_, Result<u64, StartError>>;
}

impl<O: StoreOptions> ClosedStore for O {
    fn serve(
        self: Box<Self>,
        bound: BoundSockets,
        identity: Option<Identity>,
        sources: Sources,
        config: Serve,
    ) -> BoxFuture<'static, Result<App, StartError>> {
        Box::pin(async move {
            let after = config.start_timeout;
            let opened = timeout(after, self.open(config.timeout)).await;
            let store = opened.map_err(|_| StartError::StoreTimedOut { after })??;
            App::serve(bound.listen()?, store, identity, sources, config)
        })
    }

    fn migrate(self: Box<Self>) -> BoxFuture<'static, Result<(), StartError>> {
        Box::pin(async move { Ok(StoreOptions::migrate(*self).await?) })
    }

    fn move_to_tenants(
        self: Box<Self>,
        progress: fn(&MoveReport),
    ) -> BoxFuture<'static, Result<MoveReport, StartError>> {
        Box::pin(async move { Ok(StoreOptions::move_to_tenants(*self, progress).await?) })
    }

    fn erase(self: Box<Self>, erasure: Erasure) -> BoxFuture<'static, Result<Erased, StartError>> {
        Box::pin(async move { Ok(StoreOptions::erase(*self, erasure).await?) })
    }

    fn back_up(self: Box<Self>, to: &Path) -> BoxFuture<'_, Result<u64, StartError>> {
        Box::pin(async move { Ok(StoreOptions::back_up(*self, to).await?) })
    }
}

#[cfg(test)]
mod tests {
    use super::named_by;
    use crate::config::{Command, Config};
    use clap::Parser;

    fn named(repo: &str, uri: &str) -> Result<String, String> {
        let config = Config::try_parse_from(["payments", "migrate", "--repo", repo, "--repo-uri", uri]).unwrap();
        let Command::Migrate(settings) = config.command else { panic!("the command is migrate") };
        named_by(&settings).map(|store| store.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_kind_of_store_and_its_uri_must_agree() {
        assert_eq!(named("sqlite3", "sqlite://payments.db"), Ok("SQLite in payments.db".to_owned()));
        assert_eq!(named("postgres", "postgres://db/payments"), Ok("PostgreSQL at db:5432/payments".to_owned()));
        assert_eq!(
            named("sqlite3", "postgres://localhost/payments"),
            Err("--repo-uri must be sqlite://PATH, percent-encoded, with ?mode=rwc, rw or memory at most, with --repo sqlite3, \
                 for example --repo-uri sqlite://payments.db"
                .to_owned())
        );
        assert_eq!(
            named("postgres", "sqlite://payments.db"),
            Err("--repo-uri must be postgres://USER:PASSWORD@HOST/DATABASE with --repo postgres, \
                 for example --repo-uri postgres://payments@localhost/payments"
                .to_owned())
        );
    }
}
