//! Scenarios on the living document: the steps as they are written, the examples, and what came of each over each store.

use super::{document, escape};
use crate::{
    catalogue,
    record::{Played, Run},
};
use cucumber::gherkin::{Examples, Scenario, Step};
use std::collections::HashMap;

/// What came of the scenarios, by place, file and line.
#[derive(Debug)]
pub(super) struct Results<'a> {
    places: Vec<String>,
    played: Vec<HashMap<(String, usize), &'a Played>>,
}

/// What came of one scenario, or of many, over each store; `None` where none was played.
#[derive(Debug, Default, Clone)]
pub(super) struct Marks(Vec<(String, Option<bool>)>);

impl<'a> Results<'a> {
    pub(super) fn new(runs: &'a [Run]) -> Self {
        let key = |played: &Played| (catalogue::path(&played.feature), played.scenario.position.line);
        Self {
            places: runs.iter().map(|run| run.place.to_string()).collect(),
            played: runs.iter().map(|run| run.played.iter().map(|played| (key(played), played)).collect()).collect(),
        }
    }

    /// Over each store, whether all of a feature went well.
    pub(super) fn of_feature(&self, path: &str) -> Marks {
        self.marks(|(own, _)| own == path)
    }

    fn of_lines(&self, path: &str, lines: &[usize]) -> Marks {
        self.marks(|(own, line)| own == path && lines.contains(line))
    }

    fn marks(&self, wanted: impl Fn(&(String, usize)) -> bool) -> Marks {
        let mark = |played: &HashMap<(String, usize), &Played>| {
            let mut wanted = played.iter().filter(|(key, _)| wanted(key)).peekable();
            wanted.peek()?;
            Some(wanted.all(|(_, played)| played.failure().is_none()))
        };
        Marks(self.places.iter().cloned().zip(self.played.iter().map(mark)).collect())
    }

    fn failures(&self, path: &str, lines: &[usize]) -> Vec<(&str, String, &str)> {
        let mut failures = Vec::new();
        for (place, played) in self.places.iter().zip(&self.played) {
            for line in lines {
                if let Some(played) = played.get(&(path.to_owned(), *line))
                    && let Some(reason) = played.failure()
                {
                    let step = played.failed_step().unwrap_or_else(|| "the end".to_owned());
                    failures.push((place.as_str(), format!("line {line}, at “{step}”"), reason));
                }
            }
        }
        failures
    }
}

impl Marks {
    fn failed(&self) -> bool {
        self.0.iter().any(|(_, well)| *well == Some(false))
    }

    fn class(&self) -> &'static str {
        match (self.failed(), self.0.iter().any(|(_, well)| well.is_some())) {
            (true, _) => "ill",
            (false, true) => "well",
            (false, false) => "idle",
        }
    }

    /// One mark for all stores.
    pub(super) fn mark(&self) -> String {
        let (class, sign) = match self.class() {
            "ill" => ("ill", "✗"),
            "well" => ("well", "✓"),
            _ => ("idle", "·"),
        };
        format!("<span class=\"mark {class}\">{sign}</span>")
    }

    /// A mark for each store.
    fn dots(&self) -> String {
        let dot = |(place, well): &(String, Option<bool>)| {
            let (class, word) = match well {
                Some(true) => ("well", "passed"),
                Some(false) => ("ill", "failed"),
                None => ("idle", "not played"),
            };
            format!("<i class=\"{class}\" title=\"{}: {word}\"></i>", escape(place))
        };
        format!("<span class=\"dots\">{}</span>", self.0.iter().map(dot).collect::<String>())
    }
}

/// A scenario, or an outline with all its examples.
pub(super) fn scenario(path: &str, scenario: &Scenario, results: &Results) -> String {
    let lines = lines(scenario);
    let marks = results.of_lines(path, &lines);
    let examples: String = scenario.examples.iter().map(|examples| table_of(path, examples, results)).collect();
    let failures: String = results
        .failures(path, &lines)
        .into_iter()
        .map(|(place, spot, reason)| {
            format!(
                "<p class=\"failure\">{}, {}</p>\n<pre class=\"failure\">{}</pre>\n",
                escape(place),
                escape(&spot),
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
        "<details class=\"scenario {}\" id=\"{}\"{}>\n<summary>{} <span class=\"name\">{}{count}{}</span> {}</summary>\n\
         <div class=\"body\">\n{}{}{examples}{failures}</div>\n</details>\n",
        marks.class(),
        document::place(path, scenario),
        if marks.failed() { " open" } else { "" },
        marks.mark(),
        placeholders(&scenario.name),
        document::tags(&scenario.tags),
        marks.dots(),
        scenario.description.as_deref().map(|text| format!("<p>{}</p>\n", escape(text.trim()))).unwrap_or_default(),
        steps(&scenario.steps),
    )
}

/// The steps before each scenario.
pub(super) fn background(steps_of: &[Step]) -> String {
    format!("<div class=\"background\">\n<p>Before each scenario</p>\n{}</div>\n", steps(steps_of))
}

/// Where the runner says that the examples of an outline stand: their lines; or the line of a plain scenario.
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

fn table_of(path: &str, examples: &Examples, results: &Results) -> String {
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

fn steps(steps: &[Step]) -> String {
    let items: String = steps.iter().map(step).collect();
    format!("<ol class=\"steps\">\n{items}</ol>\n")
}

fn step(step: &Step) -> String {
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
        "<li><b>{}</b> {}{}{}</li>\n",
        escape(step.keyword.trim()),
        placeholders(&step.value),
        table.unwrap_or_default(),
        text.unwrap_or_default()
    )
}

/// Text in which `<name>` stands out, as what the examples fill in.
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
