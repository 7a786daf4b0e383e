//! A real PostgreSQL for tests: no Docker, no server of yours.
//!
//! The server comes from PyPI, pinned in `tests/requirements.txt`; `server.py` beside this crate runs it, and stops it
//! when the test process ends, however that happens. Each process has a server of its own, started when the first test
//! asks for it. `PAYMENTS_TEST_POSTGRES_URL` names another to use instead; the databases made there stay.

#![allow(clippy::panic, clippy::expect_used, reason = "a test that fails says so by panicking")]

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Names a server to use instead of one of our own: a URL whose user may create databases.
const OTHER_SERVER: &str = "PAYMENTS_TEST_POSTGRES_URL";

/// The URL of a fresh, empty database.
///
/// # Panics
/// When there is no server; the message says what to do about it.
#[must_use]
#[track_caller]
pub fn url() -> String {
    static SHARED: OnceLock<String> = OnceLock::new();
    // Never stopped by us: static values are not dropped, but the pipe to the server closes with the process.
    static OURS: Mutex<Option<Server>> = Mutex::new(None);
    let server = SHARED.get_or_init(|| match std::env::var(OTHER_SERVER) {
        Ok(url) if !url.is_empty() => url,
        _ => {
            let server = Server::start();
            let url = server.url.clone();
            *OURS.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
            url
        }
    });
    create_database(server)
}

/// A server for one test alone, which may stop and restart it. It is stopped for good when dropped.
#[derive(Debug)]
pub struct Server {
    url: String,
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server; takes about a second.
    ///
    /// # Panics
    /// When it does not start; the message says what to do about it.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let program = root.join(if cfg!(windows) { ".venv/Scripts/python.exe" } else { ".venv/bin/python" });
        let spawned = Command::new(&program)
            .arg(root.join("tests/postgres/server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = spawned.unwrap_or_else(|error| {
            panic!(
                "cannot run {}: {error}. Run `make test` (or `make test-tools`, once), or set {OTHER_SERVER} to the URL \
                 of a PostgreSQL of yours whose user may create databases",
                program.display()
            )
        });
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut server = Self { url: String::new(), process, orders, answers };
        server.url = server.answer();
        server
    }

    /// The URL of a fresh, empty database.
    ///
    /// # Panics
    /// When the server is stopped.
    #[must_use]
    #[track_caller]
    pub fn database(&self) -> String {
        create_database(&self.url)
    }

    /// Ends every connection and stops the server.
    ///
    /// # Panics
    /// When it does not stop.
    #[track_caller]
    pub fn stop(&mut self) {
        self.order("stop\n");
    }

    /// Starts it again, with all that it held, at the same URLs.
    ///
    /// # Panics
    /// When it does not start.
    #[track_caller]
    pub fn restart(&mut self) {
        self.order("start\n");
    }

    #[track_caller]
    fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("it is taken only by drop");
        if let Err(error) = orders.write_all(order.as_bytes()).and_then(|()| orders.flush()) {
            panic!("tests/postgres/server.py does not take orders any more ({error}); its last words are above");
        }
        let answer = self.answer();
        assert_eq!(answer, "done", "tests/postgres/server.py was told to {order:?}; its last words are above");
    }

    #[track_caller]
    fn answer(&mut self) -> String {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            Ok(1..) => line.trim_end().to_owned(),
            ended => panic!("tests/postgres/server.py ended ({ended:?}); its last words are above"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input tells it to stop.
        drop(self.orders.take());
        let _ = self.process.wait();
    }
}

/// Makes a database with a name of its own on the server at `url`.
#[track_caller]
fn create_database(url: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("payments_test_{}_{number}", std::process::id());
    match run(url.to_owned(), format!("DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}")) {
        Ok(()) => with_database(url, &name),
        Err(error) => panic!("cannot create a database at {}: {error}", without_password(url)),
    }
}

/// Runs statements one by one, on a thread with a runtime of its own so that tests of any kind can call it.
fn run(url: String, statements: String) -> Result<(), sqlx::Error> {
    let work = async move {
        let mut connection = PgConnection::connect(&url).await?;
        for statement in statements.split(';') {
            connection.execute(AssertSqlSafe(statement)).await?;
        }
        connection.close().await
    };
    let thread = std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be built")
            .block_on(work)
    });
    thread.join().expect("it does not panic")
}

/// `url` with another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, parameters) =
        url.split_once('?').map_or((url, String::new()), |(base, rest)| (base, format!("?{rest}")));
    let start = base.find("://").map_or(0, |at| at + 3);
    let server =
        base.get(start..).and_then(|rest| rest.find('/')).and_then(|at| base.get(..start + at)).unwrap_or(base);
    format!("{server}/{name}{parameters}")
}

fn without_password(url: &str) -> String {
    url.parse::<PgConnectOptions>()
        .map_or_else(|_| OTHER_SERVER.to_owned(), |server| format!("{}:{}", server.get_host(), server.get_port()))
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn replaces_the_database_of_a_url() {
        for (url, expected) in [
            ("postgres://a:b@host:5432/postgres", "postgres://a:b@host:5432/x"),
            ("postgres://host", "postgres://host/x"),
            ("postgres://host/", "postgres://host/x"),
            ("postgres://host/db?sslmode=require", "postgres://host/x?sslmode=require"),
            ("postgres:///db?host=/run", "postgres:///x?host=/run"),
        ] {
            assert_eq!(with_database(url, "x"), expected, "with_database({url:?})");
        }
    }
}
