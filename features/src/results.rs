//! Records the results of scenarios and steps. The terminal output and all reports are made from them.

use crate::{catalogue, environment::Environment};
use cucumber::{
    event::Source,
    gherkin::{Feature, Rule, Scenario, Step},
};
use std::time::Duration;

/// The results of all scenarios that ran in one environment.
#[derive(Debug)]
pub(crate) struct EnvironmentRun {
    pub(crate) environment: Environment,
    /// The scenarios, in the order in which they ended.
    pub(crate) scenarios: Vec<ScenarioResult>,
    /// How many scenarios were left out by tags or filters.
    pub(crate) filtered_out: usize,
    pub(crate) duration: Duration,
}

/// The result of a scenario.
#[derive(Debug)]
pub(crate) struct ScenarioResult {
    pub(crate) feature: Source<Feature>,
    /// The rule of the feature that the scenario belongs to, if any.
    pub(crate) rule: Option<Source<Rule>>,
    /// The scenario; of an outline, one example.
    pub(crate) scenario: Source<Scenario>,
    /// The steps, those of backgrounds first.
    pub(crate) steps: Vec<StepResult>,
    /// A failure before or after the steps.
    pub(crate) hook_failure: Option<String>,
    pub(crate) duration: Duration,
}

/// The result of a step.
#[derive(Debug, Clone)]
pub(crate) struct StepResult {
    /// The step as the feature file has it.
    pub(crate) step: Step,
    pub(crate) outcome: StepOutcome,
    /// File and line of the step's function.
    pub(crate) code: Option<String>,
    pub(crate) duration: Duration,
}

/// The outcome of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StepOutcome {
    Passed,
    /// The step failed; the text says why.
    Failed(String),
    /// A step before it failed.
    NotReached,
}

impl ScenarioResult {
    /// The result of a scenario that has not begun: no step was reached.
    pub(crate) fn new(feature: Source<Feature>, rule: Option<Source<Rule>>, scenario: Source<Scenario>) -> Self {
        let backgrounds = [feature.background.as_ref(), rule.as_ref().and_then(|rule| rule.background.as_ref())];
        let background = backgrounds.into_iter().flatten().flat_map(|background| &background.steps);
        let steps = background.chain(&scenario.steps).map(|step| StepResult {
            step: step.clone(),
            outcome: StepOutcome::NotReached,
            code: None,
            duration: Duration::ZERO,
        });
        let steps = steps.collect();
        Self { feature, rule, scenario, steps, hook_failure: None, duration: Duration::ZERO }
    }

    /// Why the scenario failed; `None` if it passed.
    #[must_use]
    pub(crate) fn failure(&self) -> Option<&str> {
        let failed = self.steps.iter().find_map(|step| match &step.outcome {
            StepOutcome::Failed(reason) => Some(reason.as_str()),
            StepOutcome::Passed | StepOutcome::NotReached => None,
        });
        failed.or(self.hook_failure.as_deref())
    }

    /// The text of the step that failed.
    pub(crate) fn failed_step(&self) -> Option<String> {
        let failed = self.steps.iter().find(|step| matches!(step.outcome, StepOutcome::Failed(_)))?;
        Some(format!("{} {}", failed.step.keyword.trim(), failed.step.value))
    }

    /// The name that filters are matched against.
    #[must_use]
    pub(crate) fn full_name(&self) -> String {
        catalogue::full_name(&self.feature, self.rule.as_deref(), &self.scenario)
    }
}

impl EnvironmentRun {
    /// The scenarios that failed.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &ScenarioResult> {
        self.scenarios.iter().filter(|scenario| scenario.failure().is_some())
    }
}
