//! Verifies the service against pacts, and reports failures with consumer, interaction, request and answer.

use crate::{committed, provider::Provider};
use pact_models::{
    interaction::Interaction,
    pact::{Pact, load_pact_from_json},
};
use pact_verifier::{
    FilterInfo, MismatchResult, VerificationOptions, verification_result::VerificationInteractionResult,
    verify_pact_internal,
};
use payments::payments::Repo;
use std::{collections::HashMap, fmt, panic::RefUnwindSafe, path::Path, sync::Arc, time::Duration};

/// A pact, as the verifier takes it.
pub type LoadedPact = Box<dyn Pact + Send + Sync + RefUnwindSafe>;

/// The results of all interactions of a pact. Its `Display` lists every failure, each beginning with consumer and
/// interaction, and ends with a line of totals.
#[derive(Debug)]
pub struct VerificationReport {
    /// The consumer that wrote the pact.
    pub consumer: String,
    /// The interactions, in the order of the pact.
    pub interactions: Vec<VerifiedInteraction>,
}

/// The result of one interaction.
#[derive(Debug)]
pub struct VerifiedInteraction {
    /// The consumer's description.
    pub description: String,
    /// Whether the interaction is pending: it has never passed on this branch, so a failure does not count yet.
    pub pending: bool,
    /// The explanation of a failure, in lines.
    pub failure: Option<String>,
    /// The verifier's own result, which is published to a broker.
    pub result: VerificationInteractionResult,
}

impl VerificationReport {
    /// Whether every interaction passed that is not pending.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.interactions.iter().all(|each| each.pending || each.failure.is_none())
    }

    /// Checks that every interaction in `written` was verified: the verifier skips interactions that it cannot read.
    ///
    /// # Errors
    /// Which were left out.
    pub fn ensure_covers(&self, written: &[&str]) -> Result<(), String> {
        let mut verified: Vec<&str> = self.interactions.iter().map(|each| each.description.as_str()).collect();
        let mut left_out = Vec::new();
        for description in written {
            match verified.iter().position(|each| each == description) {
                Some(index) => drop(verified.swap_remove(index)),
                None => left_out.push(*description),
            }
        }
        if left_out.is_empty() {
            return Ok(());
        }
        let (all, some) = (written.len(), written.len() - left_out.len());
        Err(format!("{}: {some} of {all} interactions were verified; left out: {}", self.consumer, left_out.join(", ")))
    }

    /// How many interactions failed, pending ones included.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.interactions.iter().filter(|each| each.failure.is_some()).count()
    }
}

impl fmt::Display for VerificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for each in &self.interactions {
            let Some(failure) = &each.failure else { continue };
            let pending = if each.pending { " (pending: it does not count yet)" } else { "" };
            writeln!(f, "{}: {}{pending}\n{failure}\n", self.consumer, each.description)?;
        }
        let passed = self.interactions.len() - self.failures();
        write!(f, "{}: {passed} of {} interactions passed", self.consumer, self.interactions.len())
    }
}

/// Verifies `provider` against every pact in `folder`.
///
/// # Errors
/// When the folder has no pacts, when one cannot be read, or when an interaction of a file was not verified.
pub async fn verify_folder<R: Repo>(
    provider: &Arc<Provider<R>>,
    folder: &Path,
) -> Result<Vec<VerificationReport>, String> {
    let mut reports = Vec::new();
    for file in committed::read(folder).map_err(|error| error.to_string())? {
        let name = file.path.display();
        let pact = load_pact_from_json(&name.to_string(), &file.json).map_err(|error| format!("{name}: {error:#}"))?;
        let report = verify(provider, &pact, false).await?;
        report.ensure_covers(&file.interactions())?;
        reports.push(report);
    }
    Ok(reports)
}

/// Verifies `provider` against `pact`. If the pact is `pending`, its failures do not count.
///
/// # Errors
/// When the verifier could not do its work, or left interactions out.
pub async fn verify<R: Repo>(
    provider: &Arc<Provider<R>>,
    pact: &LoadedPact,
    pending: bool,
) -> Result<VerificationReport, String> {
    let consumer = pact.consumer().name;
    let options = VerificationOptions {
        request_filter: Some(provider.request_filter()),
        coloured_output: false,
        follow_redirects: false,
        // In milliseconds: a slow machine may take longer than the usual five seconds.
        request_timeout: 60_000,
        ..VerificationOptions::default()
    };
    // The public `verify_provider_async` sends usage statistics, prints everything, and returns `true` for a folder without
    // pacts and for results that a broker refused. Hence the internal function.
    let info = provider.info();
    provider.begin(pact.as_ref());
    let verified =
        verify_pact_internal(&info, &FilterInfo::None, pact.boxed(), &options, provider, pending, Duration::ZERO);
    let verified = verified.await.map_err(|error| format!("{consumer}: the pact cannot be verified: {error:#}"))?;
    let interactions = pact.interactions();
    let results = interactions.iter().zip(verified.results).enumerate();
    let interactions = results.map(|(index, (interaction, result))| VerifiedInteraction {
        description: result.interaction_description.clone(),
        pending: result.pending,
        failure: result
            .result
            .as_ref()
            .err()
            .map(|error| explain(interaction.as_ref(), provider.state_errors(index), error)),
        result,
    });
    let report = VerificationReport { consumer, interactions: interactions.collect() };
    let written: Vec<String> = pact.interactions().iter().map(|each| each.description()).collect();
    report.ensure_covers(&written.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(report)
}

/// Explains a failure: the request, the provider states with their parameters, why they could not be entered, every mismatch,
/// and the answer with its body.
fn explain(interaction: &dyn Interaction, state_errors: Vec<String>, error: &MismatchResult) -> String {
    let mut lines = Vec::new();
    if let Some(http) = interaction.as_v4_http() {
        let query = http.request.query.map(|query| format!("?{}", query_text(&query))).unwrap_or_default();
        lines.push(format!("{} {}{query}", http.request.method, http.request.path));
    }
    for state in interaction.provider_states() {
        let mut params: Vec<String> = state.params.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        params.sort();
        lines.push(format!("given {:?}{}", state.name, params.concat()));
    }
    let states_entered = state_errors.is_empty();
    lines.extend(state_errors.into_iter().map(|reason| format!("- {reason}")));
    match error {
        MismatchResult::Mismatches { mismatches, actual, .. } => {
            lines.extend(mismatches.iter().map(|mismatch| format!("- {}", mismatch.description())));
            if let Some(answer) = actual.as_v4_http().map(|http| http.response) {
                lines.push(format!("the answer was {} {}", answer.status, answer.body.display_string()));
            }
        }
        // Where a state failed, the error says no more than that; `state_errors` says why.
        MismatchResult::Error(error, _) if states_entered => lines.push(format!("- {error}")),
        MismatchResult::Error(..) => {}
    }
    lines.iter().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

fn query_text(query: &HashMap<String, Vec<Option<String>>>) -> String {
    let mut pairs: Vec<String> = query
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| (name, value.as_deref().unwrap_or_default())))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.sort();
    pairs.join("&")
}
