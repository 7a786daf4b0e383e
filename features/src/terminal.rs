//! Prints a line for each feature, every step of a scenario that fails, and at the end the result line of libtest.

use crate::{
    catalogue,
    results::{EnvironmentRun, ScenarioResult, StepOutcome, StepResult},
};
use cucumber::gherkin::Feature;
use std::{
    fmt,
    io::{self, IsTerminal as _, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How many lines of a failure the summary repeats.
const SUMMARY_LINES: usize = 4;

/// Prints lines to standard output, or to a buffer.
#[derive(Clone)]
pub struct Terminal {
    out: Arc<Mutex<dyn Write + Send>>,
    colours: bool,
    /// Whether to print every step.
    verbose: bool,
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal")
            .field("colours", &self.colours)
            .field("verbose", &self.verbose)
            .finish_non_exhaustive()
    }
}

impl Terminal {
    /// Standard output, in colour if it is a terminal and `NO_COLOR` is not set.
    #[must_use]
    pub fn stdout() -> Self {
        let colours = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { out: Arc::new(Mutex::new(io::stdout())), colours, verbose: false }
    }

    /// Another writer, without colour.
    pub fn to(out: Arc<Mutex<dyn Write + Send>>) -> Self {
        Self { out, colours: false, verbose: false }
    }

    pub(crate) fn with_every_step(self, verbose: bool) -> Self {
        Self { verbose, ..self }
    }

    /// Prints a line.
    pub(crate) fn line(&self, line: impl fmt::Display) {
        // An error means that the reader has closed the pipe.
        let _ = writeln!(self.out.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
    }

    pub(crate) fn heading(&self, text: impl fmt::Display) {
        self.line(self.paint("1", format!("\n{text}")));
    }

    /// Prints the result of a feature.
    pub(crate) fn feature(&self, feature: &Feature, results: &[&ScenarioResult]) {
        let failed = results.iter().filter(|result| result.failure().is_some()).count();
        let path = catalogue::path(feature);
        let count = results.len();
        let scenarios = if count == 1 { "scenario" } else { "scenarios" };
        self.line(if failed == 0 {
            format!("  {} {path:<40} {count:>3} {scenarios}", self.paint("32", "✓"))
        } else {
            format!("  {} {path:<40} {count:>3} {scenarios}, {failed} failed", self.paint("31", "✗"))
        });
    }

    /// Prints the steps of a scenario if it failed, or if every step is to be printed.
    pub(crate) fn scenario(&self, result: &ScenarioResult) {
        if self.verbose || result.failure().is_some() {
            self.line(self.steps(result));
        }
    }

    /// Prints an error of the features, or of the coverage of the contract.
    pub(crate) fn error(&self, text: &str) {
        self.line(format!("  {} {text}", self.paint("31", "✗")));
    }

    /// Prints everything that failed once more, in short, at the end of the output.
    pub(crate) fn summary(&self, runs: &[EnvironmentRun], errors: &[String]) {
        if errors.is_empty() && runs.iter().all(|run| run.failed().next().is_none()) {
            return;
        }
        self.heading("failed");
        for run in runs {
            for result in run.failed() {
                let reason = result
                    .failure()
                    .unwrap_or_default()
                    .lines()
                    .take_while(|line| !line.is_empty())
                    .take(SUMMARY_LINES);
                let reason: String = reason.map(|line| format!("\n    {line}")).collect();
                // The format of libtest, which tools that collect failures parse.
                self.line(format!("test {} ({}) ... FAILED{reason}", result.full_name(), run.environment));
            }
        }
        for error in errors {
            self.line(format!("test {error} ... FAILED"));
        }
    }

    /// Prints the result line, in the format of libtest.
    pub(crate) fn result(&self, passed: usize, failed: usize, filtered_out: usize, duration: Duration) {
        let verdict = if failed == 0 { self.paint("32", "ok") } else { self.paint("31", "FAILED") };
        self.line(format!(
            "\ntest result: {verdict}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {filtered_out} filtered out; \
             finished in {:.2}s\n",
            duration.as_secs_f64()
        ));
    }

    /// Every step of a scenario, with its table, its doc string, and why it failed.
    fn steps(&self, result: &ScenarioResult) -> String {
        let mut text = self.paint("1", format!("\n    {}", result.full_name()));
        for StepResult { step, outcome, code, .. } in &result.steps {
            let (mark, colour) = match outcome {
                StepOutcome::Passed => ("✓", "32"),
                StepOutcome::Failed(_) => ("✗", "31"),
                StepOutcome::NotReached => ("·", "2"),
            };
            let line = format!("      {mark} {} {}", step.keyword.trim(), step.value);
            text += &format!("\n{}", self.paint(colour, line));
            if let Some(table) = &step.table {
                for row in &table.rows {
                    text += &format!("\n          | {} |", row.join(" | "));
                }
            }
            if let Some(doc_string) = &step.docstring {
                text += &indented(doc_string.trim_matches('\n'), "          ");
            }
            if let StepOutcome::Failed(reason) = outcome {
                text += &code.as_ref().map(|code| format!("\n        defined at {code}")).unwrap_or_default();
                text += &indented(reason, "        ");
            }
        }
        if let Some(failure) = &result.hook_failure {
            text += &indented(failure, "        ");
        }
        text
    }

    fn paint(&self, code: &str, text: impl fmt::Display) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

fn indented(text: &str, margin: &str) -> String {
    text.lines().map(|line| format!("\n{margin}{line}")).collect()
}
