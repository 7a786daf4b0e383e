//! Tenants: what one does, no other notices.

use crate::stores::{
    Store, after, attributes, before, change, deletion, id, now, organisation, payment, postgres_at, refused, version,
};
use crate::tests_of_stores;
use crate::view::tenant;
use payments::payments::{
    Change, Error, Info, NewPayment, Origin, Page, PageStart, PaymentId, Position, Repo, Secret, Snapshot, Tenant,
};
use payments::repo::{Backend, Postgres, Sqlite, SqliteOptions};
use sqlx::{Connection, PgConnection};
use std::collections::HashSet;
use tokio::task::JoinSet;

// Over the stores themselves, which show every tenant.
tests_of_stores! { [in_memory in_a_file in_postgres] [
    an_id_is_free_in_every_tenant
    a_deletion_leaves_the_id_free_for_others
    the_payment_of_another_is_like_one_that_never_was
    a_refused_creation_says_nothing_of_another_tenant
    pages_show_only_the_tenants_own
    a_position_of_another_tenant_does_no_harm
    an_end_of_another_tenants_list_misses_nothing
    info_counts_and_clear_removes_what_all_tenants_have
    the_secret_stays_when_the_store_is_cleared
    tenants_that_write_at_once_do_not_meet
    tenants_of_any_script_stay_apart
] }

/// Every kind of tenant.
fn tenants() -> [Tenant; 3] {
    [Tenant::ANONYMOUS, tenant("acme"), tenant("other")]
}

/// A payment whose content names its tenant.
fn payment_of(tenant: &Tenant, name: &str) -> NewPayment {
    let attributes = attributes(&format!(r#"{{"amount":"1","of":"{}"}}"#, tenant.as_str()));
    NewPayment { attributes, ..payment(name) }
}

async fn create_each<R: Repo>(repo: &R, tenants: &[Tenant], names: &[&str]) {
    for (name, tenant) in names.iter().flat_map(|name| tenants.iter().map(move |tenant| (name, tenant))) {
        let created = repo.create(tenant, payment_of(tenant, name)).await;
        created.unwrap_or_else(|error| panic!("{name} of {tenant}: {error:?}"));
    }
}

fn names(page: &Snapshot<Page>) -> String {
    page.payments.iter().map(|payment| payment.id.as_str()).collect::<Vec<_>>().join(" ")
}

/// Asserts that every payment of the page is one of the tenant's.
#[track_caller]
fn ensure_own(tenant: &Tenant, page: &Snapshot<Page>) {
    for payment in &page.payments {
        let expected = payment_of(tenant, payment.id.as_str()).attributes;
        assert_eq!(payment.attributes, expected, "{tenant} was shown a payment of another");
    }
}

async fn an_id_is_free_in_every_tenant<R: Backend>(repo: Store<R>) {
    create_each(&*repo, &tenants(), &["a", "b"]).await;
    for tenant in tenants() {
        for name in ["a", "b"] {
            let found = repo.fetch(&tenant, &id(name)).await.unwrap();
            assert_eq!(found.attributes, payment_of(&tenant, name).attributes, "{name} of {tenant}");
            assert_eq!(refused(repo.create(&tenant, payment(name)).await), "already exists", "{name} of {tenant}");
        }
    }
}

async fn a_deletion_leaves_the_id_free_for_others<R: Backend>(repo: Store<R>) {
    let [anonymous, acme, other] = tenants();
    create_each(&*repo, &[anonymous.clone(), acme.clone()], &["a"]).await;
    let before = repo.fetch(&anonymous, &id("a")).await.unwrap();
    repo.delete(&acme, &id("a"), version(0), deletion()).await.unwrap();
    assert_eq!(refused(repo.fetch(&acme, &id("a")).await), "not found");
    assert_eq!(refused(repo.create(&acme, payment("a")).await), "already exists", "its own ids stay taken");
    assert_eq!(repo.fetch(&anonymous, &id("a")).await.unwrap(), before);
    assert_eq!(refused(repo.fetch(&other, &id("a")).await), "not found");
    repo.create(&other, payment("a")).await.expect("the id was never used by this tenant");
    repo.update(&anonymous, &id("a"), version(0), change("2")).await.expect("this tenant deleted nothing");
}

/// The error of each operation on the payment `id`, with all that a caller can see of it.
async fn errors_of<R: Repo>(repo: &R, tenant: &Tenant, id: &PaymentId) -> Vec<String> {
    let mut errors = vec![format!("{:?}", repo.fetch(tenant, id).await.map(drop))];
    for number in [0, 1, i64::MAX] {
        errors.push(format!("{:?}", repo.update(tenant, id, version(number), change("5")).await.map(drop)));
        errors.push(format!("{:?}", repo.delete(tenant, id, version(number), deletion()).await));
    }
    errors
}

async fn the_payment_of_another_is_like_one_that_never_was<R: Backend>(repo: Store<R>) {
    let [anonymous, acme, other] = tenants();
    create_each(&*repo, &[anonymous, acme.clone()], &["live", "changed", "gone"]).await;
    repo.update(&acme, &id("changed"), version(0), change("2")).await.unwrap();
    repo.delete(&acme, &id("gone"), version(0), deletion()).await.unwrap();
    let never = errors_of(&*repo, &other, &id("never")).await;
    assert_eq!(HashSet::<&String>::from_iter(&never).len(), 1, "{never:?}");
    for name in ["live", "changed", "gone"] {
        assert_eq!(errors_of(&*repo, &other, &id(name)).await, never, "{name} of another tenant");
    }
    // And nothing has happened to it.
    assert_eq!(repo.fetch(&acme, &id("live")).await.unwrap().version, version(0));
    assert_eq!(repo.fetch(&acme, &id("changed")).await.unwrap().version, version(1));
}

async fn a_refused_creation_says_nothing_of_another_tenant<R: Backend>(repo: Store<R>) {
    let [_, acme, other] = tenants();
    create_each(&*repo, std::slice::from_ref(&acme), &["a"]).await;
    // Twice at once, with others, so that a shared statement fails: only the tenant's own second one is refused.
    let creations = [("a", &other), ("a", &other), ("b", &other), ("b", &acme), ("c", &acme)];
    let outcomes =
        futures_util::future::join_all(creations.map(|(name, tenant)| repo.create(tenant, payment_of(tenant, name))));
    let created = outcomes.await.into_iter().map(|outcome| outcome.is_ok()).collect::<Vec<_>>();
    assert_eq!(created[2..], [true; 3], "{created:?}");
    assert_eq!(created[..2].iter().filter(|created| **created).count(), 1, "{created:?}");
}

async fn pages_show_only_the_tenants_own<R: Backend>(repo: Store<R>) {
    let [anonymous, acme, other] = tenants();
    create_each(&*repo, &[anonymous.clone(), acme.clone()], &["a", "b", "c", "d"]).await;
    for tenant in [&anonymous, &acme] {
        for (start, expected, has_previous) in [
            (PageStart::Offset(0), "a b", false),
            (PageStart::Offset(2), "c d", true),
            (PageStart::Offset(4), "", true),
            (after(Position::BEGINNING), "a b", false),
            (before(Position(i64::MAX)), "c d", true),
        ] {
            let page = repo.list(tenant, start, 2).await.unwrap();
            assert_eq!((names(&page).as_str(), page.has_previous), (expected, has_previous), "{tenant}, {start:?}");
            ensure_own(tenant, &page);
        }
        // Before the tenant's first payment stand those of others.
        let first = repo.list(tenant, PageStart::Offset(0), 1).await.unwrap().first;
        let page = repo.list(tenant, before(first), 9).await.unwrap();
        assert_eq!((names(&page).as_str(), page.has_previous), ("", false), "{tenant}");
    }
    for start in [PageStart::Offset(0), PageStart::Offset(1), after(Position::BEGINNING), before(Position(i64::MAX))] {
        let page = repo.list(&other, start, 9).await.unwrap();
        assert_eq!((names(&page).as_str(), page.has_previous), ("", false), "{start:?} of a tenant that has nothing");
    }
}

async fn a_position_of_another_tenant_does_no_harm<R: Backend>(repo: Store<R>) {
    let tenants = tenants();
    create_each(&*repo, &tenants, &["a", "b", "c", "d"]).await;
    for (one, another) in tenants.iter().flat_map(|one| tenants.iter().map(move |another| (one, another))) {
        let page = repo.list(one, PageStart::Offset(1), 2).await.unwrap();
        for start in [after(page.last), before(page.first)] {
            let shown = repo.list(another, start, 9).await.unwrap();
            ensure_own(another, &shown);
            assert!(shown.payments.len() <= 4, "{}", names(&shown));
        }
    }
}

async fn an_end_of_another_tenants_list_misses_nothing<R: Backend>(repo: Store<R>) {
    let [_, acme, other] = tenants();
    create_each(&*repo, &[acme.clone(), other.clone()], &["a", "b"]).await;
    for start in [PageStart::Offset(9), after(Position::BEGINNING), before(Position(i64::MAX))] {
        let end = repo.list(&acme, start, 9).await.unwrap().last;
        let name = format!("new{start:?}").replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        create_each(&*repo, &[other.clone(), acme.clone()], &[name.as_str()]).await;
        let page = repo.list(&acme, after(end), 9).await.unwrap();
        assert_eq!(names(&page), name, "resumed from the end that {start:?} showed");
        ensure_own(&acme, &page);
    }
}

async fn info_counts_and_clear_removes_what_all_tenants_have<R: Backend>(repo: Store<R>) {
    let [anonymous, acme, other] = tenants();
    create_each(&*repo, &tenants(), &["a", "b"]).await;
    repo.delete(&acme, &id("b"), version(0), deletion()).await.unwrap();
    repo.delete(&anonymous, &id("b"), version(0), deletion()).await.unwrap();
    let counts = async || {
        let Info { repo: _, payments, deleted } = repo.info().await.unwrap();
        (payments, deleted)
    };
    assert_eq!(counts().await, (4, 2));
    let end = repo.list(&acme, PageStart::Offset(0), 9).await.unwrap().last;
    repo.clear().await.unwrap();
    assert_eq!(counts().await, (0, 0));
    for tenant in tenants() {
        assert_eq!(refused(repo.fetch(&tenant, &id("a")).await), "not found", "{tenant}");
        assert_eq!(names(&repo.list(&tenant, PageStart::Offset(0), 9).await.unwrap()), "", "{tenant}");
    }
    create_each(&*repo, &[other, acme.clone()], &["b"]).await;
    assert_eq!(names(&repo.list(&acme, after(end), 9).await.unwrap()), "b", "numbers began anew");
}

async fn the_secret_stays_when_the_store_is_cleared<R: Backend>(repo: Store<R>) {
    let secret = repo.secret().clone();
    assert_ne!(secret, Secret::new([0; Secret::LENGTH]), "the secret is nothing");
    repo.clear().await.unwrap();
    assert_eq!(*repo.secret(), secret);
}

async fn tenants_that_write_at_once_do_not_meet<R: Backend>(repo: Store<R>) {
    let tenants: Vec<_> = (0..20).map(|number| tenant(&format!("t{number}"))).chain([Tenant::ANONYMOUS]).collect();
    let mut clients = JoinSet::new();
    for tenant in tenants.clone() {
        let repo = repo.share();
        // The same ids for each, at the same time, so that they share batches.
        clients.spawn(async move {
            for name in ["a", "b", "c", "d", "e"] {
                repo.create(&tenant, payment_of(&tenant, name)).await.unwrap();
                assert_eq!(refused(repo.create(&tenant, payment(name)).await), "already exists", "{name} of {tenant}");
                let found = repo.fetch(&tenant, &id(name)).await.unwrap();
                assert_eq!(found.attributes, payment_of(&tenant, name).attributes, "{name} of {tenant}");
                let NewPayment { organisation_id, attributes, .. } = payment_of(&tenant, name);
                let change = Change { organisation_id, attributes, modified_on: now(), origin: Origin::default() };
                let updated = repo.update(&tenant, &id(name), version(0), change).await.unwrap();
                assert_eq!(repo.fetch(&tenant, &id(name)).await.unwrap(), updated, "{name} of {tenant}");
                let again = repo.update(&tenant, &id(name), version(0), change_of(&tenant)).await;
                assert!(matches!(again, Err(Error::VersionConflict { current }) if current == version(1)), "{again:?}");
            }
            repo.delete(&tenant, &id("c"), version(1), deletion()).await.unwrap();
        });
    }
    clients.join_all().await;
    for tenant in tenants {
        let page = repo.list(&tenant, PageStart::Offset(0), 9).await.unwrap();
        assert_eq!(names(&page), "a b d e", "{tenant}");
        ensure_own(&tenant, &page);
    }
}

fn change_of(tenant: &Tenant) -> Change {
    Change {
        organisation_id: organisation("acme"),
        attributes: payment_of(tenant, "a").attributes,
        modified_on: now(),
        origin: Origin::default(),
    }
}

async fn tenants_of_any_script_stay_apart<R: Backend>(repo: Store<R>) {
    let longest = "é".repeat(64);
    let tenants = ["Acme", "acme", "acme ", " acme", "支付", "'; DROP TABLE payments; --", "%", "a_b", "aXb", &longest];
    let tenants = tenants.map(tenant);
    create_each(&*repo, &tenants, &["a"]).await;
    for tenant in &tenants {
        let page = repo.list(tenant, PageStart::Offset(0), 99).await.unwrap();
        assert_eq!(names(&page), "a", "{tenant}");
        ensure_own(tenant, &page);
        let found = repo.fetch(tenant, &id("a")).await.unwrap();
        assert_eq!(found.attributes, payment_of(tenant, "a").attributes, "{tenant}");
    }
}

#[tokio::test]
async fn a_file_keeps_tenants_and_the_secret() {
    let directory = tempfile::tempdir().unwrap();
    let options = SqliteOptions { path: Some(directory.path().join("payments.db")), ..SqliteOptions::default() };
    let repo = Sqlite::open(options.clone()).await.unwrap();
    create_each(&repo, &tenants(), &["a"]).await;
    let secret = repo.secret().clone();
    // What a kill leaves: the files as they are now, with the write-ahead log not yet folded in.
    let copy = directory.path().join("copy.db");
    for suffix in ["", "-wal"] {
        std::fs::copy(directory.path().join(format!("payments.db{suffix}")), format!("{}{suffix}", copy.display()))
            .unwrap();
    }
    repo.close().await;
    for options in [options, SqliteOptions { path: Some(copy), ..SqliteOptions::default() }] {
        let repo = Sqlite::open(options).await.unwrap();
        assert_eq!(*repo.secret(), secret, "cursors must stay good when the process is another");
        for tenant in tenants() {
            let found = repo.fetch(&tenant, &id("a")).await.unwrap();
            assert_eq!(found.attributes, payment_of(&tenant, "a").attributes, "{tenant}");
        }
        repo.close().await;
    }
    let other = Sqlite::open(SqliteOptions::default()).await.unwrap();
    assert_ne!(*other.secret(), secret, "another store has another secret");
}

#[tokio::test]
async fn replicas_that_start_at_once_share_a_secret() {
    let url = test_support::postgres::url();
    let starts: JoinSet<_> = (0..6).map(|_| Postgres::connect(postgres_at(url.clone()))).collect();
    let secrets = starts.join_all().await.into_iter().map(|repo| repo.unwrap().secret().clone()).collect::<Vec<_>>();
    assert!(secrets.iter().all(|secret| *secret == secrets[0]), "replicas do not open each other's cursors");
    let other = Postgres::connect(postgres_at(test_support::postgres::url())).await.unwrap();
    assert_ne!(*other.secret(), secrets[0], "another database has another secret");
}

/// How much the server has read of the table of tenants: scans of all of it, searches along indexes, and entries of the index
/// that lists walk along.
async fn reads(watcher: &mut PgConnection) -> (i64, i64, i64) {
    sqlx::query("SELECT pg_stat_clear_snapshot()").execute(&mut *watcher).await.unwrap();
    let reads = "SELECT seq_scan, tables.idx_scan, idx_tup_read FROM pg_stat_user_tables AS tables \
                 JOIN pg_stat_user_indexes USING (relid) \
                 WHERE tables.relname = 'payments_tenants' AND indexrelname = 'payments_tenants_live'";
    sqlx::query_as(reads).fetch_one(watcher).await.unwrap()
}

/// Calls each operation on what the tenant has: a third of 400 payments was deleted.
async fn call_each(repo: &Postgres, tenant: &Tenant) {
    let ids: Vec<_> = (0..40).map(|number| id(&format!("p{}", number * 50 + 7))).collect();
    futures_util::future::join_all(ids.iter().map(|id| repo.fetch(tenant, id))).await;
    for start in [PageStart::Offset(0), PageStart::Offset(200), after(Position(10_000)), before(Position(10_000))] {
        repo.list(tenant, start, 20).await.unwrap();
    }
    repo.list(tenant, PageStart::Offset(999), 20).await.unwrap();
    let new = id(&format!("new-{}", now().micros()));
    repo.create(tenant, payment(new.as_str())).await.unwrap();
    repo.update(tenant, &new, version(0), change("2")).await.unwrap();
    refused(repo.update(tenant, &new, version(0), change("2")).await);
    repo.delete(tenant, &new, version(1), deletion()).await.unwrap();
}

#[tokio::test]
async fn no_call_of_a_tenant_reads_what_others_have() {
    let url = test_support::postgres::url();
    let repo = Postgres::connect(postgres_at(url.clone())).await.unwrap();
    let mut watcher = PgConnection::connect(&url).await.unwrap();
    // While the table is empty and has no statistics; the server keeps a plan after the fifth time.
    for _ in 0..8 {
        call_each(&repo, &tenant("t7")).await;
    }
    let fill = "INSERT INTO payments_tenants (tenant, id, version, created_on, modified_on, organisation_id, attributes, deleted) \
                SELECT 't' || n % 50, 'p' || n, 0, now(), now(), 'acme', '{}', n % 3 = 0 FROM generate_series(1, 20000) AS n";
    sqlx::query(fill).execute(&mut watcher).await.unwrap();
    // A connection reports to the server after a second at the latest.
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let before = reads(&mut watcher).await;
    call_each(&repo, &tenant("t7")).await;
    repo.close().await;
    let began = std::time::Instant::now();
    let mut after = reads(&mut watcher).await;
    while after.1 < before.1 + 40 && began.elapsed() < std::time::Duration::from_secs(60) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        after = reads(&mut watcher).await;
    }
    assert!(after.1 >= before.1 + 40, "the server has not counted the searches: {before:?}, {after:?}");
    assert_eq!(after.0, before.0, "a statement read the whole table");
    // Lists read some hundreds. To look for each id among all payments of the tenant would be ten thousand more.
    let walked = after.2 - before.2;
    assert!(walked < 3000, "{walked} entries of the index for lists were read: a statement looks for ids there");
}
