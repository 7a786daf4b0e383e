//! `payments seed`, which loads payments into a service that runs.

use crate::PROGRAM;
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    ops::Deref,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use test_support::{JSON, Service, postgres, tokens};

/// A service in this process to load payments into, and a folder for what is loaded.
struct Target {
    service: Service,
    folder: TempDir,
}

impl Deref for Target {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl Target {
    async fn start() -> Self {
        Self::start_with(&["--admin", "--max-results", "1000"]).await
    }

    async fn start_with(flags: &[&str]) -> Self {
        Self { service: Service::start_with(flags).await, folder: tempfile::tempdir().unwrap() }
    }

    async fn count(&self) -> u64 {
        u64::try_from(self.counts().await.0).unwrap()
    }

    /// Every payment, as the service lists them.
    async fn list(&self) -> String {
        self.get("/v1/payments?size=1000").await.expect_status(200).text().to_owned()
    }

    /// `payments seed` with these flags, at this service.
    fn seed(&self, flags: &[&str]) -> Command {
        let mut command = PROGRAM.command(&[&["seed", "--url", &self.url], flags].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `payments seed` with these flags to its end; returns its exit code and what it printed.
    #[track_caller]
    fn run_seed(&self, flags: &[&str]) -> (Option<i32>, String) {
        printed(self.seed(flags).output().expect("the program runs"))
    }

    /// A file of this text.
    fn file(&self, text: &str) -> String {
        let path = self.folder.path().join("payments");
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

fn printed(output: Output) -> (Option<i32>, String) {
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
        serde_json::from_str(include_str!("../../generated/server/openapi.json")).expect("the contract is JSON");
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
    // The validator must be able to refuse.
    json["data"][0]["attributes"]["amount"] = json!("0.00");
    assert!(!list.is_valid(&json));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fixture_comes_back_byte_for_byte_from_every_store() {
    let postgres = postgres::url();
    for flags in [&[][..], &["--repo", "postgres", "--repo-uri", &postgres]] {
        let service = Service::start_with(flags).await;
        for fixture in seed::fixtures() {
            let created = service.send("POST", "/v1/payments", &[JSON], fixture.request()).await.expect_status(201);
            let read = service.get(&format!("/v1/payments/{}", fixture.id())).await.expect_status(200);
            let attributes = format!(r#""attributes":{},"created_on""#, fixture.attributes());
            for answer in [created, read] {
                assert!(answer.text().contains(&attributes), "{flags:?}: expected {attributes}, got {answer}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_the_fixtures_in_their_order_and_repeating_changes_nothing() {
    let service = Target::start().await;
    let count = seed::fixtures().len();
    let (code, text) = service.run_seed(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(summary(&text).ends_with(&format!("{count} created, 0 present, 0 differing, 0 refused")), "{text}");

    let list = service.list().await;
    let mut rest = list.as_str();
    for fixture in seed::fixtures() {
        let attributes = format!(r#""attributes":{},"created_on""#, fixture.attributes());
        let at = rest.find(&attributes).unwrap_or_else(|| panic!("{} is not in its place", fixture.id()));
        assert!(rest[..at].contains(&format!(r#""id":"{}""#, fixture.id())));
        rest = &rest[at + attributes.len()..];
    }

    let (code, text) = service.run_seed(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(summary(&text).ends_with(&format!("0 created, {count} present, 0 differing, 0 refused")), "{text}");
    assert_eq!(service.list().await, list);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_or_deleted_is_named_and_left_alone() {
    let service = Target::start().await;
    service.run_seed(&[]);
    let body = r#"{"data":{"type":"Payment","version":0,"organisation_id":"harbour-lane-bakery","attributes":{"amount":"8"}}}"#;
    service.put("only-an-amount", body).await.expect_status(200);
    service.delete("/v1/payments/chaps-payment?version=0").await.expect_status(204);
    let before = service.list().await;

    let (code, text) = service.run_seed(&[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("only-an-amount: attributes.amount\n"), "{text}");
    assert!(text.contains("chaps-payment: a payment of this id was deleted"), "{text}");
    assert!(summary(&text).ends_with("0 created, 17 present, 1 differing, 1 refused"), "{text}");
    assert_eq!(service.list().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_in_the_middle_is_named_and_the_rest_is_loaded() {
    let service = Target::start().await;
    let lines: Vec<String> = (1..=100).map(|number| line(&format!("p-{number}"), "1.10")).collect();
    let lines = lines
        .join("\n")
        .replace(&line("p-50", "1.10"), "{\"id\": p-50}")
        .replace(&line("p-70", "1.10"), &line("p-70", "0.00"));
    let (code, text) = service.run_seed(&["--file", &service.file(&lines)]);
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
    let (code, text) = service.run_seed(&["--file", &service.file(&list)]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("\n  line 4, column 5: q-2: /data/attributes/amount "), "{text}");
    assert_eq!(service.count().await, 100);
}

/// More payments than are loaded before a test goes on, however long that takes on a machine that is busy.
const ENDLESS: &str = "500000";

/// Starts a load of made-up payments, and waits until some of them are there.
async fn half_way(service: &Target, flags: &[&str]) -> Child {
    let child = service.seed(flags).spawn().expect("the program runs");
    let start = Instant::now();
    while service.count().await < 50 {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing was loaded");
        thread::sleep(Duration::from_millis(5));
    }
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_half_way_and_repeated_it_is_complete() {
    let service = Target::start().await;
    let flags = ["--count", ENDLESS];
    let mut child = half_way(&service, &flags).await;
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "it was done before it was killed");
    let there = service.count().await;
    assert!(there >= 50, "{there}");

    // To load all the rest would take long; 200 more show as much.
    let count = (there + 200).to_string();
    let (code, text) = service.run_seed(&["--count", &count]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(service.count().await, there + 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_stops_it_cleanly_and_it_says_how_to_go_on() {
    let service = Target::start().await;
    let child = half_way(&service, &["--count", ENDLESS]).await;
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (code, text) = printed(child.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("To go on, run the same command again"), "{text}");
    // Every payment that is there was acknowledged, and counted.
    let created = service.count().await;
    let created = if created > 999 { format!("{},{:03}", created / 1000, created % 1000) } else { created.to_string() };
    assert!(summary(&text).contains(&format!(": {created} created, 0 present")), "{created}: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_can_come_from_standard_input() {
    let service = Target::start().await;
    let file = fs::File::open(service.file(&format!("{}\n{}\n", line("a", "1"), line("b", "2")))).unwrap();
    let (code, text) = printed(service.seed(&["--file", "-"]).stdin(file).output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(service.count().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_stopped_while_nothing_comes_in() {
    let service = Target::start().await;
    let mut child = service.seed(&["--file", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{}", line("a", "1")).unwrap();
    while service.count().await < 1 {
        thread::sleep(Duration::from_millis(5));
    }
    let silent = child.stdin.take();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let (code, text) = printed(child.wait_with_output().unwrap());
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
        let output = PROGRAM.command(&["seed"]).args(arguments).output().unwrap();
        let (code, text) = printed(output);
        assert_eq!((code, text.lines().count()), (Some(2), 1), "{arguments:?}: {text}");
        assert!(text.contains(arguments[0]), "{text}");
    }
}

#[test]
fn a_service_that_is_not_there_is_named_while_it_is_waited_for() {
    let mut child = PROGRAM
        .command(&["seed"])
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

/// A service that asks for tokens.
async fn asking() -> Target {
    let flags = tokens::flags();
    Target::start_with(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_the_payments_of_its_organisation_are_loaded_and_no_others() {
    let target = asking().await;
    let other = line("theirs", "1.00").replace("acme", "mill");
    let file = target.file(&[line("a", "1.00"), other, line("b", "2.00")].join("\n"));
    let token = tokens::token("acme", "payments:read payments:write");
    let flags = ["--token", &token, "--file", &file];
    let (code, text) = target.run_seed(&flags);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("theirs: /data/organisation_id must be the organisation that the token names"), "{text}");
    let (code, text) = target.run_seed(&[&flags[..], &["--organisation", "acme"]].concat());
    assert_eq!(code, Some(0), "{text}");
    let expected = "0 created, 2 present, 0 differing, 0 refused, 1 of other organisations left out";
    assert!(text.contains(expected), "{text}");
    let mut by_variable = target.seed(&["--file", &file, "--organisation", "acme"]);
    let (code, text) = printed(by_variable.env("PAYMENTS_TOKEN", &token).output().expect("the program runs"));
    assert_eq!(code, Some(0), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_that_does_it_stops_at_once_and_names_the_flags() {
    let target = asking().await;
    let file = target.file(&(0..100).map(|number| line(&format!("p-{number}"), "1.00")).collect::<Vec<_>>().join("\n"));
    let reader = tokens::token("acme", "payments:read");
    for (flags, reason) in [
        (&[][..], "401 Unauthorized"),
        (&["--token", "x"], "401 Unauthorized"),
        (&["--token", &reader], "403 Forbidden"),
    ] {
        let (code, text) = target.run_seed(&[&["--file", &file], flags].concat());
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(reason) && text.contains("--client-id, --client-secret and --token-url"), "{text}");
        assert!(!text.contains(&reader), "the token is in {text}");
    }
    for (flags, named) in [
        (&["--token", "x", "--client-id", "y"][..], "--client-id"),
        (&["--client-id", "y"], "--client-secret"),
        (&["--token-parameters", "audience"], "--token-parameters audience=https://payments.example"),
        (&["--client-id", "y", "--client-secret", "z", "--token-url", "http://login.example/token"], "--token-url"),
    ] {
        let (code, text) = target.run_seed(flags);
        assert!(code == Some(2) && text.contains(named) && text.lines().count() == 1, "{flags:?}: {text}");
    }
}

/// With an issuer that others wrote: the one of `make demo-auth`.
#[tokio::test(flavor = "multi_thread")]
async fn with_credentials_it_gets_its_tokens_from_the_issuer() {
    let issuer = test_issuer::Issuer::start().await;
    let target = Target::start_with(&["--auth-issuer", &issuer.url, "--auth-audience", test_issuer::AUDIENCE]).await;
    let file = target.file(&line("a", "1.00"));
    let client = ["--client-id", "acme", "--client-secret", "acme-secret", "--token-url", issuer.token_url()];
    let (code, text) = target.run_seed(&[&["--file", &file], &client[..]].concat());
    assert!(code == Some(0) && text.contains("1 created"), "{text}");
    let wrong = ["--client-id", "acme", "--client-secret", "guessed", "--token-url", issuer.token_url()];
    let (code, text) = target.run_seed(&[&["--file", &file], &wrong[..]].concat());
    assert!(code == Some(1) && text.contains("invalid_client") && !text.contains("guessed"), "{text}");
}
