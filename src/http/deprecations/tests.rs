use super::*;
use payments_server::deprecation::{Place, date};

static OPERATION: Operation = Operation {
    id: "listThings",
    tag: "things",
    method: "GET",
    path: "/v1/things",
    query: &["late", "long", "open"],
    produces: &[],
    failures: &[],
    scope: None,
    deprecations: &[
        Deprecation {
            element: "listThings.late",
            place: Place::Query("late"),
            on: date("2026-12-24"),
            sunset: Some(date("2027-11-28")),
        },
        Deprecation {
            element: "listThings.long",
            place: Place::Query("long"),
            on: date("2026-11-28"),
            sunset: Some(date("2029-01-01")),
        },
        Deprecation { element: "listThings.open", place: Place::Query("open"), on: date("2026-12-01"), sunset: None },
    ],
};

fn deprecations() -> Arc<Deprecations> {
    let operations = [(&OPERATION, OPERATION.deprecations.to_vec())];
    Arc::new(Deprecations::new(operations, |_| "v7", "http://localhost/a"))
}

fn announced(elements: &[&'static str]) -> HeaderMap {
    let deprecations = deprecations();
    let used = elements.iter().map(|name| &deprecations.0[name]).collect();
    let mut headers = HeaderMap::new();
    announce(used, &mut headers);
    headers
}

#[test]
fn one_element_is_announced_as_the_contract_has_it() {
    let headers = announced(&["listThings.late"]);
    assert_eq!(headers["deprecation"], "@1798070400");
    assert_eq!(headers["sunset"], "Sun, 28 Nov 2027 00:00:00 GMT");
    let link = r#"<http://localhost/a/docs#/things/listThings>; rel="deprecation"; type="text/html""#;
    assert_eq!(headers["link"], link);
    let open = announced(&["listThings.open"]);
    assert_eq!((&open["deprecation"], open.get("sunset")), (&HeaderValue::from_static("@1796083200"), None));
    assert!(announced(&[]).is_empty());
}

#[test]
fn of_several_elements_the_earliest_days_are_announced() {
    let headers = announced(&["listThings.late", "listThings.long", "listThings.open"]);
    assert_eq!(headers["deprecation"], "@1795824000");
    assert_eq!(headers["sunset"], "Sun, 28 Nov 2027 00:00:00 GMT");
    assert_eq!(headers.get_all("link").iter().count(), 1, "all are on one page");
}

#[test]
fn clients_beyond_a_hundred_are_counted_together() {
    let deprecations = deprecations();
    let element = &deprecations.0["listThings.late"];
    for number in 0..250 {
        element.record((&format!("client-{number}"), "v7"), "r", SystemTime::now());
    }
    element.record(("client-7", "v7"), "r-7", SystemTime::now());
    let clients = element.uses_by_client();
    let of = |client: &str| &clients[&(client.into(), "v7")];
    assert_eq!((clients.len(), of("other").uses, of("client-7").uses), (MAX_CLIENTS + 1, 150, 2));
    assert_eq!(&*of("client-7").last_request_id, "r-7");

    let registry = Registry::new();
    deprecations.measure(&registry).unwrap();
    for _ in 0..2 {
        let text = prometheus::TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        let sample = |element, client, uses| {
            format!("http_deprecated_uses_total{{client=\"{client}\",element=\"{element}\",version=\"v7\"}} {uses}\n")
        };
        assert!(text.contains(&sample("listThings.late", "other", 150)), "{text}");
        assert!(text.contains(&sample("listThings.late", "client-7", 2)), "{text}");
        assert!(text.contains(&sample("listThings.open", "other", 0)), "{text}");
        assert_eq!(text.lines().filter(|line| line.contains("listThings.late")).count(), MAX_CLIENTS + 1);
    }
}

#[test]
fn a_client_is_named_by_its_first_product() {
    let long = "a".repeat(200);
    for (agent, name) in [
        ("checkout/2.3.1 (linux) reqwest/0.13", "checkout"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla"),
        ("curl", "curl"),
        ("my-till_2 other", "my-till_2"),
        ("evil\"} 1", "evil"),
        ("", "unknown"),
        ("(comment) first", "unknown"),
        ("/1.0", "unknown"),
        (&long, &long[..64]),
    ] {
        let headers = HeaderMap::from_iter([(header::USER_AGENT, agent.parse().unwrap())]);
        assert_eq!(client_name(&headers), name, "{agent}");
    }
    let latin = HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_bytes(b"caf\xe9/1").unwrap())]);
    assert_eq!((client_name(&latin), client_name(&HeaderMap::new())), ("unknown", "unknown"));
}
