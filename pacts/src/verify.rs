//! Holds the service to a pact, and tells what it did not keep: whose, which interaction, which request.

use crate::{committed, provider::Provider};
use pact_models::{
    interaction::Interaction,
    pact::{Pact, load_pact_from_json},
};
use pact_verifier::{
    FilterInfo, MismatchResult, NullRequestFilterExecutor, VerificationOptions,
    verification_result::VerificationInteractionResult, verify_pact_internal,
};
use payments::payments::Repo;
use std::{collections::HashMap, fmt, panic::RefUnwindSafe, path::Path, sync::Arc, time::Duration};

/// A pact, as the verifier has it.
pub type LoadedPact = Box<dyn Pact + Send + Sync + RefUnwindSafe>;

/// What became of the interactions of a pact.
#[derive(Debug)]
pub struct Report {
    /// The consumer whose pact it is.
    pub consumer: String,
    /// Each interaction, in the order of the pact.
    pub interactions: Vec<Verified>,
}

/// An interaction that was verified.
#[derive(Debug)]
pub struct Verified {
    /// What the consumer calls it.
    pub description: String,
    /// Whether a failure is news that nobody has had a chance to act on.
    pub pending: bool,
    /// What is wrong, in lines; `None` if nothing is.
    pub failure: Option<String>,
    /// The same, as the verifier has it.
    pub result: VerificationInteractionResult,
}

impl Report {
    /// Whether nothing failed that counts.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.interactions.iter().all(|each| each.pending || each.failure.is_none())
    }

    /// Whether every interaction that is `written` in the pact was verified, whatever the verifier made of the file.
    ///
    /// # Errors
    /// Which were not.
    pub fn covers(&self, written: &[&str]) -> Result<(), String> {
        let mut verified: Vec<&str> = self.interactions.iter().map(|each| each.description.as_str()).collect();
        let mut left_out = Vec::new();
        for description in written {
            match verified.iter().position(|each| each == description) {
                Some(at) => drop(verified.swap_remove(at)),
                None => left_out.push(*description),
            }
        }
        if left_out.is_empty() {
            return Ok(());
        }
        let (all, some) = (written.len(), written.len() - left_out.len());
        Err(format!("{}: {some} of {all} interactions were verified; left out: {}", self.consumer, left_out.join(", ")))
    }

    /// How many interactions failed, whether it counts or not.
    #[must_use]
    pub fn failures(&self) -> usize {
        self.interactions.iter().filter(|each| each.failure.is_some()).count()
    }
}

/// Every failure, each beginning with consumer and interaction; then a line in sum.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for each in &self.interactions {
            let Some(failure) = &each.failure else { continue };
            let pending = if each.pending { " (pending: it does not count yet)" } else { "" };
            writeln!(f, "{}: {}{pending}\n{failure}\n", self.consumer, each.description)?;
        }
        let verified = self.interactions.len() - self.failures();
        write!(f, "{}: {verified} of {} interactions hold", self.consumer, self.interactions.len())
    }
}

/// Holds `provider` to every pact in `folder`, and to every interaction that stands in the files.
///
/// # Errors
/// When there are none, when one cannot be read, and when less was verified than is written there.
pub async fn verify_folder<R: Repo>(provider: &Arc<Provider<R>>, folder: &Path) -> Result<Vec<Report>, String> {
    let mut reports = Vec::new();
    for file in committed::read(folder).map_err(|error| error.to_string())? {
        let name = file.path.display();
        let pact = load_pact_from_json(&name.to_string(), &file.json).map_err(|error| format!("{name}: {error:#}"))?;
        let report = verify(provider, &pact, false).await?;
        report.covers(&file.interactions())?;
        reports.push(report);
    }
    Ok(reports)
}

/// Holds `provider` to `pact`. If the pact is `pending`, failures do not count.
///
/// # Errors
/// When the verifier could not do its work, or left interactions out.
pub async fn verify<R: Repo>(provider: &Arc<Provider<R>>, pact: &LoadedPact, pending: bool) -> Result<Report, String> {
    let consumer = pact.consumer().name;
    let options = VerificationOptions::<NullRequestFilterExecutor> {
        coloured_output: false,
        follow_redirects: false,
        ..VerificationOptions::default()
    };
    // This, and not the function around it, because that one sends statistics, prints everything, and says `true` of a
    // folder without pacts and of results that a broker refused.
    let info = provider.info();
    let verified =
        verify_pact_internal(&info, &FilterInfo::None, pact.boxed(), &options, provider, pending, Duration::ZERO);
    let verified = verified.await.map_err(|error| format!("{consumer}: the pact cannot be verified: {error:#}"))?;
    let interactions = pact.interactions();
    let interactions = interactions.iter().zip(verified.results).map(|(interaction, result)| Verified {
        description: result.interaction_description.clone(),
        pending: result.pending,
        failure: result.result.as_ref().err().map(|fault| explain(provider, interaction.as_ref(), &result, fault)),
        result,
    });
    let report = Report { consumer, interactions: interactions.collect() };
    let written: Vec<String> = pact.interactions().iter().map(|each| each.description()).collect();
    report.covers(&written.iter().map(String::as_str).collect::<Vec<_>>())?;
    Ok(report)
}

/// What was asked, in which state, what is wrong with the answer, and the answer.
fn explain<R: Repo>(
    provider: &Provider<R>,
    interaction: &dyn Interaction,
    result: &VerificationInteractionResult,
    fault: &MismatchResult,
) -> String {
    let mut lines = Vec::new();
    if let Some(http) = interaction.as_v4_http() {
        let query = http.request.query.map(|query| format!("?{}", query_text(&query))).unwrap_or_default();
        lines.push(format!("{} {}{query}", http.request.method, http.request.path));
    }
    let mut reasons = Vec::new();
    for state in &result.provider_states {
        lines.push(format!("given {state:?}"));
        reasons.extend(provider.failure(state).map(|reason| format!("- {reason}")));
    }
    let entered = reasons.is_empty();
    lines.append(&mut reasons);
    match fault {
        MismatchResult::Mismatches { mismatches, actual, .. } => {
            lines.extend(mismatches.iter().map(|mismatch| format!("- {}", mismatch.description())));
            if let Some(answer) = actual.as_v4_http().map(|http| http.response) {
                lines.push(format!("the answer was {} {}", answer.status, answer.body.display_string()));
            }
        }
        // Of a state it only says that it failed.
        MismatchResult::Error(error, _) if entered => lines.push(format!("- {error}")),
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
