//! Lists that wait for a connection, and share a read.

use super::super::{Sqlite, connection};
use super::{in_a_file, in_memory, key, payment, write};
use crate::payments::{Error, Page, PageStart, Repo, Snapshot, Tenant};
use crate::repo::{Backend, turn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Holds all connections that lists are read on, for as long as the guards live.
async fn hold_list_readers(repo: &Sqlite) -> Vec<tokio::sync::MutexGuard<'_, Option<connection::Open>>> {
    let mut busy = Vec::new();
    for connection in repo.list_readers.connections() {
        busy.push(connection.lock().await);
    }
    busy
}

#[tokio::test]
async fn lists_that_take_long_leave_fetches_and_checks_alone() {
    let (_directory, repo) = in_a_file().await;
    repo.create(&Tenant::ANONYMOUS, payment("a", 1)).await.unwrap();
    let busy = hold_list_readers(&repo).await;
    let waiting = tokio::spawn({
        let repo = Arc::clone(&repo);
        async move { repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), 9).await }
    });
    // Tells a fetch that is slow from one that waits for the lists, which would be for ever.
    let soon = Duration::from_secs(60);
    for _ in 0..20 {
        let fetched = tokio::time::timeout(soon, repo.look_up(key("a").borrow())).await;
        fetched.expect("a fetch must not wait for lists").unwrap();
    }
    tokio::time::timeout(soon, repo.check()).await.expect("a check must not wait for lists").unwrap();
    assert!(!waiting.is_finished(), "a list must not take a connection that is for fetches");
    drop(busy);
    assert_eq!(waiting.await.unwrap().unwrap().payments.len(), 1);
}

#[tokio::test]
async fn a_list_waits_for_its_turn_until_its_read_begins() {
    let (_directory, repo) = in_a_file().await;
    let _busy = hold_list_readers(&repo).await;
    let mut list = pin!(repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), 9));
    let mut waits = || {
        let (polled, waits) = turn::poll(list.as_mut(), &mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        waits
    };
    assert!(waits(), "other lists have the connections");
    let begun = repo.lister.take_waiters(PageStart::Offset(0), 9);
    assert!(!waits(), "the time of its read counts");
    let _later = tokio::spawn({
        let repo = Arc::clone(&repo);
        async move { repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), 9).await }
    });
    while repo.lister.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    assert!(!waits(), "another caller waits for the same page, and not this one");
    drop(begun);
}

/// Lists the first page once for each of `sizes`, while no connection is free to read it.
async fn list_at_once(repo: &Arc<Sqlite>, sizes: &[u32]) -> Vec<JoinHandle<Result<Snapshot<Page>, Error>>> {
    let _busy = hold_list_readers(repo).await;
    let list = |size: &u32| {
        let (repo, size) = (Arc::clone(repo), *size);
        tokio::spawn(async move { repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), size).await })
    };
    let lists = sizes.iter().map(list).collect();
    while repo.lister.waiting() < sizes.len() {
        tokio::task::yield_now().await;
    }
    lists
}

#[tokio::test]
async fn callers_that_wait_for_the_same_page_share_it() {
    for repo in [in_a_file().await.1, in_memory().await] {
        repo.create(&Tenant::ANONYMOUS, payment("a", 1)).await.unwrap();
        let mut pages = Vec::new();
        for list in list_at_once(&repo, &[20, 20, 1, 20]).await {
            pages.push(list.await.unwrap().unwrap());
        }
        let [first, second, other, third] = pages.try_into().unwrap();
        first.memo(|_| "seen");
        for shared in [&second, &third] {
            assert_eq!(shared.memo(|_| "read anew"), Some(&"seen"));
        }
        assert_eq!(other.memo(|_| "another page"), Some(&"another page"));
        let later = repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), 20).await.unwrap();
        assert_eq!(later.memo(|_| "read anew"), Some(&"read anew"), "a later list must read the page again");
    }
}

#[tokio::test]
async fn callers_of_different_tenants_share_no_page() {
    let (_directory, repo) = in_a_file().await;
    let tenants = ["", "acme", "other"].map(|name| Tenant::stored(name).unwrap());
    for (number, tenant) in tenants.iter().enumerate() {
        repo.create(tenant, payment(&format!("p{number}"), 1)).await.unwrap();
    }
    let busy = hold_list_readers(&repo).await;
    let lists = tenants.map(|tenant| {
        let repo = Arc::clone(&repo);
        tokio::spawn(async move { repo.list(&tenant, PageStart::Offset(0), 9).await })
    });
    while repo.lister.waiting() < lists.len() {
        tokio::task::yield_now().await;
    }
    drop(busy);
    for (number, list) in lists.into_iter().enumerate() {
        let page = list.await.unwrap().unwrap().into_inner();
        let names: Vec<_> = page.payments.iter().map(|payment| payment.id.as_str()).collect();
        assert_eq!(names, [format!("p{number}")], "a page that another tenant waited for");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_never_older_than_the_call() {
    const MANY: u64 = 200_000;
    let (_directory, repo) = in_a_file().await;
    write(
        &repo,
        "WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 200000) \
         INSERT INTO payments (id, version, created_on, modified_on, organisation_id, attributes) \
         SELECT 'p' || n, 0, 0, 0, 'acme', '{}' FROM many",
    )
    .await;
    // Slow, because it skips so many.
    let list =
        |repo: Arc<Sqlite>| async move { repo.list(&Tenant::ANONYMOUS, PageStart::Offset(MANY), 99).await.unwrap() };
    for number in 0..5 {
        let reading = tokio::spawn(list(Arc::clone(&repo)));
        tokio::time::sleep(Duration::from_millis(2)).await;
        let name = format!("new{number}");
        repo.create(&Tenant::ANONYMOUS, payment(&name, 1)).await.unwrap();
        let page = list(Arc::clone(&repo)).await;
        assert!(
            page.payments.iter().any(|payment| payment.id.as_str() == name),
            "{name} was created before the list was called, which shows {page:?}"
        );
        reading.await.unwrap();
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_fail_the_others() {
    let (_directory, repo) = in_a_file().await;
    repo.create(&Tenant::ANONYMOUS, payment("a", 1)).await.unwrap();
    let mut lists = list_at_once(&repo, &[20, 20]).await;
    lists.remove(0).abort();
    assert_eq!(lists.remove(0).await.unwrap().unwrap().payments.len(), 1);
    for only in list_at_once(&repo, &[20]).await {
        only.abort();
    }
    repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), 20).await.expect("the next caller must be served");
}

#[tokio::test]
async fn a_read_that_fails_fails_for_all_that_wait() {
    let (_directory, repo) = in_a_file().await;
    write(&repo, "ALTER TABLE payments RENAME TO lost").await;
    for list in list_at_once(&repo, &[20, 20]).await {
        let failed = list.await.unwrap();
        assert!(matches!(failed, Err(Error::Internal(_))), "{failed:?}");
    }
    let closing = list_at_once(&repo, &[20, 20]).await;
    repo.close().await;
    for list in closing {
        match list.await.unwrap() {
            Err(Error::Internal(_) | Error::Unavailable(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    let refused = repo.list(&Tenant::ANONYMOUS, PageStart::Offset(0), 20).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
}
