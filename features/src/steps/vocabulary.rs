//! Lists the steps in readable form, for authors of scenarios: `make bdd ARGS=--steps`.

use super::{Refusal, Success};
use crate::world::World;
use cucumber::{
    Parameter,
    codegen::{Regex, StepConstructor, WorldInventory, inventory},
    step::Location,
};
use std::collections::BTreeMap;

/// Lists every step under the name of its file, in the order of the file.
pub(crate) fn all() -> Vec<String> {
    let mut files: BTreeMap<&str, Vec<(u32, String)>> = BTreeMap::new();
    let mut list = |keyword: &str, (location, regex): (Location, Regex)| {
        let line = format!("  {keyword:<5} {}", readable(regex.as_str()));
        files.entry(location.path).or_default().push((location.line, line));
    };
    inventory::iter::<<World as WorldInventory>::Given>
        .into_iter()
        .for_each(|step| list("Given", location_and_regex(step)));
    inventory::iter::<<World as WorldInventory>::When>
        .into_iter()
        .for_each(|step| list("When", location_and_regex(step)));
    inventory::iter::<<World as WorldInventory>::Then>
        .into_iter()
        .for_each(|step| list("Then", location_and_regex(step)));
    let mut lines = Vec::new();
    for (file, mut steps) in files {
        steps.sort_unstable();
        lines.push(format!("\n{file}"));
        lines.extend(steps.into_iter().map(|(_, words)| words));
    }
    lines.push(format!("\nREFUSAL: {}", Refusal::REGEX.replace('|', ", ")));
    lines
}

fn location_and_regex(step: &impl StepConstructor<World>) -> (Location, Regex) {
    let (location, regex, _) = step.inner();
    (location, regex())
}

/// Translates the regular expression of a step back to the expression that the step was defined with.
fn readable(regex: &str) -> String {
    let regex = regex.trim_start_matches('^').trim_end_matches('$');
    let quoted = Regex::new(r#"\(\?:"\(\?P<\w+>.*?'\)"#).map(|quoted| quoted.replace_all(regex, "\"…\""));
    [
        (format!("({})", Refusal::REGEX).as_str(), "REFUSAL"),
        (format!("({})", Success::REGEX).as_str(), &Success::REGEX.replace('|', "/")),
        (r"((?:-?\d+)|(?:\d+))", "N"),
        (r"(\d+)", "N"),
        (r"([^\s]+)", "WORD"),
        ("([^:']+): ?([^']*)", "Name: value"),
        ("(?:s)?", "(s)"),
        ("(?:is|are)", "is/are"),
        ("payments?", "payment(s)"),
    ]
    .into_iter()
    .fold(quoted.unwrap_or_default().into_owned(), |words, (from, to)| words.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn steps_are_listed_without_regular_expressions() {
        let steps = all();
        assert!(steps.contains(&"  When  payment \"…\" is replaced at version N".to_owned()), "{steps:#?}");
        for step in steps {
            assert!(!step.contains("(?") && !step.contains('\\') && !step.contains("[^"), "{step}");
        }
    }
}
