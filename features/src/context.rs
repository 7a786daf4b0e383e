//! Holds the state that the scenarios of one run share.

use crate::{
    client::{Answer, Client, Request},
    contract::{Contract, Coverage},
    environment::Environment,
    replay::Recording,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The state that the scenarios of one run share: environment, client, contract and coverage.
#[derive(Debug)]
pub(crate) struct RunContext {
    pub(crate) environment: Environment,
    /// The URL of the database that all scenarios share, if the store needs one.
    pub(crate) database: Option<String>,
    /// The URL that links begin with.
    pub(crate) external_url: String,
    pub(crate) client: Client,
    /// The contract that every answer is validated against.
    pub(crate) contract: Arc<Contract>,
    coverage: Mutex<Coverage>,
    /// The file that exchanges are written to, if somebody wants to replay them.
    recording: Option<Arc<Mutex<Recording>>>,
}

impl RunContext {
    /// The `--external-url` of services in this process. It differs from their address, so that a link that is built from
    /// the address fails.
    pub(crate) const EXTERNAL_URL: &str = "https://payments.example/api";

    /// Starts the shared database, if the environment needs one, and finds out what links begin with.
    ///
    /// # Panics
    /// When the database cannot be started; the message says what to do about it.
    pub(crate) async fn new(
        environment: Environment,
        contract: Arc<Contract>,
        client: Client,
        recording: Option<Arc<Mutex<Recording>>>,
    ) -> Self {
        let (database, external_url) = match &environment {
            Environment::InProcess(store) | Environment::InVersion(store, _) => {
                let store = *store;
                let database = tokio::task::spawn_blocking(|| store.start_shared()).await;
                let database = database.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
                (database, Self::EXTERNAL_URL.to_owned())
            }
            Environment::Remote(url) => (None, external_url(&client, url).await),
        };
        Self { environment, database, external_url, client, contract, coverage: Mutex::default(), recording }
    }

    /// Writes an exchange down, if the run is recorded.
    ///
    /// # Panics
    /// When it cannot be written.
    pub(crate) fn record(&self, request: &Request, answer: &Answer) {
        if let Some(recording) = &self.recording {
            recording.lock().unwrap_or_else(PoisonError::into_inner).write(request, answer);
        }
    }

    /// The answers of the contract that the run has seen so far.
    pub(crate) fn coverage(&self) -> MutexGuard<'_, Coverage> {
        self.coverage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the URL that links begin with from a link: the `--external-url` of a remote server may differ from the URL at which
/// the tests reach it.
async fn external_url(client: &Client, url: &str) -> String {
    const LIST: &str = "/v1/payments";
    let exchange = client.send(url, Request::new("GET", LIST)).await;
    let body = exchange.outcome.ok().and_then(|answer| answer.json().ok()).unwrap_or_default();
    let link = body["links"]["self"].as_str().and_then(|link| link.strip_suffix(LIST));
    link.unwrap_or(url).to_owned()
}
