//! Generates a consumer's pact: each test runs against a mock service that knows the expected interactions only; the
//! interactions of all tests together are compared with the committed file.
//!
//! The mock server is Pact's, started here rather than through `pact_consumer`, whose wrapper sends usage statistics, and
//! merges into the files that earlier runs left.

use crate::{PROVIDER, committed};
use pact_consumer::{builders::InteractionBuilder, prelude::PactBuilderAsync};
use pact_mock_server::{builder::MockServerBuilder, matching::MatchResult, mock_server::MockServer};
use pact_models::{PactSpecification, pact::Pact};
use payments_client::Client;
use serde_json::{Value, json};
use std::{fmt::Write, thread};
use tokio::task::JoinSet;

/// A consumer, and its tests that are running.
#[derive(Debug)]
pub struct Consumer {
    name: &'static str,
    tests: JoinSet<RecordedInteractions>,
    names: Vec<(tokio::task::Id, &'static str)>,
}

impl Consumer {
    /// A consumer without tests.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        crate::install_crypto_provider();
        Self { name, tests: JoinSet::new(), names: Vec::new() }
    }

    /// Starts a test, which runs beside the others.
    #[must_use]
    pub fn test<F>(mut self, run: impl FnOnce(ConsumerTest) -> F) -> Self
    where
        F: Future<Output = RecordedInteractions> + Send + 'static,
    {
        // The last two segments of the path: module and function.
        let path = std::any::type_name_of_val(&run);
        let name = path.rmatch_indices("::").nth(1).map_or(path, |(index, separator)| &path[index + separator.len()..]);
        let test = ConsumerTest(PactBuilderAsync::new_v4(self.name, PROVIDER));
        let task = self.tests.spawn(run(test));
        self.names.push((task.id(), name));
        self
    }

    /// Waits for the tests, and compares the pact of their interactions with the committed file.
    ///
    /// # Panics
    /// When a test failed, or the committed file differs.
    #[expect(clippy::panic, reason = "this is an assertion")]
    pub async fn assert_pact_is_committed(mut self) {
        let (mut interactions, mut failed) = (Vec::new(), Vec::new());
        while let Some(ended) = self.tests.join_next().await {
            match ended {
                Ok(RecordedInteractions(recorded)) => interactions.extend(recorded),
                Err(error) => {
                    failed.extend(self.names.iter().filter(|(id, _)| *id == error.id()).map(|(_, name)| *name));
                }
            }
        }
        if !failed.is_empty() {
            failed.sort_unstable();
            panic!("{}: {} failed; the output above says why", self.name, failed.join(", "));
        }
        let pact = json!({
            "consumer": {"name": self.name},
            "provider": {"name": PROVIDER},
            "interactions": interactions,
            "metadata": {"pactSpecification": {"version": "4.0"}},
        });
        if let Err(difference) = committed::compare_or_accept(self.name, &pact) {
            panic!("{difference}");
        }
    }
}

/// A test of a consumer that declares the interactions it expects.
#[derive(Debug)]
pub struct ConsumerTest(PactBuilderAsync);

impl ConsumerTest {
    /// Expects an interaction: `describe` sets the request, and what the consumer needs of the answer.
    #[must_use]
    pub async fn expects(mut self, description: &str, describe: impl FnOnce(&mut InteractionBuilder) + Send) -> Self {
        let described = async |mut interaction: InteractionBuilder| {
            describe(&mut interaction);
            interaction
        };
        self.0.interaction(description, "", |interaction| async move { described(interaction).await }).await;
        self
    }

    /// Starts a mock service that answers the expected requests only.
    ///
    /// # Panics
    /// When the mock server does not start.
    #[expect(clippy::expect_used, reason = "a test that cannot begin has failed")]
    pub async fn start(self) -> MockService {
        let pact = self.0.build();
        let server = MockServerBuilder::new().with_pact(pact.boxed()).bind_to_ip4_port(0).start().await;
        MockService { pact, server: server.expect("the mock server starts") }
    }
}

/// A mock of the service.
#[derive(Debug)]
pub struct MockService {
    pact: Box<dyn Pact + Send + Sync>,
    server: MockServer,
}

impl MockService {
    /// A client of the mock.
    ///
    /// # Panics
    /// Never: the mock server's address is a valid URL.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot begin has failed")]
    pub fn client(&self) -> Client {
        Client::new(&self.server.url()).expect("a client")
    }

    /// Ends the test, and returns its interactions.
    ///
    /// # Panics
    /// When an expected request was not made, or another one was.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "this is an assertion")]
    pub fn finish(self) -> RecordedInteractions {
        if let Some(mismatches) = self.mismatches() {
            panic!("{mismatches}");
        }
        let pact = self
            .pact
            .to_json(PactSpecification::V4)
            .unwrap_or_else(|error| panic!("the pact cannot be written as JSON: {error}"));
        RecordedInteractions(pact.get("interactions").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// The differences between the requests that were made and those that the test expects.
    fn mismatches(&self) -> Option<String> {
        let mut text = String::new();
        for each in self.server.mismatches() {
            let _ = match each {
                MatchResult::RequestMatch(..) => Ok(()),
                MatchResult::RequestMismatch(expected, _, mismatches) => {
                    let _ = writeln!(text, "{} {} was requested, but:", expected.method, expected.path);
                    mismatches.iter().try_for_each(|fault| writeln!(text, "  {}", fault.description()))
                }
                MatchResult::RequestNotFound(request) => {
                    writeln!(text, "unexpected request: {} {} {:?}", request.method, request.path, request.query)
                }
                MatchResult::MissingRequest(expected) => {
                    writeln!(text, "{} {} was expected, but not requested", expected.method, expected.path)
                }
            };
        }
        (!text.is_empty()).then(|| format!("the requests differ from what the test expects:\n{text}"))
    }
}

/// Prints the mismatches when a test panics: the mock answers 500 to an unexpected request, and the test that fails on that
/// 500 does not know why.
impl Drop for MockService {
    fn drop(&mut self) {
        if thread::panicking()
            && let Some(mismatches) = self.mismatches()
        {
            eprintln!("{mismatches}");
        }
    }
}

/// The interactions of a test that passed.
#[derive(Debug)]
pub struct RecordedInteractions(Vec<Value>);
