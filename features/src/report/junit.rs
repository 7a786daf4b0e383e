//! JUnit XML, as CI servers read it: a suite for each place, a case for each scenario.

use super::{Story, escape};
use crate::{catalogue, record::Played};

pub(super) fn render(story: &Story) -> String {
    let mut suites = String::new();
    for run in &story.runs {
        let cases: String = run.played.iter().map(case).collect();
        let (tests, failures) = (run.played.len(), run.failed().count());
        suites += &suite(&run.place.to_string(), tests, failures, run.took.as_secs_f64(), &cases);
    }
    // What is wrong with the features or with the coverage of the contract is nobody's scenario, and fails all the same.
    if !story.complaints.is_empty() {
        let complaint = |text: &String| {
            format!(
                "<testcase name=\"{0}\" classname=\"harness\"><failure message=\"{0}\"/></testcase>\n",
                escape(text)
            )
        };
        let cases: String = story.complaints.iter().map(complaint).collect();
        suites += &suite("harness", story.complaints.len(), story.complaints.len(), 0.0, &cases);
    }
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"features\">\n{suites}</testsuites>\n")
}

fn suite(name: &str, tests: usize, failures: usize, took: f64, cases: &str) -> String {
    format!(
        "<testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"{took:.3}\">\n\
         {cases}</testsuite>\n",
        escape(name)
    )
}

fn case(played: &Played) -> String {
    let rule = played.rule.as_ref().map(|rule| format!("{}: ", rule.name)).unwrap_or_default();
    let path = catalogue::path(&played.feature);
    let head = format!(
        "<testcase name=\"{}\" classname=\"{}\" file=\"features/{}\" line=\"{}\" time=\"{:.3}\"",
        escape(&format!("{rule}{}", played.scenario.name)),
        escape(&played.feature.name),
        escape(&path),
        played.scenario.position.line,
        played.took.as_secs_f64()
    );
    match played.failure() {
        None => format!("{head}/>\n"),
        Some(reason) => {
            let message = reason.lines().next().unwrap_or_default();
            format!("{head}><failure message=\"{}\">{}</failure></testcase>\n", escape(message), escape(reason))
        }
    }
}
