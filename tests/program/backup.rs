//! `payments backup`, while the service writes, and a service over what it wrote.

use crate::PROGRAM;
use std::{
    collections::BTreeSet,
    path::Path,
    process::Output,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use test_support::{Client, payment, sqlite_uri};
use tokio::task::JoinSet;

/// Runs `payments backup`, and returns its exit code and all that it said.
fn back_up(uri: &str, file: &Path) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = PROGRAM.run(&["backup", file.to_str().unwrap(), "--repo-uri", uri]);
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

/// Creates payments, one after the other, until told to stop. All must be acknowledged.
async fn write(client: Client, writer: usize, stop: Arc<AtomicBool>) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        client.create(&format!("w{writer}-{number}")).await.expect_status(201);
        number += 1;
    }
}

/// How many payments are created between two backups.
const BETWEEN: i64 = 50;

/// Waits until so many more payments are there, so that there is load.
async fn until_more(client: &Client, more: i64) {
    let (began, (before, _)) = (Instant::now(), client.counts().await);
    while client.counts().await.0 < before + more {
        assert!(began.elapsed() < Duration::from_secs(60), "no {more} payments within a minute: that is no load");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Checks that each writer's payments are there from the first on, without a gap: the state of one moment.
fn is_of_one_moment(ids: &[String]) {
    let there: BTreeSet<_> = ids.iter().collect();
    assert_eq!(there.len(), ids.len(), "a payment is there twice");
    for writer in 0..8 {
        let count = ids.iter().filter(|id| id.starts_with(&format!("w{writer}-"))).count();
        for number in 0..count {
            assert!(
                there.contains(&format!("w{writer}-{number}")),
                "w{writer}-{number} is missing, and later ones are not"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_is_of_one_moment_and_can_be_served() {
    let folder = tempfile::tempdir().unwrap();
    let uri = sqlite_uri(folder.path());
    let process = PROGRAM.serve(&["--repo-uri", &uri, "--max-results", "1000"]);
    for id in ["before", "deleted"] {
        process.create(id).await.expect_status(201);
    }
    process.delete("/v1/payments/deleted?version=0").await.expect_status(204);
    let stop = Arc::new(AtomicBool::new(false));
    let pool = reqwest::Client::new();
    let writers: JoinSet<_> =
        (0..8).map(|writer| write(process.over(pool.clone()), writer, Arc::clone(&stop))).collect();
    let mut backups = Vec::new();
    for number in 0..4 {
        until_more(&process, BETWEEN).await;
        let acknowledged = process.ids().await;
        let file = folder.path().join(format!("backup-{number}.db"));
        let (code, said) = tokio::task::block_in_place(|| back_up(&uri, &file));
        assert_eq!(code, Some(0), "{said}");
        backups.push((file, acknowledged, said));
    }
    stop.store(true, Ordering::Relaxed);
    writers.join_all().await;
    process.get("/ready").await.expect_status(200);

    for (file, acknowledged, said) in backups {
        let restored = PROGRAM.serve(&["--repo-uri", &format!("sqlite://{}", file.display()), "--max-results", "1000"]);
        let ids = restored.ids().await;
        assert_eq!(said, format!("{} payments in {}\n", ids.len(), file.display()));
        is_of_one_moment(&ids);
        let ids: BTreeSet<_> = ids.iter().collect();
        let missing: Vec<_> = acknowledged.iter().filter(|id| !ids.contains(id)).collect();
        assert!(missing.is_empty(), "acknowledged before the backup began, and not in it: {missing:?}");
        restored.post(payment("deleted")).await.expect_status(409);
        restored.create("new").await.expect_status(201);
    }
    let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.contains("partial")).collect::<Vec<_>>(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_overwrites_nothing_and_needs_no_service() {
    let folder = tempfile::tempdir().unwrap();
    let uri = sqlite_uri(folder.path());
    let mut process = PROGRAM.serve(&["--repo-uri", &uri]);
    process.create("a").await.expect_status(201);
    process.signal("-TERM");
    assert_eq!(tokio::task::block_in_place(|| process.exit_code()), Some(0));
    let file = folder.path().join("backup.db");
    assert_eq!(back_up(&uri, &file), (Some(0), format!("1 payments in {}\n", file.display())));
    let before = std::fs::read(&file).unwrap();
    let (code, said) = back_up(&uri, &file);
    assert!(code == Some(1) && said.contains("overwrites nothing") && said.lines().count() == 1, "{code:?} {said}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    PROGRAM.serve(&["--repo-uri", &uri]).get("/v1/payments/a").await.expect_status(200);
}

#[test]
fn a_backup_that_cannot_be_made_says_why_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("backup.db");
    let missing = folder.path().join("missing.db");
    std::fs::write(folder.path().join("text.db"), "no database ".repeat(1000)).unwrap();
    let text = format!("sqlite://{}", folder.path().join("text.db").display());
    for (uri, to, code, word) in [
        (format!("sqlite://{}", missing.display()), to.clone(), 1, "--repo-uri"),
        (text.clone(), to.clone(), 1, "--repo-uri"),
        (text, folder.path().join("no/such/folder/backup.db"), 1, "may write"),
        ("sqlite::memory:".to_owned(), to.clone(), 2, "in memory"),
    ] {
        let (found, said) = back_up(&uri, &to);
        assert!(found == Some(code) && said.contains(word) && said.lines().count() == 1, "{uri}: {found:?} {said}");
    }
    let postgres =
        ["backup", to.to_str().unwrap(), "--repo", "postgres", "--repo-uri", "postgres://u:secret@127.0.0.1:1/x"];
    let Output { status, stderr, .. } = PROGRAM.run(&postgres);
    let said = String::from_utf8(stderr).unwrap();
    assert!(status.code() == Some(2) && said.contains("pg_dump") && !said.contains("secret"), "{said}");
    assert!(!missing.exists() && !to.exists(), "nothing may be left behind");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["text.db"]);
}
