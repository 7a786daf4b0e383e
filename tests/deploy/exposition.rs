//! The metrics of the service, as `/metrics` shows them.

use std::collections::{BTreeMap, BTreeSet};
use test_support::{Service, postgres, tokens};

/// A metric: its type, and the labels of its samples.
#[derive(Debug, Default)]
pub(crate) struct Family {
    pub(crate) kind: String,
    pub(crate) samples: Vec<BTreeMap<String, String>>,
}

impl Family {
    /// The labels that its samples have, those included that Prometheus adds.
    pub(crate) fn labels(&self) -> BTreeSet<&str> {
        let own = self.samples.iter().flat_map(BTreeMap::keys).map(String::as_str);
        own.chain(["job", "instance"]).collect()
    }
}

/// The metrics, by name.
pub(crate) type Families = BTreeMap<String, Family>;

/// The text of `/metrics` after a request of each kind. The service is over PostgreSQL, and asks for tokens: it has all
/// metrics there are.
pub(crate) async fn text() -> String {
    let (uri, auth) = (postgres::url(), tokens::flags());
    let flags = ["--metrics", "--repo", "postgres", "--repo-uri", &uri];
    let flags: Vec<_> = flags.into_iter().chain(auth.iter().map(String::as_str)).collect();
    let service = Service::start_with(&flags).await;
    let token = format!("Bearer {}", tokens::token("bakery", "payments:read"));
    for path in ["/v1/payments", "/v1/payments/none", "/health", "/nowhere"] {
        service.send("GET", path, &[("authorization", &token)], "").await;
    }
    let metrics = service.get("/metrics").await;
    service.stop().await;
    metrics.text().to_owned()
}

/// Reads the text format of Prometheus.
pub(crate) fn families(text: &str) -> Families {
    let mut families = Families::new();
    for line in text.lines() {
        if let Some(of) = line.strip_prefix("# TYPE ") {
            let (name, kind) = of.split_once(' ').unwrap();
            families.entry(name.to_owned()).or_default().kind = kind.to_owned();
        } else if !line.starts_with('#') && !line.is_empty() {
            let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap());
            let labels = rest.strip_prefix('{').map_or("", |rest| rest.rsplit_once('}').unwrap().0);
            let labels = labels.split("\",").filter_map(|pair| pair.split_once("=\""));
            let labels = labels.map(|(label, value)| (label.to_owned(), value.trim_end_matches('"').to_owned()));
            let family = family(name, &families).unwrap_or_else(|| panic!("{name} has no type"));
            families.get_mut(&family).unwrap().samples.push(labels.collect());
        }
    }
    families
}

/// The metric that a sample of this name belongs to: a histogram has several.
pub(crate) fn family(name: &str, families: &Families) -> Option<String> {
    let mut of_histogram = ["_bucket", "_sum", "_count"].into_iter().filter_map(|suffix| name.strip_suffix(suffix));
    let histogram = of_histogram.find(|base| families.get(*base).is_some_and(|it| it.kind == "histogram"));
    histogram.or_else(|| families.get(name).filter(|it| it.kind != "histogram").map(|_| name)).map(str::to_owned)
}

#[test]
fn samples_are_read() {
    let text = "# TYPE a histogram\na_bucket{x=\"{id}\",le=\"1\"} 2\na_sum{x=\"{id}\"} 1\n# TYPE b gauge\nb 3\n";
    let read = families(text);
    assert_eq!(read["a"].labels().into_iter().collect::<Vec<_>>(), ["instance", "job", "le", "x"]);
    assert_eq!(read["a"].samples[0]["x"], "{id}");
    assert_eq!((read["b"].samples.len(), family("a", &read), family("b", &read)), (1, None, Some("b".to_owned())));
}
