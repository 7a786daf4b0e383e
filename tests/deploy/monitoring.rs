//! The dashboard and the alerts, held to the metrics that the service has: neither about one that it has not, nor silent on one
//! that it has.

use crate::{
    exposition::{self, Families, families, family},
    files::{interpolated, service, text, yaml},
    promql::{self, Expression, Selector},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// The one metric that Prometheus makes itself.
const OF_PROMETHEUS: &str = "up";

fn dashboard() -> Value {
    serde_json::from_str(&text("deploy/grafana/dashboard.json")).unwrap()
}

/// The rows and panels of the dashboard.
fn panels() -> Vec<Value> {
    dashboard()["panels"].as_array().unwrap().clone()
}

/// An expression: where it stands, and its text.
type Place = (String, String);

/// The expressions of the dashboard, as Grafana sends them.
fn expressions() -> Vec<Place> {
    let dashboard = dashboard();
    let panels = panels();
    let of_panels = panels.iter().flat_map(|panel| {
        let targets = panel["targets"].as_array().into_iter().flatten();
        targets.map(|target| (format!("panel {}", panel["title"]), target["expr"].as_str().unwrap().to_owned()))
    });
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter().filter_map(|variable| {
        let inside = variable["definition"].as_str()?.strip_prefix("label_values(")?;
        Some((format!("variable {}", variable["name"]), inside.rsplit_once(',').unwrap().0.to_owned()))
    });
    let annotations = dashboard["annotations"]["list"].as_array().unwrap().iter();
    let annotations =
        annotations.map(|it| (format!("annotation {}", it["name"]), it["expr"].as_str().unwrap().to_owned()));
    let sent =
        |text: String| text.replace("$__rate_interval", "1m").replace("$job", "payments").replace("$instance", ".*");
    of_panels.chain(variables).chain(annotations).map(|(place, text)| (place, sent(text))).collect()
}

/// The expressions of the alerts.
fn alerts() -> Vec<Place> {
    let groups = yaml("deploy/prometheus/alerts.yml")["groups"].clone();
    let rules = groups.as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap());
    rules.map(|rule| (format!("alert {}", rule["alert"]), rule["expr"].as_str().unwrap().to_owned())).collect()
}

/// Fails unless there is such a metric, with such labels.
fn assert_there(place: &str, Selector { name, matchers }: &Selector, families: &Families) {
    let Some(of) = family(name, families) else {
        assert_eq!(name, OF_PROMETHEUS, "{place}: the service has no {name}; it has {:?}", families.keys());
        return;
    };
    let family = &families[&of];
    for (label, operator, value) in matchers {
        assert!(family.labels().contains(label.as_str()), "{place}: {name} has no label {label}");
        // Routes and statuses are as many as there were requests; of the others, all values are there from the start.
        let known = operator.ends_with('=') && name.starts_with("payments_repo_") && label != "job";
        let seen = || family.samples.iter().any(|sample| sample.get(label) == Some(value));
        assert!(!known || seen(), "{place}: no {name} has {label} {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dashboard_and_alerts_know_what_the_service_measures() {
    let families = families(&exposition::text().await);
    let mut used = BTreeSet::new();
    for (place, text) in expressions().into_iter().chain(alerts()) {
        let Expression { selectors, labels } = promql::read(&text);
        assert!(!selectors.is_empty(), "{place} is about nothing: {text}");
        for selector in &selectors {
            assert_there(&place, selector, &families);
            assert!(
                selector.matchers.iter().any(|it| it.0 == "job") || place.starts_with("variable"),
                "{place}: {text}"
            );
        }
        let of: BTreeSet<_> = selectors.iter().filter_map(|selector| family(&selector.name, &families)).collect();
        for label in labels {
            assert!(
                of.iter().all(|name| families[name].labels().contains(label.as_str())),
                "{place}: nothing has {label}"
            );
        }
        used.extend(of);
    }
    let unused: Vec<_> = families.keys().filter(|name| !used.contains(*name)).collect();
    assert!(unused.is_empty(), "no panel and no alert uses {unused:?}: show them in deploy/grafana/dashboard.json");
}

/// The names of metrics in docs/OPERATING.md, those of the process and the runtime left out that it sums up.
fn documented() -> BTreeSet<String> {
    let document = text("docs/OPERATING.md");
    let prose: String = document.split("```").step_by(2).collect();
    let spans = prose.split('`').skip(1).step_by(2).map(|span| span.split('{').next().unwrap_or_default());
    let is_metric = |span: &&str| {
        ["http_", "payments_", "process_", "tokio_"].iter().any(|prefix| span.starts_with(prefix))
            && span.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    spans.filter(is_metric).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_for_operators_names_the_metrics_that_there_are() {
    let families = families(&exposition::text().await);
    let documented = documented();
    let wrong: Vec<_> = documented.iter().filter(|name| !families.contains_key(*name)).collect();
    assert!(wrong.is_empty(), "docs/OPERATING.md names {wrong:?}, which the service does not have");
    let of_the_service = |name: &&String| name.starts_with("http_") || name.starts_with("payments_");
    let missing: Vec<_> = families.keys().filter(of_the_service).filter(|name| !documented.contains(*name)).collect();
    assert!(missing.is_empty(), "docs/OPERATING.md does not name {missing:?}");
}

/// Runs promtool, whose output is in the failure.
fn promtool(arguments: &[&str], input: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(root.join("deploy/promtool"))
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("deploy/promtool runs");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    // `check metrics` prints its objections, and exits with 0 all the same.
    let minds = arguments == ["check", "metrics"] && !said.is_empty();
    assert!(output.status.success() && !minds, "promtool {arguments:?}: {said}\n{input}");
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_likes_the_metrics() {
    promtool(&["check", "metrics"], &exposition::text().await);
}

#[test]
fn prometheus_likes_its_configuration() {
    promtool(&["check", "config", "deploy/prometheus/prometheus.yml"], "");
    promtool(&["test", "rules", "tests/deploy/alerts.yml"], "");
}

#[test]
fn prometheus_can_read_what_the_dashboard_asks() {
    let rules = expressions()
        .into_iter()
        .enumerate()
        .map(|(number, (_, text))| serde_json::json!({"record": format!("expression:{number}"), "expr": text}));
    let rules = serde_json::json!({"groups": [{"name": "dashboard", "rules": rules.collect::<Vec<_>>()}]});
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), rules.to_string()).unwrap();
    promtool(&["check", "rules", file.path().to_str().unwrap()], "");
}

#[test]
fn every_alert_says_what_to_do_and_is_tested() {
    let tests = text("tests/deploy/alerts.yml");
    let groups = yaml("deploy/prometheus/alerts.yml")["groups"].clone();
    let rules = groups[0]["rules"].as_array().unwrap().clone();
    assert!(rules.len() > 5, "there are only {} alerts", rules.len());
    for rule in rules {
        let name = rule["alert"].as_str().unwrap();
        assert!(["page", "ticket"].contains(&rule["labels"]["severity"].as_str().unwrap()), "{name}");
        for part in ["summary", "description"] {
            assert!(rule["annotations"][part].as_str().is_some_and(|text| !text.is_empty()), "{name} has no {part}");
        }
        assert!(tests.contains(name), "{name}: tests/deploy/alerts.yml does not let it fire");
    }
}

#[test]
fn alerts_are_about_the_job_that_prometheus_has() {
    let jobs = yaml("deploy/prometheus/prometheus.yml")["scrape_configs"].clone();
    assert_eq!(jobs[0]["job_name"], "payments");
    for (place, text) in alerts() {
        let all = promql::read(&text).selectors;
        let job = ("job".to_owned(), "=".to_owned(), "payments".to_owned());
        assert!(all.iter().all(|selector| selector.matchers.contains(&job)), "{place}: {text}");
    }
}

/// The place of a panel: its columns and rows, from and to.
fn area(panel: &Value) -> [u64; 4] {
    let at = |name: &str| panel["gridPos"][name].as_u64().unwrap();
    [at("x"), at("x") + at("w"), at("y"), at("y") + at("h")]
}

#[test]
fn panels_stand_side_by_side_and_say_what_they_show() {
    let panels = panels();
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "two panels have the same id");
    for (number, panel) in panels.iter().enumerate() {
        let [left, right, top, bottom] = area(panel);
        let title = &panel["title"];
        assert!(right <= 24, "{title} is too wide");
        for other in &panels[number + 1..] {
            let [x, to_x, y, to_y] = area(other);
            assert!(right <= x || to_x <= left || bottom <= y || to_y <= top, "{title} and {} overlap", other["title"]);
        }
        if panel["type"] != "row" {
            assert!(
                panel["description"].as_str().is_some_and(|text| text.len() > 10),
                "{title} does not say what it shows"
            );
            assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        }
    }
}

#[test]
fn grafana_finds_the_dashboard_and_its_data() {
    let folder = yaml("deploy/grafana/provisioning/dashboards/payments.yml")["providers"][0]["options"]["path"].clone();
    let grafana = service("grafana");
    let mounted = grafana["volumes"].as_array().unwrap().iter().any(|volume| {
        volume.as_str().unwrap().starts_with(&format!("./grafana/dashboard.json:{}/", folder.as_str().unwrap()))
    });
    assert!(mounted, "the dashboard is not where Grafana looks for it, which is {folder}");
    let source = &yaml("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"][0];
    let variable = dashboard()["templating"]["list"][0].clone();
    assert_eq!((&variable["query"], &variable["current"]["value"]), (&source["type"], &source["uid"]));
    let published = interpolated(service("prometheus")["ports"][0].as_str().unwrap());
    let port = published.rsplit(':').next().unwrap();
    assert_eq!(source["url"], format!("http://prometheus:{port}"));
}
