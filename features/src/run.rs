//! Runs the features in every environment, checks the coverage of the contract, writes the reports, and decides on the
//! exit code.

use crate::{
    catalogue::{self, Catalogue, ParsedFeatures, scenarios},
    client::Client,
    context::RunContext,
    contract::{Contract, Coverage, Uncovered},
    environment::{Environment, VERSIONS},
    options::{Options, Task},
    recorder::Recorder,
    replay::{self, Recording},
    report::{self, FullReport, Provenance},
    results::EnvironmentRun,
    steps,
    terminal::Terminal,
    world::World,
};
use cucumber::{Cucumber, World as _, gherkin::Feature, runner};
use futures::FutureExt as _;
use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

/// How many scenarios run at once. They share one task, so more of them would only wait for one another.
const MAX_CONCURRENT_SCENARIOS: usize = 16;

/// The exit code of a run with failures: that of libtest.
const FAILED: u8 = 101;

/// Does what `options` say, and returns the exit code: 0 if everything passed, 101 if something failed.
pub async fn run(options: &Options, terminal: Terminal) -> u8 {
    let catalogue = Catalogue::read(&options.features);
    match options.task {
        Task::ListScenarios => list_scenarios(options, &catalogue, &terminal),
        Task::ListSteps => {
            steps::all().iter().for_each(|step| terminal.line(step));
            0
        }
        Task::LocateReport => report::locate(&options.reports, &terminal),
        Task::Replay => replay::run(options, &terminal),
        Task::Run => match run_features(options, catalogue, &terminal).await {
            Ok(code) => code,
            Err(error) => {
                terminal.error(&error);
                terminal.result(0, 1, 0, std::time::Duration::ZERO);
                FAILED
            }
        },
    }
}

async fn run_features(options: &Options, catalogue: Catalogue, terminal: &Terminal) -> Result<u8, String> {
    let started = Instant::now();
    let provenance = Provenance::read(&options.contract);
    let contract = Arc::new(Contract::read(&options.contract)?);
    let uncovered = Uncovered::read(&options.uncovered)?;
    let mut errors = catalogue.errors.clone();
    errors.extend(unknown_versions(&contract));
    let recording = options.record.as_deref().map(Recording::start).transpose()?.map(Mutex::new).map(Arc::new);
    let (mut runs, mut coverage) = (Vec::new(), Coverage::default());
    for environment in &options.environments {
        let (run, seen) =
            run_in(environment, options, &catalogue, &contract, recording.clone(), terminal, &mut errors).await;
        let stop = options.fail_fast && run.failed().next().is_some();
        coverage.add(seen);
        runs.push(run);
        if stop {
            break;
        }
    }
    if options.selection.selects_all() {
        errors.extend(catalogue.features_that_never_run());
    }
    if runs.iter().all(|run| run.scenarios.is_empty()) && !options.allow_no_scenarios {
        errors.push("no scenario ran: the options select none".to_owned());
    }
    if options.complete {
        errors.extend(coverage.errors(&contract, &uncovered));
    }
    let report = FullReport {
        provenance,
        catalogue,
        runs,
        errors,
        contract,
        coverage,
        uncovered,
        complete: options.complete,
        duration: started.elapsed(),
    };
    Ok(conclude(options, &report, terminal))
}

/// Says that the contract has other versions than the features know.
pub(crate) fn unknown_versions(contract: &Contract) -> Option<String> {
    let versions = contract.versions().join(", ");
    (contract.versions() != VERSIONS).then(|| {
        format!("the contract has the versions {versions}: let VERSIONS in features/src/environment.rs say so")
    })
}

async fn run_in(
    environment: &Environment,
    options: &Options,
    catalogue: &Catalogue,
    contract: &Arc<Contract>,
    recording: Option<Arc<Mutex<Recording>>>,
    terminal: &Terminal,
    errors: &mut Vec<String>,
) -> (EnvironmentRun, Coverage) {
    let started = Instant::now();
    let features = catalogue.selected(&options.selection, environment);
    let count = |features: &[Feature]| features.iter().map(|feature| scenarios(feature).count()).sum();
    let selected: usize = count(&features);
    let filtered_out = count(&catalogue.expanded).saturating_sub(selected);
    let environment = environment.clone();
    if features.is_empty() {
        let run = EnvironmentRun { environment, scenarios: Vec::new(), filtered_out, duration: started.elapsed() };
        return (run, Coverage::default());
    }
    terminal.heading(&environment);
    let client = Client::new(options.answer_timeout);
    let context = Arc::new(RunContext::new(environment.clone(), Arc::clone(contract), client, recording).await);
    let recorder = Recorder::new(terminal.clone().with_every_step(options.verbose));
    let recorder = run_cucumber(ParsedFeatures(features), recorder, &context, options.fail_fast).await;
    errors.extend(recorder.errors);
    let run = EnvironmentRun { environment, scenarios: recorder.scenarios, filtered_out, duration: started.elapsed() };
    let coverage = context.coverage().clone();
    (run, coverage)
}

async fn run_cucumber(
    features: ParsedFeatures,
    recorder: Recorder,
    context: &Arc<RunContext>,
    fail_fast: bool,
) -> Recorder {
    // The scenarios share the store of a remote server, so they run one after the other.
    let concurrency = match context.environment {
        Environment::InProcess(_) | Environment::InVersion(..) => MAX_CONCURRENT_SCENARIOS,
        Environment::Remote(_) => 1,
    };
    let context = Arc::clone(context);
    let mut cucumber = Cucumber::<World, _, (), _, _>::custom(features, runner::Basic::default(), recorder)
        .with_default_cli()
        .steps(World::collection())
        .max_concurrent_scenarios(concurrency)
        .before(move |_, _, _, world| {
            world.set_context(Arc::clone(&context));
            futures::future::ready(()).boxed_local()
        })
        .after(|_, _, _, _, world| {
            async {
                if let Some(world) = world {
                    world.stop_service().await;
                }
            }
            .boxed_local()
        });
    if fail_fast {
        cucumber = cucumber.fail_fast();
    }
    cucumber.run(()).await
}

/// Prints the summary, writes the reports, and returns the exit code.
fn conclude(options: &Options, report: &FullReport, terminal: &Terminal) -> u8 {
    terminal.summary(&report.runs, &report.errors);
    let mut failed = report.errors.len();
    if report.runs.iter().all(|run| run.scenarios.is_empty()) {
        terminal.line("\nno scenario ran");
    }
    match report::write(report, &options.reports) {
        Ok(page) => terminal.line(format!("\n{}\nthe living document: {}", report.coverage_line(), page.display())),
        Err(error) => {
            terminal.error(&format!("the reports cannot be written to {}: {error}", options.reports.display()));
            failed += 1;
        }
    }
    let all: usize = report.runs.iter().map(|run| run.scenarios.len()).sum();
    let failed_scenarios: usize = report.runs.iter().map(|run| run.failed().count()).sum();
    let filtered_out = report.runs.iter().map(|run| run.filtered_out).sum();
    failed += failed_scenarios;
    terminal.result(all - failed_scenarios, failed, filtered_out, report.duration);
    if failed == 0 { 0 } else { FAILED }
}

/// Lists the selected scenarios as libtest lists tests.
fn list_scenarios(options: &Options, catalogue: &Catalogue, terminal: &Terminal) -> u8 {
    let mut names: Vec<String> = Vec::new();
    for environment in &options.environments {
        for feature in catalogue.selected(&options.selection, environment) {
            for (rule, scenario) in scenarios(&feature) {
                let name = catalogue::full_name(&feature, rule, scenario);
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
    }
    for name in &names {
        terminal.line(format!("{name}: test"));
    }
    terminal.line(format!("\n{} tests, 0 benchmarks", names.len()));
    0
}
