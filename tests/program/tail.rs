//! `payments tail`, run as people and pipes run it.

use crate::PROGRAM;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    process::{Command, Output, Stdio},
};
use test_support::{Process, tokens};

/// Runs `payments tail` of this service with these flags to its end.
fn tail(service: &Process, flags: &[&str]) -> Output {
    PROGRAM.run(&[&["tail", service.url.as_str()], flags].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// The lines of standard output, which are events.
#[track_caller]
fn events(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    text(&output.stdout).lines().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_events_and_says_how_to_go_on() {
    let service = PROGRAM.serve(&[]);
    service.create("p-1").await;
    service.create("p-2").await;
    service.delete("/v1/payments/p-1?version=0").await.expect_status(204);
    let first = tail(&service, &["--after", "beginning", "--count", "2"]);
    let shown = events(&first);
    let ids: Vec<_> = shown.iter().map(|event| event["data"]["payment_id"].as_str().unwrap_or_default()).collect();
    assert_eq!(ids, ["p-1", "p-2"], "{shown:#?}");
    assert!(shown[0]["data"].get("payment").is_none(), "events are thin: {shown:#?}");
    let cursor = shown[1]["cursor"].as_str().expect("a cursor");
    assert_eq!(text(&first.stderr), format!("to go on from here: --after {cursor}\n"));

    let rest = events(&tail(&service, &["--after", cursor, "--count", "1", "--full"]));
    assert_eq!(rest[0]["type"], "payment.deleted", "{rest:#?}");
    assert_eq!(rest[0]["data"]["payment"]["attributes"]["amount"], "100.21", "{rest:#?}");
    let flags = ["--after", "beginning", "--count", "1", "--type", "payment.created", "--payment", "p-2"];
    let filtered = events(&tail(&service, &flags));
    assert_eq!(filtered[0]["data"]["payment_id"], "p-2", "{filtered:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_what_happens_until_it_is_stopped() {
    let service = PROGRAM.serve(&[]);
    service.create("before").await;
    let mut command = PROGRAM.command(&["tail", &service.url]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
    // It begins with what comes, some time after it was started: until it does, there is always something to come.
    let reading = tokio::task::spawn_blocking(move || {
        let mut line = String::new();
        output.read_line(&mut line).map(|_| line)
    });
    let mut number = 0;
    while !reading.is_finished() {
        service.create(&format!("p-{number}")).await;
        number += 1;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        assert!(number < 1000, "nothing was shown");
    }
    let line = reading.await.unwrap().unwrap();
    let event: Value = serde_json::from_str(&line).unwrap();
    assert!(event["data"]["payment_id"].as_str().is_some_and(|id| id.starts_with("p-")), "{line}");
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.is_ok_and(|status| status.success()));
    let ended = tokio::task::block_in_place(|| child.wait_with_output()).unwrap();
    assert_eq!(ended.status.code(), Some(0));
    assert!(text(&ended.stderr).starts_with("to go on from here: --after "), "{}", text(&ended.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shown_is_one_line_that_says_what_to_do() {
    let service = PROGRAM.serve(&[]);
    service.create("p-1").await;
    let shown = events(&tail(&service, &["--after", "beginning", "--count", "1"]));
    let cursor = shown[0]["cursor"].as_str().expect("a cursor");
    service.delete("/admin/repo").await.expect_status(204);
    for (flags, expected) in [
        (&["--after", cursor][..], "--after beginning"),
        (&["--after", "yesterday"], "cursor"),
        (&["--type", "payment.exploded"], "payment.created"),
        (&["--payment", "a/b"], "filter[payment_id]"),
    ] {
        let refused = tail(&service, flags);
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{flags:?}: {said}");
        assert!(said.lines().count() == 1 && said.contains(expected), "{flags:?}: {said}");
    }
    let wrong = PROGRAM.run(&["tail", "localhost"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_it_shows_the_events_of_its_organisation() {
    let identity = tokens::flags();
    let service = PROGRAM.serve(&identity.iter().map(String::as_str).collect::<Vec<_>>());
    for organisation in ["acme", "globex"] {
        let bearer = format!("Bearer {}", tokens::token(organisation, "payments:write"));
        let body = serde_json::json!({"data": {
            "id": organisation, "type": "Payment", "organisation_id": organisation, "attributes": {"amount": "1"},
        }});
        let headers = [("authorization", &*bearer), ("content-type", "application/json")];
        service.send("POST", "/v1/payments", &headers, body.to_string()).await.expect_status(201);
    }
    let mut by_variable = PROGRAM.command(&["tail", &service.url, "--after", "beginning", "--count", "1"]);
    let token = tokens::token("globex", "payments:read");
    let shown = events(&by_variable.env("PAYMENTS_TOKEN", token).output().expect("the program runs"));
    assert_eq!(shown[0]["data"]["organisation_id"], "globex", "{shown:#?}");
    let refused = tail(&service, &["--after", "beginning"]);
    let said = text(&refused.stderr);
    assert!(refused.status.code() == Some(1) && said.contains("token") && said.lines().count() == 1, "{said}");
}
