//! The `.feature` files, and which of their scenarios a run is about.

use crate::stage::{Place, Store};
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

/// Scenarios that are being worked on. They are left out, but for `--wip`, which leaves out all others.
const WIP: &str = "wip";

/// Scenarios that start the service with settings of their own.
const STARTED: &str = "started";

/// Every feature there is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalogue {
    /// The features as they are written, in the order of their paths. Paths are relative to where they were looked for.
    pub(crate) written: Vec<Feature>,
    /// The same with a scenario for each example of an outline.
    pub(crate) expanded: Vec<Feature>,
    /// Files that are no features, and scenarios that say nothing.
    pub(crate) complaints: Vec<String>,
}

impl Catalogue {
    /// Reads every `.feature` file in `directory` and below.
    #[must_use]
    pub(crate) fn read(directory: &Path) -> Self {
        let mut catalogue = Self::default();
        let mut files = Vec::new();
        if let Err(error) = collect(directory, &mut files) {
            catalogue.complaints.push(format!("{}: {error}", directory.display()));
        }
        files.sort();
        for file in files {
            let name = file.strip_prefix(directory).unwrap_or(&file).to_owned();
            if let Err(error) = catalogue.add(&file, name.clone()) {
                catalogue.complaints.push(format!("{}: {error}", name.display()));
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
            self.complaints.push(format!("{}:{line}: {:?} has no steps", name.display(), scenario.name));
        }
        self.written.push(feature);
        self.expanded.push(expanded);
        Ok(())
    }

    /// The features with only those scenarios that `selection` wants at `place`.
    #[must_use]
    pub(crate) fn selected(&self, selection: &Selection, place: &Place) -> Vec<Feature> {
        let mut features = self.expanded.clone();
        for feature in &mut features {
            let whole = feature.clone();
            feature.scenarios.retain(|scenario| selection.wants(&whole, None, scenario, place));
            for rule in &mut feature.rules {
                let own = rule.clone();
                rule.scenarios.retain(|scenario| selection.wants(&whole, Some(&own), scenario, place));
            }
        }
        features.retain(|feature| scenarios(feature).next().is_some());
        features
    }

    /// Features of which a run without any selection plays nothing, wherever.
    #[must_use]
    pub(crate) fn idle(&self) -> Vec<String> {
        let plays = |feature: &Feature| {
            scenarios(feature).any(|(rule, scenario)| !tags(feature, rule, scenario).any(|tag| tag == WIP))
        };
        let idle = self.expanded.iter().filter(|feature| !plays(feature));
        idle.map(|feature| format!("{}: no scenario of it is played: all are @wip, or there is none", path(feature)))
            .collect()
    }
}

/// Which scenarios are wanted.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Those that are being worked on, and no others.
    pub wip: bool,
    /// Those with such tags.
    pub tags: Option<TagOperation>,
    /// Those whose name fits.
    pub name: Option<Regex>,
    /// Those whose full name has one of these in it.
    pub filters: Vec<String>,
    /// And none of these.
    pub skip: Vec<String>,
}

impl Selection {
    /// Whether it wants every scenario that is not being worked on.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        let Self { wip, tags, name, filters, skip } = self;
        !wip && tags.is_none() && name.is_none() && filters.is_empty() && skip.is_empty()
    }

    fn wants(&self, feature: &Feature, rule: Option<&Rule>, scenario: &Scenario, place: &Place) -> bool {
        let tags: Vec<&str> = tags(feature, rule, scenario).collect();
        let full_name = full_name(feature, rule, scenario);
        tags.contains(&WIP) == self.wip
            && fits(place, &tags)
            && self.tags.as_ref().is_none_or(|expression| expression.eval(tags.iter()))
            && self.name.as_ref().is_none_or(|name| name.is_match(&full_name))
            && (self.filters.is_empty() || self.filters.iter().any(|filter| full_name.contains(filter)))
            && !self.skip.iter().any(|skip| full_name.contains(skip))
    }
}

/// Whether a scenario with these tags can play there: `@memory`, `@file` and `@postgres` name the stores that it needs.
fn fits(place: &Place, tags: &[&str]) -> bool {
    let stores = [("memory", Store::Memory), ("file", Store::File), ("postgres", Store::Postgres)];
    let mut needed = stores.iter().filter(|(tag, _)| tags.contains(tag)).peekable();
    match place {
        Place::Here(store) => needed.peek().is_none() || needed.any(|(_, needed)| needed == store),
        Place::There(_) => needed.peek().is_none() && !tags.contains(&STARTED),
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

/// The name by which a scenario can be chosen.
pub(crate) fn full_name(feature: &Feature, rule: Option<&Rule>, scenario: &Scenario) -> String {
    let rule = rule.map(|rule| format!("{}: ", rule.name)).unwrap_or_default();
    format!("{}:{}: {rule}{}", path(feature), scenario.position.line, scenario.name)
}

fn tags<'a>(feature: &'a Feature, rule: Option<&'a Rule>, scenario: &'a Scenario) -> impl Iterator<Item = &'a str> {
    let rule = rule.map(|rule| rule.tags.as_slice()).unwrap_or_default();
    feature.tags.iter().chain(rule).chain(&scenario.tags).map(String::as_str)
}

/// An error and what caused it.
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

/// What the runner reads: features that were read before.
#[derive(Debug)]
pub(crate) struct Selected(pub(crate) Vec<Feature>);

impl cucumber::Parser<()> for Selected {
    type Cli = cli::Empty;
    type Output = stream::Iter<vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, (): (), _: cli::Empty) -> Self::Output {
        stream::iter(self.0.into_iter().map(Ok).collect::<Vec<_>>())
    }
}
