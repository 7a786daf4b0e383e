//! The promises of SQLite alone: the file.

use crate::stores::{change, create, event_walk, events, id, list, names, organisation, query, refused, version, walk};
use crate::view::Repo;
use payments::payments::{Error, EventStart, Mark, PageStart, Position, Tenant};
use payments::repo::{OpenError, Sqlite, SqliteOptions, StoreOptions as _};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("payments.db");
    (directory, path)
}

async fn open(path: &Path) -> Result<Sqlite, OpenError> {
    Sqlite::open(SqliteOptions { path: Some(path.to_owned()), ..SqliteOptions::default() }).await
}

#[tokio::test]
async fn a_file_keeps_everything() {
    let (_directory, path) = place();
    let repo = open(&path).await.unwrap();
    let created = create(&repo, &["a", "b", "c"]).await;
    let updated = repo.update(&id("b"), version(0), change("2")).await.unwrap();
    repo.delete(&id("c"), version(0)).await.unwrap();
    let (_, end) = walk(&repo, Position::BEGINNING, 9).await;
    repo.close().await;

    let repo = open(&path).await.unwrap();
    assert_eq!(list(&repo, PageStart::Offset(0), 9).await.payments, [created[0].clone(), updated]);
    assert_eq!(refused(repo.create(crate::stores::payment("c")).await), "already exists");
    create(&repo, &["d"]).await;
    assert_eq!(walk(&repo, end, 9).await.0, ["d"], "positions must stay good when the process is another");
    repo.close().await;
}

#[tokio::test]
async fn a_file_keeps_what_was_acknowledged_without_a_clean_end() {
    let (_directory, path) = place();
    let repo = open(&path).await.unwrap();
    create(&repo, &["a", "b"]).await;
    // What a kill leaves: the files as they are now, with the write-ahead log not yet folded in.
    let copy = path.with_file_name("copy.db");
    for suffix in ["", "-wal"] {
        std::fs::copy(with_suffix(&path, suffix), with_suffix(&copy, suffix)).unwrap();
    }
    let survivor = open(&copy).await.unwrap();
    assert_eq!(names(&list(&survivor, PageStart::Offset(0), 9).await), "a b");
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[tokio::test]
async fn a_clean_end_leaves_one_database_file() {
    let (directory, path) = place();
    let repo = open(&path).await.unwrap();
    create(&repo, &["a"]).await;
    repo.close().await;
    let mut left: Vec<_> =
        std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["payments.db", "payments.db-lock"], "the write-ahead log must be folded in and gone");
}

#[tokio::test]
async fn a_second_opening_is_refused_and_says_why() {
    let (_directory, path) = place();
    let first = open(&path).await.unwrap();
    let error = open(&path).await.expect_err("the file is in use");
    let expected =
        format!("another process has {} open: stop it, or name another file with --repo-uri", path.display());
    assert_eq!(error.to_string(), expected);
    // The first goes on.
    create(&first, &["a"]).await;
    first.close().await;
    open(&path).await.expect("it was closed").close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_name_of_the_file_is_no_way_in() {
    let (directory, path) = place();
    let _first = open(&path).await.unwrap();
    let link = directory.path().join("link.db");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(matches!(open(&link).await, Err(OpenError::InUse { .. })));
    let roundabout = directory.path().join("../").join(directory.path().file_name().unwrap()).join("payments.db");
    assert!(matches!(open(&roundabout).await, Err(OpenError::InUse { .. })));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn neither_a_hard_link_nor_a_removed_lock_file_is_a_way_in() {
    let (directory, path) = place();
    let first = open(&path).await.unwrap();
    let link = directory.path().join("link.db");
    std::fs::hard_link(&path, &link).unwrap();
    assert!(matches!(open(&link).await, Err(OpenError::InUse { .. })), "by another name");
    std::fs::remove_file(with_suffix(&path, "-lock")).unwrap();
    assert!(matches!(open(&path).await, Err(OpenError::InUse { .. })), "without the lock file");
    first.close().await;
    match open(&path).await {
        Err(error @ OpenError::Linked { names: 2, .. }) => assert!(error.to_string().contains("hard links"), "{error}"),
        other => panic!("a file with two names has two logs: {:?}", other.map(drop)),
    }
    std::fs::remove_file(link).unwrap();
    open(&path).await.expect("it has one name").close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_path_that_is_refused_leaves_no_lock_file_behind() {
    let (directory, path) = place();
    let text = directory.path().join("text");
    std::fs::write(&text, "This is a letter, and no database. ".repeat(100)).unwrap();
    let folder = directory.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    let (linked, link) = (directory.path().join("linked"), directory.path().join("link"));
    std::fs::write(&linked, "").unwrap();
    std::fs::hard_link(&linked, &link).unwrap();
    for refused in [&text, &folder, &linked, &link] {
        let error = open(refused).await.expect_err("it is no place for a database");
        assert!(matches!(error, OpenError::File { .. } | OpenError::Linked { .. }), "{}: {error}", refused.display());
    }
    let must_exist = SqliteOptions { path: Some(path.clone()), must_exist: true, ..SqliteOptions::default() };
    assert!(matches!(Sqlite::open(must_exist.clone()).await, Err(OpenError::File { .. })));
    let mut left: Vec<_> = directory.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["folder", "link", "linked", "text"]);
    // One that was there before stays.
    open(&path).await.expect("it is created").close().await;
    Sqlite::open(must_exist).await.expect("it exists").close().await;
    std::fs::write(&path, "This is a letter. ".repeat(100)).unwrap();
    assert!(matches!(open(&path).await, Err(OpenError::File { .. })));
    assert!(with_suffix(&path, "-lock").exists());
}

/// Waits until the store refuses writes and fails its check, or until it does neither.
#[cfg(unix)]
async fn until_writes_are_refused(repo: &Sqlite, are_refused: bool) {
    let start = Instant::now();
    for number in 0.. {
        let written = repo.create(crate::stores::payment(&format!("x{}-{number}", start.elapsed().as_nanos()))).await;
        let checked = repo.check().await;
        if (written.is_err(), checked.is_err()) == (are_refused, are_refused) {
            assert!(matches!(
                (&written, &checked),
                (Ok(_), Ok(())) | (Err(Error::Unavailable(_)), Err(Error::Unavailable(_)))
            ));
            return;
        }
        // Calls are counted, and not timed, because the machine may stand still. The store looks at the file each second.
        assert!(number < 200, "{written:?}, {checked:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_no_longer_the_file_is_not_written() {
    type Harm = fn(&Path, &Path) -> std::io::Result<()>;
    let harms: [(&str, Harm, Harm); 4] = [
        ("removed", |path, aside| std::fs::rename(path, aside), |path, aside| std::fs::rename(aside, path)),
        (
            "replaced",
            |path, aside| std::fs::rename(path, aside).and_then(|()| std::fs::copy(aside, path)).map(drop),
            |path, aside| std::fs::rename(aside, path),
        ),
        ("linked", |path, aside| std::fs::hard_link(path, aside), |_, aside| std::fs::remove_file(aside)),
        (
            "log",
            |path, aside| std::fs::rename(with_suffix(path, "-wal"), aside),
            |path, aside| std::fs::rename(aside, with_suffix(path, "-wal")),
        ),
    ];
    for (name, harm, repair) in harms {
        let (directory, path) = place();
        let aside = directory.path().join("aside");
        let repo = open(&path).await.unwrap();
        create(&repo, &["a"]).await;
        harm(&path, &aside).unwrap_or_else(|error| panic!("{name}: {error}"));
        until_writes_are_refused(&repo, true).await;
        repo.fetch(&id("a")).await.unwrap_or_else(|error| panic!("{name}: reads go on: {error}"));
        assert!(names(&list(&repo, PageStart::Offset(0), 1).await) == "a", "{name}: lists go on");
        repair(&path, &aside).unwrap_or_else(|error| panic!("{name}: {error}"));
        until_writes_are_refused(&repo, false).await;
        repo.close().await;
    }
}

#[tokio::test]
async fn a_store_that_is_dropped_gives_the_file_back() {
    let (_directory, path) = place();
    for number in 0..5 {
        let repo = loop {
            // The store that was dropped closes in its own time.
            match open(&path).await {
                Ok(repo) => break repo,
                Err(OpenError::InUse { .. }) => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
                Err(error) => panic!("{error}"),
            }
        };
        create(&repo, &[&format!("p{number}")]).await;
    }
}

#[tokio::test]
async fn says_what_is_wrong_with_a_path() {
    let (directory, path) = place();
    std::fs::write(&path, "this is no database, but long enough that SQLite looks at it".repeat(20)).unwrap();
    for path in [path, directory.path().to_owned(), directory.path().join("missing/payments.db")] {
        let error = open(&path).await.expect_err("it is no database");
        let message = error.to_string();
        assert!(matches!(error, OpenError::File { .. }), "{error:?}");
        assert!(message.contains(&path.display().to_string()) && message.contains("--repo-uri"), "{message}");
        assert!(!message.contains('\n'), "a message is one line: {message}");
    }
}

#[tokio::test]
async fn closing_waits_for_what_is_queued() {
    let (_directory, path) = place();
    let repo = std::sync::Arc::new(open(&path).await.unwrap());
    let queued: tokio::task::JoinSet<_> = (0..100)
        .map(|number| {
            let repo = std::sync::Arc::clone(&repo);
            async move { repo.create(crate::stores::payment(&format!("p{number}"))).await.is_ok() }
        })
        .collect();
    tokio::task::yield_now().await;
    repo.close().await;
    let created = queued.join_all().await.into_iter().filter(|created| *created).count();

    let repo = open(&path).await.unwrap();
    assert_eq!(repo.info().await.unwrap().payments, created as u64, "what was acknowledged is what is there");
}

#[tokio::test]
async fn the_last_version_of_all_has_no_next() {
    let (_directory, path) = place();
    let repo = open(&path).await.unwrap();
    create(&repo, &["a"]).await;
    let mut writer = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&path)).await.unwrap();
    // Not by an update: the schema gives each change the next version.
    writer.execute("CREATE TEMPORARY TABLE saved AS SELECT * FROM payments").await.unwrap();
    writer.execute("DELETE FROM payments").await.unwrap();
    writer.execute("UPDATE saved SET version = 9223372036854775807").await.unwrap();
    writer.execute("INSERT INTO payments SELECT * FROM saved").await.unwrap();
    let result = repo.update(&id("a"), version(i64::MAX), change("2")).await;
    assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
    assert_eq!(repo.fetch(&id("a")).await.unwrap().version, version(i64::MAX));
    let result = repo.delete(&id("a"), version(i64::MAX)).await;
    assert!(matches!(result, Err(Error::Internal(_))), "a deletion has a version of its own: {result:?}");
}

/// Copies the database to `copy`, as it was when the store was closed.
fn copy(path: &Path, copy: &Path) {
    std::fs::copy(path, copy).unwrap();
}

#[tokio::test]
async fn a_backup_that_is_restored_tells_marks_of_events_that_it_does_not_have() {
    let (directory, path) = place();
    let repo = open(&path).await.unwrap();
    create(&repo, &["a", "b"]).await;
    repo.update(&id("a"), version(0), change("2")).await.unwrap();
    let old = events(&repo, EventStart::End, &query(1)).await.last;
    let backup = directory.path().join("backup.db");
    let options = SqliteOptions { path: Some(path.clone()), ..SqliteOptions::default() };
    options.back_up(&backup).await.unwrap();
    let lost = async |repo: &Sqlite| {
        create(repo, &["c"]).await;
        let created = events(repo, EventStart::End, &query(1)).await.last;
        repo.update(&id("b"), version(0), change("2")).await.unwrap();
        [created, events(repo, EventStart::End, &query(1)).await.last]
    };
    let marks = lost(&repo).await;
    repo.close().await;

    copy(&backup, &path);
    let repo = open(&path).await.unwrap();
    assert_eq!(event_walk(&repo, EventStart::Beginning, &query(9)).await.0.len(), 3);
    for mark in marks {
        assert_eq!(refused(repo.events(EventStart::After(mark), &query(9)).await), "expired", "it is gone: {mark:?}");
    }
    let again = lost(&repo).await;
    for (mark, again) in marks.into_iter().zip(again) {
        assert_eq!(mark.position, again.position, "the numbers are used again");
        assert_eq!(refused(repo.events(EventStart::After(mark), &query(9)).await), "expired", "another is there");
    }
    assert_eq!(event_walk(&repo, EventStart::After(old), &query(9)).await.0.len(), 2, "what the backup has goes on");
    repo.close().await;
}

#[tokio::test]
async fn a_clear_removes_every_version_from_the_file() {
    let (_directory, path) = place();
    let repo = open(&path).await.unwrap();
    let acme = Tenant::of(organisation("acme"));
    for tenant in [&Tenant::ANONYMOUS, &acme] {
        payments::payments::Repo::create(&repo, tenant, crate::stores::payment("a")).await.unwrap();
        payments::payments::Repo::update(&repo, tenant, &id("a"), version(0), change("2")).await.unwrap();
    }
    let mut reader = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(&path)).await.unwrap();
    let count = "SELECT (SELECT count(*) FROM payments_past) + (SELECT count(*) FROM payments_tenants_past)";
    for expected in [2, 0] {
        let found: i64 = sqlx::query_scalar(count).fetch_one(&mut reader).await.unwrap();
        assert_eq!(found, expected);
        repo.clear().await.unwrap();
    }
}

#[tokio::test]
async fn listeners_that_wait_for_the_same_news_get_the_same_page() {
    let (_directory, path) = place();
    let repo = std::sync::Arc::new(open(&path).await.unwrap());
    create(&*repo, &["a"]).await;
    let mark = events(&*repo, EventStart::End, &query(1)).await.last;
    let listeners: tokio::task::JoinSet<_> = (0..1000)
        .map(|_| {
            let (repo, mut news) = (std::sync::Arc::clone(&repo), Repo::news(&*repo));
            async move {
                news.wait().await;
                events(&*repo, EventStart::After(mark), &query(9)).await
            }
        })
        .collect();
    create(&*repo, &["b"]).await;
    let all = tokio::time::timeout(Duration::from_secs(60), listeners.join_all());
    let pages = all.await.expect("every listener is woken");
    assert!(pages.iter().all(|page| page.events.len() == 1 && page == &pages[0]), "{:?}", pages[0]);
    assert_eq!(refused(repo.history(&id("absent"), None, 1).await), "not found");
    let gone = Mark { timestamp: payments::payments::Timestamp::UNIX_EPOCH, ..mark };
    let query = query(9);
    for page in futures_util::future::join_all((0..9).map(|_| repo.events(EventStart::After(gone), &query))).await {
        assert_eq!(refused(page), "expired", "an error that is shared stays what it is");
    }
}
