//! What is logged of requests, as whatever collects logs gets it.

use crate::process::Program;
use serde_json::{Value, json};

/// Asks for what is there and for what is not, stops the program, and returns the lines about requests.
async fn requests(mut program: Program) -> Vec<Value> {
    let client = reqwest::Client::new();
    // As much as a name may have that could forge a line.
    let named = client.get(format!("{}/v1/payments/p-1?secret=1", program.url)).header("x-request-id", r#"a"\,{}"#);
    let traced = named.header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_eq!(traced.send().await.unwrap().status(), 404);
    assert_eq!(client.post(format!("{}/nowhere", program.url)).send().await.unwrap().status(), 404);
    program.signal("-TERM");
    assert_eq!(program.stopped(), Some(0));
    let log = program.rest_of_log();
    let lines = log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    lines.filter(|line: &Value| line["message"] == "request").collect()
}

#[tokio::test]
async fn each_request_is_one_line_of_json() {
    let mut lines = requests(Program::serve(&[])).await;
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
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        }),
        json!({"request_id": null, "method": "POST", "route": "-"}),
    ];
    assert_eq!(lines, expected.map(common));
}

#[tokio::test]
async fn who_wants_no_lines_of_requests_gets_none() {
    let program = Program::serve_logging("info,payments::http::access_log=warn", &[]);
    assert_eq!(requests(program).await, [] as [Value; 0]);
}
