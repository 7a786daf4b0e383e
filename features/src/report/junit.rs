//! Writes JUnit XML for CI servers: a suite for each environment, a case for each scenario.

use super::{FullReport, html::escape};
use crate::{catalogue, results::ScenarioResult};

pub(super) fn render(report: &FullReport) -> String {
    let mut suites = String::new();
    for run in &report.runs {
        let cases: String = run.scenarios.iter().map(case).collect();
        let (tests, failures) = (run.scenarios.len(), run.failed().count());
        suites += &suite(&run.environment.to_string(), tests, failures, run.duration.as_secs_f64(), &cases);
    }
    // Errors that belong to no scenario are cases of a suite of their own, so that CI servers show them.
    if !report.errors.is_empty() {
        let error = |text: &String| {
            format!(
                "<testcase name=\"{0}\" classname=\"harness\"><failure message=\"{0}\"/></testcase>\n",
                escape(text)
            )
        };
        let cases: String = report.errors.iter().map(error).collect();
        suites += &suite("harness", report.errors.len(), report.errors.len(), 0.0, &cases);
    }
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"features\">\n{suites}</testsuites>\n")
}

fn suite(name: &str, tests: usize, failures: usize, seconds: f64, cases: &str) -> String {
    format!(
        "<testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"{seconds:.3}\">\n\
         {cases}</testsuite>\n",
        escape(name)
    )
}

fn case(result: &ScenarioResult) -> String {
    let rule = result.rule.as_ref().map(|rule| format!("{}: ", rule.name)).unwrap_or_default();
    let path = catalogue::path(&result.feature);
    let head = format!(
        "<testcase name=\"{}\" classname=\"{}\" file=\"features/{}\" line=\"{}\" time=\"{:.3}\"",
        escape(&format!("{rule}{}", result.scenario.name)),
        escape(&result.feature.name),
        escape(&path),
        result.scenario.position.line,
        result.duration.as_secs_f64()
    );
    match result.failure() {
        None => format!("{head}/>\n"),
        Some(reason) => {
            let message = reason.lines().next().unwrap_or_default();
            format!("{head}><failure message=\"{}\">{}</failure></testcase>\n", escape(message), escape(reason))
        }
    }
}
