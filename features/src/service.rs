//! Starts the service of one scenario, and stops it with everything that was started for it.

use crate::{
    client::Request,
    context::RunContext,
    environment::Environment,
    stores::{PreparedStore, TestStore},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use test_support::postgres;
use tokio::task::JoinHandle;

/// The options with which a scenario starts its service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceOptions {
    /// Flags of `payments serve`.
    pub(crate) flags: Vec<String>,
    /// Whether the scenario needs a database server that it may stop.
    pub(crate) own_database: bool,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self { flags: ["--admin", "--metrics"].map(str::to_owned).to_vec(), own_database: false }
    }
}

impl ServiceOptions {
    /// Whether the flags include this one.
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }
}

/// The service that a scenario talks to.
#[derive(Debug)]
pub(crate) struct Service {
    /// Where it listens.
    pub(crate) url: String,
    /// The URL that its links begin with.
    pub(crate) external_url: String,
    /// The first segment of its versioned paths.
    pub(crate) version: String,
    /// The service in this process; `None` for a remote server.
    process: Option<InProcess>,
}

/// A service in this process, and its store.
#[derive(Debug)]
struct InProcess {
    flags: Vec<String>,
    running: Option<test_support::Service>,
    stopping: Option<JoinHandle<()>>,
    store: PreparedStore,
    database: Option<postgres::Server>,
}

impl Service {
    /// Starts a service, or empties the store of the remote server.
    ///
    /// # Panics
    /// When the service does not start, or the store cannot be emptied.
    pub(crate) async fn start(context: &RunContext, options: &ServiceOptions) -> Self {
        match &context.environment {
            Environment::InProcess(store) | Environment::InVersion(store, _) => {
                Self::start_in_process(context, store, options).await
            }
            Environment::Remote(url) => Self::reset_remote(context, url, options).await,
        }
    }

    async fn reset_remote(context: &RunContext, url: &str, options: &ServiceOptions) -> Self {
        assert!(
            *options == ServiceOptions::default(),
            "the scenario needs a service with settings of its own: tag it @started, so that it is left out here"
        );
        let cleared = context.client.send(url, Request::new("DELETE", "/admin/repo")).await;
        assert!(
            cleared.outcome.as_ref().is_ok_and(|answer| answer.status == 204),
            "the store at {url} cannot be emptied; is the server up, and was it started with --admin?\n\n{cleared}"
        );
        Self {
            url: url.to_owned(),
            external_url: context.external_url.clone(),
            version: "v1".to_owned(),
            process: None,
        }
    }

    async fn start_in_process(context: &RunContext, store: &TestStore, options: &ServiceOptions) -> Self {
        let (database, url) = if options.own_database {
            let (database, url) = run_blocking(|| {
                let database = postgres::Server::start();
                let url = database.database();
                (database, url)
            })
            .await;
            (Some(database), Some(url))
        } else {
            (None, context.database.clone())
        };
        let store = store.prepare(url.as_deref());
        let mut flags = [store.flags.as_slice(), &options.flags].concat();
        if !options.has("--external-url") {
            flags.extend(["--external-url", RunContext::EXTERNAL_URL].map(str::to_owned));
        }
        let settings = test_support::settings(&flags);
        let (external_url, version) = (settings.external_url, settings.api_version);
        let process = InProcess { flags, running: None, stopping: None, store, database };
        let mut service = Self { url: String::new(), external_url, version, process: Some(process) };
        service.start_again().await;
        service
    }

    /// Starts the service over the store that was prepared, on another port.
    async fn start_again(&mut self) {
        let process = self.process();
        let flags: Vec<&str> = process.flags.iter().map(String::as_str).collect();
        let running = test_support::Service::start_with(&flags).await;
        let url = running.url.clone();
        process.running = Some(running);
        self.url = url;
    }

    /// Stops the service, and starts it over the same store.
    pub(crate) async fn restart(&mut self) {
        self.begin_stop();
        self.wait_until_stopped().await;
        self.start_again().await;
    }

    /// Tells the service to stop, and does not wait for it.
    pub(crate) fn begin_stop(&mut self) {
        let process = self.process();
        process.stopping = process.running.take().map(|running| tokio::spawn(running.stop()));
    }

    /// Waits until the service has stopped after [`begin_stop`](Self::begin_stop).
    pub(crate) async fn wait_until_stopped(&mut self) {
        if let Some(stopping) = self.process().stopping.take() {
            stopping.await.expect("the service stops without a panic");
        }
    }

    /// Stops everything that was started for the scenario.
    pub(crate) async fn stop(mut self) {
        let Some(process) = &self.process else { return };
        if process.running.is_some() {
            self.begin_stop();
        }
        self.wait_until_stopped().await;
        if let Some(database) = self.process().database.take() {
            run_blocking(move || drop(database)).await;
        }
    }

    /// Renames the table of payments, so that the service does not find it.
    pub(crate) async fn hide_table(&mut self) {
        let (url, table) =
            self.process().store.table.as_ref().expect("the store has a table: tag the scenario @postgres");
        let mut connection = PgConnection::connect(url).await.expect("the database is up");
        // Safe: `stores` has made the name.
        let statement = AssertSqlSafe(format!("ALTER TABLE {table} RENAME TO lost_{table}"));
        connection.execute(statement).await.expect("the table exists");
    }

    /// Stops or restarts the database server of the scenario.
    pub(crate) async fn control_database(&mut self, action: fn(&mut postgres::Server)) {
        let process = self.process();
        let database = process.database.take();
        let mut database = database.expect("the scenario begins with \"a service with a database server of its own\"");
        process.database = Some(
            run_blocking(move || {
                action(&mut database);
                database
            })
            .await,
        );
    }

    fn process(&mut self) -> &mut InProcess {
        self.process.as_mut().expect("a remote server can be neither stopped nor restarted: tag the scenario @started")
    }
}

/// Runs blocking work on a thread of its own, so that it does not block the other scenarios.
async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
