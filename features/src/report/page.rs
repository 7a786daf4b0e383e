//! Renders the living document: one self-contained page with the features, their results over each store, and the coverage
//! of the contract.

use super::{
    FullReport, Provenance,
    html::{escape, feature_id, paragraphs, tags},
    scenarios::{self, ResultsByLine},
};
use crate::{catalogue, contract::Pair, results::EnvironmentRun};
use cucumber::gherkin::{Feature, Rule};
use std::collections::{BTreeMap, BTreeSet};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn render(report: &FullReport) -> String {
    let results = ResultsByLine::new(&report.runs);
    let features: Vec<String> = report.catalogue.written.iter().map(|written| feature(written, &results)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>What the payments service does</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <nav>\n<p class=\"brand\">Payments</p>\n\
         <input id=\"search\" type=\"search\" placeholder=\"Find a scenario\" aria-label=\"Find a scenario\">\n\
         <label><input id=\"failed\" type=\"checkbox\"> only what failed</label>\n\
         <p id=\"hits\" role=\"status\"></p>\n{}\n</nav>\n\
         <main>\n{}\n{}\n{}\n{}\n</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        navigation(report, &results),
        header(report),
        errors(report),
        features.join("\n"),
        coverage(report),
    )
}

fn navigation(report: &FullReport, results: &ResultsByLine) -> String {
    let mut list = String::new();
    let mut group = String::new();
    for feature in &report.catalogue.written {
        let path = catalogue::path(feature);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        if folder != group {
            list += &format!("<li class=\"group\">{}</li>\n", escape(&folder));
            group = folder;
        }
        let mark = results.of_feature(&path).mark();
        list += &format!("<li><a href=\"#{}\">{mark} {}</a></li>\n", feature_id(&path), escape(&feature.name));
    }
    format!("<ul>\n{list}<li class=\"group\">contract</li>\n<li><a href=\"#contract\">Coverage</a></li>\n</ul>")
}

fn header(report: &FullReport) -> String {
    let cards: String = report.runs.iter().map(card).collect();
    let (seen, declared) = report.seen_and_declared();
    let partial = if report.complete {
        ""
    } else {
        "<p class=\"note\">This run is partial: some scenarios or stores were left out.</p>"
    };
    format!(
        "<header>\n<h1>What the payments service does</h1>\n\
         <p class=\"lead\">Every scenario below ran against the service, and every answer was validated against \
         the contract, <code>api/openapi.yml</code>.</p>\n{}{partial}<div class=\"cards\">\n{cards}\
         <a class=\"card\" href=\"#contract\"><b>{seen} of {declared}</b><span>answers of the contract seen</span></a>\n\
         <div class=\"card\"><b>{:.1} s</b><span>in all</span></div>\n</div>\n{}</header>",
        provenance(&report.provenance),
        report.duration.as_secs_f64(),
        legend(&report.runs)
    )
}

/// When the run was, and of what.
fn provenance(of: &Provenance) -> String {
    let Provenance { began, commit, program, contract, released } = of;
    let commit = commit
        .as_deref()
        .map_or_else(|| "no commit".to_owned(), |name| format!("commit <code>{}</code>", escape(name)));
    format!(
        "<p class=\"provenance\"><time datetime=\"{began}\">{}</time> · {commit} · payments {program} · contract {}, newest \
         release {}</p>\n",
        began.replace('T', " ").replace('Z', " UTC"),
        escape(contract),
        escape(released)
    )
}

/// What the marks mean, with those that the page uses.
fn legend(runs: &[EnvironmentRun]) -> String {
    let environments: Vec<String> = runs.iter().map(|run| escape(&run.environment.to_string())).collect();
    let mark = |class: &str, sign: &str, text: &str| {
        format!("<span><span class=\"mark {class}\">{sign}</span> {text}</span>\n")
    };
    let dot = |class: &str, text: &str| {
        format!("<span><span class=\"dots\"><i class=\"{class}\"></i></span> {text}</span>\n")
    };
    format!(
        "<p class=\"legend\" aria-label=\"Legend\">\n{}{}{}{}{}{}<span>a dot for each store: {}</span>\n\
         <span><span class=\"count\">3</span> an outline, played with so many examples</span>\n</p>\n",
        mark("passed", "✓", "passed wherever it ran"),
        mark("failed", "✗", "failed over a store, or more"),
        mark("not-run", "·", "did not run, or was not reached"),
        dot("passed", "passed"),
        dot("failed", "failed"),
        dot("not-run", "did not run"),
        environments.join(", ")
    )
}

fn card(run: &EnvironmentRun) -> String {
    let failed = run.failed().count();
    let (class, number) = match failed {
        0 => ("card passed", format!("{} passed", run.scenarios.len())),
        _ => ("card failed", format!("{failed} of {} failed", run.scenarios.len())),
    };
    format!(
        "<div class=\"{class}\"><b>{number}</b><span>{}, {:.1} s</span></div>\n",
        escape(&run.environment.to_string()),
        run.duration.as_secs_f64()
    )
}

/// The errors that belong to no scenario.
fn errors(report: &FullReport) -> String {
    if report.errors.is_empty() {
        return String::new();
    }
    let items: String = report.errors.iter().map(|text| format!("<li>{}</li>\n", escape(text))).collect();
    format!("<section class=\"errors\">\n<h2>Errors outside of scenarios</h2>\n<ul>\n{items}</ul>\n</section>")
}

fn feature(feature: &Feature, results: &ResultsByLine) -> String {
    let path = catalogue::path(feature);
    let own: String = feature.scenarios.iter().map(|scenario| scenarios::scenario(&path, scenario, results)).collect();
    let rules: String = feature.rules.iter().map(|each| rule(&path, each, results)).collect();
    format!(
        "<section class=\"feature\" id=\"{}\">\n<h2>{} {}</h2>\n<p class=\"path\">features/{}{}</p>\n{}{}{own}{rules}</section>",
        feature_id(&path),
        results.of_feature(&path).mark(),
        escape(&feature.name),
        escape(&path),
        tags(&feature.tags),
        paragraphs(feature.description.as_deref()),
        feature
            .background
            .as_ref()
            .map(|background| scenarios::background(&path, &background.steps, results))
            .unwrap_or_default(),
    )
}

fn rule(path: &str, rule: &Rule, results: &ResultsByLine) -> String {
    let scenarios: String =
        rule.scenarios.iter().map(|scenario| scenarios::scenario(path, scenario, results)).collect();
    format!(
        "<div class=\"rule\">\n<h3>{}</h3>\n{}{}{scenarios}</div>\n",
        escape(&rule.name),
        paragraphs(rule.description.as_deref()),
        rule.background
            .as_ref()
            .map(|background| scenarios::background(path, &background.steps, results))
            .unwrap_or_default(),
    )
}

fn coverage(report: &FullReport) -> String {
    let mut operations: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    let mut order = Vec::new();
    for Pair { operation, status } in report.contract.pairs() {
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
                statuses.iter().map(|status| cell(report, &operations[operation], operation, *status)).collect();
            format!("<tr><th>{}</th>{cells}</tr>\n", escape(operation))
        })
        .collect();
    let (seen, declared) = report.seen_and_declared();
    format!(
        "<section class=\"feature\" id=\"contract\">\n<h2>Coverage of the contract</h2>\n\
         <p>Of {declared} pairs of operation and status that the contract declares, {seen} were seen; each answer had the \
         declared headers, content type and body, and nothing else. The number says how often; – stands for what cannot be seen, and an empty field \
         for what is not declared.</p>\n\
         <div class=\"wide\"><table class=\"coverage\">\n<tr><th></th>{head}</tr>\n{rows}</table></div>\n{}</section>",
        uncovered_reasons(report)
    )
}

fn cell(report: &FullReport, declared: &BTreeSet<u16>, operation: &str, status: u16) -> String {
    let pair = Pair::new(operation, status);
    match (declared.contains(&status), report.coverage.0.get(&pair), report.uncovered.0.get(&pair)) {
        (false, ..) => "<td></td>".to_owned(),
        (true, Some(times), _) => format!("<td class=\"passed\">{times}</td>"),
        (true, None, Some(reason)) => format!("<td class=\"known\" title=\"{}\">–</td>", escape(reason)),
        (true, None, None) => format!("<td class=\"{}\">0</td>", if report.complete { "failed" } else { "known" }),
    }
}

fn uncovered_reasons(report: &FullReport) -> String {
    if report.uncovered.0.is_empty() {
        return String::new();
    }
    let reason = |(pair, reason): (&Pair, &String)| format!("<li><code>{pair}</code>: {}</li>\n", escape(reason));
    let items: String = report.uncovered.0.iter().map(reason).collect();
    format!("<p>Not seen, and why:</p>\n<ul>\n{items}</ul>\n")
}
