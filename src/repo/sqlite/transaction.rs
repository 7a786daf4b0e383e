//! Transactions: the jobs between one commit and the next.
//!
//! Each job but a clear is one statement that writes, which SQLite does wholly or not at all, so a job that fails leaves the
//! others alone. The way to SQLite's thread and back costs more than the work there, so creations share a statement, and so do
//! updates of different payments. Jobs are done in the first of these ways that succeeds:
//!
//! 1. in a [`single_statement`] that does them all, and is a transaction by itself;
//! 2. in [`shared_statements`] between `BEGIN` and `COMMIT`;
//! 3. [`one_by_one`], after a shared statement failed, because SQLite does not say for which job.

use super::cache::{Cache, PendingWrite};
use super::failure::{failure, is_about_the_database};
use super::job::{Affected, Job, Outcomes, Reply};
use super::packed::Current;
use super::statements::Statements;
use super::step::{Step, one};
use crate::repo::news::NewsDesk;
use crate::repo::table::PerTable;
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;

/// Does `jobs` in one transaction, and answers them. Their callers all wait, so they may be done in any order.
pub(super) async fn run(
    sqlite: &mut SqliteConnection,
    statements: &PerTable<Statements>,
    cache: &Cache,
    news: &NewsDesk,
    jobs: &mut Vec<Job>,
) {
    // Sorting is safe: a caller never has two jobs queued.
    jobs.sort_by_key(Job::rank);
    match commit(sqlite, statements, cache, jobs).await {
        Ok((outcomes, write)) => {
            let replies: Vec<_> = jobs.drain(..).zip(outcomes).map(|(job, outcome)| job.settle(outcome)).collect();
            // Before the replies, so that a caller that has its answer finds in the cache what it wrote.
            write.finish(replies.iter().filter_map(Reply::committed));
            tell(news, &replies);
            replies.into_iter().for_each(Reply::send);
        }
        Err(error) => {
            tracing::error!(%error, jobs = jobs.len(), "transaction failed, and its writes were refused: check the disk and the database file");
            roll_back(sqlite).await;
            let error = Arc::new(error);
            jobs.drain(..).for_each(|job| job.settle(Err(failure(Arc::clone(&error)))).send());
        }
    }
}

/// Wakes those who listen for what was committed. Before the replies, so that a writer that has its answer has been told of.
fn tell(news: &NewsDesk, replies: &[Reply]) {
    let affected = || replies.iter().filter_map(Reply::news);
    let is_about_all = affected().any(|affected| matches!(affected, Affected::All));
    match is_about_all {
        true => news.tell_all(),
        false => news.tell(affected().filter_map(|affected| match affected {
            Affected::One(tenant) => Some(tenant),
            Affected::All => None,
        })),
    }
}

/// Does `jobs`, and returns their outcomes when they are on disk. After an error the transaction may still be open.
///
/// Transactions are in plain SQL: sqlx counts their levels, and would not notice when SQLite itself rolls back.
async fn commit<'c>(
    sqlite: &mut SqliteConnection,
    statements: &PerTable<Statements>,
    cache: &'c Cache,
    jobs: &[Job],
) -> Result<(Outcomes, PendingWrite<'c>), sqlx::Error> {
    // Before the cache forgets them.
    let known = known_to(cache, jobs);
    let write = match jobs.iter().any(|job| matches!(job, Job::Clear(_))) {
        true => cache.begin_all(),
        false => cache.begin(jobs.iter().filter_map(Job::changed)),
    };
    let outcomes = match single_statement(sqlite, statements, jobs, &known).await? {
        Some(outcomes) => outcomes,
        None => several_statements(sqlite, statements, jobs).await?,
    };
    Ok((outcomes, write))
}

/// The current versions of the payments that `jobs` update, as far as the cache has them; one entry for each job.
fn known_to(cache: &Cache, jobs: &[Job]) -> Vec<Option<Current>> {
    let current = |key| cache.get(key).map(|payment| Current::from(&*payment));
    jobs.iter().map(|job| job.update().and_then(|update| current(update.key.borrow()))).collect()
}

/// Does jobs that share one statement, which is a transaction by itself: that saves the ways to SQLite for `BEGIN` and
/// `COMMIT`.
///
/// `None` if the jobs need more than one statement, or the statement failed and left no trace.
///
/// # Errors
/// Those about the database; and when another program writes into it, so that only half of the changes was done.
async fn single_statement(
    sqlite: &mut SqliteConnection,
    statements: &PerTable<Statements>,
    jobs: &[Job],
    known: &[Option<Current>],
) -> Result<Option<Outcomes>, sqlx::Error> {
    let is_all = |step: &Step<'_>| step.jobs() == jobs.len() && step.is_one_statement();
    let Some(step) = Step::first(jobs).filter(is_all) else { return Ok(None) };
    match step.run(sqlite, statements, known).await {
        Ok(outcomes) => Ok(Some(outcomes)),
        Err(error @ sqlx::Error::Protocol(_)) => Err(error),
        Err(error) if is_about_the_database(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Does jobs that need several statements.
async fn several_statements(
    sqlite: &mut SqliteConnection,
    statements: &PerTable<Statements>,
    jobs: &[Job],
) -> Result<Outcomes, sqlx::Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *sqlite).await?;
    let outcomes = match shared_statements(sqlite, statements, jobs).await? {
        Some(outcomes) => outcomes,
        None => {
            // A shared statement failed, because an id was taken, say. It does not tell whose.
            roll_back(sqlite).await;
            sqlx::query("BEGIN IMMEDIATE").execute(&mut *sqlite).await?;
            one_by_one(sqlite, statements, jobs).await?
        }
    };
    sqlx::query("COMMIT").execute(sqlite).await?;
    Ok(outcomes)
}

async fn roll_back(sqlite: &mut SqliteConnection) {
    // Fails when SQLite has rolled back already, as it does after some errors; that is fine.
    let _ = sqlx::query("ROLLBACK").execute(sqlite).await;
}

/// Does `jobs` in as few statements as possible. `None` if a shared statement failed.
async fn shared_statements(
    sqlite: &mut SqliteConnection,
    statements: &PerTable<Statements>,
    jobs: &[Job],
) -> Result<Option<Outcomes>, sqlx::Error> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    while let Some(step) = jobs.get(outcomes.len()..).and_then(Step::first) {
        // Nothing is known of the payments: an earlier step may have changed them.
        match step.run(sqlite, statements, &[]).await {
            Ok(more) => outcomes.extend(more),
            Err(error) if is_about_the_database(&error) => return Err(error),
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(outcomes))
}

/// Does each of `jobs` in statements of its own.
async fn one_by_one(
    sqlite: &mut SqliteConnection,
    statements: &PerTable<Statements>,
    jobs: &[Job],
) -> Result<Outcomes, sqlx::Error> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(one(sqlite, statements, job).await?);
    }
    Ok(outcomes)
}
