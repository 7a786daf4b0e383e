//! `make pact-verify-broker`: holds this service to the pacts that a broker selects, and tells the broker the results.

#![allow(clippy::print_stdout, reason = "it tells whoever runs it what it found")]

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
    let told = verify_and_publish(&broker, &revision, &provider, |text| println!("{text}\n")).await;
    told.map_err(|errors| errors.iter().map(ToString::to_string).collect())
}
