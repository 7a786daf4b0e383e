//! The service of one scenario, and all that has to go when the scenario is over.

use crate::{
    client::Request,
    stage::{Place, Stage, Store},
};
use clap::Parser as _;
use payments::{
    app::App,
    config::{Command, Config, Serve},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// A service that a scenario talks to.
#[derive(Debug)]
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) url: String,
    /// What its links begin with.
    pub(crate) external_url: String,
    /// The first segment of its versioned paths.
    pub(crate) version: String,
    settings: Option<Serve>,
    app: Option<App>,
    stopping: Option<JoinHandle<()>>,
    file: Option<TempDir>,
    database: Option<test_postgres::Server>,
    database_url: Option<String>,
    table: String,
}

/// How a scenario wants its service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Flags of `payments serve`.
    pub(crate) flags: Vec<String>,
    /// A database server that the scenario may stop.
    pub(crate) own_database: bool,
}

impl Default for Wish {
    fn default() -> Self {
        Self { flags: ["--admin", "--metrics"].map(str::to_owned).to_vec(), own_database: false }
    }
}

impl Wish {
    /// Whether this flag is among those wished.
    pub(crate) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }
}

impl Server {
    /// Starts a service as wished, or empties the one that is up already.
    ///
    /// # Panics
    /// When it cannot be had.
    pub(crate) async fn start(stage: &Stage, wish: &Wish) -> Self {
        match &stage.place {
            Place::Here(store) => Self::start_here(stage, *store, wish).await,
            Place::There(url) => Self::take_over(stage, url, wish).await,
        }
    }

    async fn take_over(stage: &Stage, url: &str, wish: &Wish) -> Self {
        assert!(
            *wish == Wish::default(),
            "the scenario needs a service with settings of its own: tag it @started, and it is left out here"
        );
        let cleared = stage.client.send(url, Request::new("DELETE", "/admin/repo")).await;
        assert!(
            cleared.outcome.as_ref().is_ok_and(|answer| answer.status == 204),
            "the store at {url} cannot be emptied; is the server up, and was it started with --admin?\n\n{cleared}"
        );
        Self::new(url.to_owned(), stage.external_url.clone(), "v1".to_owned())
    }

    async fn start_here(stage: &Stage, store: Store, wish: &Wish) -> Self {
        let mut server = Self::new(String::new(), String::new(), String::new());
        let store_flags = match store {
            Store::Memory => Vec::new(),
            Store::File => {
                let directory = server.file.insert(tempfile::tempdir().expect("a temporary directory can be made"));
                vec!["--repo-uri".to_owned(), format!("sqlite://{}/payments.db", directory.path().display())]
            }
            Store::Postgres => server.postgres_flags(stage, wish).await,
        };
        let mut flags = ["payments", "serve", "--listen", "127.0.0.1:0"].map(str::to_owned).to_vec();
        if !wish.has("--external-url") {
            flags.extend(["--external-url", Stage::EXTERNAL_URL].map(str::to_owned));
        }
        let flags = flags.into_iter().chain(store_flags).chain(wish.flags.iter().cloned());
        let config = Config::try_parse_from(flags).unwrap_or_else(|error| panic!("{error}"));
        let Command::Serve(serve) = config.command else { panic!("the command is serve") };
        (server.external_url, server.version) = (serve.external_url.clone(), serve.api_version.clone());
        server.settings = Some(serve);
        server.start_app().await;
        server
    }

    async fn start_app(&mut self) {
        let settings = self.settings.clone().expect("the service was started here");
        let app = App::start(settings).await.unwrap_or_else(|error| panic!("the service does not start: {error}"));
        self.url = format!("http://{}", app.address());
        self.app = Some(app);
    }

    /// Stops the service, and starts it over the same store.
    pub(crate) async fn start_again(&mut self) {
        self.tell_to_stop();
        self.stopped().await;
        self.start_app().await;
    }

    /// Tells the service to stop, and does not wait until it has.
    pub(crate) fn tell_to_stop(&mut self) {
        self.stopping = self.app.take().map(|app| tokio::spawn(app.stop()));
    }

    /// Waits until the service has stopped that was told to.
    pub(crate) async fn stopped(&mut self) {
        if let Some(stopping) = self.stopping.take() {
            stopping.await.expect("the service stops in good order");
        }
    }

    /// A table of the stage's database, or a database server of its own.
    async fn postgres_flags(&mut self, stage: &Stage, wish: &Wish) -> Vec<String> {
        let url = if wish.own_database {
            let (database, url) = on_a_thread(|| {
                let database = test_postgres::Server::start();
                let url = database.database();
                (database, url)
            })
            .await;
            self.database = Some(database);
            url
        } else {
            stage.database.clone().expect("the stage has a database")
        };
        self.database_url = Some(url.clone());
        self.table = table();
        ["--repo", "postgres", "--repo-uri", &url, "--repo-schema-payments", &self.table].map(str::to_owned).to_vec()
    }

    fn new(url: String, external_url: String, version: String) -> Self {
        Self {
            url,
            external_url,
            version,
            settings: None,
            app: None,
            stopping: None,
            file: None,
            database: None,
            database_url: None,
            table: String::new(),
        }
    }

    /// Ends what the scenario started.
    pub(crate) async fn stop(mut self) {
        if self.app.is_some() {
            self.tell_to_stop();
        }
        self.stopped().await;
        drop(self.file.take());
        if let Some(database) = self.database.take() {
            on_a_thread(move || drop(database)).await;
        }
    }

    /// Takes the table away from under the service.
    pub(crate) async fn lose_table(&self) {
        let url = self.database_url.as_deref().expect("the scenario has a database server of its own");
        let mut connection = PgConnection::connect(url).await.expect("the database is up");
        // Safe: the name is one of ours.
        let statement = AssertSqlSafe(format!("ALTER TABLE {0} RENAME TO lost_{0}", self.table));
        connection.execute(statement).await.expect("the table is there");
    }

    /// Has something done to the database server.
    pub(crate) async fn database(&mut self, order: fn(&mut test_postgres::Server)) {
        let mut database = self.database.take().expect("the scenario has a database server of its own");
        self.database = Some(
            on_a_thread(move || {
                order(&mut database);
                database
            })
            .await,
        );
    }
}

/// The name of a table that no other scenario has. A table costs less than a database.
fn table() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(1);
    format!("scenario_{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Does what blocks where it holds nobody up.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
