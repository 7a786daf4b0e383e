//! Parses the command line. `cargo test` passes on the flags of libtest, so those are accepted too.

use crate::{
    catalogue::Selection,
    environment::{Environment, VERSIONS},
    stores::{STORES, TestStore},
};
use clap::{
    Parser,
    builder::{PossibleValuesParser, TypedValueParser},
};
use cucumber::gherkin::tagexpr::TagOperation;
use regex::Regex;
use std::{path::PathBuf, time::Duration};

/// How long a scenario waits for an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// Runs the features against the service.
#[derive(Debug, Parser)]
#[command(override_usage = "make bdd ARGS=\"[OPTIONS] [FILTERS]...\"", no_binary_name = true)]
struct Arguments {
    /// Only scenarios whose file, line, rule or name contains this.
    filters: Vec<String>,

    /// Only scenarios with such tags, for example "@list and not @started".
    #[arg(short, long, value_name = "EXPRESSION", value_parser = tag_expression)]
    tags: Option<TagOperation>,

    /// Only scenarios whose file, line, rule or name matches this regular expression.
    #[arg(short, long, value_name = "REGEX")]
    name: Option<Regex>,

    /// Only scenarios tagged @wip, which are left out otherwise.
    #[arg(long)]
    wip: bool,

    /// Only over this store; may be given several times.
    #[arg(long, value_name = "STORE", value_parser = store_parser())]
    store: Vec<&'static TestStore>,

    /// Only with requests that ask for this version of the contract.
    #[arg(long, value_name = "DAY", value_parser = version_parser())]
    version: Option<&'static str>,

    /// Stops at the first scenario that fails.
    #[arg(long, alias = "ff")]
    fail_fast: bool,

    /// Prints every step, not only those of scenarios that fail.
    #[arg(short, long)]
    verbose: bool,

    /// Lists the scenarios, and runs none.
    #[arg(long)]
    list: bool,

    /// Lists the steps that are defined, and runs nothing.
    #[arg(long)]
    steps: bool,

    /// Prints where the living document is, and runs nothing.
    #[arg(long)]
    report: bool,

    /// Runs the scenarios against this server, which must have been started with --admin: its store is emptied before each
    /// scenario.
    #[arg(long, env = "PAYMENTS_URL", value_name = "URL")]
    url: Option<String>,

    /// Writes every exchange with the service into this file.
    #[arg(long, value_name = "FILE", hide = true)]
    record: Option<PathBuf>,

    /// Holds the exchanges of such a file to each contract of the folder --contracts, and runs nothing.
    #[arg(long, value_name = "FILE", hide = true, requires = "contracts")]
    replay: Option<PathBuf>,

    /// The folder of the contracts that exchanges are held to.
    #[arg(long, value_name = "FOLDER", hide = true)]
    contracts: Option<PathBuf>,

    /// Leaves out scenarios whose file, line, rule or name contains this.
    #[arg(long, value_name = "TEXT", hide = true)]
    skip: Vec<String>,

    #[command(flatten)]
    libtest: LibtestFlags,
}

/// Flags of libtest, which are accepted and, but for `--ignored`, have no effect.
#[derive(Debug, clap::Args)]
struct LibtestFlags {
    #[arg(long, hide = true, alias = "no-capture")]
    nocapture: bool,
    #[arg(long, hide = true)]
    show_output: bool,
    #[arg(short, long, hide = true)]
    quiet: bool,
    #[arg(long, hide = true)]
    exact: bool,
    /// Runs ignored tests only. No scenario is ignored, so none runs.
    #[arg(long, hide = true)]
    ignored: bool,
    #[arg(long, hide = true)]
    include_ignored: bool,
    #[arg(long, hide = true, value_name = "N")]
    test_threads: Option<String>,
    #[arg(long, hide = true, value_name = "WHEN")]
    color: Option<String>,
    #[arg(long, hide = true, value_name = "FORMAT")]
    format: Option<String>,
    #[arg(long, hide = true)]
    report_time: bool,
    #[arg(short = 'Z', hide = true, value_name = "FLAG")]
    unstable: Vec<String>,
}

/// The task of a run of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Runs the scenarios.
    Run,
    /// Lists the scenarios.
    ListScenarios,
    /// Lists the steps that are defined.
    ListSteps,
    /// Prints where the living document is.
    LocateReport,
    /// Holds recorded exchanges to other contracts.
    Replay,
}

/// The options of a run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The task.
    pub task: Task,
    /// The folder of the `.feature` files.
    pub features: PathBuf,
    /// The file of the contract.
    pub contract: PathBuf,
    /// The file that lists what no scenario can see of the contract.
    pub uncovered: PathBuf,
    /// The folder of the reports.
    pub reports: PathBuf,
    /// The file that exchanges are written to.
    pub record: Option<PathBuf>,
    /// The file of exchanges that are replayed, and the folder of the contracts that they are held to.
    pub replay: Option<(PathBuf, PathBuf)>,
    /// Where the scenarios run; one environment after the other.
    pub environments: Vec<Environment>,
    /// Which scenarios run.
    pub selection: Selection,
    /// Whether a run without scenarios passes: there may be none tagged `@wip`, and a filter of `cargo test` may be meant
    /// for other tests.
    pub allow_no_scenarios: bool,
    /// Whether every scenario runs over every store, so that the coverage of the contract must be complete.
    pub complete: bool,
    /// Whether to stop at the first failure.
    pub fail_fast: bool,
    /// Whether to print every step.
    pub verbose: bool,
    /// How long to wait for an answer.
    pub answer_timeout: Duration,
}

impl Options {
    /// Parses a command line without the name of the program. `reports` is the folder for the reports of a complete run.
    ///
    /// # Errors
    /// The errors of clap, of which `--help` is one.
    pub fn parse(arguments: impl IntoIterator<Item = String>, reports: PathBuf) -> Result<Self, clap::Error> {
        let arguments = Arguments::try_parse_from(arguments)?;
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let environments: Vec<Environment> = match arguments.url {
            Some(url) if !url.is_empty() => vec![Environment::Remote(url.trim_end_matches('/').to_owned())],
            _ if arguments.store.is_empty() && arguments.version.is_none() => Environment::all().collect(),
            _ => {
                let stores = if arguments.store.is_empty() { STORES.iter().collect() } else { arguments.store };
                let within = |store| match arguments.version {
                    Some(version) => Environment::InVersion(store, version),
                    None => Environment::InProcess(store),
                };
                stores.into_iter().map(within).collect()
            }
        };
        let Arguments { filters, tags, name, wip, skip, libtest, record, replay, contracts, .. } = arguments;
        let replay = replay.zip(contracts);
        let allow_no_scenarios = wip || libtest.ignored || !filters.is_empty() || !skip.is_empty();
        let mut selection = Selection { wip, tags, name, filters, skip };
        if libtest.ignored {
            // Every name contains the empty text.
            selection.skip.push(String::new());
        }
        let complete =
            selection.selects_all() && Environment::all().all(|environment| environments.contains(&environment));
        Ok(Self {
            task: match (arguments.list, arguments.steps, arguments.report) {
                _ if replay.is_some() => Task::Replay,
                (true, ..) => Task::ListScenarios,
                (_, true, _) => Task::ListSteps,
                (.., true) => Task::LocateReport,
                _ => Task::Run,
            },
            record,
            replay,
            uncovered: root.join("uncovered.txt"),
            contract: root.join("../api/openapi.yml"),
            features: root,
            // A partial run does not overwrite the reports of a complete one.
            reports: if complete || arguments.report { reports } else { reports.join("part") },
            environments,
            selection,
            allow_no_scenarios,
            complete,
            fail_fast: arguments.fail_fast,
            verbose: arguments.verbose,
            answer_timeout: ANSWER_TIMEOUT,
        })
    }
}

/// Parses the name of a store.
fn store_parser() -> impl TypedValueParser<Value = &'static TestStore> {
    PossibleValuesParser::new(STORES.each_ref().map(|store| store.name))
        .map(|name| TestStore::find(&name).expect("clap accepts the names of stores only"))
}

/// Parses a version of the contract.
fn version_parser() -> impl TypedValueParser<Value = &'static str> {
    PossibleValuesParser::new(VERSIONS)
        .map(|day| *VERSIONS.iter().find(|version| **version == day).expect("clap accepts versions only"))
}

fn tag_expression(text: &str) -> Result<TagOperation, String> {
    text.parse().map_err(|_| "must be tags with and, or, not, for example \"@list and not @started\"".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Options, Task};
    use std::path::PathBuf;

    fn parse(arguments: &[&str]) -> Options {
        let arguments = arguments.iter().map(|&argument| argument.to_owned());
        Options::parse(arguments, PathBuf::from("target/bdd")).unwrap()
    }

    #[test]
    fn every_scenario_over_every_store_is_a_complete_run() {
        assert!(parse(&[]).complete);
        for arguments in [&["--store", "memory"][..], &["--tags", "@list"], &["--wip"], &["--name", "x"], &["x"]] {
            assert!(!parse(arguments).complete, "{arguments:?}");
        }
        assert_eq!(parse(&[]).reports, PathBuf::from("target/bdd"));
        assert_eq!(parse(&["x"]).reports, PathBuf::from("target/bdd/part"));
    }

    #[test]
    fn the_flags_of_libtest_are_accepted() {
        for arguments in [
            &["--nocapture"][..],
            &["--no-capture"],
            &["--test-threads", "1"],
            &["--test-threads=1", "--show-output", "-q"],
            &["--color", "always", "--format=pretty"],
            &["-Z", "unstable-options", "--report-time"],
            &["--include-ignored", "--exact"],
        ] {
            assert!(parse(arguments).complete, "{arguments:?}");
        }
        assert_eq!(parse(&["--list"]).task, Task::ListScenarios);
        assert!(parse(&["name_of_another_test"]).allow_no_scenarios);
        assert!(parse(&["--ignored"]).allow_no_scenarios);
        assert!(!parse(&["--tags", "@typo"]).allow_no_scenarios);
    }
}
