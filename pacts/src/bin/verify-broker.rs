//! Verifies this service against the pacts that a broker selects, and publishes the results: `make pact-verify-broker`.

#![allow(clippy::print_stdout, reason = "the results go to standard output")]

use pacts::{
    broker::{Broker, Revision, verify_and_publish},
    provider::Provider,
};
use std::{env, process::ExitCode};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reasons) => {
            for reason in reasons {
                eprintln!("verify-broker: {reason}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Vec<String>> {
    let variable = |name: &str| env::var(name).ok();
    let broker = Broker::from_env(variable).map_err(|reason| vec![reason])?;
    let revision = Revision::from_env(variable).map_err(|reason| vec![reason])?;
    let provider = Provider::over_sqlite().await.map_err(|error| vec![error.to_string()])?;
    let verified = verify_and_publish(&broker, &revision, &provider, |text| println!("{text}\n")).await;
    verified.map_err(|errors| errors.iter().map(ToString::to_string).collect())
}
