//! Renders the scenarios of the living document: steps, examples, and the result over each store.

use super::html::{escape, scenario_id, tags};
use crate::{
    catalogue,
    results::{EnvironmentRun, ScenarioResult, StepOutcome},
};
use cucumber::gherkin::{Examples, Scenario, Step};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The results of scenarios, by environment, file and line.
#[derive(Debug)]
pub(super) struct ResultsByLine<'a> {
    environments: Vec<String>,
    results: Vec<HashMap<(String, usize), &'a ScenarioResult>>,
}

/// The line of a step, and what became of it where it did not pass.
type FailedSteps = BTreeMap<usize, FailedStep>;

/// What became of a step that did not pass everywhere.
#[derive(Debug, Default)]
struct FailedStep {
    /// Where it failed.
    failed_over: BTreeSet<String>,
}

/// Whether one or more scenarios passed, by environment; `None` where none of them ran.
#[derive(Debug, Default, Clone)]
pub(super) struct Marks(Vec<(String, Option<bool>)>);

impl<'a> ResultsByLine<'a> {
    pub(super) fn new(runs: &'a [EnvironmentRun]) -> Self {
        let key = |result: &ScenarioResult| (catalogue::path(&result.feature), result.scenario.position.line);
        Self {
            environments: runs.iter().map(|run| run.environment.to_string()).collect(),
            results: runs
                .iter()
                .map(|run| run.scenarios.iter().map(|result| (key(result), result)).collect())
                .collect(),
        }
    }

    /// Whether all scenarios of a feature passed, by environment.
    pub(super) fn of_feature(&self, path: &str) -> Marks {
        self.marks(|(own, _)| own == path)
    }

    fn of_lines(&self, path: &str, lines: &[usize]) -> Marks {
        self.marks(|(own, line)| own == path && lines.contains(line))
    }

    fn marks(&self, wanted: impl Fn(&(String, usize)) -> bool) -> Marks {
        let mark = |results: &HashMap<(String, usize), &ScenarioResult>| {
            let mut wanted = results.iter().filter(|(key, _)| wanted(key)).peekable();
            wanted.peek()?;
            Some(wanted.all(|(_, result)| result.failure().is_none()))
        };
        Marks(self.environments.iter().cloned().zip(self.results.iter().map(mark)).collect())
    }

    /// The steps of a file that did not pass in the scenarios at these lines; of all its scenarios without lines.
    fn failed_steps(&self, path: &str, lines: Option<&[usize]>) -> FailedSteps {
        let mut failed = FailedSteps::new();
        for (environment, results) in self.environments.iter().zip(&self.results) {
            let wanted = |(own, line): &(String, usize)| own == path && lines.is_none_or(|lines| lines.contains(line));
            for (_, result) in results.iter().filter(|(key, _)| wanted(key)) {
                for step in &result.steps {
                    let line = step.step.position.line;
                    match step.outcome {
                        StepOutcome::Passed => {}
                        StepOutcome::NotReached => _ = failed.entry(line).or_default(),
                        StepOutcome::Failed(_) => {
                            failed.entry(line).or_default().failed_over.insert(environment.clone());
                        }
                    }
                }
            }
        }
        failed
    }

    fn failures(&self, path: &str, lines: &[usize]) -> Vec<(&str, String, &str)> {
        let mut failures = Vec::new();
        for (environment, results) in self.environments.iter().zip(&self.results) {
            for line in lines {
                if let Some(result) = results.get(&(path.to_owned(), *line))
                    && let Some(reason) = result.failure()
                {
                    let step = result.failed_step().unwrap_or_else(|| "the end".to_owned());
                    failures.push((environment.as_str(), format!("line {line}, at “{step}”"), reason));
                }
            }
        }
        failures
    }
}

impl Marks {
    fn failed(&self) -> bool {
        self.0.iter().any(|(_, passed)| *passed == Some(false))
    }

    fn class(&self) -> &'static str {
        match (self.failed(), self.0.iter().any(|(_, passed)| passed.is_some())) {
            (true, _) => "failed",
            (false, true) => "passed",
            (false, false) => "not-run",
        }
    }

    /// One mark for all environments.
    pub(super) fn mark(&self) -> String {
        let (class, sign) = match self.class() {
            "failed" => ("failed", "✗"),
            "passed" => ("passed", "✓"),
            _ => ("not-run", "·"),
        };
        format!("<span class=\"mark {class}\">{sign}</span>")
    }

    /// A mark for each environment.
    fn dots(&self) -> String {
        let dot = |(environment, passed): &(String, Option<bool>)| {
            let (class, word) = match passed {
                Some(true) => ("passed", "passed"),
                Some(false) => ("failed", "failed"),
                None => ("not-run", "not run"),
            };
            format!("<i class=\"{class}\" title=\"{}: {word}\"></i>", escape(environment))
        };
        format!("<span class=\"dots\">{}</span>", self.0.iter().map(dot).collect::<String>())
    }
}

/// A scenario, or an outline with all its examples.
pub(super) fn scenario(path: &str, scenario: &Scenario, results: &ResultsByLine) -> String {
    let lines = lines(scenario);
    let marks = results.of_lines(path, &lines);
    let examples: String = scenario.examples.iter().map(|examples| examples_table(path, examples, results)).collect();
    let failures: String = results
        .failures(path, &lines)
        .into_iter()
        .map(|(environment, position, reason)| {
            format!(
                "<p class=\"failure\">{}, {}</p>\n<pre class=\"failure\">{}</pre>\n",
                escape(environment),
                escape(&position),
                escape(reason)
            )
        })
        .collect();
    let count = if scenario.examples.is_empty() {
        String::new()
    } else {
        format!(" <span class=\"count\">{}</span>", lines.len())
    };
    format!(
        "<details class=\"scenario {}\" id=\"{}\" data-count=\"{}\"{}>\n<summary>{} <span class=\"name\">{}{count}{}</span> {}</summary>\n\
         <div class=\"body\">\n{}{}{examples}{failures}</div>\n</details>\n",
        marks.class(),
        scenario_id(path, scenario),
        lines.len(),
        if marks.failed() { " open" } else { "" },
        marks.mark(),
        placeholders(&scenario.name),
        tags(&scenario.tags),
        marks.dots(),
        scenario.description.as_deref().map(|text| format!("<p>{}</p>\n", escape(text.trim()))).unwrap_or_default(),
        steps(&scenario.steps, &results.failed_steps(path, Some(&lines))),
    )
}

/// The steps before each scenario.
pub(super) fn background(path: &str, steps_of: &[Step], results: &ResultsByLine) -> String {
    let steps = steps(steps_of, &results.failed_steps(path, None));
    format!("<div class=\"background\">\n<p>Before each scenario</p>\n{steps}</div>\n")
}

/// The lines by which the runner identifies the examples of an outline, or the line of a plain scenario.
fn lines(scenario: &Scenario) -> Vec<usize> {
    if scenario.examples.is_empty() {
        return vec![scenario.position.line];
    }
    scenario.examples.iter().flat_map(lines_of).collect()
}

fn lines_of(examples: &Examples) -> Vec<usize> {
    let rows = examples.table.as_ref().map_or(0, |table| table.rows.len());
    (2..=rows).map(|row| examples.position.line + row).collect()
}

fn examples_table(path: &str, examples: &Examples, results: &ResultsByLine) -> String {
    let rows = examples.table.as_ref().map(|table| table.rows.as_slice()).unwrap_or_default();
    let Some((head, rows)) = rows.split_first() else { return String::new() };
    let head: String = head.iter().map(|cell| format!("<th>{}</th>", escape(cell))).collect();
    let rows: String = rows
        .iter()
        .zip(lines_of(examples))
        .map(|(row, line)| {
            let marks = results.of_lines(path, &[line]);
            let cells: String = row.iter().map(|cell| format!("<td>{}</td>", escape(cell))).collect();
            format!("<tr class=\"{}\"><td>{}</td>{cells}</tr>\n", marks.class(), marks.dots())
        })
        .collect();
    format!("<div class=\"wide\"><table class=\"examples\">\n<tr><th></th>{head}</tr>\n{rows}</table></div>\n")
}

fn steps(steps: &[Step], failed: &FailedSteps) -> String {
    let items: String = steps.iter().map(|each| step(each, failed.get(&each.position.line))).collect();
    format!("<ol class=\"steps\">\n{items}</ol>\n")
}

/// A step, marked if it failed, or was not reached after another that did.
fn step(step: &Step, failed: Option<&FailedStep>) -> String {
    let (class, mark) = match failed {
        None => ("", String::new()),
        Some(FailedStep { failed_over }) if failed_over.is_empty() => {
            (" class=\"not-reached\"", " <span class=\"mark not-run\" title=\"not reached\">·</span>".to_owned())
        }
        Some(FailedStep { failed_over }) => {
            let places: Vec<String> = failed_over.iter().map(|place| escape(place)).collect();
            let mark = " <span class=\"mark failed\">✗</span> <span class=\"place\">failed over";
            (" class=\"failed\"", format!("{mark} {}</span>", places.join(", ")))
        }
    };
    let table = step.table.as_ref().map(|table| {
        let mut rows = table.rows.iter();
        let cells = |row: &Vec<String>, tag: &str| -> String {
            row.iter().map(|cell| format!("<{tag}>{}</{tag}>", placeholders(cell))).collect()
        };
        let head = rows.next().map(|row| cells(row, "th")).unwrap_or_default();
        let rows: String = rows.map(|row| format!("<tr>{}</tr>\n", cells(row, "td"))).collect();
        format!("<div class=\"wide\"><table>\n<tr>{head}</tr>\n{rows}</table></div>\n")
    });
    let text = step
        .docstring
        .as_ref()
        .map(|text| format!("<pre>{}</pre>\n", placeholders(text.strip_prefix('\n').unwrap_or(text).trim_end())));
    format!(
        "<li{class}><b>{}</b> {}{mark}{}{}</li>\n",
        escape(step.keyword.trim()),
        placeholders(&step.value),
        table.unwrap_or_default(),
        text.unwrap_or_default()
    )
}

/// Escapes text, and highlights the placeholders `<name>` of an outline.
fn placeholders(text: &str) -> String {
    let mut html = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('<') {
        html += &escape(before);
        match behind.split_once('>') {
            Some((name, after)) if !name.is_empty() && !name.contains(['<', '\n']) => {
                html += &format!("<var>{}</var>", escape(name));
                rest = after;
            }
            _ => {
                html += "&lt;";
                rest = behind;
            }
        }
    }
    html + &escape(rest)
}
