//! The pacts that a broker selects for this service, and what is said to it about them.

use crate::{
    PROVIDER,
    provider::Provider,
    verify::{LoadedPact, Report, verify},
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

/// Pacts that appeared since then are verified even though nobody selected them; their failures do not count. It has to
/// be some day, and this service was not there before.
const WORK_IN_PROGRESS_SINCE: &str = "2026-01-01";

/// How often a request is tried again that the broker answers with 5xx, 408 or 429. Half a second after the first.
const RETRIES: u8 = 3;

/// A broker, and how to get in.
#[derive(Clone)]
pub struct Broker {
    url: String,
    auth: HttpAuth,
}

impl Broker {
    /// The broker that the environment names.
    ///
    /// # Errors
    /// Which variable is missing, with an example.
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

/// Without the secret.
impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broker").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Which service was verified.
#[derive(Debug, Clone)]
pub struct Revision {
    /// Its version: the commit.
    pub version: String,
    /// Its branch.
    pub branch: String,
    /// Where the build can be looked at, if there is one.
    pub build_url: Option<String>,
}

impl Revision {
    /// The revision that the environment names, as the Makefile fills it in.
    ///
    /// # Errors
    /// Which variable is missing.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let needed = |name: &str, what: &str| {
            variable(name)
                .filter(|value| !value.is_empty())
                .ok_or_else(|| format!("{name} is not set; name the {what} that is verified"))
        };
        Ok(Self {
            version: needed("PACT_VERSION", "commit")?,
            branch: needed("PACT_BRANCH", "branch")?,
            build_url: variable("PACT_BUILD_URL").filter(|value| !value.is_empty()),
        })
    }
}

/// Why verification through a broker is red.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker selects nothing, and to verify nothing proves nothing.
    #[error(
        "the broker at {0} selects no pacts for {PROVIDER:?}; if consumers should be there, look at its name, and at \
         whether their pacts were published (`make pact-publish` publishes those of this repository)"
    )]
    NoPacts(String),
    /// The conversation with the broker failed.
    #[error(
        "the broker at {url} does not give its pacts: {reason}; look at PACT_BROKER_BASE_URL, and at PACT_BROKER_TOKEN \
         or PACT_BROKER_USERNAME and PACT_BROKER_PASSWORD"
    )]
    Fetch {
        /// The broker.
        url: String,
        /// What it said.
        reason: String,
    },
    /// A pact could not be verified at all.
    #[error("{0}")]
    Verify(String),
    /// The service does not keep what it promised. The report says what.
    #[error("{0} pacts are not kept; each is told above")]
    Broken(usize),
    /// The results are not with the broker, so that nobody can rely on them.
    #[error("the results for {consumer} could not be published: {reason}")]
    Publish {
        /// Whose pact it was.
        consumer: String,
        /// What the broker said.
        reason: String,
    },
}

/// A pact that the broker has selected.
struct Selected {
    pact: LoadedPact,
    properties: PactVerificationProperties,
    links: Vec<Link>,
}

/// Verifies what the broker selects, tells it every result, and tells `tell` too.
///
/// # Errors
/// Every [`Error`] that was met; none hides another.
pub async fn verify_and_publish<R: Repo>(
    broker: &Broker,
    revision: &Revision,
    provider: &Arc<Provider<R>>,
    mut tell: impl FnMut(&str),
) -> Result<(), Vec<Error>> {
    let (mut errors, mut broken) = (Vec::new(), 0);
    for selected in fetch(broker, revision).await.map_err(|error| vec![error])? {
        let selected = match selected {
            Ok(selected) => selected,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        for notice in notices(&selected.properties, "before_verification") {
            tell(notice);
        }
        let report = match verify(provider, &selected.pact, selected.properties.pending).await {
            Ok(report) => report,
            Err(reason) => {
                errors.push(Error::Verify(reason));
                continue;
            }
        };
        tell(&report.to_string());
        broken += usize::from(!report.is_good());
        let kept = report.failures() == 0;
        match publish(broker, revision, selected.links, &report).await {
            Ok(()) => {
                for notice in
                    notices(&selected.properties, &format!("after_verification:success_{kept}_published_true"))
                {
                    tell(notice);
                }
            }
            Err(error) => errors.push(Error::Publish { consumer: report.consumer, reason: error.to_string() }),
        }
    }
    if broken > 0 {
        errors.push(Error::Broken(broken));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

async fn fetch(broker: &Broker, revision: &Revision) -> Result<Vec<Result<Selected, Error>>, Error> {
    crate::ready();
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
    let failed = |reason: String| Error::Fetch { url: broker.url.clone(), reason };
    let pacts = selected.map_err(|error| match error.downcast_ref() {
        Some(PactBrokerError::NotFound(_)) => Error::NoPacts(broker.url.clone()),
        _ => failed(format!("{error:#}")),
    })?;
    let each = pacts.into_iter().map(|pact| match pact {
        Ok((pact, context, links)) => {
            let properties = context.map(|context| context.verification_properties).unwrap_or_default();
            Ok(Selected { pact, properties, links })
        }
        Err(error) => Err(failed(error.to_string())),
    });
    Ok(each.collect())
}

/// What is on the consumers' main branches, what runs somewhere, and what belongs to the same piece of work as this.
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
    report: &Report,
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

/// What the broker wants people to read at this point.
fn notices<'a>(properties: &'a PactVerificationProperties, when: &str) -> impl Iterator<Item = &'a str> {
    let notices = properties.notices.iter();
    notices
        .filter(move |notice| notice.get("when").is_some_and(|at| at == when))
        .filter_map(|notice| Some(notice.get("text")?.as_str()))
}
