//! How a consumer writes its contract: scenario by scenario, each against a stand-in that knows nothing but what the
//! scenario expects; then all of them together are held to the committed file.
//!
//! The stand-in is Pact's, started here rather than by `pact_consumer`, whose own wrapper of it sends statistics to its
//! makers, and merges into files that earlier runs left.

use crate::{PROVIDER, committed};
use pact_consumer::{builders::InteractionBuilder, prelude::PactBuilderAsync};
use pact_mock_server::{builder::MockServerBuilder, matching::MatchResult, mock_server::MockServer};
use pact_models::{PactSpecification, pact::Pact};
use payments_client::Client;
use serde_json::{Value, json};
use std::{fmt::Write, thread};
use tokio::task::JoinSet;

/// A consumer, and what it has said so far.
#[derive(Debug)]
pub struct Consumer {
    name: &'static str,
    scenarios: JoinSet<Exercised>,
    names: Vec<(tokio::task::Id, &'static str)>,
}

impl Consumer {
    /// A consumer that has said nothing yet.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        crate::ready();
        Self { name, scenarios: JoinSet::new(), names: Vec::new() }
    }

    /// Runs a scenario, beside the others.
    #[must_use]
    pub fn scenario<F>(mut self, run: impl FnOnce(Scenario) -> F) -> Self
    where
        F: Future<Output = Exercised> + Send + 'static,
    {
        let name = std::any::type_name_of_val(&run).rsplit("::").next().unwrap_or_default();
        let scenario = Scenario(PactBuilderAsync::new_v4(self.name, PROVIDER));
        let task = self.scenarios.spawn(run(scenario));
        self.names.push((task.id(), name));
        self
    }

    /// Waits for the scenarios, and holds the committed pact to what they said.
    ///
    /// # Panics
    /// When a scenario failed, or the committed pact is another.
    #[expect(clippy::panic, reason = "this is an assertion")]
    pub async fn agrees_with_what_is_committed(mut self) {
        let (mut interactions, mut failed) = (Vec::new(), Vec::new());
        while let Some(ended) = self.scenarios.join_next().await {
            match ended {
                Ok(Exercised(said)) => interactions.extend(said),
                Err(error) => {
                    failed.extend(self.names.iter().filter(|(id, _)| *id == error.id()).map(|(_, name)| *name));
                }
            }
        }
        if !failed.is_empty() {
            failed.sort_unstable();
            panic!("{}: these scenarios failed, each as it says above: {}", self.name, failed.join(", "));
        }
        let pact = json!({
            "consumer": {"name": self.name},
            "provider": {"name": PROVIDER},
            "interactions": interactions,
            "metadata": {"pactSpecification": {"version": "4.0"}},
        });
        if let Err(difference) = committed::settle(self.name, &pact) {
            panic!("{difference}");
        }
    }
}

/// What a consumer does to reach something, and what it expects of the service meanwhile.
#[derive(Debug)]
pub struct Scenario(PactBuilderAsync);

impl Scenario {
    /// Expects an interaction; `describe` says what is asked, and what is needed of the answer.
    #[must_use]
    pub async fn expects(mut self, description: &str, describe: impl FnOnce(&mut InteractionBuilder) + Send) -> Self {
        let described = async |mut interaction: InteractionBuilder| {
            describe(&mut interaction);
            interaction
        };
        self.0.interaction(description, "", |interaction| async move { described(interaction).await }).await;
        self
    }

    /// Starts a service that does what was expected, and nothing else.
    ///
    /// # Panics
    /// When it does not start.
    #[expect(clippy::expect_used, reason = "a test that cannot begin has failed")]
    pub async fn begins(self) -> StandIn {
        let pact = self.0.build();
        let server = MockServerBuilder::new().with_pact(pact.boxed()).bind_to_ip4_port(0).start().await;
        StandIn { pact, server: server.expect("the stand-in starts") }
    }
}

/// A service that does what a scenario expects.
#[derive(Debug)]
pub struct StandIn {
    pact: Box<dyn Pact + Send + Sync>,
    server: MockServer,
}

impl StandIn {
    /// A client of it.
    ///
    /// # Panics
    /// Never, as far as we know: the address is that of the stand-in.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot begin has failed")]
    pub fn client(&self) -> Client {
        Client::new(&self.server.url()).expect("a client")
    }

    /// Ends the scenario. What was expected must have happened, and nothing else.
    ///
    /// # Panics
    /// When it did not.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "this is an assertion")]
    pub fn ends(self) -> Exercised {
        if let Some(complaint) = self.complaint() {
            panic!("{complaint}");
        }
        let said = self.pact.to_json(PactSpecification::V4).unwrap_or_else(|error| panic!("no JSON: {error}"));
        Exercised(said.get("interactions").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// What went otherwise than expected.
    fn complaint(&self) -> Option<String> {
        let mut complaint = String::new();
        for each in self.server.mismatches() {
            let _ = match each {
                MatchResult::RequestMatch(..) => Ok(()),
                MatchResult::RequestMismatch(expected, _, mismatches) => {
                    let _ = writeln!(complaint, "{} {} was asked, but:", expected.method, expected.path);
                    mismatches.iter().try_for_each(|fault| writeln!(complaint, "  {}", fault.description()))
                }
                MatchResult::RequestNotFound(asked) => {
                    writeln!(complaint, "nobody expected {} {} {:?}", asked.method, asked.path, asked.query)
                }
                MatchResult::MissingRequest(expected) => {
                    writeln!(complaint, "{} {} was expected, but not asked", expected.method, expected.path)
                }
            };
        }
        (!complaint.is_empty()).then(|| format!("not what the consumer expects:\n{complaint}"))
    }
}

/// The stand-in answers 500 to what it does not expect, and a scenario may well stop at that. Say why.
impl Drop for StandIn {
    fn drop(&mut self) {
        if thread::panicking()
            && let Some(complaint) = self.complaint()
        {
            eprintln!("{complaint}");
        }
    }
}

/// The interactions of a scenario that went as expected.
#[derive(Debug)]
pub struct Exercised(Vec<Value>);
