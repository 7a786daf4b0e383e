//! Listens to the runner, and keeps what happened.

use crate::{
    record::{Acted, Outcome, Played},
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

/// Keeps what happened, and tells the terminal as it happens.
#[derive(Debug)]
pub(crate) struct Recorder {
    terminal: Terminal,
    open: HashMap<Source<Scenario>, Open>,
    /// The scenarios that are over.
    pub(crate) played: Vec<Played>,
    /// Features that could not be read.
    pub(crate) complaints: Vec<String>,
}

/// A scenario that goes on.
#[derive(Debug)]
struct Open {
    played: Played,
    began: Instant,
    step_began: Instant,
}

impl Recorder {
    pub(crate) fn new(terminal: Terminal) -> Self {
        Self { terminal, open: HashMap::new(), played: Vec::new(), complaints: Vec::new() }
    }

    fn feature(&mut self, feature: Source<Feature>, event: event::Feature<World>) {
        match event {
            event::Feature::Scenario(scenario, event) => self.scenario(&feature, None, scenario, event.event),
            event::Feature::Rule(rule, event::Rule::Scenario(scenario, event)) => {
                self.scenario(&feature, Some(rule), scenario, event.event);
            }
            event::Feature::Finished => {
                let played: Vec<&Played> = self.played.iter().filter(|played| played.feature == feature).collect();
                self.terminal.feature(&feature, &played);
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
        let open = self.open.entry(scenario.clone()).or_insert_with(|| Open {
            played: Played::new(feature.clone(), rule, scenario.clone()),
            began: Instant::now(),
            step_began: Instant::now(),
        });
        match event {
            event::Scenario::Background(step, event) => open.step(&step, event),
            event::Scenario::Step(step, event) => open.step(&step, event),
            event::Scenario::Hook(which, event::Hook::Failed(_, info)) => {
                open.played.accident = Some(format!("{which} the scenario: {}", words(&info)));
            }
            event::Scenario::Finished => {
                if let Some(Open { mut played, began, .. }) = self.open.remove(&scenario) {
                    played.took = began.elapsed();
                    self.terminal.scenario(&played);
                    self.played.push(played);
                }
            }
            event::Scenario::Started
            | event::Scenario::Log(_)
            | event::Scenario::Hook(_, event::Hook::Started | event::Hook::Passed) => {}
        }
    }
}

impl Open {
    fn step(&mut self, step: &Step, event: event::Step<World>) {
        let (outcome, code) = match event {
            event::Step::Started => {
                self.step_began = Instant::now();
                return;
            }
            event::Step::Passed(_, code) => (Outcome::Passed, code),
            event::Step::Skipped => (Outcome::Failed(undefined(step)), None),
            event::Step::Failed(_, code, world, error) => (Outcome::Failed(why(&error, world)), code),
        };
        let took = self.step_began.elapsed();
        let code = code.map(|code| format!("{}:{}", code.path, code.line));
        if let Some(acted) = self.played.steps.iter_mut().find(|acted| acted.step.position == step.position) {
            *acted = Acted { outcome, code, took, ..acted.clone() };
        }
    }
}

fn undefined(step: &Step) -> String {
    format!(
        "no step is written for {:?}: `make bdd ARGS=--steps` lists those that are; more go into features/src/steps",
        format!("{}{}", step.keyword, step.value)
    )
}

fn why(error: &StepError, world: Option<Arc<World>>) -> String {
    let reason = match error {
        StepError::NotFound => "no step is written for it".to_owned(),
        StepError::AmbiguousMatch(error) => format!("more than one step is written for it:\n{error}"),
        StepError::Panic(info) => words(info),
    };
    let story = world.map(|world| format!("{world:?}")).unwrap_or_default();
    if story.is_empty() { reason } else { format!("{}\n\nThe scenario played {story}", reason.trim_end()) }
}

/// What a panic says.
fn words(info: &Info) -> String {
    let text = info.downcast_ref::<String>().cloned();
    text.or_else(|| info.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "it panicked without a word".to_owned())
}

impl Writer<World> for Recorder {
    type Cli = cli::Empty;

    async fn handle_event(&mut self, event: parser::Result<Event<event::Cucumber<World>>>, _: &cli::Empty) {
        match event.map(Event::into_inner) {
            Ok(event::Cucumber::Feature(feature, event)) => self.feature(feature, event),
            Ok(event::Cucumber::Started | event::Cucumber::ParsingFinished { .. } | event::Cucumber::Finished) => {}
            Err(error) => self.complaints.push(error.to_string()),
        }
    }
}

/// Scenarios are sorted out by what they are, in whatever order their events come.
impl writer::Normalized for Recorder {}
