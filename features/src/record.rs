//! What happened: scenarios, steps, outcomes. Everything that is printed or written is made from this.

use crate::{catalogue, stage::Place};
use cucumber::{
    event::Source,
    gherkin::{Feature, Rule, Scenario, Step},
};
use std::time::Duration;

/// All scenarios that were played at one place.
#[derive(Debug)]
pub(crate) struct Run {
    /// Where.
    pub(crate) place: Place,
    /// The scenarios, in the order in which they ended.
    pub(crate) played: Vec<Played>,
    /// How many were left out.
    pub(crate) left_out: usize,
    /// How long it took.
    pub(crate) took: Duration,
}

/// A scenario that was played.
#[derive(Debug)]
pub(crate) struct Played {
    /// The feature that it belongs to.
    pub(crate) feature: Source<Feature>,
    /// The rule that it belongs to.
    pub(crate) rule: Option<Source<Rule>>,
    /// The scenario; of an outline, one example.
    pub(crate) scenario: Source<Scenario>,
    /// Its steps, those of backgrounds first.
    pub(crate) steps: Vec<Acted>,
    /// What went wrong outside of any step.
    pub(crate) accident: Option<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// A step that was played, or should have been.
#[derive(Debug, Clone)]
pub(crate) struct Acted {
    /// The step as it is written.
    pub(crate) step: Step,
    /// What came of it.
    pub(crate) outcome: Outcome,
    /// Where its code is.
    pub(crate) code: Option<String>,
    /// How long it took.
    pub(crate) took: Duration,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It went well.
    Passed,
    /// It did not, and why.
    Failed(String),
    /// One before it failed.
    NotReached,
}

impl Played {
    /// A scenario that has not begun.
    pub(crate) fn new(feature: Source<Feature>, rule: Option<Source<Rule>>, scenario: Source<Scenario>) -> Self {
        let before = [feature.background.as_ref(), rule.as_ref().and_then(|rule| rule.background.as_ref())];
        let background = before.into_iter().flatten().flat_map(|background| &background.steps);
        let steps = background.chain(&scenario.steps).map(|step| Acted {
            step: step.clone(),
            outcome: Outcome::NotReached,
            code: None,
            took: Duration::ZERO,
        });
        let steps = steps.collect();
        Self { feature, rule, scenario, steps, accident: None, took: Duration::ZERO }
    }

    /// Why it failed, if it did.
    #[must_use]
    pub(crate) fn failure(&self) -> Option<&str> {
        let failed = self.steps.iter().find_map(|acted| match &acted.outcome {
            Outcome::Failed(reason) => Some(reason.as_str()),
            Outcome::Passed | Outcome::NotReached => None,
        });
        failed.or(self.accident.as_deref())
    }

    /// The step that failed, in words.
    pub(crate) fn failed_step(&self) -> Option<String> {
        let failed = self.steps.iter().find(|acted| matches!(acted.outcome, Outcome::Failed(_)))?;
        Some(format!("{} {}", failed.step.keyword.trim(), failed.step.value))
    }

    /// The name by which it can be chosen.
    #[must_use]
    pub(crate) fn full_name(&self) -> String {
        catalogue::full_name(&self.feature, self.rule.as_deref(), &self.scenario)
    }
}

impl Run {
    /// The scenarios that failed.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &Played> {
        self.played.iter().filter(|played| played.failure().is_some())
    }
}
