//! The mock data and `payments seed`, against the service itself.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

use payments::{
    app::App,
    config::{Command as Run, Config},
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A service in this process, over a store of its own.
struct Service {
    url: String,
    client: reqwest::Client,
    folder: TempDir,
    _app: App,
}

impl Service {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(flags: &[&str]) -> Self {
        let arguments =
            [&["payments", "serve", "--admin", "--listen", "127.0.0.1:0", "--max-results", "1000"], flags].concat();
        let config = <Config as clap::Parser>::try_parse_from(arguments).expect("the flags are good");
        let Run::Serve(serve) = config.command else { panic!("the command is serve") };
        let app = App::start(serve).await.expect("the service starts");
        let folder = tempfile::tempdir().unwrap();
        Self { url: format!("http://{}", app.address()), client: reqwest::Client::new(), folder, _app: app }
    }

    async fn send(&self, method: &str, path: &str, body: String) -> (u16, String) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, format!("{}{path}", self.url));
        let answer = request.header("content-type", "application/json").body(body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    }

    async fn get(&self, path: &str) -> String {
        self.send("GET", path, String::new()).await.1
    }

    async fn count(&self) -> u64 {
        let repo: Value = serde_json::from_str(&self.get("/admin/repo").await).unwrap();
        repo["data"]["payments"].as_u64().unwrap()
    }

    /// `payments seed` with these flags, at this service.
    fn seed(&self, flags: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_payments"));
        command.args(["seed", "--url", &self.url]).args(flags).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The same, done; its exit code and what it said.
    #[track_caller]
    fn seeded(&self, flags: &[&str]) -> (Option<i32>, String) {
        told(self.seed(flags).output().expect("the program runs"))
    }

    /// A file of this text.
    fn file(&self, text: &str) -> String {
        let path: PathBuf = self.folder.path().join("payments");
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

fn told(output: Output) -> (Option<i32>, String) {
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), text)
}

fn line(id: &str, amount: &str) -> String {
    format!(r#"{{"id":"{id}","type":"Payment","organisation_id":"acme","attributes":{{"amount":"{amount}"}}}}"#)
}

/// The last line: the summary.
fn summary(text: &str) -> &str {
    text.lines().find(|line| line.contains(" created, ")).unwrap_or(text)
}

#[test]
fn the_fixtures_are_a_list_as_the_contract_has_it() {
    let mut contract: Value =
        serde_json::from_str(include_str!("../generated/server/openapi.json")).expect("the contract is JSON");
    let validator = |contract: &mut Value, schema: &str| {
        contract["$ref"] = json!(format!("#/components/schemas/{schema}"));
        jsonschema::draft4::new(contract).expect("the schema is good")
    };
    let (list, payment) = (validator(&mut contract, "PaymentList"), validator(&mut contract, "Payment"));
    for fixture in seed::fixtures() {
        let json: Value = serde_json::from_str(fixture.json()).unwrap();
        let faults: Vec<String> =
            payment.iter_errors(&json).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert_eq!(faults, [""; 0], "{}", fixture.id());
    }
    let mut json: Value = serde_json::from_str(seed::JSON).unwrap();
    assert!(list.is_valid(&json), "{:?}", list.iter_errors(&json).map(|fault| fault.to_string()).collect::<Vec<_>>());
    // What says yes to everything proves nothing.
    json["data"][0]["attributes"]["amount"] = json!("0.00");
    assert!(!list.is_valid(&json));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fixture_comes_back_byte_for_byte_from_every_store() {
    let postgres = test_postgres::url();
    for flags in [&[][..], &["--repo", "postgres", "--repo-uri", &postgres]] {
        let service = Service::start_with(flags).await;
        for fixture in seed::fixtures() {
            let (status, body) = service.send("POST", "/v1/payments", fixture.request()).await;
            assert_eq!(status, 201, "{}: {body}", fixture.id());
            let attributes = format!(r#""attributes":{},"created_on""#, fixture.attributes());
            let read = service.get(&format!("/v1/payments/{}", fixture.id())).await;
            assert!(body.contains(&attributes) && read.contains(&attributes), "{flags:?} {}: {read}", fixture.id());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_the_fixtures_in_their_order_and_repeating_changes_nothing() {
    let service = Service::start().await;
    let count = seed::fixtures().len();
    let (code, text) = service.seeded(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(summary(&text).ends_with(&format!("{count} created, 0 present, 0 differing, 0 refused")), "{text}");

    let list = service.get("/v1/payments?size=1000").await;
    let mut rest = list.as_str();
    for fixture in seed::fixtures() {
        let attributes = format!(r#""attributes":{},"created_on""#, fixture.attributes());
        let at = rest.find(&attributes).unwrap_or_else(|| panic!("{} is not in its place", fixture.id()));
        assert!(rest[..at].contains(&format!(r#""id":"{}""#, fixture.id())));
        rest = &rest[at + attributes.len()..];
    }

    let (code, text) = service.seeded(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(summary(&text).ends_with(&format!("0 created, {count} present, 0 differing, 0 refused")), "{text}");
    assert_eq!(service.get("/v1/payments?size=1000").await, list);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_deleted_is_named_and_left_alone() {
    let service = Service::start().await;
    service.seeded(&[]);
    let body = r#"{"data":{"type":"Payment","version":0,"organisation_id":"harbour-lane-bakery","attributes":{"amount":"8"}}}"#;
    assert_eq!(service.send("PUT", "/v1/payments/only-an-amount", body.to_owned()).await.0, 200);
    assert_eq!(service.send("DELETE", "/v1/payments/chaps-payment?version=0", String::new()).await.0, 204);
    let before = service.get("/v1/payments?size=1000").await;

    let (code, text) = service.seeded(&[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("only-an-amount: attributes.amount\n"), "{text}");
    assert!(text.contains("chaps-payment: a payment of this id was deleted"), "{text}");
    assert!(summary(&text).ends_with("0 created, 17 present, 1 differing, 1 refused"), "{text}");
    assert_eq!(service.get("/v1/payments?size=1000").await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_in_the_middle_is_named_and_the_rest_is_loaded() {
    let service = Service::start().await;
    let lines: Vec<String> = (1..=100).map(|number| line(&format!("p-{number}"), "1.10")).collect();
    let lines = lines
        .join("\n")
        .replace(&line("p-50", "1.10"), "{\"id\": p-50}")
        .replace(&line("p-70", "1.10"), &line("p-70", "0.00"));
    let (code, text) = service.seeded(&["--file", &service.file(&lines)]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("\n  line 50, column 8: malformed JSON: expected value\n"), "{text}");
    assert!(
        text.contains("\n  line 70, column 1: p-70: /data/attributes/amount must be greater than zero\n"),
        "{text}"
    );
    assert!(
        summary(&text).contains("100 payments in ") && text.contains("98 created, 0 present, 0 differing, 2 refused"),
        "{text}"
    );
    assert_eq!(service.count().await, 98);

    let list = format!(
        "{{\n  \"data\": [\n    {},\n    {},\n    {}\n  ]\n}}\n",
        line("q-1", "1"),
        line("q-2", "x"),
        line("q-3", "1")
    );
    let (code, text) = service.seeded(&["--file", &service.file(&list)]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("\n  line 4, column 5: q-2: /data/attributes/amount "), "{text}");
    assert_eq!(service.count().await, 100);
}

/// Starts a load of made-up payments, and waits until some of them are there.
async fn half_way(service: &Service, flags: &[&str]) -> Child {
    let child = service.seed(flags).spawn().expect("the program runs");
    let patience = Instant::now() + Duration::from_secs(20);
    while service.count().await < 50 {
        assert!(Instant::now() < patience, "nothing was loaded");
        thread::sleep(Duration::from_millis(5));
    }
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_half_way_and_repeated_it_is_complete() {
    let service = Service::start().await;
    let flags = ["--count", "20000"];
    let mut child = half_way(&service, &flags).await;
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it was done before it was killed");
    let there = service.count().await;
    assert!((50..20_000).contains(&there), "{there}");

    // What is left of them would take long in a debug build; less of the same shows as much.
    let count = (there + 200).to_string();
    let (code, text) = service.seeded(&["--count", &count]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(service.count().await, there + 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_stops_it_cleanly_and_it_says_how_to_go_on() {
    let service = Service::start().await;
    let child = half_way(&service, &["--count", "20000"]).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (code, text) = told(child.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("To go on, run the same command again"), "{text}");
    // All that is there was answered, and counted.
    let created = service.count().await;
    let created = if created > 999 { format!("{},{:03}", created / 1000, created % 1000) } else { created.to_string() };
    assert!(summary(&text).contains(&format!(": {created} created, 0 present")), "{created}: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_can_come_from_standard_input() {
    let service = Service::start().await;
    let file = fs::File::open(service.file(&format!("{}\n{}\n", line("a", "1"), line("b", "2")))).unwrap();
    let (code, text) = told(service.seed(&["--file", "-"]).stdin(file).output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(service.count().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_stopped_while_nothing_comes_in() {
    let service = Service::start().await;
    let mut child = service.seed(&["--file", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{}", line("a", "1")).unwrap();
    while service.count().await < 1 {
        thread::sleep(Duration::from_millis(5));
    }
    let silent = child.stdin.take();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (code, text) = told(child.wait_with_output().unwrap());
    drop(silent);
    assert_eq!(code, Some(1), "{text}");
    assert!(summary(&text).contains("1 payments in "), "{text}");
}

#[test]
fn a_command_that_is_wrong_is_one_line_and_exit_code_2() {
    for arguments in [
        &["--url", "localhost"][..],
        &["--count", "0"],
        &["--file", "/no/such/file"],
        &["--file", "/"],
        &["--count", "1", "--file", "x"],
        &["--fixtures"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_payments")).arg("seed").args(arguments).output().unwrap();
        let (code, text) = told(output);
        assert_eq!((code, text.lines().count()), (Some(2), 1), "{arguments:?}: {text}");
        assert!(text.contains(arguments[0]), "{text}");
    }
}

#[test]
fn a_service_that_is_not_there_is_named_while_it_is_waited_for() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_payments"))
        .arg("seed")
        .env("PAYMENTS_SEED_URL", "http://127.0.0.1:1")
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("refused"), "{line}");
}
