//! Reads the `.feature` files, and selects the scenarios of a run.

use crate::{
    environment::{Environment, VERSIONS},
    stores::STORES,
};
use cucumber::{
    cli,
    feature::Ext as _,
    gherkin::{Feature, GherkinEnv, Rule, Scenario, tagexpr::TagOperation},
    parser,
    tag::Ext as _,
};
use futures::stream;
use regex::Regex;
use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    vec,
};

/// The tag of scenarios that are being worked on. They run with `--wip`, and then alone.
const WIP: &str = "wip";

/// The tag of scenarios that start the service with settings of their own, which a remote server does not allow.
const STARTED: &str = "started";

/// The beginnings of tags that a day of a version follows, after a dash.
const SINCE: &str = "since";
const BEFORE: &str = "before";

/// All features.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalogue {
    /// The features as the files have them, in the order of their paths, which are relative to the folder.
    pub(crate) written: Vec<Feature>,
    /// The same features, with one scenario for each example of an outline.
    pub(crate) expanded: Vec<Feature>,
    /// Files that cannot be parsed, and scenarios without steps.
    pub(crate) errors: Vec<String>,
}

impl Catalogue {
    /// Reads every `.feature` file in `directory` and below.
    #[must_use]
    pub(crate) fn read(directory: &Path) -> Self {
        let mut catalogue = Self::default();
        let mut files = Vec::new();
        if let Err(error) = collect(directory, &mut files) {
            catalogue.errors.push(format!("{}: {error}", directory.display()));
        }
        files.sort();
        for file in files {
            let name = file.strip_prefix(directory).unwrap_or(&file).to_owned();
            if let Err(error) = catalogue.add(&file, name.clone()) {
                catalogue.errors.push(format!("{}: {error}", name.display()));
            }
        }
        catalogue
    }

    fn add(&mut self, file: &Path, name: PathBuf) -> Result<(), String> {
        let mut feature = Feature::parse_path(file, GherkinEnv::default()).map_err(|error| causes(&error))?;
        feature.path = Some(name.clone());
        let expanded = feature.clone().expand_examples().map_err(|error| error.to_string())?;
        for (_, scenario) in scenarios(&feature).filter(|(_, scenario)| scenario.steps.is_empty()) {
            let line = scenario.position.line;
            self.errors.push(format!("{}:{line}: {:?} has no steps", name.display(), scenario.name));
        }
        self.written.push(feature);
        self.expanded.push(expanded);
        Ok(())
    }

    /// The features with only those scenarios that `selection` includes in `environment`.
    #[must_use]
    pub(crate) fn selected(&self, selection: &Selection, environment: &Environment) -> Vec<Feature> {
        let mut features = self.expanded.clone();
        for feature in &mut features {
            let whole = feature.clone();
            feature.scenarios.retain(|scenario| selection.includes(&whole, None, scenario, environment));
            for rule in &mut feature.rules {
                let own = rule.clone();
                rule.scenarios.retain(|scenario| selection.includes(&whole, Some(&own), scenario, environment));
            }
        }
        features.retain(|feature| scenarios(feature).next().is_some());
        features
    }

    /// Errors for features of which no scenario ever runs.
    #[must_use]
    pub(crate) fn features_that_never_run(&self) -> Vec<String> {
        let runs = |feature: &Feature| {
            scenarios(feature).any(|(rule, scenario)| !tags(feature, rule, scenario).any(|tag| tag == WIP))
        };
        let never = self.expanded.iter().filter(|feature| !runs(feature));
        never
            .map(|feature| format!("{}: no scenario of it runs: all are @wip, or there is none", path(feature)))
            .collect()
    }
}

/// Which scenarios to run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Scenarios that are tagged `@wip`, and no others.
    pub wip: bool,
    /// Scenarios whose tags satisfy this expression.
    pub tags: Option<TagOperation>,
    /// Scenarios whose full name matches.
    pub name: Option<Regex>,
    /// Scenarios whose full name contains one of these.
    pub filters: Vec<String>,
    /// Scenarios whose full name contains none of these.
    pub skip: Vec<String>,
}

impl Selection {
    /// Whether it includes every scenario that is not tagged `@wip`.
    #[must_use]
    pub fn selects_all(&self) -> bool {
        let Self { wip, tags, name, filters, skip } = self;
        !wip && tags.is_none() && name.is_none() && filters.is_empty() && skip.is_empty()
    }

    fn includes(&self, feature: &Feature, rule: Option<&Rule>, scenario: &Scenario, environment: &Environment) -> bool {
        let tags: Vec<&str> = tags(feature, rule, scenario).collect();
        let full_name = full_name(feature, rule, scenario);
        tags.contains(&WIP) == self.wip
            && can_run_in(environment, &tags)
            && self.tags.as_ref().is_none_or(|expression| expression.eval(tags.iter()))
            && self.name.as_ref().is_none_or(|name| name.is_match(&full_name))
            && (self.filters.is_empty() || self.filters.iter().any(|filter| full_name.contains(filter)))
            && !self.skip.iter().any(|skip| full_name.contains(skip))
    }
}

/// Whether a scenario with these tags can run in this environment. A tag that is the name of a store, such as `@postgres`,
/// says that the scenario needs that store; `@since-2027-01-15` and `@before-2027-01-15` say of which versions of the contract it
/// is true.
fn can_run_in(environment: &Environment, tags: &[&str]) -> bool {
    let version = environment.asks_for().unwrap_or(VERSIONS[0]);
    let is_true = tags.iter().all(|tag| match tag.split_once('-') {
        Some((SINCE, day)) => version >= day,
        Some((BEFORE, day)) => version < day,
        _ => true,
    });
    let mut needed = STORES.iter().filter(|store| tags.contains(&store.name)).peekable();
    is_true
        && match environment.store() {
            Some(store) => needed.peek().is_none() || needed.any(|needed| needed == store),
            None => needed.peek().is_none() && !tags.contains(&STARTED),
        }
}

/// All scenarios of a feature, in order.
pub(crate) fn scenarios(feature: &Feature) -> impl Iterator<Item = (Option<&Rule>, &Scenario)> {
    let own = feature.scenarios.iter().map(|scenario| (None, scenario));
    own.chain(feature.rules.iter().flat_map(|rule| rule.scenarios.iter().map(move |scenario| (Some(rule), scenario))))
}

/// The path of a feature's file.
pub(crate) fn path(feature: &Feature) -> String {
    feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default()
}

/// The name that filters are matched against: file, line, rule and name.
pub(crate) fn full_name(feature: &Feature, rule: Option<&Rule>, scenario: &Scenario) -> String {
    let rule = rule.map(|rule| format!("{}: ", rule.name)).unwrap_or_default();
    format!("{}:{}: {rule}{}", path(feature), scenario.position.line, scenario.name)
}

fn tags<'a>(feature: &'a Feature, rule: Option<&'a Rule>, scenario: &'a Scenario) -> impl Iterator<Item = &'a str> {
    let rule = rule.map(|rule| rule.tags.as_slice()).unwrap_or_default();
    feature.tags.iter().chain(rule).chain(&scenario.tags).map(String::as_str)
}

/// An error with its causes.
fn causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "feature") {
            files.push(path);
        }
    }
    Ok(())
}

/// A parser for the runner, which returns features that are parsed already.
#[derive(Debug)]
pub(crate) struct ParsedFeatures(pub(crate) Vec<Feature>);

impl cucumber::Parser<()> for ParsedFeatures {
    type Cli = cli::Empty;
    type Output = stream::Iter<vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, (): (), _: cli::Empty) -> Self::Output {
        stream::iter(self.0.into_iter().map(Ok).collect::<Vec<_>>())
    }
}
