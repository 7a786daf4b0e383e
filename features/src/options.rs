//! The command line. `cargo test` passes on what its own harness would understand: that is understood here, too.

use crate::{
    catalogue::Selection,
    stage::{PATIENCE, Place, Store},
};
use clap::Parser;
use cucumber::gherkin::tagexpr::TagOperation;
use regex::Regex;
use std::{path::PathBuf, time::Duration};

/// Holds the service to its features and to its contract.
#[derive(Debug, Parser)]
#[command(override_usage = "make bdd ARGS=\"[OPTIONS] [FILTERS]...\"", no_binary_name = true)]
struct Line {
    /// Scenarios whose file, line, rule or name has this in it.
    filters: Vec<String>,

    /// Scenarios with such tags, for example "@list and not @started".
    #[arg(short, long, value_name = "EXPRESSION", value_parser = tag_expression)]
    tags: Option<TagOperation>,

    /// Scenarios whose file, line, rule or name fits this regular expression.
    #[arg(short, long, value_name = "REGEX")]
    name: Option<Regex>,

    /// Only scenarios tagged @wip, which are left out otherwise.
    #[arg(long)]
    wip: bool,

    /// Only over this store; may be given several times.
    #[arg(long, value_name = "STORE")]
    store: Vec<Store>,

    /// Stops at the first scenario that fails.
    #[arg(long, alias = "ff")]
    fail_fast: bool,

    /// Prints every step, not only those of scenarios that fail.
    #[arg(short, long)]
    verbose: bool,

    /// Lists the scenarios, and plays none.
    #[arg(long)]
    list: bool,

    /// Lists the steps that scenarios can be made of, and plays nothing.
    #[arg(long)]
    steps: bool,

    /// Says where the living document is, and plays nothing.
    #[arg(long)]
    report: bool,

    /// Against this server, which is up already, in place of services started here. It must run with --admin: its store
    /// is emptied before each scenario.
    #[arg(long, env = "PAYMENTS_URL", value_name = "URL")]
    url: Option<String>,

    /// No scenario that has this in its full name.
    #[arg(long, value_name = "TEXT", hide = true)]
    skip: Vec<String>,

    #[command(flatten)]
    foreign: Foreign,
}

/// What other test programs understand, and what makes no difference to this one.
#[derive(Debug, clap::Args)]
struct Foreign {
    #[arg(long, hide = true, alias = "no-capture")]
    nocapture: bool,
    #[arg(long, hide = true)]
    show_output: bool,
    #[arg(short, long, hide = true)]
    quiet: bool,
    #[arg(long, hide = true)]
    exact: bool,
    /// Nothing here is ignored, so this asks for nothing.
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

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Plays the scenarios.
    Play,
    /// Lists them.
    List,
    /// Lists the steps there are.
    Steps,
    /// Says where the living document is.
    Report,
}

/// What a run is about, and where it finds and leaves what.
#[derive(Debug, Clone)]
pub struct Options {
    /// What to do.
    pub task: Task,
    /// Where the `.feature` files are.
    pub features: PathBuf,
    /// The contract.
    pub contract: PathBuf,
    /// The pairs that no scenario can see.
    pub uncovered: PathBuf,
    /// Where the reports go.
    pub reports: PathBuf,
    /// Where the service is; one after the other.
    pub places: Vec<Place>,
    /// Which scenarios.
    pub selection: Selection,
    /// Whether it is well that no scenario is wanted: nobody may be working on one, and a filter of `cargo test` may be
    /// meant for other tests.
    pub may_be_idle: bool,
    /// Whether the run sees all there is to see, so that the coverage of the contract says something.
    pub full: bool,
    /// Whether to stop at the first failure.
    pub fail_fast: bool,
    /// Whether to print every step.
    pub verbose: bool,
    /// How long to wait for an answer.
    pub patience: Duration,
}

impl Options {
    /// Reads a command line without the name of the program. `reports` is where the reports of a full run go.
    ///
    /// # Errors
    /// What clap has to say; `--help` is an error too.
    pub fn parse(arguments: impl IntoIterator<Item = String>, reports: PathBuf) -> Result<Self, clap::Error> {
        let line = Line::try_parse_from(arguments)?;
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let places = match line.url {
            Some(url) if !url.is_empty() => vec![Place::There(url.trim_end_matches('/').to_owned())],
            _ if line.store.is_empty() => Store::ALL.map(Place::Here).to_vec(),
            _ => line.store.into_iter().map(Place::Here).collect(),
        };
        let may_be_idle = line.wip || line.foreign.ignored || !line.filters.is_empty() || !line.skip.is_empty();
        let mut selection =
            Selection { wip: line.wip, tags: line.tags, name: line.name, filters: line.filters, skip: line.skip };
        if line.foreign.ignored {
            selection.skip.push(String::new());
        }
        let full = selection.is_everything() && Store::ALL.iter().all(|store| places.contains(&Place::Here(*store)));
        Ok(Self {
            task: match (line.list, line.steps, line.report) {
                (true, ..) => Task::List,
                (_, true, _) => Task::Steps,
                (.., true) => Task::Report,
                _ => Task::Play,
            },
            uncovered: root.join("uncovered.txt"),
            contract: root.join("../api/openapi.yml"),
            features: root,
            // What is not all of it does not take the place of the whole.
            reports: if full || line.report { reports } else { reports.join("part") },
            places,
            selection,
            may_be_idle,
            full,
            fail_fast: line.fail_fast,
            verbose: line.verbose,
            patience: PATIENCE,
        })
    }
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
    fn everything_over_every_store_is_a_full_run() {
        assert!(parse(&[]).full);
        for arguments in [&["--store", "memory"][..], &["--tags", "@list"], &["--wip"], &["--name", "x"], &["x"]] {
            assert!(!parse(arguments).full, "{arguments:?}");
        }
        assert_eq!(parse(&[]).reports, PathBuf::from("target/bdd"));
        assert_eq!(parse(&["x"]).reports, PathBuf::from("target/bdd/part"));
    }

    #[test]
    fn what_cargo_test_passes_on_is_understood() {
        for arguments in [
            &["--nocapture"][..],
            &["--no-capture"],
            &["--test-threads", "1"],
            &["--test-threads=1", "--show-output", "-q"],
            &["--color", "always", "--format=pretty"],
            &["-Z", "unstable-options", "--report-time"],
            &["--include-ignored", "--exact"],
        ] {
            assert!(parse(arguments).full, "{arguments:?}");
        }
        assert_eq!(parse(&["--list"]).task, Task::List);
        assert!(parse(&["name_of_another_test"]).may_be_idle);
        assert!(parse(&["--ignored"]).may_be_idle);
        assert!(!parse(&["--tags", "@typo"]).may_be_idle);
    }
}
