//! Holds everything that the reports show.

use super::Provenance;
use crate::{
    catalogue::Catalogue,
    contract::{Contract, Coverage, Uncovered},
    results::EnvironmentRun,
};
use std::{sync::Arc, time::Duration};

/// The features, the results of every run, and the coverage of the contract.
#[derive(Debug)]
pub(crate) struct FullReport {
    pub(crate) provenance: Provenance,
    pub(crate) catalogue: Catalogue,
    pub(crate) runs: Vec<EnvironmentRun>,
    /// Errors that belong to no scenario: of the feature files, or of the coverage.
    pub(crate) errors: Vec<String>,
    pub(crate) contract: Arc<Contract>,
    pub(crate) coverage: Coverage,
    pub(crate) uncovered: Uncovered,
    /// Whether every scenario ran over every store.
    pub(crate) complete: bool,
    pub(crate) duration: Duration,
}

impl FullReport {
    /// How many pairs of operation and status were seen, and how many the contract declares.
    pub(crate) fn seen_and_declared(&self) -> (usize, usize) {
        let seen = self.contract.pairs().filter(|pair| self.coverage.0.contains_key(pair)).count();
        (seen, self.contract.pairs().count())
    }

    /// The coverage of the contract, in one line.
    pub(crate) fn coverage_line(&self) -> String {
        let (seen, declared) = self.seen_and_declared();
        format!(
            "of {declared} pairs of operation and status in the contract, {seen} were seen; {} cannot be",
            self.uncovered.0.len()
        )
    }
}
