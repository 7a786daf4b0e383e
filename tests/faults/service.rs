//! Services to be put under stress, and the payments that they are given.

use payments::{config::Serve, repo::Backend};
use serde_json::{Value, json};
use std::time::Duration;
use test_support::{Service, settings};

/// What every service here is started with.
const FLAGS: [&str; 3] = ["--admin", "--max-results", "1000"];

/// Starts a service over `repo`, whose requests may take `timeout`.
pub(crate) async fn start_over<R: Backend>(repo: R, timeout: Duration) -> Service {
    Service::over(repo, Serve { timeout, ..settings(FLAGS) }).await
}

/// Starts a service over the PostgreSQL database at `url`, with more flags.
pub(crate) async fn start_over_postgres(url: &str, flags: &[&str]) -> Service {
    Service::start_with(&[&FLAGS[..], &["--repo", "postgres", "--repo-uri", url], flags].concat()).await
}

/// The body that creates a payment, or replaces it at `version`.
pub(crate) fn payment(id: &str, version: i64, amount: &str) -> Value {
    let mut body = test_support::with_attributes(id, &json!({"amount": amount, "log": []}));
    body["data"]["version"] = json!(version);
    body
}
