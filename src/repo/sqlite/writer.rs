//! The task that does all writing.
//!
//! A commit waits for the disk, so one commit for each write would be slow. The writer takes what has queued up while
//! the last commit was under way, does it in one transaction, and answers when that is on disk. Within it each job is
//! one statement, which SQLite does wholly or not at all: a job that fails leaves the others alone.

use super::connection::{self, Shared, failure, is_about_the_database, unavailable};
use super::statements::Statements;
use crate::payments::{Change, Error, Payment, PaymentId, Timestamp, Version};
use crate::repo::row::{refusal, updated};
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// How many jobs may wait; whoever comes next waits to get in.
const QUEUE: usize = 1024;
/// The most jobs in one transaction, so that the first does not wait for ever.
const BATCH: usize = 256;

/// The writer, as its callers see it.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    connection: Shared,
}

#[derive(Debug)]
enum Job {
    Create(Payment, Answer<Payment>),
    Update(PaymentId, Version, Change, Answer<Payment>),
    Delete(PaymentId, Version, Answer<()>),
    Clear(Answer<()>),
    Finish(oneshot::Sender<()>),
}

type Answer<T> = oneshot::Sender<Result<T, Error>>;

/// What became of a job, if the transaction is committed.
enum Outcome {
    Done,
    Updated { created_on: Timestamp },
}

impl Writer {
    /// Starts the task. It ends when the writer is dropped or told to finish.
    pub(super) fn start(connection: Shared, statements: Arc<Statements>) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(work(queue, Arc::clone(&connection), statements));
        Self { jobs, connection }
    }

    pub(super) async fn create(&self, payment: Payment) -> Result<Payment, Error> {
        self.ask(|answer| Job::Create(payment, answer)).await
    }

    pub(super) async fn update(&self, id: PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.ask(|answer| Job::Update(id, expected, change, answer)).await
    }

    pub(super) async fn delete(&self, id: PaymentId, expected: Version) -> Result<(), Error> {
        self.ask(|answer| Job::Delete(id, expected, answer)).await
    }

    pub(super) async fn clear(&self) -> Result<(), Error> {
        self.ask(Job::Clear).await
    }

    /// Waits until everything queued is done. Nothing is accepted any more.
    pub(super) async fn finish(&self) {
        let (done, finished) = oneshot::channel();
        if self.jobs.send(Job::Finish(done)).await.is_ok() {
            // An error means that the writer is gone, so there is nothing to wait for.
            let _ = finished.await;
        }
    }

    /// Closes the connection.
    pub(super) async fn close(&self) {
        connection::close(&self.connection).await;
    }

    /// Whether the task is there to do what is asked of it.
    pub(super) fn is_alive(&self) -> bool {
        !self.jobs.is_closed()
    }

    /// A caller that goes away meanwhile changes nothing: its job is done all the same, and the answer dropped.
    async fn ask<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, Error> {
        let (answer, answered) = oneshot::channel();
        self.jobs.send(job(answer)).await.map_err(|_| unavailable("the writer has stopped"))?;
        answered.await.map_err(|_| unavailable("the writer stopped before it answered"))?
    }
}

async fn work(mut queue: mpsc::Receiver<Job>, connection: Shared, statements: Arc<Statements>) {
    let mut jobs = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        if jobs.iter().any(|job| matches!(job, Job::Finish(_))) {
            queue.close();
        }
        let mut connection = connection.lock().await;
        // Taken out while in use: should we panic, the connection goes, and its open transaction with it.
        let Some(mut open) = connection.take() else { return };
        transact(&mut open.sqlite, &statements, &mut jobs).await;
        *connection = Some(open);
    }
}

/// Does `jobs` in one transaction, and answers them.
async fn transact(sqlite: &mut SqliteConnection, statements: &Statements, jobs: &mut Vec<Job>) {
    match all(sqlite, statements, jobs).await {
        Ok(outcomes) => jobs.drain(..).zip(outcomes).for_each(|(job, outcome)| job.answer(outcome)),
        Err(error) => {
            tracing::error!(%error, jobs = jobs.len(), "a transaction failed");
            // Fails when SQLite has rolled back already, as it does on some errors; then all is well.
            let _ = sqlx::query("ROLLBACK").execute(sqlite).await;
            let error = Arc::new(error);
            jobs.drain(..).for_each(|job| job.answer(Err(failure(Arc::clone(&error)))));
        }
    }
}

/// What became of each of `jobs`, all of it between `BEGIN` and `COMMIT`.
///
/// The transaction is in plain SQL: sqlx counts levels, and would not notice when SQLite itself rolls back.
async fn all(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    jobs: &[Job],
) -> Result<Vec<Result<Outcome, Error>>, sqlx::Error> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut *sqlite).await?;
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(match one(sqlite, statements, job).await {
            Err(error) if is_about_the_database(&error) => return Err(error),
            Err(error) => Err(failure(error)),
            Ok(outcome) => outcome,
        });
    }
    sqlx::query("COMMIT").execute(&mut *sqlite).await?;
    Ok(outcomes)
}

/// What becomes of `job`, or what SQLite has to complain about.
async fn one(
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
