//! Receives the events of the cucumber runner, and records the results.

use crate::{
    results::{ScenarioResult, StepOutcome, StepResult},
    terminal::Terminal,
    world::World,
};
use cucumber::{
    Event, Writer, cli,
    event::{self, Info, Source, StepError},
    gherkin::{Feature, Rule, Scenario, Step},
    parser, writer,
};
use std::{collections::HashMap, sync::Arc, time::Instant};

/// Records results, and prints them as they come in.
#[derive(Debug)]
pub(crate) struct Recorder {
    terminal: Terminal,
    running: HashMap<Source<Scenario>, RunningScenario>,
    /// The scenarios that have ended.
    pub(crate) scenarios: Vec<ScenarioResult>,
    /// Errors of the runner's parser.
    pub(crate) errors: Vec<String>,
}

/// A scenario that has not ended.
#[derive(Debug)]
struct RunningScenario {
    result: ScenarioResult,
    started: Instant,
    step_started: Instant,
}

impl Recorder {
    pub(crate) fn new(terminal: Terminal) -> Self {
        Self { terminal, running: HashMap::new(), scenarios: Vec::new(), errors: Vec::new() }
    }

    fn feature(&mut self, feature: Source<Feature>, event: event::Feature<World>) {
        match event {
            event::Feature::Scenario(scenario, event) => self.scenario(&feature, None, scenario, event.event),
            event::Feature::Rule(rule, event::Rule::Scenario(scenario, event)) => {
                self.scenario(&feature, Some(rule), scenario, event.event);
            }
            event::Feature::Finished => {
                let scenarios: Vec<&ScenarioResult> =
                    self.scenarios.iter().filter(|scenario| scenario.feature == feature).collect();
                self.terminal.feature(&feature, &scenarios);
            }
            event::Feature::Started | event::Feature::Rule(_, event::Rule::Started | event::Rule::Finished) => {}
        }
    }

    fn scenario(
        &mut self,
        feature: &Source<Feature>,
        rule: Option<Source<Rule>>,
        scenario: Source<Scenario>,
        event: event::Scenario<World>,
    ) {
        let running = self.running.entry(scenario.clone()).or_insert_with(|| RunningScenario {
            result: ScenarioResult::new(feature.clone(), rule, scenario.clone()),
            started: Instant::now(),
            step_started: Instant::now(),
        });
        match event {
            event::Scenario::Background(step, event) => running.step(&step, event),
            event::Scenario::Step(step, event) => running.step(&step, event),
            event::Scenario::Hook(which, event::Hook::Failed(_, info)) => {
                running.result.hook_failure = Some(format!("{which} the scenario: {}", panic_message(&info)));
            }
            event::Scenario::Finished => {
                if let Some(RunningScenario { mut result, started, .. }) = self.running.remove(&scenario) {
                    result.duration = started.elapsed();
                    self.terminal.scenario(&result);
                    self.scenarios.push(result);
                }
            }
            event::Scenario::Started
            | event::Scenario::Log(_)
            | event::Scenario::Hook(_, event::Hook::Started | event::Hook::Passed) => {}
        }
    }
}

impl RunningScenario {
    fn step(&mut self, step: &Step, event: event::Step<World>) {
        let (outcome, code) = match event {
            event::Step::Started => {
                self.step_started = Instant::now();
                return;
            }
            event::Step::Passed(_, code) => (StepOutcome::Passed, code),
            event::Step::Skipped => (StepOutcome::Failed(undefined_step(step)), None),
            event::Step::Failed(_, code, world, error) => (StepOutcome::Failed(failure(&error, world)), code),
        };
        let duration = self.step_started.elapsed();
        let code = code.map(|code| format!("{}:{}", code.path, code.line));
        if let Some(result) = self.result.steps.iter_mut().find(|result| result.step.position == step.position) {
            *result = StepResult { outcome, code, duration, ..result.clone() };
        }
    }
}

fn undefined_step(step: &Step) -> String {
    format!(
        "no step is defined for {:?}: `make bdd ARGS=--steps` lists the steps; define new ones in features/src/steps",
        format!("{}{}", step.keyword, step.value)
    )
}

/// Why a step failed, and what the scenario did before.
fn failure(error: &StepError, world: Option<Arc<World>>) -> String {
    let reason = match error {
        StepError::NotFound => "no step is defined for it".to_owned(),
        StepError::AmbiguousMatch(error) => format!("more than one step is defined for it:\n{error}"),
        StepError::Panic(info) => panic_message(info),
    };
    let history = world.map(|world| format!("{world:?}")).unwrap_or_default();
    if history.is_empty() { reason } else { format!("{}\n\nThe scenario ran {history}", reason.trim_end()) }
}

/// The message of a panic.
fn panic_message(info: &Info) -> String {
    let text = info.downcast_ref::<String>().cloned();
    text.or_else(|| info.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "it panicked without a message".to_owned())
}

impl Writer<World> for Recorder {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<event::Cucumber<World>>>, _: &cli::Empty) {
        match event.map(Event::into_inner) {
            Ok(event::Cucumber::Feature(feature, event)) => self.feature(feature, event),
            Ok(event::Cucumber::Started | event::Cucumber::ParsingFinished { .. } | event::Cucumber::Finished) => {}
            Err(error) => self.errors.push(error.to_string()),
        }
    }
}

/// The recorder handles interleaved events of concurrent scenarios itself, so the runner need not order them.
impl writer::Normalized for Recorder {}
