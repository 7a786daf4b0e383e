//! Keeps a ledger of payments in a SQLite file, by following the events of a service.
//!
//!     cargo run --example ledger -- http://localhost:8080 ledger.db
//!
//! Each event has its effect exactly once, whatever is killed when: its entry, the new balance and the cursor are written in one
//! transaction. At the first start, and when the cursor leads nowhere any more, the ledger begins with the payments that there
//! are. The end of the events is asked for first, so that what changes meanwhile comes behind it; an event of a version that the
//! ledger has already changes nothing.

use payments_client::{
    Client,
    models::{Event, EventContent, EventType, Payment},
};
use payments_events::{EventFeed, FollowError};
use sqlx::{
    Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use std::{error::Error, process::ExitCode};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Amounts are decimal text, as the service has them.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS place (cursor TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS payments (
        id TEXT PRIMARY KEY, organisation TEXT NOT NULL, version INTEGER NOT NULL, amount TEXT, deleted INTEGER NOT NULL
    );
    CREATE TABLE IF NOT EXISTS entries (
        event TEXT PRIMARY KEY, payment TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, at TEXT NOT NULL
    );";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(file), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        return Err("say where the service is and which file to keep: ledger http://localhost:8080 ledger.db".into());
    };
    // Fails only if there is a provider already, which would do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new(&url)?;
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut ledger = SqliteConnection::connect_with(&options.journal_mode(SqliteJournalMode::Wal)).await?;
    sqlx::raw_sql(SCHEMA).execute(&mut ledger).await?;
    loop {
        let cursor = match place(&mut ledger).await? {
            Some(cursor) => cursor,
            None => begin(&client, &mut ledger).await?,
        };
        match follow(&client, &mut ledger, &cursor).await {
            Err(Stop::Expired) => sqlx::raw_sql("DELETE FROM place").execute(&mut ledger).await?,
            Err(Stop::Failed(error)) => return Err(error),
            Ok(never) => match never {},
        };
    }
}

/// Why following stops.
enum Stop {
    /// The cursor leads nowhere any more.
    Expired,
    Failed(Box<dyn Error>),
}

impl<E: Into<Box<dyn Error>>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The cursor behind the last event that was entered.
async fn place(ledger: &mut SqliteConnection) -> Outcome<Option<String>> {
    Ok(sqlx::query_scalar("SELECT cursor FROM place").fetch_optional(ledger).await?)
}

/// Takes over the payments that there are, and returns the cursor to follow from.
async fn begin(client: &Client, ledger: &mut SqliteConnection) -> Outcome<String> {
    let next = client.list_events().after("now").send().await?.body.links.next;
    let cursor = next.split(['?', '&']).find_map(|part| part.strip_prefix("after="));
    let cursor = cursor.ok_or("links.next has no cursor")?.to_owned();
    let mut all = ledger.begin().await?;
    sqlx::raw_sql("DELETE FROM place; DELETE FROM payments; DELETE FROM entries").execute(&mut *all).await?;
    let mut page = client.list_payments().size(100).send().await?.body;
    while !page.data.is_empty() {
        for payment in &page.data {
            enter_payment(&mut all, payment.id.as_deref().unwrap_or_default(), payment, false).await?;
        }
        page = client.list_payments().follow(&page.links.next).send().await?.body;
    }
    sqlx::query("INSERT INTO place VALUES (?)").bind(&cursor).execute(&mut *all).await?;
    all.commit().await?;
    Ok(cursor)
}

/// Enters events for ever.
async fn follow(
    client: &Client,
    ledger: &mut SqliteConnection,
    cursor: &str,
) -> Result<std::convert::Infallible, Stop> {
    let request = client.list_events().content(EventContent::Full).size(100);
    let mut pages = EventFeed::builder(request).resume_from(cursor).start();
    loop {
        let page = match pages.next().await {
            Some(Ok(page)) => page,
            Some(Err(FollowError::CursorExpired(_))) => return Err(Stop::Expired),
            Some(Err(error)) => return Err(error.into()),
            None => return Err("the feed has ended".into()),
        };
        let mut all = ledger.begin().await?;
        for event in &page.events {
            enter(&mut all, event).await?;
        }
        sqlx::query("UPDATE place SET cursor = ?").bind(&page.cursor).execute(&mut *all).await?;
        all.commit().await?;
    }
}

/// Enters an event.
async fn enter(ledger: &mut SqliteConnection, event: &Event) -> Outcome<()> {
    let Event { id, kind, timestamp, data, .. } = event;
    let known: Option<i64> = sqlx::query_scalar("SELECT version FROM payments WHERE id = ?")
        .bind(&data.payment_id)
        .fetch_optional(&mut *ledger)
        .await?;
    if known.is_some_and(|known| known >= data.version) {
        // It was taken over at the beginning.
        return Ok(());
    }
    sqlx::query("INSERT INTO entries VALUES (?, ?, ?, ?, ?)")
        .bind(id)
        .bind(&data.payment_id)
        .bind(data.version)
        .bind(kind.to_string())
        .bind(timestamp)
        .execute(&mut *ledger)
        .await?;
    let is_deleted = matches!(kind, EventType::PaymentDeleted | EventType::PaymentErased);
    match &data.payment {
        Some(payment) => enter_payment(ledger, &data.payment_id, payment, is_deleted).await,
        None => {
            let erase = "UPDATE payments SET version = ?, amount = NULL, deleted = 1 WHERE id = ?";
            sqlx::query(erase).bind(data.version).bind(&data.payment_id).execute(ledger).await?;
            Ok(())
        }
    }
}

async fn enter_payment(ledger: &mut SqliteConnection, id: &str, payment: &Payment, is_deleted: bool) -> Outcome<()> {
    sqlx::query("INSERT OR REPLACE INTO payments VALUES (?, ?, ?, ?, ?)")
        .bind(id)
        .bind(&payment.organisation_id)
        .bind(payment.version)
        .bind(payment.attributes.amount())
        .bind(is_deleted)
        .execute(ledger)
        .await?;
    Ok(())
}
