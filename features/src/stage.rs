//! Where scenarios play: over which store, or against which server; and what all of them share.

use crate::{
    client::{Client, Request},
    contract::{Contract, Coverage},
};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long a scenario waits for an answer.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The stores that the service can keep payments in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Store {
    /// SQLite in memory.
    Memory,
    /// SQLite in a file.
    File,
    /// PostgreSQL.
    Postgres,
}

impl Store {
    /// Every store.
    pub const ALL: [Self; 3] = [Self::Memory, Self::File, Self::Postgres];
}

/// Where the service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Each scenario starts a service of its own, in this process.
    Here(Store),
    /// A server that is up already, at this URL. Its store is emptied before each scenario.
    There(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(Store::Memory) => f.write_str("SQLite in memory"),
            Self::Here(Store::File) => f.write_str("SQLite file"),
            Self::Here(Store::Postgres) => f.write_str("PostgreSQL"),
            Self::There(url) => f.write_str(url),
        }
    }
}

/// What the scenarios of one run share.
#[derive(Debug)]
pub struct Stage {
    /// Where the service is.
    pub place: Place,
    /// The URL of the database, if the place needs one.
    pub(crate) database: Option<String>,
    /// What links begin with.
    pub(crate) external_url: String,
    /// What sends requests.
    pub client: Client,
    /// What answers are held to.
    pub contract: Arc<Contract>,
    coverage: Mutex<Coverage>,
}

impl Stage {
    /// What services that are started here are told to begin links with: not where they listen.
    pub(crate) const EXTERNAL_URL: &str = "https://payments.example/api";

    /// Prepares a place.
    ///
    /// # Panics
    /// When PostgreSQL is wanted and cannot be had; the message says what to do about it.
    pub async fn set(place: Place, contract: Arc<Contract>, client: Client) -> Self {
        let database = match place {
            Place::Here(Store::Postgres) => {
                let url = tokio::task::spawn_blocking(test_postgres::url).await;
                Some(url.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
            }
            Place::Here(Store::Memory | Store::File) | Place::There(_) => None,
        };
        let external_url = match &place {
            Place::Here(_) => Self::EXTERNAL_URL.to_owned(),
            Place::There(url) => external_url(&client, url).await,
        };
        Self { place, database, external_url, client, contract, coverage: Mutex::default() }
    }

    /// What of the contract the run has seen so far.
    pub fn coverage(&self) -> MutexGuard<'_, Coverage> {
        self.coverage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the links of a server begin with: it knows itself by another name than we do.
async fn external_url(client: &Client, url: &str) -> String {
    const LIST: &str = "/v1/payments";
    let exchange = client.send(url, Request::new("GET", LIST)).await;
    let body = exchange.outcome.ok().and_then(|answer| answer.json().ok()).unwrap_or_default();
    let link = body["links"]["self"].as_str().and_then(|link| link.strip_suffix(LIST));
    link.unwrap_or(url).to_owned()
}
