//! The steps in words, for whoever writes scenarios.

use super::{Refusal, Success};
use crate::world::World;
use cucumber::{
    Parameter,
    codegen::{Regex, StepConstructor, WorldInventory, inventory},
    step::Location,
};
use std::collections::BTreeMap;

/// Every step there is, below the name of the file that it is written in, and in the order in which it stands there.
pub(crate) fn all() -> Vec<String> {
    let mut files: BTreeMap<&str, Vec<(u32, String)>> = BTreeMap::new();
    let mut list = |keyword: &str, (location, regex): (Location, Regex)| {
        let line = format!("  {keyword:<5} {}", in_words(regex.as_str()));
        files.entry(location.path).or_default().push((location.line, line));
    };
    inventory::iter::<<World as WorldInventory>::Given>.into_iter().for_each(|step| list("Given", written(step)));
    inventory::iter::<<World as WorldInventory>::When>.into_iter().for_each(|step| list("When", written(step)));
    inventory::iter::<<World as WorldInventory>::Then>.into_iter().for_each(|step| list("Then", written(step)));
    let mut lines = Vec::new();
    for (file, mut steps) in files {
        steps.sort_unstable();
        lines.push(format!("\n{file}"));
        lines.extend(steps.into_iter().map(|(_, words)| words));
    }
    lines.push(format!("\nREFUSAL: {}", Refusal::REGEX.replace('|', ", ")));
    lines
}

fn written(step: &impl StepConstructor<World>) -> (Location, Regex) {
    let (location, regex, _) = step.inner();
    (location, regex())
}

/// A regular expression as whoever wrote the step would say it.
fn in_words(regex: &str) -> String {
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
    fn no_step_shows_the_regular_expression_that_it_is() {
        let steps = all();
        assert!(steps.contains(&"  When  payment \"…\" is replaced at version N".to_owned()), "{steps:#?}");
        for step in steps {
            assert!(!step.contains("(?") && !step.contains('\\') && !step.contains("[^"), "{step}");
        }
    }
}
