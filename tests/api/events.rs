//! Histories and events, where Gherkin says it badly: what is recorded, cursors byte by byte, limits.

use serde_json::{Value, json};
use test_support::{Answer, Client, JSON, Service, payment, tokens};

/// Starts a service.
pub(crate) async fn start(flags: &[&str]) -> Service {
    Service::start_with(&[&["--admin"], flags].concat()).await
}

/// Starts a service that asks for tokens.
pub(crate) async fn start_with_tokens(flags: &[&str]) -> Service {
    let auth = tokens::flags();
    start(&[auth.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), flags].concat()).await
}

pub(crate) fn bearer(organisation: &str) -> String {
    format!("Bearer {}", tokens::token(organisation, "payments:read payments:write"))
}

/// The part of a link behind the address of the service as its links have it.
pub(crate) fn path(link: &Value) -> String {
    let link = link.as_str().unwrap();
    link.strip_prefix("http://localhost:8080").unwrap_or_else(|| panic!("{link} leads elsewhere")).to_owned()
}

/// What each event of a page is about: its type, payment and version.
pub(crate) fn told(page: &Answer) -> Vec<String> {
    page.json()["data"].as_array().unwrap().iter().map(tell).collect()
}

pub(crate) fn tell(event: &Value) -> String {
    let data = &event["data"];
    format!("{} {} {}", event["type"].as_str().unwrap(), data["payment_id"].as_str().unwrap(), data["version"])
}

pub(crate) async fn put(client: &Client, id: &str, version: i64) {
    let body = json!({"data": {
        "type": "Payment", "organisation_id": "o", "version": version, "attributes": {"amount": "2.00"},
    }});
    client.send("PUT", &format!("/v1/payments/{id}"), &[JSON], body.to_string()).await.expect_status(200);
}

#[tokio::test]
async fn a_history_records_who_made_each_version_and_by_which_request() {
    let service = start_with_tokens(&[]).await;
    let token = bearer("acme");
    let headers = |id: &'static str| {
        [("authorization", token.clone()), ("x-request-id", id.to_owned()), ("content-type", JSON.1.into())]
    };
    let send = async |method: &str, path: &str, request: &'static str, body: Value| {
        let headers = headers(request);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        service.send(method, path, &headers, if body.is_null() { String::new() } else { body.to_string() }).await
    };
    let body = |version: i64| {
        json!({"data": {
            "id": "p-1", "type": "Payment", "organisation_id": "acme", "version": version, "attributes": {"amount": "1.00"},
        }})
    };
    send("POST", "/v1/payments", "r-0", body(0)).await.expect_status(201);
    send("PUT", "/v1/payments/p-1", "r-1", body(0)).await.expect_status(200);
    let patch = [("authorization", &*token), ("x-request-id", "r-2"), ("content-type", "application/merge-patch+json")];
    service
        .send("PATCH", "/v1/payments/p-1", &patch, r#"{"data":{"attributes":{"note":"x"}}}"#)
        .await
        .expect_status(200);
    send("DELETE", "/v1/payments/p-1?version=2", "r-3", Value::Null).await.expect_status(204);
    let history = send("GET", "/v1/payments/p-1/history", "r-4", Value::Null).await;
    let history = history.expect_status(200).json();
    let versions = history["data"].as_array().unwrap();
    let kinds = ["payment.deleted", "payment.updated", "payment.updated", "payment.created"];
    assert_eq!(versions.len(), kinds.len(), "{history:#}");
    for (at, (version, kind)) in versions.iter().zip(kinds).enumerate() {
        assert_eq!(version["version"], 3 - at, "{history:#}");
        assert_eq!(version["type"], kind);
        assert_eq!(version["author"], json!({"subject": "user", "client_id": "till"}));
        assert_eq!(version["request_id"], format!("r-{}", 3 - at));
        assert_eq!(version["payment"]["version"], version["version"]);
    }
}

#[tokio::test]
async fn without_tokens_a_version_has_no_author() {
    let service = start(&[]).await;
    service.create("p-1").await;
    let version = service.get("/v1/payments/p-1/history/0").await.expect_status(200).json();
    assert_eq!(version["data"].get("author"), None);
    assert!(version["data"]["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{version:#}");
    assert_eq!(version["links"]["self"], "http://localhost:8080/v1/payments/p-1/history/0");
}

#[tokio::test]
async fn what_is_no_version_is_told_the_newest_and_what_is_no_payment_is_not() {
    let service = start(&[]).await;
    service.create("p-1").await;
    put(&service, "p-1", 0).await;
    for version in ["2", "-1", "+1", "01", "1.0", "x", "%20", "9223372036854775807", "9223372036854775808", "latest"] {
        let answer = service.get(&format!("/v1/payments/p-1/history/{version}")).await;
        let problem = answer.expect_problem(404, "version-not-found");
        assert_eq!(problem["detail"], "The payment never had this version; its newest is 1.", "{version}");
        service.get(&format!("/v1/payments/p-2/history/{version}")).await.expect_problem(404, "payment-not-found");
    }
    service.get("/v1/payments/p-1/history/1").await.expect_status(200);
}

#[tokio::test]
async fn a_history_is_paged() {
    let service = start(&["--max-results", "3"]).await;
    let id = "a&b=1";
    service.create(id).await;
    for version in 0..6 {
        put(&service, id, version).await;
    }
    let (mut link, mut seen, mut pages) = (format!("/v1/payments/{id}/history"), Vec::new(), 0);
    loop {
        let page = service.get(&link).await.expect_status(200).json();
        assert_eq!(path(&page["links"]["self"]), link);
        seen.extend(page["data"].as_array().unwrap().iter().map(|version| version["version"].as_i64().unwrap()));
        pages += 1;
        match page["links"].get("next") {
            Some(next) => link = path(next),
            None => break,
        }
    }
    assert_eq!((seen, pages), ((0..=6).rev().collect::<Vec<_>>(), 3));
    let none = service.get(&format!("/v1/payments/{id}/history?below=0&size=99")).await.expect_status(200).json();
    assert_eq!((&none["data"], none["links"].get("next")), (&json!([]), None));
}

#[tokio::test]
async fn a_walk_along_the_links_shows_each_event_once_with_its_filters() {
    let service = start(&[]).await;
    for id in ["p-1", "p-2", "p-3"] {
        service.create(id).await;
        put(&service, id, 0).await;
    }
    for (query, expected) in [
        ("?size=2", 6),
        ("?size=1&filter[type]=payment.updated", 3),
        ("?size=1&filter%5Bpayment_id%5D=p-2", 2),
        ("?size=4&filter[organisation_id]=nobody", 0),
        ("?size=5&content=full", 6),
    ] {
        let (mut next, mut seen, mut ids) = (format!("/v1/events{query}"), Vec::new(), Vec::new());
        for _ in 0..8 {
            let page = service.get(&next).await.expect_status(200);
            let body = page.json();
            seen.extend(told(&page));
            for event in body["data"].as_array().unwrap() {
                ids.push(event["id"].clone());
                assert_eq!(event["data"].get("payment").is_some(), query.contains("full"), "{event:#}");
                let of = service.get(&path(&event["data"]["links"]["self"])).await.expect_status(200).json();
                assert_eq!((&of["data"]["type"], &of["data"]["timestamp"]), (&event["type"], &event["timestamp"]));
            }
            next = path(&body["links"]["next"]);
        }
        assert_eq!(seen.len(), expected, "{query}: {seen:?}");
        let unique: std::collections::HashSet<_> = seen.iter().collect();
        assert_eq!(unique.len(), expected, "{query}: {seen:?}");
        let again = service.get(&format!("/v1/events{query}")).await.expect_status(200).json();
        assert!(again["data"].as_array().unwrap().iter().zip(&ids).all(|(event, id)| event["id"] == *id), "{again:#}");
    }
}

#[tokio::test]
async fn a_cursor_that_cannot_be_used_is_refused_with_the_reason() {
    let service = start(&[]).await;
    service.create("p-1").await;
    let list = path(&service.get("/v1/payments").await.expect_status(200).json()["links"]["next"]);
    let of_list = list.split("after=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let events = service.get("/v1/events").await.expect_status(200).json();
    let link = path(&events["links"]["next"]);
    let of_events = link.split("after=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    for (cursor, query, reason) in [
        ("garbage", "", "is not a cursor"),
        ("", "", "is not a cursor"),
        (&*of_list, "", "is a cursor of the list of payments"),
        (&*of_events, "&filter[type]=payment.deleted", "is a cursor for other filters"),
        ("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", "is a cursor of another tenant"),
        ("A_________________-____", "", "is not a cursor"),
    ] {
        for path in ["/v1/events", "/v1/events/stream"] {
            let answer = service.get(&format!("{path}?after={cursor}{query}")).await;
            let problem = answer.expect_problem(400, "invalid-request");
            assert_eq!(problem["errors"][0]["pointer"], "/query/after", "{problem:#}");
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.starts_with(reason), "{cursor}{query}: {detail}");
        }
        let answer = service.send("GET", &format!("/v1/events/stream?{query}"), &[("last-event-id", cursor)], "").await;
        let problem = answer.expect_problem(400, "invalid-request");
        assert_eq!(problem["errors"][0]["pointer"], "/header/Last-Event-ID", "{problem:#}");
    }
    service.get(&format!("/v1/payments?after={of_events}")).await.expect_problem(400, "invalid-request");
}

#[tokio::test]
async fn after_a_clear_an_old_cursor_is_gone_and_the_answer_leads_to_the_beginning() {
    let service = start(&[]).await;
    service.create("p-1").await;
    let events = service.get("/v1/events?size=7&filter[type]=payment.created").await.expect_status(200).json();
    let next = path(&events["links"]["next"]);
    service.send("DELETE", "/admin/repo", &[], "").await.expect_status(204);
    service.create("p-2").await;
    let detail = service.get(&next).await.expect_problem(410, "cursor-expired")["detail"].clone();
    let begin = detail.as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
    assert_eq!(begin, "http://localhost:8080/v1/events?size=7&filter%5Btype%5D=payment.created");
    assert_eq!(told(&service.get(&path(&begin.into())).await), ["payment.created p-2 0"]);
    let cursor = next.split("after=").nth(1).unwrap().split('&').next().unwrap();
    let stream = format!("/v1/events/stream?filter[type]=payment.created&after={cursor}");
    service.get(&stream).await.expect_problem(410, "cursor-expired");
}

#[tokio::test]
async fn no_tenant_sees_the_events_of_another() {
    let service = start_with_tokens(&[]).await;
    let (acme, mill) = (bearer("acme"), bearer("mill"));
    let mut body = payment("p-1");
    body["data"]["organisation_id"] = "acme".into();
    let headers = [("authorization", &*acme), JSON];
    service.send("POST", "/v1/payments", &headers, body.to_string()).await.expect_status(201);
    let get = async |token: &str, path: &str| service.send("GET", path, &[("authorization", token)], "").await;
    let own = get(&acme, "/v1/events").await;
    assert_eq!(told(&own), ["payment.created p-1 0"]);
    let next = path(&own.expect_status(200).json()["links"]["next"]);
    assert_eq!(told(&get(&mill, "/v1/events").await), Vec::<String>::new());
    let problem = get(&mill, &next).await.expect_problem(400, "invalid-request");
    assert!(
        problem["errors"][0]["detail"].as_str().unwrap().starts_with("is a cursor of another tenant"),
        "{problem:#}"
    );
    for path in ["/v1/payments/p-1/history", "/v1/payments/p-1/history/0"] {
        get(&mill, path).await.expect_problem(404, "payment-not-found");
    }
}
