//! Walks along `last`: what exists throughout is shown once, what is created is shown on resuming.

use crate::on_every_store;
use crate::stores::{Store, after, before, create, create_many, id, list, payment, version, walk};
use crate::view::Repo;
use payments::payments::{PageStart, Position};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

on_every_store!(
    a_walk_shows_each_payment_once_whatever_the_size_of_pages,
    resuming_a_walk_shows_exactly_what_was_created_since,
    a_walk_stands_still_payments_while_others_come_and_go,
    a_poller_misses_nothing_that_many_create,
    a_walk_back_ends_at_the_first_page,
    a_walk_back_ends_while_payments_come_and_go,
    lists_see_past_many_tombstones,
);

async fn a_walk_shows_each_payment_once_whatever_the_size_of_pages<R: Repo>(repo: Store<R>) {
    let created = create_many(&*repo, 25).await;
    let expected: Vec<_> = created.iter().map(|payment| payment.id.as_str()).collect();
    for size in [1, 2, 5, 7, 24, 25, 26, 100] {
        assert_eq!(walk(&*repo, Position::BEGINNING, size).await.0, expected, "pages of {size}");
    }
}

async fn resuming_a_walk_shows_exactly_what_was_created_since<R: Repo>(repo: Store<R>) {
    create(&*repo, &["a", "b", "c"]).await;
    let (_, end) = walk(&*repo, Position::BEGINNING, 2).await;
    assert_eq!(walk(&*repo, end, 2).await.0, Vec::<String>::new());
    create(&*repo, &["d", "e", "f"]).await;
    repo.delete(&id("e"), version(0)).await.expect("the payment is there, at the expected version");
    let (seen, end) = walk(&*repo, end, 2).await;
    assert_eq!(seen, ["d", "f"]);
    create(&*repo, &["g"]).await;
    assert_eq!(walk(&*repo, end, 2).await.0, ["g"]);
}

/// Creates and deletes payments until told to stop.
fn come_and_go<R: Repo>(repo: &Store<R>, stop: &Arc<AtomicBool>) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let (repo, stop) = (repo.share(), Arc::clone(stop));
        tasks.spawn(async move {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                let created = repo
                    .create(payment(&format!("x{task}-{number}")))
                    .await
                    .expect("the store creates a payment with a new id");
                repo.delete(&created.id, created.version).await.expect("the payment is there, at the expected version");
                number += 1;
            }
        });
    }
    tasks
}

async fn a_walk_stands_still_payments_while_others_come_and_go<R: Repo>(repo: Store<R>) {
    let stop = Arc::new(AtomicBool::new(false));
    let others = come_and_go(&repo, &stop);
    let mut staying = Vec::new();
    for number in 0..40 {
        create(&*repo, &[&format!("p{number}")]).await;
        staying.push(format!("p{number}"));
        if number % 8 == 7 {
            let (mut seen, _) = walk(&*repo, Position::BEGINNING, 3).await;
            seen.retain(|name| name.starts_with('p'));
            assert_eq!(seen, staying, "a walk must show each payment that stays exactly once, in order of creation");
        }
    }
    stop.store(true, Ordering::Relaxed);
    others.join_all().await;
}

async fn a_poller_misses_nothing_that_many_create<R: Repo>(repo: Store<R>) {
    let mut creators = JoinSet::new();
    for task in 0..16 {
        let repo = repo.share();
        creators.spawn(async move { create_many_for(&repo, task).await });
    }
    let mut position = Position::BEGINNING;
    let mut seen = Vec::new();
    let mut pages = 0;
    while !creators.is_empty() {
        let (more, end) = walk(&*repo, position, 7).await;
        (position, pages) = (end, pages + more.len().div_ceil(7));
        seen.extend(more);
        while let Some(done) = creators.try_join_next() {
            done.expect("every creation succeeds");
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
    seen.extend(walk(&*repo, position, 7).await.0);

    let unique: HashSet<_> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len(), "a payment was shown twice");
    let missed: Vec<_> =
        (0..16 * 40).map(|n| format!("p{}-{}", n / 40, n % 40)).filter(|name| !unique.contains(name)).collect();
    assert!(missed.is_empty(), "{pages} pages skipped {missed:?}: a position was handed out too early");
}

/// The ids of everything before `position`, in order of creation, page by page to the first one.
async fn walk_back<R: Repo>(repo: &Store<R>, mut position: Position, size: u32) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..1000 {
        let page = list(&**repo, before(position), size).await;
        assert!(page.payments.len() <= size as usize && !page.payments.is_empty(), "{page:?} leads nowhere");
        position = page.first;
        seen.splice(0..0, page.payments.iter().map(|payment| payment.id.as_str().to_owned()));
        if !page.has_previous {
            return seen;
        }
    }
    panic!("a walk back in pages of {size} has no end");
}

async fn a_walk_back_ends_at_the_first_page<R: Repo>(repo: Store<R>) {
    let created = create_many(&*repo, 25).await;
    let expected: Vec<_> = created.iter().map(|payment| payment.id.as_str()).collect();
    for size in [1, 2, 5, 7, 24, 25, 26, 100] {
        assert_eq!(walk_back(&repo, Position(i64::MAX), size).await, expected, "pages of {size}");
        let behind_the_end = list(&*repo, PageStart::Offset(99), size).await;
        assert!(behind_the_end.has_previous, "pages of {size}");
        assert_eq!(walk_back(&repo, behind_the_end.first, size).await, expected, "pages of {size}");
    }
}

async fn a_walk_back_ends_while_payments_come_and_go<R: Repo>(repo: Store<R>) {
    let staying: Vec<_> = create_many(&*repo, 40).await.iter().map(|payment| payment.id.to_string()).collect();
    let stop = Arc::new(AtomicBool::new(false));
    let others = come_and_go(&repo, &stop);
    for size in [1, 3, 8, 50] {
        let mut seen = walk_back(&repo, Position(i64::MAX), size).await;
        seen.retain(|name| name.starts_with('p'));
        assert_eq!(seen, staying, "pages of {size}");
    }
    stop.store(true, Ordering::Relaxed);
    others.join_all().await;
}

async fn create_many_for<R: Repo>(repo: &Store<R>, task: usize) {
    for number in 0..40 {
        repo.create(payment(&format!("p{task}-{number}"))).await.expect("the store creates a payment with a new id");
    }
}

async fn lists_see_past_many_tombstones<R: Repo>(repo: Store<R>) {
    let mut tasks = JoinSet::new();
    for number in 0..2000 {
        let repo = repo.share();
        tasks.spawn(async move {
            let gone =
                repo.create(payment(&format!("x{number}"))).await.expect("the store creates a payment with a new id");
            repo.delete(&gone.id, gone.version).await.expect("the payment is there, at the expected version");
        });
    }
    tasks.join_all().await;
    create(&*repo, &["a"]).await;
    let page = list(&*repo, PageStart::Offset(0), 5).await;
    assert_eq!(crate::stores::names(&page), "a");
    assert_eq!(crate::stores::names(&list(&*repo, after(Position::BEGINNING), 5).await), "a");
}
