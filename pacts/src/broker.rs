//! Verifies the service against the pacts that a broker selects, and publishes the results to the broker.

use crate::{
    PROVIDER,
    provider::Provider,
    verify::{LoadedPact, VerificationReport, verify},
};
use pact_models::http_utils::HttpAuth;
use pact_verifier::{
    ConsumerVersionSelector,
    pact_broker::{
        Link, PactBrokerError, PactVerificationProperties, TestResult, fetch_pacts_dynamically_from_broker,
        publish_verification_results,
    },
};
use payments::payments::Repo;
use std::{fmt, sync::Arc};

/// Work-in-progress pacts published since this day are verified although no selector matches them; their failures do not
/// count. The broker requires a day; this one is before the first commit.
const WORK_IN_PROGRESS_SINCE: &str = "2026-01-01";

/// How often a request is retried that the broker answers with 5xx, 408 or 429. Pact pauses half a second before the first
/// retry.
const RETRIES: u8 = 3;

/// A broker: its address and credentials.
#[derive(Clone)]
pub struct Broker {
    url: String,
    auth: HttpAuth,
}

impl Broker {
    /// Reads the broker from environment variables.
    ///
    /// # Errors
    /// The variable that is missing, with an example.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let url = variable("PACT_BROKER_BASE_URL").ok_or(
            "PACT_BROKER_BASE_URL is not set; name the broker, for example \
             PACT_BROKER_BASE_URL=http://localhost:9292",
        )?;
        let auth = match (variable("PACT_BROKER_TOKEN"), variable("PACT_BROKER_USERNAME")) {
            (Some(token), None) => HttpAuth::Token(token),
            (None, Some(user)) => HttpAuth::User(user, variable("PACT_BROKER_PASSWORD")),
            (None, None) => HttpAuth::None,
            (Some(_), Some(_)) => {
                return Err("both PACT_BROKER_TOKEN and PACT_BROKER_USERNAME are set; keep one".to_owned());
            }
        };
        Ok(Self { url, auth })
    }
}

/// Leaves the credentials out.
impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("url", &self.url).finish_non_exhaustive()
    }
}

/// The revision of the service that is verified.
#[derive(Debug, Clone)]
pub struct Revision {
    /// The version: the commit.
    pub version: String,
    /// The branch.
    pub branch: String,
    /// The address of the CI build, if there is one.
    pub build_url: Option<String>,
}

impl Revision {
    /// Reads the revision from environment variables, which the Makefile sets.
    ///
    /// # Errors
    /// The variable that is missing.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let required = |name: &str, what: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("{name} is not set: set it to the {what} that is verified"))
        };
        Ok(Self {
            version: required("PACT_VERSION", "commit")?,
            branch: required("PACT_BRANCH", "branch")?,
            build_url: variable("PACT_BUILD_URL").filter(|value| !value.is_empty()),
        })
    }
}

/// Why a verification through a broker fails.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The broker selects no pacts: a verification of nothing would pass.
    #[error(
        "the broker at {0} selects no pacts for {PROVIDER:?}; if it should, check that the name is right, and \
         that the consumers have published their pacts (`make pact-publish` publishes those of this repository)"
    )]
    NoPacts(String),
    /// The broker did not hand out its pacts.
    #[error(
        "the pacts cannot be fetched from the broker at {url}: {reason}; check PACT_BROKER_BASE_URL, and PACT_BROKER_TOKEN \
         or PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD"
    )]
    Fetch {
        /// The broker's address.
        url: String,
        /// The reason.
        reason: String,
    },
    /// A pact could not be verified at all.
    #[error("{0}")]
    Verify(String),
    /// Verification failed for some pacts. Their reports were printed.
    #[error("{0} pacts failed; the output above says why")]
    Failed(usize),
    /// The broker did not accept the results, so `can-i-deploy` does not know them.
    #[error("the results for {consumer} could not be published: {reason}")]
    Publish {
        /// The consumer that wrote the pact.
        consumer: String,
        /// The broker's reason.
        reason: String,
    },
}

/// A pact that the broker has selected.
struct SelectedPact {
    pact: LoadedPact,
    properties: PactVerificationProperties,
    links: Vec<Link>,
}

/// Verifies the pacts that the broker selects, publishes every result, and hands reports and the broker's notices to
/// `print`.
///
/// # Errors
/// Every [`BrokerError`] that occurred; an error with one pact does not stop the others.
pub async fn verify_and_publish<R: Repo>(
    broker: &Broker,
    revision: &Revision,
    provider: &Arc<Provider<R>>,
    mut print: impl FnMut(&str),
) -> Result<(), Vec<BrokerError>> {
    let (mut errors, mut failed) = (Vec::new(), 0);
    for selected in fetch(broker, revision).await.map_err(|error| vec![error])? {
        let selected = match selected {
            Ok(selected) => selected,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        for notice in notices(&selected.properties, "before_verification") {
            print(notice);
        }
        let report = match verify(provider, &selected.pact, selected.properties.pending).await {
            Ok(report) => report,
            Err(reason) => {
                errors.push(BrokerError::Verify(reason));
                continue;
            }
        };
        print(&report.to_string());
        failed += usize::from(!report.passed());
        let success = report.failures() == 0;
        match publish(broker, revision, selected.links, &report).await {
            Ok(()) => {
                for notice in
                    notices(&selected.properties, &format!("after_verification:success_{success}_published_true"))
                {
                    print(notice);
                }
            }
            Err(error) => errors.push(BrokerError::Publish { consumer: report.consumer, reason: error.to_string() }),
        }
    }
    if failed > 0 {
        errors.push(BrokerError::Failed(failed));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

async fn fetch(broker: &Broker, revision: &Revision) -> Result<Vec<Result<SelectedPact, BrokerError>>, BrokerError> {
    crate::install_crypto_provider();
    let selected = fetch_pacts_dynamically_from_broker(
        &broker.url,
        PROVIDER.to_owned(),
        true,
        Some(WORK_IN_PROGRESS_SINCE.to_owned()),
        Vec::new(),
        Some(revision.branch.clone()),
        selectors(),
        Some(broker.auth.clone()),
        RETRIES,
    )
    .await;
    let failed = |reason: String| BrokerError::Fetch { url: broker.url.clone(), reason };
    let pacts = selected.map_err(|error| match error.downcast_ref() {
        Some(PactBrokerError::NotFound(_)) => BrokerError::NoPacts(broker.url.clone()),
        _ => failed(format!("{error:#}")),
    })?;
    let each = pacts.into_iter().map(|pact| match pact {
        Ok((pact, context, links)) => {
            let properties = context.map(|context| context.verification_properties).unwrap_or_default();
            Ok(SelectedPact { pact, properties, links })
        }
        Err(error) => Err(failed(error.to_string())),
    });
    Ok(each.collect())
}

/// Selects pacts of the consumers' main branches, of deployed or released consumers, and of branches named like this one.
fn selectors() -> Vec<ConsumerVersionSelector> {
    let none = || ConsumerVersionSelector {
        consumer: None,
        tag: None,
        fallback_tag: None,
        latest: None,
        deployed_or_released: None,
        deployed: None,
        released: None,
        environment: None,
        main_branch: None,
        branch: None,
        matching_branch: None,
        fallback_branch: None,
    };
    vec![
        ConsumerVersionSelector { main_branch: Some(true), ..none() },
        ConsumerVersionSelector { deployed_or_released: Some(true), ..none() },
        ConsumerVersionSelector { matching_branch: Some(true), ..none() },
    ]
}

async fn publish(
    broker: &Broker,
    revision: &Revision,
    links: Vec<Link>,
    report: &VerificationReport,
) -> Result<(), PactBrokerError> {
    let results = report.interactions.iter().map(|each| &each.result);
    let result = if report.failures() == 0 {
        TestResult::Ok(results.map(|each| each.interaction_id.clone()).collect())
    } else {
        TestResult::Failed(
            results
                .map(|each| {
                    let description = Some(each.interaction_description.clone());
                    (each.interaction_id.clone(), description, each.result.as_ref().err().cloned())
                })
                .collect(),
        )
    };
    let Revision { version, branch, build_url } = revision.clone();
    let auth = Some(broker.auth.clone());
    publish_verification_results(
        links,
        &broker.url,
        auth,
        result,
        version,
        build_url,
        Vec::new(),
        Some(branch),
        None,
        RETRIES,
    )
    .await
    .map(drop)
}

/// The broker's notices for this stage of the verification.
fn notices<'a>(properties: &'a PactVerificationProperties, when: &str) -> impl Iterator<Item = &'a str> {
    let notices = properties.notices.iter();
    notices
        .filter(move |notice| notice.get("when").is_some_and(|stage| stage == when))
        .filter_map(|notice| Some(notice.get("text")?.as_str()))
}
