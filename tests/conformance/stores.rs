//! The stores under test, and payments for them.

use crate::patient::Patient;
use crate::view::{Repo, View};
use payments::payments::{
    Attributes, Change, Deletion, Error, Event, EventPage, EventQuery, EventStart, History, Mark, NewPayment,
    OrganisationId, Origin, Page, PageStart, Payment, PaymentId, Position, Snapshot, Timestamp, Version,
};
use payments::repo::{Backend, Postgres, PostgresOptions, Sqlite, SqliteOptions};
use std::num::NonZeroU32;
use std::ops::Deref;
use std::sync::Arc;
use tempfile::TempDir;

/// Every store, by the function below that opens a fresh one; each test of the suite runs over each. A new store is one more
/// name here, and its function.
macro_rules! for_each_store {
    ($tests:tt) => {
        crate::tests_of_stores! {
            [in_memory in_a_file in_postgres in_a_newer_file in_newer_postgres
            of_a_tenant_in_memory of_a_tenant_in_a_file of_a_tenant_in_postgres] $tests
        }
    };
}
pub(crate) use crate::newer_schema::{in_a_newer_file, in_newer_postgres};
pub(crate) use for_each_store;

/// A store, and the directory that goes with it.
pub(crate) struct Store<R> {
    repo: Arc<R>,
    directory: Option<Arc<TempDir>>,
}

impl<R> Store<R> {
    pub(crate) fn new(repo: R, directory: Option<TempDir>) -> Self {
        Self { repo: Arc::new(repo), directory: directory.map(Arc::new) }
    }

    /// A second handle of the store, for a task of its own.
    pub(crate) fn share(&self) -> Self {
        Self { repo: Arc::clone(&self.repo), directory: self.directory.clone() }
    }
}

impl<R> Deref for Store<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.repo
    }
}

pub(crate) async fn in_memory() -> Store<Sqlite> {
    let repo = Sqlite::open(SqliteOptions::default()).await.expect("SQLite opens in memory");
    Store::new(repo, None)
}

pub(crate) async fn in_a_file() -> Store<Sqlite> {
    let directory = tempfile::tempdir().expect("there is room for a temporary directory");
    let options = SqliteOptions { path: Some(directory.path().join("payments.db")), ..SqliteOptions::default() };
    let repo = Sqlite::open(options).await.expect("SQLite opens a fresh file");
    Store::new(repo, Some(directory))
}

pub(crate) async fn in_postgres() -> Store<Patient<Postgres>> {
    let repo =
        Postgres::connect(postgres_at(test_support::postgres::url())).await.expect("a fresh database can be used");
    Store::new(Patient(repo), None)
}

/// The same three once more, as an organisation sees them that is not alone there.
pub(crate) async fn of_a_tenant_in_memory() -> Store<View<Sqlite>> {
    of_a_tenant(in_memory().await).await
}

pub(crate) async fn of_a_tenant_in_a_file() -> Store<View<Sqlite>> {
    of_a_tenant(in_a_file().await).await
}

pub(crate) async fn of_a_tenant_in_postgres() -> Store<View<Patient<Postgres>>> {
    of_a_tenant(in_postgres().await).await
}

async fn of_a_tenant<R: Backend>(Store { repo, directory }: Store<R>) -> Store<View<R>> {
    Store { repo: Arc::new(View::new(repo).await), directory }
}

pub(crate) fn postgres_at(url: String) -> PostgresOptions {
    PostgresOptions::at(url)
}

pub(crate) fn id(text: &str) -> PaymentId {
    PaymentId::parse(text).expect("the test uses a good id")
}

pub(crate) fn organisation(text: &str) -> OrganisationId {
    OrganisationId::parse(text).expect("the test uses a good organisation_id")
}

pub(crate) fn version(number: i64) -> Version {
    Version::parse(number).expect("the test uses a good version")
}

pub(crate) fn attributes(text: &str) -> Attributes {
    Attributes::stored(text.into())
}

pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A payment to create.
pub(crate) fn payment(name: &str) -> NewPayment {
    NewPayment {
        id: id(name),
        organisation_id: organisation("acme"),
        attributes: attributes(r#"{"amount":"100.21"}"#),
        created_on: now(),
        origin: Origin::default(),
    }
}

/// A deletion that is made now.
pub(crate) fn deletion() -> Deletion {
    Deletion { deleted_on: now(), origin: Origin::default() }
}

/// A change to `amount`.
pub(crate) fn change(amount: &str) -> Change {
    Change {
        organisation_id: organisation("acme"),
        attributes: attributes(&format!(r#"{{"amount":"{amount}"}}"#)),
        modified_on: now(),
        origin: Origin::default(),
    }
}

/// Who is called `name`.
pub(crate) fn origin(name: &str) -> Origin {
    let text = |what: &str| Some(format!("{name}'s {what}").into());
    Origin { subject: text("subject"), client_id: text("client"), request_id: text("request") }
}

/// A query for pages of `size` events, of all kinds, without content.
pub(crate) fn query(size: u32) -> EventQuery {
    EventQuery {
        kind: None,
        payment_id: None,
        organisation_id: None,
        with_content: false,
        size: NonZeroU32::new(size).expect("the test uses a good size"),
        kept_since: None,
    }
}

pub(crate) async fn events(repo: &impl Repo, start: EventStart, query: &EventQuery) -> EventPage {
    repo.events(start, query).await.unwrap_or_else(|error| panic!("events {start:?}, {query:?}: {error:?}"))
}

pub(crate) async fn history(repo: &impl Repo, name: &str, below: Option<Version>, size: u32) -> History {
    repo.history(&id(name), below, size).await.unwrap_or_else(|error| panic!("history {name}, {below:?}: {error:?}"))
}

/// The events from `start` on, page by page, and where the walk ended.
pub(crate) async fn event_walk(repo: &impl Repo, mut start: EventStart, query: &EventQuery) -> (Vec<Event>, Mark) {
    let mut seen = Vec::new();
    loop {
        let page = events(repo, start, query).await;
        assert!(page.events.len() <= query.size.get() as usize, "{} events for {query:?}", page.events.len());
        seen.extend(page.events);
        if page.is_at_end {
            return (seen, page.last);
        }
        let next = EventStart::After(page.last);
        assert_ne!(start, next, "a page that is not the last must move on: {query:?}");
        start = next;
    }
}

/// Creates payments with these ids, one after the other.
pub(crate) async fn create(repo: &impl Repo, names: &[&str]) -> Vec<Payment> {
    let mut created = Vec::new();
    for name in names {
        let payment = repo.create(payment(name)).await.unwrap_or_else(|error| panic!("create {name}: {error:?}"));
        created.push(payment);
    }
    created
}

/// Creates `count` payments, `p0` and so on.
pub(crate) async fn create_many(repo: &impl Repo, count: usize) -> Vec<Payment> {
    let names: Vec<_> = (0..count).map(|number| format!("p{number}")).collect();
    create(repo, &names.iter().map(String::as_str).collect::<Vec<_>>()).await
}

pub(crate) async fn list(repo: &impl Repo, start: PageStart, size: u32) -> Snapshot<Page> {
    repo.list(start, size).await.unwrap_or_else(|error| panic!("list {start:?}, {size}: {error:?}"))
}

pub(crate) fn after(position: Position) -> PageStart {
    PageStart::After(position)
}

pub(crate) fn before(position: Position) -> PageStart {
    PageStart::Before(position)
}

/// The ids on a page, with spaces between them.
pub(crate) fn names(page: &Snapshot<Page>) -> String {
    page.payments.iter().map(|payment| payment.id.as_str()).collect::<Vec<_>>().join(" ")
}

/// The ids of everything behind `position`, page by page, and where the walk ended.
pub(crate) async fn walk(repo: &impl Repo, mut position: Position, size: u32) -> (Vec<String>, Position) {
    let mut seen = Vec::new();
    loop {
        let page = list(repo, after(position), size).await;
        position = page.last;
        if page.payments.is_empty() {
            return (seen, position);
        }
        seen.extend(page.payments.iter().map(|payment| payment.id.as_str().to_owned()));
    }
}

/// The reason of a refusal, in words.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(value) => panic!("the store accepted what it should refuse: {value:?}"),
        Err(Error::NotFound) => "not found",
        Err(Error::AlreadyExists) => "already exists",
        Err(Error::VersionConflict { .. }) => "version conflict",
        Err(Error::Expired) => "expired",
        Err(Error::Overloaded) => "overloaded",
        Err(Error::Unavailable(_)) => "unavailable",
        Err(Error::Internal(source)) => panic!("the store failed; look for the statement that made it say: {source}"),
    }
}

/// The current version, as the refusal of a write names it.
#[track_caller]
pub(crate) fn current<T: std::fmt::Debug>(result: Result<T, Error>) -> i64 {
    match result {
        Err(Error::VersionConflict { current }) => current.number(),
        other => panic!("expected a version conflict, got {other:?}"),
    }
}
