//! A full disk, on which SQLite can write no more.

use crate::PROGRAM;
use serde_json::json;
use std::collections::BTreeSet;
use test_support::{Answer, Client, sqlite_uri, with_attributes};

/// How large any file may become: in KiB with bash, in half of them with other shells. The log of the migrations takes some 150, and
/// payments that share a transaction as much.
const ROOM: &str = "-S -f 1200";
/// How large a payment is, in bytes: large enough that each takes several pages of the file.
const SIZE: usize = 20_000;

/// Creates a payment that is large.
async fn create(client: &Client, id: &str) -> Answer {
    client.post(with_attributes(id, &json!({"amount": "1", "note": "x".repeat(SIZE)}))).await
}

/// Creates payments until the disk is full, eight at a time so that they share transactions. Returns the ids that were
/// acknowledged; every other request must have been answered 503.
async fn fill(client: &Client, name: &str) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for round in 0..200 {
        let ids: Vec<_> = (0..8).map(|number| format!("{name}-{round}-{number}")).collect();
        let answers = futures_util::future::join_all(ids.iter().map(|id| create(client, id))).await;
        let mut refused = 0;
        for (id, answer) in ids.into_iter().zip(answers) {
            if answer.status == 201 {
                acknowledged.push(id);
                continue;
            }
            answer.expect_unavailable();
            refused += 1;
        }
        if refused == 8 {
            return acknowledged;
        }
    }
    panic!("the disk does not get full: the limit of the file size does not hold");
}

/// Checks that just these are there, and that each can be read whole.
async fn has_just(client: &Client, acknowledged: &[String]) {
    let there: BTreeSet<_> = client.ids().await.into_iter().collect();
    assert_eq!(there, acknowledged.iter().cloned().collect(), "just what was acknowledged must be there");
    for id in acknowledged {
        let answer = client.get(&format!("/v1/payments/{id}")).await.expect_status(200);
        assert!(answer.text().contains(&"x".repeat(SIZE)), "{id} is not whole: {answer}");
    }
    client.get("/ready").await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let uri = sqlite_uri(folder.path());
    let mut process = PROGRAM.serve_within(ROOM, &["--repo-uri", &uri, "--max-results", "1000"]);
    let mut acknowledged = fill(&process, "a").await;
    assert!(!acknowledged.is_empty(), "nothing fits, so this proves nothing");
    has_just(&process, &acknowledged).await;

    // There is room again.
    #[cfg(target_os = "linux")]
    {
        let pid = process.child.id().cast_signed();
        let all = (rlimit::INFINITY, rlimit::INFINITY);
        rlimit::prlimit(pid, rlimit::Resource::FSIZE, Some(all), None).expect("the limit can be raised");
        for number in 0..20 {
            let id = format!("b-{number}");
            create(&process, &id).await.expect_status(201);
            acknowledged.push(id);
        }
        has_just(&process, &acknowledged).await;
    }
    process.signal("-TERM");
    assert_eq!(tokio::task::block_in_place(|| process.exit_code()), Some(0));

    let process = PROGRAM.serve(&["--repo-uri", &uri, "--max-results", "1000"]);
    has_just(&process, &acknowledged).await;
    acknowledged.push("c".to_owned());
    create(&process, "c").await.expect_status(201);
    has_just(&process, &acknowledged).await;
}
