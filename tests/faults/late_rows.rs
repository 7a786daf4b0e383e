//! A page whose rows come late from PostgreSQL: meanwhile a payment commits, and another list learns that it is settled.

use crate::stalls::try_while_stalled;
use payments::{
    payments::{
        Attributes, NewPayment, OrganisationId, Origin, PageStart, PaymentId, Position, Repo, Tenant, Timestamp,
    },
    repo::{Postgres, PostgresOptions},
};
use sqlx::{Connection, Executor, postgres::PgConnection};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use test_support::{Proxy, postgres};

/// More than a session says when it is asked for a sign of life, and less than a row takes.
const MORE_THAN_A_PING: usize = 32;

/// How long anything here takes on a machine that is busy.
const SOON: Duration = Duration::from_secs(10);

fn payment(name: &str) -> NewPayment {
    NewPayment {
        id: PaymentId::parse(name).expect("a good id"),
        organisation_id: OrganisationId::parse("acme").expect("a good organisation_id"),
        attributes: Attributes::stored("{}".into()),
        created_on: Timestamp::UNIX_EPOCH,
        origin: Origin::default(),
    }
}

async fn open(url: String) -> Arc<Postgres> {
    Arc::new(Postgres::connect(PostgresOptions::at(url)).await.expect("a fresh database can be used"))
}

async fn list(repo: &Postgres, start: PageStart) -> (Vec<String>, Position) {
    let page = repo.list(&Tenant::ANONYMOUS, start, 9).await.expect("the page can be read");
    (page.payments.iter().map(|payment| payment.id.to_string()).collect(), page.last)
}

async fn last_number(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT last_value FROM payments_order").fetch_one(connection).await.expect("a number")
}

/// The rows of `b` are read before `late`, whose number is smaller, has committed. So the page must not end at `b` on the
/// word of a list that came later.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_read_before_a_commit_does_not_count_it_as_seen() {
    try_while_stalled(walk_across_a_commit).await;
}

/// Returns an error if the rows of the page were not held up. A session that has rested for half a second is tried before it is
/// used: on a machine that stands still the page may be read over another one.
async fn walk_across_a_commit() -> Result<(), String> {
    let url = postgres::url();
    let (proxy, through_proxy) = Proxy::before(&url).await;
    let (repo, other) = (open(through_proxy).await, open(url.clone()).await);
    repo.create(&Tenant::ANONYMOUS, payment("a")).await.expect("a new id");
    list(&repo, PageStart::Offset(0)).await;

    // Draws its number, and then waits for the rival that has inserted the same id.
    let mut rival = PgConnection::connect(&url).await.expect("the server answers");
    let insert = "BEGIN; INSERT INTO payments (id, version, created_on, modified_on, organisation_id, attributes) \
                  VALUES ('late', 0, now(), now(), 'acme', '{}')";
    rival.execute(insert).await.expect("a new id");
    let drawn = last_number(&mut rival).await;
    let creation = tokio::spawn(async move { other.create(&Tenant::ANONYMOUS, payment("late")).await });
    let began = Instant::now();
    while last_number(&mut rival).await == drawn {
        assert!(began.elapsed() < SOON, "expected the creation to draw a number beyond {drawn}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    repo.create(&Tenant::ANONYMOUS, payment("b")).await.expect("a new id");

    proxy.mute();
    let held_up_before = proxy.held_up();
    let late_rows = tokio::spawn({
        let repo = Arc::clone(&repo);
        async move { list(&repo, PageStart::Offset(0)).await }
    });
    let began = Instant::now();
    while proxy.held_up() < held_up_before + MORE_THAN_A_PING {
        assert!(began.elapsed() < SOON, "expected rows that are held up, got {} bytes", proxy.held_up());
        if late_rows.is_finished() {
            return Err("the list was answered although the network holds up its rows".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    rival.execute("ROLLBACK").await.expect("the server answers");
    creation.await.expect("the creation ends").expect("the id is free once the rival has gone");
    let (seen, _) = list(&repo, PageStart::Offset(0)).await;
    assert_eq!(seen, ["a", "late", "b"], "a list that begins after the commit");

    proxy.thaw();
    let (mut seen, end) = late_rows.await.expect("the list ends");
    let (first_page, (rest, _)) = (seen.clone(), list(&repo, PageStart::After(end)).await);
    seen.extend(rest);
    seen.sort();
    assert_eq!(
        seen,
        ["a", "b", "late"],
        "a walk that began before the commit, with {first_page:?} and its end at {end:?}"
    );
    Ok(())
}
