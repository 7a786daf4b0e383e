//! What is printed: a line for each feature, all of each scenario that fails, and at the end one line that says it.

use crate::{
    catalogue,
    record::{Outcome, Played, Run},
};
use cucumber::gherkin::Feature;
use std::{
    fmt,
    io::{self, IsTerminal as _, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How many lines of a failure the summary repeats.
const BRIEF: usize = 4;

/// Where lines are printed.
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
    /// Standard output; in colours if a person reads it.
    #[must_use]
    pub fn stdout() -> Self {
        let colours = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { out: Arc::new(Mutex::new(io::stdout())), colours, verbose: false }
    }

    /// Anything else, without colours.
    pub fn to(out: Arc<Mutex<dyn Write + Send>>) -> Self {
        Self { out, colours: false, verbose: false }
    }

    pub(crate) fn with_every_step(self, verbose: bool) -> Self {
        Self { verbose, ..self }
    }

    /// A line.
    pub(crate) fn say(&self, line: impl fmt::Display) {
        // Who closes the pipe does not want to read on.
        let _ = writeln!(self.out.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
    }

    pub(crate) fn heading(&self, text: impl fmt::Display) {
        self.say(self.paint("1", format!("\n{text}")));
    }

    /// A feature is over.
    pub(crate) fn feature(&self, feature: &Feature, played: &[&Played]) {
        let failed = played.iter().filter(|played| played.failure().is_some()).count();
        let path = catalogue::path(feature);
        let count = played.len();
        let scenarios = if count == 1 { "scenario" } else { "scenarios" };
        self.say(if failed == 0 {
            format!("  {} {path:<40} {count:>3} {scenarios}", self.paint("32", "✓"))
        } else {
            format!("  {} {path:<40} {count:>3} {scenarios}, {failed} failed", self.paint("31", "✗"))
        });
    }

    /// A scenario is over.
    pub(crate) fn scenario(&self, played: &Played) {
        if self.verbose || played.failure().is_some() {
            self.say(self.story(played));
        }
    }

    /// A complaint about the features, or the coverage of the contract.
    pub(crate) fn complaint(&self, text: &str) {
        self.say(format!("  {} {text}", self.paint("31", "✗")));
    }

    /// All that failed, once more and in short, where the eye is when all is over.
    pub(crate) fn summary(&self, runs: &[Run], complaints: &[String]) {
        if complaints.is_empty() && runs.iter().all(|run| run.failed().next().is_none()) {
            return;
        }
        self.heading("failed");
        for run in runs {
            for played in run.failed() {
                let reason =
                    played.failure().unwrap_or_default().lines().take_while(|line| !line.is_empty()).take(BRIEF);
                let reason: String = reason.map(|line| format!("\n    {line}")).collect();
                // As other test programs print it, so that whoever collects failures finds it.
                self.say(format!("test {} ({}) ... FAILED{reason}", played.full_name(), run.place));
            }
        }
        for complaint in complaints {
            self.say(format!("test {complaint} ... FAILED"));
        }
    }

    /// The line that says it all.
    pub(crate) fn result(&self, passed: usize, failed: usize, left_out: usize, took: Duration) {
        let verdict = if failed == 0 { self.paint("32", "ok") } else { self.paint("31", "FAILED") };
        self.say(format!(
            "\ntest result: {verdict}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {left_out} filtered out; \
             finished in {:.2}s\n",
            took.as_secs_f64()
        ));
    }

    fn story(&self, played: &Played) -> String {
        let mut story = self.paint("1", format!("\n    {}", played.full_name()));
        for acted in &played.steps {
            let (mark, colour) = match acted.outcome {
                Outcome::Passed => ("✓", "32"),
                Outcome::Failed(_) => ("✗", "31"),
                Outcome::NotReached => ("·", "2"),
            };
            let step = format!("      {mark} {} {}", acted.step.keyword.trim(), acted.step.value);
            story += &format!("\n{}", self.paint(colour, step));
            if let Some(table) = &acted.step.table {
                for row in &table.rows {
                    story += &format!("\n          | {} |", row.join(" | "));
                }
            }
            if let Some(text) = &acted.step.docstring {
                story += &indented(text.trim_matches('\n'), "          ");
            }
            if let Outcome::Failed(reason) = &acted.outcome {
                story += &acted.code.as_ref().map(|code| format!("\n        written at {code}")).unwrap_or_default();
                story += &indented(reason, "        ");
            }
        }
        if let Some(accident) = &played.accident {
            story += &indented(accident, "        ");
        }
        story
    }

    fn paint(&self, code: &str, text: impl fmt::Display) -> String {
        if self.colours { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

fn indented(text: &str, margin: &str) -> String {
    text.lines().map(|line| format!("\n{margin}{line}")).collect()
}
