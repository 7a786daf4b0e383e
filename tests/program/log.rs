//! The log lines of requests, as a collector of logs gets them.

use crate::PROGRAM;
use serde_json::{Value, json};
use std::time::Duration;
use test_support::{Connection, EventStream, JSON, Process, sqlite_uri, with_attributes};

/// Sends two requests, stops the process, and returns the log lines of requests.
async fn requests(mut process: Process) -> Vec<Value> {
    // Every character that could forge a line and that a request's name may have.
    let headers =
        [("x-request-id", r#"a"\,{}"#), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")];
    process.send("GET", "/v1/payments/p-1?secret=1", &headers, "").await.expect_status(404);
    process.send("POST", "/nowhere", &[], "").await.expect_status(404);
    process.signal("-TERM");
    assert_eq!(process.exit_code(), Some(0));
    let log = process.rest_of_log();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    lines.filter(|line: &Value| line["message"] == "request").collect()
}

#[tokio::test]
async fn each_request_is_one_line_of_json() {
    let mut lines = requests(PROGRAM.serve(&[])).await;
    for line in &mut lines {
        let line = line.as_object_mut().unwrap();
        let time = line.remove("timestamp").unwrap();
        let time = chrono::DateTime::parse_from_rfc3339(time.as_str().unwrap()).unwrap();
        assert!((chrono::Utc::now() - time.to_utc()).num_seconds().abs() < 60, "{time}");
        assert!(line.remove("duration_us").unwrap().is_u64());
    }
    // The second was given a name.
    let given = lines[1]["request_id"].take();
    assert_eq!(given.as_str().map(str::len), Some(36), "{given}");
    let common = |line: Value| {
        let mut line = line;
        for (name, value) in [("level", "INFO"), ("message", "request"), ("client", "127.0.0.1"), ("http", "HTTP/1.1")]
        {
            line[name] = value.into();
        }
        line["target"] = "payments::http::access_log".into();
        line["status"] = 404.into();
        line
    };
    let expected = [
        json!({
            "request_id": r#"a"\,{}"#,
            "method": "GET",
            "route": "/v1/payments/{id}",
            "contract": "2026-11-28",
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        }),
        json!({"request_id": null, "method": "POST", "route": "-"}),
    ];
    assert_eq!(lines, expected.map(common));
}

#[tokio::test]
async fn a_head_that_is_no_request_is_a_line_too() {
    let mut process = PROGRAM.serve(&[]);
    let mut connection = Connection::open(process.address()).await;
    connection.send("GET /v1/payments/a<b HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let (answer, _) = connection.closed().await;
    process.signal("-TERM");
    assert_eq!(process.exit_code(), Some(0));
    let log = process.rest_of_log();
    let line: Value =
        serde_json::from_str(log.lines().find(|line| line.contains("\"request\"")).expect("a line")).unwrap();
    let id = line["request_id"].as_str().expect("an id");
    assert!(answer.contains(&format!("\r\nx-request-id: {id}\r\n")), "{answer}{line}");
    for (name, value) in [("method", "-"), ("route", "-"), ("client", "127.0.0.1"), ("http", "HTTP/1.1")] {
        assert_eq!(line[name], value, "{line}");
    }
    assert_eq!(line["status"], 400, "{line}");
}

/// Full disk: no file may become larger than 600 KiB.
#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_a_store_that_fails_names_the_request() {
    let folder = tempfile::tempdir().unwrap();
    let mut process = PROGRAM.serve_within("-S -f 600", &["--repo-uri", &sqlite_uri(folder.path())]);
    let mut number = 0;
    let refused = loop {
        number += 1;
        assert!(number < 200, "the disk does not get full: the limit of the file size does not hold");
        let body = with_attributes(&format!("p-{number}"), &json!({"amount": "1", "note": "x".repeat(20_000)}));
        let name = format!("r-{number}");
        let headers = [JSON, ("x-request-id", name.as_str())];
        let answer = process.send("POST", "/v1/payments", &headers, body.to_string()).await;
        if answer.status != 201 {
            answer.expect_unavailable();
            break name;
        }
    };
    process.signal("-TERM");
    process.exit_code();
    let log = process.rest_of_log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let failure = lines.into_iter().find(|line| line["message"] == "the store is unavailable");
    let failure = failure.unwrap_or_else(|| panic!("no line says that the store is unavailable: {log}"));
    assert_eq!((&failure["request_id"], &failure["route"]), (&json!(refused), &json!("/v1/payments")), "{failure}");
    assert!(failure["error"].as_str().is_some_and(|error| !error.is_empty()), "{failure}");
}

#[tokio::test]
async fn a_line_names_what_is_deprecated_where_it_was_used() {
    let mut process = PROGRAM.serve(&[]);
    process.send("GET", "/v1/payments?to=1", &[], "").await.expect_status(200);
    process.send("GET", "/v1/payments?to=x", &[], "").await.expect_status(400);
    process.send("GET", "/v1/payments?size=1", &[], "").await.expect_status(200);
    process.signal("-TERM");
    assert_eq!(process.exit_code(), Some(0));
    let log = process.rest_of_log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let requests = lines.filter(|line| line["message"] == "request");
    let named: Vec<_> = requests.map(|line| line.get("deprecated").cloned()).collect();
    assert_eq!(named, [Some(json!("listPayments.to")), Some(json!("listPayments.to")), None]);
}

#[tokio::test]
async fn a_stream_is_a_line_when_it_has_ended() {
    let mut process = PROGRAM.serve(&[]);
    let mut stream = EventStream::open(&process, "?after=now", &[("x-request-id", "listens")]).await;
    stream.next().await.expect("a bookmark");
    process.send("GET", "/v1/payments", &[("x-request-id", "lists")], "").await.expect_status(200);
    tokio::time::sleep(Duration::from_millis(300)).await;
    process.signal("-TERM");
    assert_eq!(process.exit_code(), Some(0));
    let log = process.rest_of_log();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let requests: Vec<_> = lines.filter(|line| line["message"] == "request").collect();
    let [list, stream] = &requests[..] else { panic!("{requests:#?}") };
    assert_eq!((&list["request_id"], &stream["request_id"]), (&json!("lists"), &json!("listens")));
    assert_eq!((&stream["route"], &stream["status"]), (&json!("/v1/events/stream"), &json!(200)));
    assert!(stream["duration_us"].as_u64().is_some_and(|micros| micros > 300_000), "{stream}");
}

#[tokio::test]
async fn rust_log_can_leave_out_the_lines_of_requests() {
    let process = PROGRAM.serve_with_log("info,payments::http::access_log=warn", &[]);
    assert_eq!(requests(process).await, [] as [Value; 0]);
}
