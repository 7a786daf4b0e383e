//! A disk that is full: SQLite can write no more.

use crate::process::{Program, ids, sqlite};
use std::collections::BTreeSet;

/// How large any file may become: in KiB with bash, in half of them with other shells.
const ROOM: &str = "-S -f 600";
/// How large a payment is, in bytes: large enough that each is in several places of the file.
const SIZE: usize = 20_000;

async fn create(client: &reqwest::Client, url: &str, id: &str, size: usize) -> (u16, Option<String>, String) {
    let note = "x".repeat(size);
    let body = format!(
        r#"{{"data":{{"id":"{id}","type":"Payment","organisation_id":"acme","attributes":{{"amount":"1","note":"{note}"}}}}}}"#
    );
    let request = client.post(format!("{url}/v1/payments")).header("content-type", "application/json").body(body);
    let answer = request.send().await.expect("an answer");
    let wait = answer.headers().get("retry-after").map(|value| value.to_str().expect("text").to_owned());
    (answer.status().as_u16(), wait, answer.text().await.expect("a body"))
}

/// Creates payments until the disk is full, eight at a time so that they share transactions. Returns the ids that were
/// acknowledged; everybody else must have got a 503.
async fn fill(client: &reqwest::Client, url: &str, name: &str) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for round in 0..200 {
        let ids: Vec<_> = (0..8).map(|number| format!("{name}-{round}-{number}")).collect();
        let answers = futures_util::future::join_all(ids.iter().map(|id| create(client, url, id, SIZE))).await;
        let mut refused = 0;
        for (id, (status, wait, body)) in ids.into_iter().zip(answers) {
            if status == 201 {
                acknowledged.push(id);
                continue;
            }
            assert_eq!(status, 503, "{body}");
            assert!(wait.is_some() && body.contains("/problems/unavailable"), "{wait:?} {body}");
            refused += 1;
        }
        if refused == 8 {
            return acknowledged;
        }
    }
    panic!("the disk does not get full: the limit of the file size does not hold");
}

/// Checks that just these are there, and that each can be read whole.
async fn has_just(client: &reqwest::Client, url: &str, acknowledged: &[String]) {
    let there: BTreeSet<_> = ids(url).await.into_iter().collect();
    assert_eq!(there, acknowledged.iter().cloned().collect(), "just what was acknowledged must be there");
    for id in acknowledged {
        let answer = client.get(format!("{url}/v1/payments/{id}")).send().await.expect("an answer");
        let (status, body) = (answer.status().as_u16(), answer.text().await.expect("a body"));
        assert!(status == 200 && body.contains(&"x".repeat(SIZE)), "{id}: {status} {body}");
    }
    assert_eq!(
        client.get(format!("{url}/ready")).send().await.expect("an answer").status(),
        200,
        "it can still be read"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let uri = sqlite(folder.path());
    let client = reqwest::Client::new();
    let mut program = Program::serve_within(ROOM, &["--repo-uri", &uri, "--max-results", "1000"]);
    let mut acknowledged = fill(&client, &program.url, "a").await;
    assert!(!acknowledged.is_empty(), "nothing fits, so this proves nothing");
    has_just(&client, &program.url, &acknowledged).await;

    // There is room again.
    #[cfg(target_os = "linux")]
    {
        let process = program.child.id().cast_signed();
        let all = (rlimit::INFINITY, rlimit::INFINITY);
        rlimit::prlimit(process, rlimit::Resource::FSIZE, Some(all), None).expect("the limit can be raised");
        for number in 0..20 {
            let id = format!("b-{number}");
            let (status, _, body) = create(&client, &program.url, &id, SIZE).await;
            assert_eq!(status, 201, "there is room again, and it does not heal: {body}");
            acknowledged.push(id);
        }
        has_just(&client, &program.url, &acknowledged).await;
    }
    program.signal("-TERM");
    assert_eq!(tokio::task::block_in_place(|| program.stopped()), Some(0));

    let program = Program::serve(&["--repo-uri", &uri, "--max-results", "1000"]);
    has_just(&client, &program.url, &acknowledged).await;
    acknowledged.push("c".to_owned());
    assert_eq!(create(&client, &program.url, "c", SIZE).await.0, 201);
    has_just(&client, &program.url, &acknowledged).await;
}
