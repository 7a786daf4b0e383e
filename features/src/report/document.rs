//! The living document: one page that holds the features, what came of them over each store, and how much of the contract
//! they see. It needs nothing from outside.

use super::{Story, escape, scenes};
use crate::{catalogue, contract::Pair, record::Run};
use cucumber::gherkin::{Feature, Rule, Scenario};
use std::collections::{BTreeMap, BTreeSet};

const STYLE: &str = include_str!("document.css");
const SCRIPT: &str = include_str!("document.js");

pub(super) fn render(story: &Story) -> String {
    let results = scenes::Results::new(&story.runs);
    let features: Vec<String> = story.catalogue.written.iter().map(|written| feature(written, &results)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>What the payments service does</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <nav>\n<p class=\"brand\">Payments</p>\n\
         <input id=\"search\" type=\"search\" placeholder=\"Find a scenario\" aria-label=\"Find a scenario\">\n\
         <label><input id=\"failed\" type=\"checkbox\"> only what failed</label>\n{}\n</nav>\n\
         <main>\n{}\n{}\n{}\n{}\n</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        navigation(story, &results),
        header(story),
        troubles(story),
        features.join("\n"),
        coverage(story),
    )
}

fn navigation(story: &Story, results: &scenes::Results) -> String {
    let mut list = String::new();
    let mut group = String::new();
    for feature in &story.catalogue.written {
        let path = catalogue::path(feature);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        if folder != group {
            list += &format!("<li class=\"group\">{}</li>\n", escape(&folder));
            group = folder;
        }
        let mark = results.of_feature(&path).mark();
        list += &format!("<li><a href=\"#{}\">{mark} {}</a></li>\n", anchor(&path), escape(&feature.name));
    }
    format!("<ul>\n{list}<li class=\"group\">contract</li>\n<li><a href=\"#contract\">Coverage</a></li>\n</ul>")
}

fn header(story: &Story) -> String {
    let cards: String = story.runs.iter().map(card).collect();
    let (seen, declared) = seen(story);
    let partial = if story.full {
        ""
    } else {
        "<p class=\"note\">This is not all of it: some scenarios or stores were left out.</p>"
    };
    format!(
        "<header>\n<h1>What the payments service does</h1>\n\
         <p class=\"lead\">Every sentence below was played against the running service, and every answer was held to \
         the contract, <code>api/openapi.yml</code>.</p>\n{partial}<div class=\"cards\">\n{cards}\
         <a class=\"card\" href=\"#contract\"><b>{seen} of {declared}</b><span>answers of the contract seen</span></a>\n\
         <div class=\"card\"><b>{:.1} s</b><span>in all</span></div>\n</div>\n</header>",
        story.took.as_secs_f64()
    )
}

fn card(run: &Run) -> String {
    let failed = run.failed().count();
    let (class, number) = match failed {
        0 => ("card well", format!("{} passed", run.played.len())),
        _ => ("card ill", format!("{failed} of {} failed", run.played.len())),
    };
    format!(
        "<div class=\"{class}\"><b>{number}</b><span>{}, {:.1} s</span></div>\n",
        escape(&run.place.to_string()),
        run.took.as_secs_f64()
    )
}

/// What is wrong with the features or the coverage, which is nobody's scenario.
fn troubles(story: &Story) -> String {
    if story.complaints.is_empty() {
        return String::new();
    }
    let items: String = story.complaints.iter().map(|text| format!("<li>{}</li>\n", escape(text))).collect();
    format!("<section class=\"troubles\">\n<h2>Wrong beside the scenarios</h2>\n<ul>\n{items}</ul>\n</section>")
}

fn feature(feature: &Feature, results: &scenes::Results) -> String {
    let path = catalogue::path(feature);
    let own: String = feature.scenarios.iter().map(|scenario| scenes::scenario(&path, scenario, results)).collect();
    let rules: String = feature.rules.iter().map(|each| rule(&path, each, results)).collect();
    format!(
        "<section class=\"feature\" id=\"{}\">\n<h2>{} {}</h2>\n<p class=\"path\">features/{}{}</p>\n{}{}{own}{rules}</section>",
        anchor(&path),
        results.of_feature(&path).mark(),
        escape(&feature.name),
        escape(&path),
        tags(&feature.tags),
        prose(feature.description.as_deref()),
        feature.background.as_ref().map(|background| scenes::background(&background.steps)).unwrap_or_default(),
    )
}

fn rule(path: &str, rule: &Rule, results: &scenes::Results) -> String {
    let scenarios: String = rule.scenarios.iter().map(|scenario| scenes::scenario(path, scenario, results)).collect();
    format!(
        "<div class=\"rule\">\n<h3>{}</h3>\n{}{}{scenarios}</div>\n",
        escape(&rule.name),
        prose(rule.description.as_deref()),
        rule.background.as_ref().map(|background| scenes::background(&background.steps)).unwrap_or_default(),
    )
}

fn coverage(story: &Story) -> String {
    let mut operations: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    let mut order = Vec::new();
    for Pair { operation, status } in story.contract.pairs() {
        if !order.contains(&operation) {
            order.push(operation.clone());
        }
        operations.entry(operation).or_default().insert(status);
    }
    let statuses: BTreeSet<u16> = operations.values().flatten().copied().collect();
    let head: String = statuses.iter().map(|status| format!("<th>{status}</th>")).collect();
    let rows: String = order
        .iter()
        .map(|operation| {
            let cells: String =
                statuses.iter().map(|status| cell(story, &operations[operation], operation, *status)).collect();
            format!("<tr><th>{}</th>{cells}</tr>\n", escape(operation))
        })
        .collect();
    let (seen, declared) = seen(story);
    format!(
        "<section class=\"feature\" id=\"contract\">\n<h2>The contract, and what of it was seen</h2>\n\
         <p>Of {declared} pairs of operation and status that the contract declares, {seen} were seen; each answer had the \
         declared headers, content type and body, and nothing else. The number says how often.</p>\n\
         <div class=\"wide\"><table class=\"coverage\">\n<tr><th></th>{head}</tr>\n{rows}</table></div>\n{}</section>",
        reasons(story)
    )
}

fn cell(story: &Story, declared: &BTreeSet<u16>, operation: &str, status: u16) -> String {
    let pair = Pair::new(operation, status);
    match (declared.contains(&status), story.coverage.0.get(&pair), story.uncovered.0.get(&pair)) {
        (false, ..) => "<td></td>".to_owned(),
        (true, Some(times), _) => format!("<td class=\"well\">{times}</td>"),
        (true, None, Some(reason)) => format!("<td class=\"known\" title=\"{}\">–</td>", escape(reason)),
        (true, None, None) => format!("<td class=\"{}\">0</td>", if story.full { "ill" } else { "known" }),
    }
}

fn reasons(story: &Story) -> String {
    if story.uncovered.0.is_empty() {
        return String::new();
    }
    let reason = |(pair, reason): (&Pair, &String)| format!("<li><code>{pair}</code>: {}</li>\n", escape(reason));
    let items: String = story.uncovered.0.iter().map(reason).collect();
    format!("<p>Not seen, and why:</p>\n<ul>\n{items}</ul>\n")
}

fn seen(story: &Story) -> (usize, usize) {
    let seen = story.contract.pairs().filter(|pair| story.coverage.0.contains_key(pair)).count();
    (seen, story.contract.pairs().count())
}

/// Paragraphs; what stands in backticks is code.
fn prose(text: Option<&str>) -> String {
    let paragraphs = text.unwrap_or_default().split("\n\n").map(str::trim).filter(|text| !text.is_empty());
    paragraphs.map(|text| format!("<p>{}</p>\n", code(text))).collect()
}

fn code(text: &str) -> String {
    let mut parts = text.split('`');
    let mut html = escape(parts.next().unwrap_or_default());
    for (number, part) in parts.enumerate() {
        html += if number % 2 == 0 { "<code>" } else { "</code>" };
        html += &escape(part);
    }
    html
}

pub(super) fn tags(tags: &[String]) -> String {
    tags.iter().map(|tag| format!(" <span class=\"tag\">@{}</span>", escape(tag))).collect()
}

fn anchor(path: &str) -> String {
    path.trim_end_matches(".feature").replace(|character: char| !character.is_alphanumeric(), "-")
}

/// The name by which a page can be led to a scenario.
pub(super) fn place(path: &str, scenario: &Scenario) -> String {
    format!("{}-{}", anchor(path), scenario.position.line)
}
