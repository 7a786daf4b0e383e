//! Many calls at once: exactly one wins, none is lost, and a call that is dropped does no harm.

use crate::on_every_store;
use crate::stores::{Store, change, create, current, id, list, payment, refused, version, walk};
use crate::view::Repo;
use payments::payments::{Error, PageStart, Payment, Position};
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

on_every_store!(
    one_of_50_writers_of_a_version_wins,
    one_of_50_deletions_of_a_version_wins,
    one_of_50_creations_of_an_id_wins,
    creates_1000_at_once,
    no_change_is_lost,
    a_payment_that_is_there_is_never_missing,
    a_write_can_be_read_at_once,
    no_reader_goes_back_in_time,
    a_deletion_is_seen_at_once,
    a_deletion_beside_a_change_of_the_same_payment_is_seen,
    an_abandoned_creation_is_whole_or_not_there,
    an_abandoned_change_is_whole_or_not_there,
);

/// Runs `task` this many times at once.
async fn at_once<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    count: usize,
    task: impl Fn(usize) -> F,
) -> Vec<T> {
    (0..count).map(task).collect::<JoinSet<_>>().join_all().await
}

/// The only success. Every other call must have failed with the error that `lawful` knows.
#[track_caller]
fn only_winner<T: std::fmt::Debug>(results: Vec<Result<T, Error>>, lawful: fn(&Error) -> bool) -> T {
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    for loser in lost.into_iter().filter_map(Result::err) {
        assert!(lawful(&loser), "expected the refusal of a call that came too late, got {loser:?}");
    }
    assert_eq!(won.len(), 1, "expected one success, got {won:?}; look at the statement that decides, and its WHERE");
    won.into_iter().find_map(Result::ok).expect("there is one")
}

async fn one_of_50_writers_of_a_version_wins<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    let results = at_once(50, |number| {
        let repo = repo.share();
        async move { repo.update(&id("a"), version(0), change(&format!("{}", number + 1))).await }
    })
    .await;
    let winner: Payment =
        only_winner(results, |error| matches!(error, Error::VersionConflict { current } if current.number() == 1));
    assert_eq!(winner.version, version(1));
    assert_eq!(repo.fetch(&id("a")).await.expect("the payment is there"), winner, "expected what the winner wrote");
}

async fn one_of_50_deletions_of_a_version_wins<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    let results = at_once(50, |_| {
        let repo = repo.share();
        async move { repo.delete(&id("a"), version(0)).await }
    })
    .await;
    only_winner(results, |error| matches!(error, Error::NotFound));
}

async fn one_of_50_creations_of_an_id_wins<R: Repo>(repo: Store<R>) {
    let results = at_once(50, |number| {
        let repo = repo.share();
        let mut new = payment("a");
        new.organisation_id = crate::stores::organisation(&format!("owner {number}"));
        async move { repo.create(new).await }
    })
    .await;
    let winner = only_winner(results, |error| matches!(error, Error::AlreadyExists));
    assert_eq!(repo.fetch(&id("a")).await.expect("the payment is there"), winner, "expected what the winner wrote");
}

async fn creates_1000_at_once<R: Repo>(repo: Store<R>) {
    let results = at_once(1000, |number| {
        let repo = repo.share();
        // Every tenth id is asked for twice.
        let number = if number % 10 == 9 { number - 1 } else { number };
        async move { repo.create(payment(&format!("p{number}"))).await }
    })
    .await;
    let (created, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(created.len(), 900, "{refused:?}");
    assert!(refused.iter().all(|result| matches!(result, Err(Error::AlreadyExists))), "{refused:?}");
    let created: HashSet<_> = created.into_iter().flatten().map(|payment| payment.id.as_str().to_owned()).collect();
    let (listed, _) = walk(&*repo, Position::BEGINNING, 64).await;
    assert_eq!(listed.len(), 900, "expected each once, got {listed:?}");
    assert_eq!(listed.into_iter().collect::<HashSet<_>>(), created);
}

async fn no_change_is_lost<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    at_once(10, |_| {
        let repo = repo.share();
        async move {
            let mut seen = 0;
            for _ in 0..10 {
                loop {
                    let result = repo.update(&id("a"), version(seen), change("1")).await;
                    seen = result.as_ref().map_or_else(|_| 0, |payment| payment.version.number());
                    if result.is_ok() {
                        break;
                    }
                    seen = current(result);
                }
            }
        }
    })
    .await;
    assert_eq!(
        repo.fetch(&id("a")).await.expect("the payment is there").version,
        version(100),
        "10 writers changed it 10 times each"
    );
}

/// Writers go from version to version, while others are always one version ahead of them: these may win too, or conflict.
async fn a_payment_that_is_there_is_never_missing<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    at_once(8, |number| {
        let repo = repo.share();
        async move {
            let mut seen = 0;
            for _ in 0..150 {
                let ahead = if number < 4 { 0 } else { 1 };
                match repo.update(&id("a"), version(seen + ahead), change("1")).await {
                    Ok(payment) => seen = payment.version.number(),
                    Err(Error::VersionConflict { current }) => seen = current.number(),
                    Err(error) => panic!("the payment was there all the time: {error:?}"),
                }
            }
        }
    })
    .await;
}

async fn a_write_can_be_read_at_once<R: Repo>(repo: Store<R>) {
    at_once(16, |task| {
        let repo = repo.share();
        async move {
            for number in 0..10 {
                let name = format!("p{task}-{number}");
                let created = repo.create(payment(&name)).await.expect("the store creates a payment with a new id");
                assert_eq!(repo.fetch(&created.id).await.expect("the payment is there"), created);
                let (seen, _) = walk(&*repo, Position::BEGINNING, 500).await;
                assert!(seen.contains(&name), "{name} was created before the list was asked for, which shows {seen:?}");
                let updated = repo
                    .update(&created.id, version(0), change("2"))
                    .await
                    .expect("the payment is there, at the expected version");
                assert_eq!(repo.fetch(&created.id).await.expect("the payment is there"), updated);
            }
        }
    })
    .await;
}

/// Readers that fetch and readers that list, while the payment changes: each sees its versions in order, and none older than a
/// version that any of them saw before its call began.
async fn no_reader_goes_back_in_time<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b"]).await;
    let seen = Arc::new(AtomicI64::new(0));
    let writing = Arc::new(AtomicBool::new(true));
    let read = {
        let (repo, seen, writing) = (repo.share(), Arc::clone(&seen), Arc::clone(&writing));
        move |number: usize| {
            let (repo, seen, writing) = (repo.share(), Arc::clone(&seen), Arc::clone(&writing));
            async move {
                while writing.load(Ordering::SeqCst) {
                    let before = seen.load(Ordering::SeqCst);
                    let now = if number < 4 {
                        repo.fetch(&id("a")).await.expect("the payment is there").version
                    } else {
                        list(&*repo, PageStart::Offset(0), 1).await.payments[0].version
                    };
                    assert!(now.number() >= before, "version {now} was read after version {before} had been");
                    seen.fetch_max(now.number(), Ordering::SeqCst);
                    tokio::task::yield_now().await;
                }
            }
        }
    };
    let readers = tokio::spawn(async move { at_once(8, read).await });
    let (a, b) = (id("a"), id("b"));
    for number in 0..200 {
        // Beside another change, so that they share a transaction; that one fails, and must leave no trace.
        let (changed, refused) =
            tokio::join!(repo.update(&a, version(number), change("2")), repo.update(&b, version(7), change("3")));
        let changed = changed.expect("a is there, at the expected version");
        assert_eq!(changed.version, version(number + 1), "what the update of a returned: {changed:?}");
        assert_eq!(current(refused), 0, "the version of b, which nothing changes");
        assert_eq!(
            repo.fetch(&a).await.expect("the payment is there").version,
            version(number + 1),
            "a writer must see its own write"
        );
    }
    writing.store(false, Ordering::SeqCst);
    readers.await.expect("no reader has failed");
    assert_eq!(repo.fetch(&b).await.expect("the payment is there").version, version(0));
}

async fn a_deletion_is_seen_at_once<R: Repo>(repo: Store<R>) {
    at_once(16, |task| {
        let repo = repo.share();
        async move {
            for number in 0..10 {
                let name = format!("p{task}-{number}");
                create(&*repo, &[&name]).await;
                repo.fetch(&id(&name)).await.expect("the payment is there");
                repo.delete(&id(&name), version(0)).await.expect("the payment is there, at the expected version");
                assert_eq!(refused(repo.fetch(&id(&name)).await), "not found", "{name} was deleted");
            }
        }
    })
    .await;
    create(&*repo, &["a"]).await;
    repo.fetch(&id("a")).await.expect("the payment is there");
    repo.clear().await.expect("the store is emptied");
    assert_eq!(refused(repo.fetch(&id("a")).await), "not found", "after clear");
    create(&*repo, &["a"]).await;
    assert_eq!(repo.fetch(&id("a")).await.expect("the payment is there").version, version(0));
}

/// A store that does both in one commit changes the payment first, and then deletes what came of it: nothing may remember the
/// version in between.
async fn a_deletion_beside_a_change_of_the_same_payment_is_seen<R: Repo>(repo: Store<R>) {
    for number in 0..50 {
        let name = format!("p{number}");
        create(&*repo, &[&name]).await;
        let id = id(&name);
        repo.fetch(&id).await.expect("the payment is there");
        let (changed, deleted) = tokio::join!(repo.update(&id, version(0), change("2")), repo.delete(&id, version(1)));
        changed.expect("nothing but a deletion of the next version runs beside the change");
        if deleted.is_ok() {
            assert_eq!(refused(repo.fetch(&id).await), "not found", "{name} was changed, and its next version deleted");
        } else {
            assert_eq!(current(deleted), 0, "the deletion of {name} came before the change");
            let found = repo.fetch(&id).await.expect("the payment is there");
            assert_eq!(found.version, version(1), "{name} was changed, and not deleted: {found:?}");
        }
    }
}

/// Polls `work` for `number` times 40 µs and then drops it, as happens to a request whose client has gone.
async fn abandon(work: impl Future, number: u64) {
    let _ = tokio::time::timeout(Duration::from_micros(number * 40), work).await;
}

async fn an_abandoned_creation_is_whole_or_not_there<R: Repo>(repo: Store<R>) {
    at_once(100, |number| {
        let repo = repo.share();
        async move { abandon(repo.create(payment(&format!("p{number}"))), number as u64).await }
    })
    .await;
    for number in 0..100 {
        // Creating it again either works or is refused because it is there: whole, and in the list once.
        let again = repo.create(payment(&format!("p{number}"))).await;
        assert!(matches!(again, Ok(_) | Err(Error::AlreadyExists)), "p{number} is neither there nor not: {again:?}");
    }
    let (listed, _) = walk(&*repo, Position::BEGINNING, 64).await;
    assert_eq!(listed.len(), 100, "expected each once, got {listed:?}");
    assert_eq!(repo.info().await.expect("the store is counted").payments, 100);
}

async fn an_abandoned_change_is_whole_or_not_there<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a"]).await;
    for number in 0..100 {
        let seen = repo.fetch(&id("a")).await.expect("the payment is there").version.number();
        let amount = format!("{}", seen + 2);
        abandon(repo.update(&id("a"), version(seen), change(&amount)), number).await;
        let now = repo.fetch(&id("a")).await.expect("the payment is there");
        let expected = change(&format!("{}", now.version.number() + 1)).attributes;
        assert!(now.version == version(0) || now.attributes == expected, "a half-done change: {now:?}");
    }
    let seen = repo.fetch(&id("a")).await.expect("the payment is there").version.number();
    // The last abandoned change may still happen a little later; then this one conflicts, with the very next version.
    match repo.update(&id("a"), version(seen), change("1")).await {
        Ok(payment) => assert_eq!(payment.version, version(seen + 1)),
        result => assert_eq!(current(result), seen + 1),
    }
}
