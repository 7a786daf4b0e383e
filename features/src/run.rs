//! A run: the features at every place, the coverage of the contract, the reports, and the verdict.

use crate::{
    catalogue::{self, Catalogue, Selected, scenarios},
    client::Client,
    contract::{Contract, Coverage, Uncovered},
    options::{Options, Task},
    record::Run,
    recorder::Recorder,
    report,
    stage::{Place, Stage},
    steps,
    terminal::Terminal,
    world::World,
};
use cucumber::{Cucumber, World as _, runner};
use futures::FutureExt as _;
use std::{sync::Arc, time::Instant};

/// How many scenarios play at once. More would only wait for one another.
const AT_ONCE: usize = 16;

/// Does what `options` say, and returns the exit code: 0 if all went well, 101 if something failed, as tests do.
pub async fn run(options: &Options, terminal: Terminal) -> u8 {
    let catalogue = Catalogue::read(&options.features);
    match options.task {
        Task::List => list(options, &catalogue, &terminal),
        Task::Steps => {
            steps::all().iter().for_each(|step| terminal.say(step));
            0
        }
        Task::Report => report::locate(&options.reports, &terminal),
        Task::Play => match play(options, catalogue, &terminal).await {
            Ok(code) => code,
            Err(error) => {
                terminal.complaint(&error);
                terminal.result(0, 1, 0, std::time::Duration::ZERO);
                101
            }
        },
    }
}

async fn play(options: &Options, catalogue: Catalogue, terminal: &Terminal) -> Result<u8, String> {
    let began = Instant::now();
    let contract = Arc::new(Contract::read(&options.contract)?);
    let uncovered = Uncovered::read(&options.uncovered)?;
    let mut complaints = catalogue.complaints.clone();
    let (mut runs, mut coverage) = (Vec::new(), Coverage::default());
    for place in &options.places {
        let (run, seen) = play_at(place, options, &catalogue, &contract, terminal, &mut complaints).await;
        let stop = options.fail_fast && run.failed().next().is_some();
        seen.0.into_iter().for_each(|(pair, times)| *coverage.0.entry(pair).or_default() += times);
        runs.push(run);
        if stop {
            break;
        }
    }
    if options.selection.is_everything() {
        complaints.extend(catalogue.idle());
    }
    if runs.iter().all(|run| run.played.is_empty()) && !options.may_be_idle {
        complaints.push("no scenario was played: none is what the options ask for".to_owned());
    }
    if options.full {
        complaints.extend(coverage.complaints(&contract, &uncovered));
    }
    let story = report::Story {
        catalogue,
        runs,
        complaints,
        contract,
        coverage,
        uncovered,
        full: options.full,
        took: began.elapsed(),
    };
    Ok(conclude(options, &story, terminal))
}

async fn play_at(
    place: &Place,
    options: &Options,
    catalogue: &Catalogue,
    contract: &Arc<Contract>,
    terminal: &Terminal,
    complaints: &mut Vec<String>,
) -> (Run, Coverage) {
    let began = Instant::now();
    let features = catalogue.selected(&options.selection, place);
    let count =
        |features: &[cucumber::gherkin::Feature]| features.iter().map(|feature| scenarios(feature).count()).sum();
    let wanted: usize = count(&features);
    let left_out = count(&catalogue.expanded).saturating_sub(wanted);
    let mut run = Run { place: place.clone(), played: Vec::new(), left_out, took: began.elapsed() };
    if features.is_empty() {
        return (run, Coverage::default());
    }
    terminal.heading(place);
    let stage = Stage::set(place.clone(), Arc::clone(contract), Client::new(options.patience)).await;
    let stage = Arc::new(stage);
    let recorder = Recorder::new(terminal.clone().with_every_step(options.verbose));
    let recorder = perform(Selected(features), recorder, &stage, options.fail_fast).await;
    complaints.extend(recorder.complaints);
    run.played = recorder.played;
    run.took = began.elapsed();
    let coverage = stage.coverage().clone();
    (run, coverage)
}

/// Lets cucumber play the scenarios.
async fn perform(features: Selected, recorder: Recorder, stage: &Arc<Stage>, fail_fast: bool) -> Recorder {
    // A server that is up already has one store for all.
    let at_once = if matches!(stage.place, Place::There(_)) { 1 } else { AT_ONCE };
    let stage = Arc::clone(stage);
    let mut cucumber = Cucumber::<World, _, (), _, _>::custom(features, runner::Basic::default(), recorder)
        .with_default_cli()
        .steps(World::collection())
        .max_concurrent_scenarios(at_once)
        .before(move |_, _, _, world| {
            world.enter(Arc::clone(&stage));
            futures::future::ready(()).boxed_local()
        })
        .after(|_, _, _, _, world| {
            async {
                if let Some(world) = world {
                    world.leave().await;
                }
            }
            .boxed_local()
        });
    if fail_fast {
        cucumber = cucumber.fail_fast();
    }
    cucumber.run(()).await
}

/// Prints and writes what came of it.
fn conclude(options: &Options, story: &report::Story, terminal: &Terminal) -> u8 {
    terminal.summary(&story.runs, &story.complaints);
    let mut failed = story.complaints.len();
    if story.runs.iter().all(|run| run.played.is_empty()) {
        terminal.say("\nno scenario was played");
    }
    match report::write(story, &options.reports) {
        Ok(page) => terminal.say(format!("\n{}\nthe living document: {}", story.coverage_line(), page.display())),
        Err(error) => {
            terminal.complaint(&format!("the reports cannot be written to {}: {error}", options.reports.display()));
            failed += 1;
        }
    }
    let played: usize = story.runs.iter().map(|run| run.played.len()).sum();
    let unlucky: usize = story.runs.iter().map(|run| run.failed().count()).sum();
    let left_out = story.runs.iter().map(|run| run.left_out).sum();
    failed += unlucky;
    terminal.result(played - unlucky, failed, left_out, story.took);
    if failed == 0 { 0 } else { 101 }
}

fn list(options: &Options, catalogue: &Catalogue, terminal: &Terminal) -> u8 {
    let mut names: Vec<String> = Vec::new();
    for place in &options.places {
        for feature in catalogue.selected(&options.selection, place) {
            for (rule, scenario) in scenarios(&feature) {
                let name = catalogue::full_name(&feature, rule, scenario);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    for name in &names {
        terminal.say(format!("{name}: test"));
    }
    terminal.say(format!("\n{} tests, 0 benchmarks", names.len()));
    0
}
