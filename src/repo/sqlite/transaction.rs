//! What is done between `BEGIN` and `COMMIT`.
//!
//! Each job is one statement, which SQLite does wholly or not at all, so a job that fails leaves the others alone. Only
//! creations in a row share statements, because going to SQLite and back for each would cost more than the insert.

use super::connection::{failure, is_about_the_database};
use super::statements::Statements;
use super::writer::Job;
use crate::payments::{Error, Payment, Timestamp};
use crate::repo::row::{refusal, updated};
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;

/// What became of a job, if the transaction is committed.
enum Outcome {
    Done,
    Updated { created_on: Timestamp },
}

/// Does `jobs` in one transaction, and answers them.
pub(super) async fn run(sqlite: &mut SqliteConnection, statements: &Statements, jobs: &mut Vec<Job>) {
    match commit(sqlite, statements, jobs).await {
        Ok(outcomes) => jobs.drain(..).zip(outcomes).for_each(|(job, outcome)| job.answer(outcome)),
        Err(error) => {
            tracing::error!(%error, jobs = jobs.len(), "a transaction failed");
            roll_back(sqlite).await;
            let error = Arc::new(error);
            jobs.drain(..).for_each(|job| job.answer(Err(failure(Arc::clone(&error)))));
        }
    }
}

/// What became of each of `jobs`, now that it is on disk. After an error the transaction may still be open.
///
/// The transaction is in plain SQL: sqlx counts levels, and would not notice when SQLite itself rolls back.
async fn commit(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    jobs: &[Job],
) -> Result<Vec<Result<Outcome, Error>>, sqlx::Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *sqlite).await?;
    let outcomes = match together(sqlite, statements, jobs).await? {
        Some(outcomes) => outcomes,
        None => {
            // An id was taken, say, and nobody can tell whose: begin again, one by one.
            roll_back(sqlite).await;
            sqlx::query("BEGIN IMMEDIATE").execute(&mut *sqlite).await?;
            one_by_one(sqlite, statements, jobs).await?
        }
    };
    sqlx::query("COMMIT").execute(&mut *sqlite).await?;
    Ok(outcomes)
}

async fn roll_back(sqlite: &mut SqliteConnection) {
    // Fails when SQLite has rolled back already, as it does on some errors; then all is well.
    let _ = sqlx::query("ROLLBACK").execute(sqlite).await;
}

/// What becomes of each of `jobs`; `None` if creations that shared a statement did not all succeed.
async fn together(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    jobs: &[Job],
) -> Result<Option<Vec<Result<Outcome, Error>>>, sqlx::Error> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    while let Some(rest @ [job, ..]) = jobs.get(outcomes.len()..) {
        let creations: Vec<&Payment> = rest.iter().map_while(Job::creation).collect();
        if let Some(portion) = statements.portion(&creations) {
            match Statements::create_many(sqlite, portion).await {
                Ok(true) => {}
                Err(error) if is_about_the_database(&error) => return Err(error),
                Ok(false) | Err(_) => return Ok(None),
            }
            outcomes.extend(portion.1.iter().map(|_| Ok(Outcome::Done)));
        } else {
            outcomes.push(one(sqlite, statements, job).await?);
        }
    }
    Ok(Some(outcomes))
}

async fn one_by_one(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    jobs: &[Job],
) -> Result<Vec<Result<Outcome, Error>>, sqlx::Error> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(one(sqlite, statements, job).await?);
    }
    Ok(outcomes)
}

/// What becomes of `job`.
///
/// # Errors
/// Those that are not about this job but about the database.
async fn one(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    job: &Job,
) -> Result<Result<Outcome, Error>, sqlx::Error> {
    match attempt(sqlite, statements, job).await {
        Err(error) if !is_about_the_database(&error) => Ok(Err(failure(error))),
        outcome => outcome,
    }
}

async fn attempt(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    job: &Job,
) -> Result<Result<Outcome, Error>, sqlx::Error> {
    Ok(match job {
        Job::Create(payment, _) => match statements.create(sqlite, payment).await? {
            true => Ok(Outcome::Done),
            false => Err(Error::AlreadyExists),
        },
        Job::Update(id, expected, change, _) => match statements.update(sqlite, id, *expected, change).await? {
            Some(created_on) => Ok(Outcome::Updated { created_on }),
            None => Err(refusal(*expected, statements.look(sqlite, id).await?)),
        },
        Job::Delete(id, expected, _) => match statements.delete(sqlite, id, *expected).await? {
            true => Ok(Outcome::Done),
            false => Err(refusal(*expected, statements.look(sqlite, id).await?)),
        },
        Job::Clear(_) => {
            statements.clear(sqlite).await?;
            Ok(Outcome::Done)
        }
        Job::Finish(_) => Ok(Outcome::Done),
    })
}

impl Job {
    /// The payment to create, if that is what it is about.
    fn creation(&self) -> Option<&Payment> {
        match self {
            Self::Create(payment, _) => Some(payment),
            Self::Update(..) | Self::Delete(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    /// Tells the caller. That it may have gone away meanwhile is no concern of ours.
    fn answer(self, outcome: Result<Outcome, Error>) {
        match self {
            Self::Create(payment, answer) => {
                let _ = answer.send(outcome.map(|_| payment));
            }
            Self::Update(id, expected, change, answer) => {
                let _ = answer.send(outcome.and_then(|outcome| match outcome {
                    Outcome::Updated { created_on } => updated(id, expected, change, created_on),
                    Outcome::Done => Err(Error::Internal("an update came to nothing".into())),
                }));
            }
            Self::Delete(_, _, answer) | Self::Clear(answer) => {
                let _ = answer.send(outcome.map(|_| ()));
            }
            Self::Finish(finished) => {
                let _ = finished.send(());
            }
        }
    }
}
