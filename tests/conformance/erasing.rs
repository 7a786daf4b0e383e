//! Erasing a payment in all its versions.

use crate::stores::{attributes, change, id, now, organisation, origin, payment, postgres_at, query, version};
use crate::view::tenant;
use payments::payments::{
    Change, Deletion, Event, EventKind, EventQuery, EventStart, NewPayment, Origin, Repo, Tenant, Timestamp,
};
use payments::repo::{Backend, EraseError, Erased, Erasure, OpenError, SqliteOptions, StoreOptions};
use std::path::Path;
use std::time::Duration;

async fn write<R: Repo>(repo: &R, tenant: &Tenant, name: &str) {
    let secret = attributes(r#"{"amount":"1","name":"a-secret-of-the-payer"}"#);
    let new = NewPayment { attributes: secret.clone(), origin: origin("secret"), ..payment(name) };
    repo.create(tenant, new).await.unwrap();
    let organisation_id = organisation("other");
    let change = Change { attributes: secret, origin: origin("secret"), organisation_id, ..change("2") };
    repo.update(tenant, &id(name), version(0), change).await.unwrap();
}

async fn events_of<R: Repo>(repo: &R, tenant: &Tenant) -> Vec<Event> {
    let whole = EventQuery { with_content: true, ..query(99) };
    repo.events(tenant, EventStart::Beginning, &whole).await.unwrap().events
}

fn erasure(tenant: &Tenant, name: &str) -> Erasure {
    Erasure { tenant: tenant.clone(), id: id(name), erased_on: now() }
}

async fn erases<O: StoreOptions + Clone>(options: O) {
    const TIMEOUT: Duration = Duration::from_secs(30);
    let repo = options.clone().open(TIMEOUT).await.unwrap();
    let tenants = [Tenant::ANONYMOUS, tenant("acme")];
    for tenant in &tenants {
        for name in ["live", "gone", "kept"] {
            write(&repo, tenant, name).await;
        }
        let deletion = Deletion { deleted_on: now(), origin: origin("secret") };
        repo.delete(tenant, &id("gone"), version(1), deletion).await.unwrap();
    }
    let before = [events_of(&repo, &tenants[0]).await, events_of(&repo, &tenants[1]).await];
    repo.close().await;

    let missing = options.clone().erase(erasure(&tenant("nobody"), "live")).await;
    assert!(matches!(missing, Err(EraseError::NotFound { .. })), "{missing:?}");
    for (name, versions) in [("live", 2), ("gone", 3)] {
        let erased = options.clone().erase(erasure(&tenants[1], name)).await.unwrap();
        assert_eq!(erased, Erased::Versions(versions), "{name}");
        assert_eq!(options.clone().erase(erasure(&tenants[1], name)).await.unwrap(), Erased::Before, "{name}");
    }

    let repo = options.open(TIMEOUT).await.unwrap();
    assert_eq!(events_of(&repo, &tenants[0]).await, before[0], "another tenant's payments stay");
    let after = events_of(&repo, &tenants[1]).await;
    let blank = |event: &Event| match event.payment_id == id("kept") {
        true => event.clone(),
        false => {
            let origin = Origin { subject: None, client_id: None, ..event.origin.clone() };
            Event { attributes: None, origin, ..event.clone() }
        }
    };
    assert_eq!(after[..7], before[1].iter().map(blank).collect::<Vec<_>>());
    for (event, (name, number)) in after[7..].iter().zip([("live", 2), ("gone", 3)]) {
        let found = (event.payment_id.as_str(), event.version.number(), event.kind, event.organisation_id.as_str());
        assert_eq!(found, (name, number, EventKind::Erased, "other"));
        assert_eq!((&event.attributes, &event.origin), (&None, &Origin::default()));
        assert!(repo.fetch(&tenants[1], &id(name)).await.is_err(), "it is deleted");
        assert!(repo.create(&tenants[1], payment(name)).await.is_err(), "its id stays taken");
        let history = repo.history(&tenants[1], &id(name), None, 99).await.unwrap();
        assert_eq!(history.newest, event.version);
        assert!(history.events.iter().all(|event| event.attributes.is_none()), "{history:?}");
    }
    assert_eq!(after.len(), 9);
    repo.close().await;
}

#[tokio::test]
async fn a_payment_is_erased_in_a_database() {
    erases(postgres_at(test_support::postgres::url())).await;
}

#[tokio::test]
async fn a_payment_is_erased_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = Some(directory.path().join("payments.db"));
    erases(SqliteOptions { path, ..SqliteOptions::default() }).await;
}

fn has(path: &Path, text: &str) -> bool {
    let bytes = std::fs::read(path).unwrap();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn what_was_erased_is_not_in_the_file_any_more() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("payments.db");
    let options = SqliteOptions { path: Some(path.clone()), ..SqliteOptions::default() };
    let repo = options.clone().open(Duration::from_secs(30)).await.unwrap();
    write(&repo, &Tenant::ANONYMOUS, "a").await;
    let in_use = options.clone().erase(erasure(&Tenant::ANONYMOUS, "a")).await;
    assert!(matches!(in_use, Err(EraseError::Open(OpenError::InUse { .. }))), "{in_use:?}");
    repo.close().await;
    assert!(has(&path, "a-secret-of-the-payer") && has(&path, "secret's subject"));
    options.clone().erase(erasure(&Tenant::ANONYMOUS, "a")).await.unwrap();
    assert!(!has(&path, "a-secret-of-the-payer") && !has(&path, "secret's subject"));
    let nowhere = SqliteOptions::default().erase(erasure(&Tenant::ANONYMOUS, "a")).await;
    assert!(matches!(nowhere, Err(EraseError::Open(OpenError::NothingToMigrate))), "{nowhere:?}");
}

#[tokio::test]
async fn an_erasure_is_never_earlier_than_what_it_erases() {
    let directory = tempfile::tempdir().unwrap();
    let options = SqliteOptions { path: Some(directory.path().join("payments.db")), ..SqliteOptions::default() };
    let repo = options.clone().open(Duration::from_secs(30)).await.unwrap();
    write(&repo, &Tenant::ANONYMOUS, "a").await;
    repo.close().await;
    let early = Erasure { erased_on: Timestamp::UNIX_EPOCH, ..erasure(&Tenant::ANONYMOUS, "a") };
    options.clone().erase(early).await.unwrap();
    let repo = options.open(Duration::from_secs(30)).await.unwrap();
    let events = events_of(&repo, &Tenant::ANONYMOUS).await;
    assert_eq!(events[2].timestamp, events[1].timestamp);
}
