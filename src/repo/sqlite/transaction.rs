//! What is done between one commit and the next.
//!
//! Each job is one statement that writes, which SQLite does wholly or not at all, so a job that fails leaves the others alone. Only
//! creations share statements, and changes of different payments do, because going to SQLite and back for each would cost
//! more than what is done there.

use super::cache::{Cache, Change as Cached, Writing};
use super::connection::{failure, is_about_the_database};
use super::packed::Standing;
use super::statements::{MOST, Statements};
use super::writer::{Answer, Job};
use crate::payments::{Change, Error, Payment, PaymentId, Timestamp, Version};
use crate::repo::row::{refusal, updated};
use quick_cache::DefaultHashBuilder;
use sqlx::sqlite::SqliteConnection;
use std::collections::{HashMap, HashSet};
use std::iter;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What became of a job, if the transaction is committed.
enum Outcome {
    Done,
    Updated { created_on: Timestamp },
}

/// What became of each of several jobs.
type Outcomes = Vec<Result<Outcome, Error>>;

/// What to tell the caller of a job.
enum Reply {
    Created(Result<Payment, Error>, Answer<Payment>),
    Updated(Result<Payment, Error>, Answer<Payment>),
    Deleted(PaymentId, Result<(), Error>, Answer<()>),
    Cleared(Result<(), Error>, Answer<()>),
    Finished(oneshot::Sender<()>),
}

/// Does `jobs` in one transaction, and answers them. All of them wait, so they may be done in any order.
pub(super) async fn run(sqlite: &mut SqliteConnection, statements: &Statements, cache: &Cache, jobs: &mut Vec<Job>) {
    // Those that can share statements stand together. What one caller asks twice it asks in turn.
    jobs.sort_by_key(Job::turn);
    match commit(sqlite, statements, cache, jobs).await {
        Ok((outcomes, writing)) => {
            let replies: Vec<_> = jobs.drain(..).zip(outcomes).map(|(job, outcome)| job.settle(outcome)).collect();
            // First, so that whoever has an answer finds what it wrote.
            writing.finish(replies.iter().filter_map(Reply::cached));
            replies.into_iter().for_each(Reply::send);
        }
        Err(error) => {
            tracing::error!(%error, jobs = jobs.len(), "a transaction failed");
            roll_back(sqlite).await;
            let error = Arc::new(error);
            jobs.drain(..).for_each(|job| job.settle(Err(failure(Arc::clone(&error)))).send());
        }
    }
}

/// What became of each of `jobs`, now that it is on disk. After an error the transaction may still be open.
///
/// The transaction is in plain SQL: sqlx counts levels, and would not notice when SQLite itself rolls back.
async fn commit<'c>(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    cache: &'c Cache,
    jobs: &[Job],
) -> Result<(Outcomes, Writing<'c>), sqlx::Error> {
    // Before it is forgotten.
    let known = standings(cache, jobs);
    let writing = match jobs.iter().any(|job| matches!(job, Job::Clear(_))) {
        true => cache.begin_all(),
        false => cache.begin(jobs.iter().filter_map(Job::changed)),
    };
    let outcomes = match alone(sqlite, statements, jobs, &known).await? {
        Some(outcomes) => outcomes,
        None => in_steps(sqlite, statements, jobs).await?,
    };
    Ok((outcomes, writing))
}

/// How the payments stand that `jobs` update, as far as the cache knows; in the order of the jobs.
fn standings(cache: &Cache, jobs: &[Job]) -> Vec<Option<Standing>> {
    let standing = |id| cache.get(id).map(|known| Standing::of(&known));
    jobs.iter().map(|job| job.update().and_then(|(id, _, _)| standing(id))).collect()
}

/// Does what takes only one statement that writes. That is a transaction of its own: no need to go to SQLite for a `BEGIN`, and
/// again for a `COMMIT`.
///
/// `known` says how payments stand that jobs update, one for each job. `None` if it takes more than that statement, or it failed
/// and left no trace.
///
/// # Errors
/// Those of the database; and when somebody else writes into it, who leaves us with half of the changes.
async fn alone(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    jobs: &[Job],
    known: &[Option<Standing>],
) -> Result<Option<Outcomes>, sqlx::Error> {
    let Some(step) = Step::first(jobs).filter(|step| step.jobs() == jobs.len()) else { return Ok(None) };
    match step.take(sqlite, statements, known).await {
        Ok(outcomes) => Ok(Some(outcomes)),
        Err(error @ sqlx::Error::Protocol(_)) => Err(error),
        Err(error) if is_about_the_database(&error) => Err(error),
        Err(_) => Ok(None),
    }
}

/// Does what takes several statements.
async fn in_steps(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    jobs: &[Job],
) -> Result<Outcomes, sqlx::Error> {
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
    sqlx::query("COMMIT").execute(sqlite).await?;
    Ok(outcomes)
}

async fn roll_back(sqlite: &mut SqliteConnection) {
    // Fails when SQLite has rolled back already, as it does on some errors; then all is well.
    let _ = sqlx::query("ROLLBACK").execute(sqlite).await;
}

/// What becomes of each of `jobs`; `None` if jobs that shared a statement did not all succeed.
async fn together(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    jobs: &[Job],
) -> Result<Option<Outcomes>, sqlx::Error> {
    let mut outcomes = Vec::with_capacity(jobs.len());
    while let Some(step) = jobs.get(outcomes.len()..).and_then(Step::first) {
        // A step before may have changed what was known.
        match step.take(sqlite, statements, &[]).await {
            Ok(more) => outcomes.extend(more),
            Err(error) if is_about_the_database(&error) => return Err(error),
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(outcomes))
}

/// Jobs that share a statement, as one change does with none, or one that never does.
enum Step<'j> {
    Create(Vec<&'j Payment>),
    Update(Vec<(&'j PaymentId, Version, &'j Change)>),
    One(&'j Job),
}

impl<'j> Step<'j> {
    /// What `jobs` begin with; none if there are none.
    fn first(jobs: &'j [Job]) -> Option<Self> {
        let creations: Vec<_> = jobs.iter().map_while(Job::creation).take(MOST).collect();
        let updates = different(jobs);
        match (creations.len(), updates.len()) {
            (2.., _) => Some(Self::Create(creations)),
            (_, 1..) => Some(Self::Update(updates)),
            (_, _) => jobs.first().map(Self::One),
        }
    }

    /// How many jobs it is about.
    fn jobs(&self) -> usize {
        match self {
            Self::Create(creations) => creations.len(),
            Self::Update(updates) => updates.len(),
            Self::One(_) => 1,
        }
    }

    /// What becomes of each. `known` says how payments stand, one for each job, as far as it goes.
    ///
    /// # Errors
    /// When the statement failed, and none of it is done; or some of it, if there are payments no more that were known.
    async fn take(
        self,
        sqlite: &mut SqliteConnection,
        statements: &Statements,
        known: &[Option<Standing>],
    ) -> Result<Outcomes, sqlx::Error> {
        match self {
            Self::Create(creations) => {
                statements.create_many(sqlite, &creations).await?;
                Ok(creations.iter().map(|_| Ok(Outcome::Done)).collect())
            }
            Self::Update(updates) => update(sqlite, statements, &updates, known).await,
            Self::One(job) => Ok(vec![one(sqlite, statements, job).await?]),
        }
    }
}

/// The updates that `jobs` begin with, as far as each is of another payment.
fn different(jobs: &[Job]) -> Vec<(&PaymentId, Version, &Change)> {
    let mut seen = HashSet::with_hasher(DefaultHashBuilder::default());
    let updates = jobs.iter().map_while(Job::update).take_while(|(id, _, _)| seen.insert(*id));
    updates.take(MOST).collect()
}

/// Changes those of the payments that can be, once it is known how they stand: what changes would return themselves comes row
/// by row, which takes longer than to look; and nobody else writes in between.
async fn update(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    updates: &[(&PaymentId, Version, &Change)],
    known: &[Option<Standing>],
) -> Result<Outcomes, sqlx::Error> {
    let known = known.iter().copied().chain(iter::repeat(None));
    // Who is refused is told how it stands now.
    let known = updates.iter().zip(known).map(|(update, known)| (update, known.filter(|known| known.is_at(update.1))));
    let unknown: Vec<_> = known.clone().filter(|(_, known)| known.is_none()).map(|((id, _, _), _)| *id).collect();
    let found = if unknown.is_empty() { HashMap::new() } else { statements.find(sqlite, &unknown).await? };
    let (mut outcomes, mut changes) = (Vec::with_capacity(updates.len()), Vec::with_capacity(updates.len()));
    for (update, known) in known {
        let (id, expected, _) = *update;
        outcomes.push(match known.or_else(|| found.get(id.as_str()).copied()) {
            Some(standing) if standing.is_at(expected) => {
                changes.push(*update);
                Ok(Outcome::Updated { created_on: standing.created_on })
            }
            standing => Err(refusal(expected, standing.map(|standing| standing.version))),
        });
    }
    if !changes.is_empty() {
        statements.update_many(sqlite, &changes).await?;
    }
    Ok(outcomes)
}

async fn one_by_one(
    sqlite: &mut SqliteConnection,
    statements: &Statements,
    jobs: &[Job],
) -> Result<Outcomes, sqlx::Error> {
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
        Job::Update(id, expected, change, _) => {
            let outcome = update(sqlite, statements, &[(id, *expected, change)], &[]).await?.pop();
            outcome.unwrap_or_else(|| Err(Error::Internal("an update came to nothing".into())))
        }
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
    /// Which jobs go first.
    fn turn(&self) -> u8 {
        match self {
            Self::Create(..) => 0,
            Self::Update(..) => 1,
            Self::Delete(..) => 2,
            Self::Clear(_) => 3,
            Self::Finish(_) => 4,
        }
    }

    /// The payment to create, if that is what it is about.
    fn creation(&self) -> Option<&Payment> {
        match self {
            Self::Create(payment, _) => Some(payment),
            Self::Update(..) | Self::Delete(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    /// The update, if that is what it is about.
    fn update(&self) -> Option<(&PaymentId, Version, &Change)> {
        match self {
            Self::Update(id, expected, change, _) => Some((id, *expected, change)),
            Self::Create(..) | Self::Delete(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    /// The payment that it changes.
    fn changed(&self) -> Option<&PaymentId> {
        match self {
            Self::Update(id, ..) | Self::Delete(id, ..) => Some(id),
            Self::Create(..) | Self::Clear(_) | Self::Finish(_) => None,
        }
    }

    fn settle(self, outcome: Result<Outcome, Error>) -> Reply {
        match self {
            Self::Create(payment, answer) => Reply::Created(outcome.map(|_| payment), answer),
            Self::Update(id, expected, change, answer) => {
                let updated = outcome.and_then(|outcome| match outcome {
                    Outcome::Updated { created_on } => updated(id, expected, change, created_on),
                    Outcome::Done => Err(Error::Internal("an update came to nothing".into())),
                });
                Reply::Updated(updated, answer)
            }
            Self::Delete(id, _, answer) => Reply::Deleted(id, outcome.map(|_| ()), answer),
            Self::Clear(answer) => Reply::Cleared(outcome.map(|_| ()), answer),
            Self::Finish(finished) => Reply::Finished(finished),
        }
    }
}

impl Reply {
    /// What the cache should know of it.
    fn cached(&self) -> Option<Cached<'_>> {
        match self {
            Self::Updated(Ok(payment), _) => Some(Cached::Updated(payment)),
            Self::Deleted(id, Ok(()), _) => Some(Cached::Deleted(id)),
            Self::Cleared(Ok(()), _) => Some(Cached::Cleared),
            Self::Created(..)
            | Self::Updated(Err(_), _)
            | Self::Deleted(_, Err(_), _)
            | Self::Cleared(Err(_), _)
            | Self::Finished(_) => None,
        }
    }

    /// Tells the caller. That it may have gone away meanwhile is no concern of ours.
    fn send(self) {
        match self {
            Self::Created(stored, answer) | Self::Updated(stored, answer) => {
                let _ = answer.send(stored);
            }
            Self::Deleted(_, done, answer) | Self::Cleared(done, answer) => {
                let _ = answer.send(done);
            }
            Self::Finished(finished) => {
                let _ = finished.send(());
            }
        }
    }
}
