//! Steps: jobs that share a statement, and what one statement does for them.

use super::failure::{failure, is_about_the_database};
use super::job::{Creation, DueUpdate, Job, Outcome, Outcomes, Update};
use super::packed::Current;
use super::statements::{MOST, Statements};
use crate::payments::{Error, Tenant};
use crate::repo::table::PerTable;
use quick_cache::DefaultHashBuilder;
use sqlx::sqlite::SqliteConnection;
use std::collections::{HashMap, HashSet};
use std::iter;

/// One step of a transaction.
pub(super) enum Step<'j> {
    /// Creations that share a statement.
    Create(Vec<Creation<'j>>),
    /// Updates of different payments, which share a statement; one alone uses the same.
    Update(Vec<Update<'j>>),
    /// A job that shares no statement.
    One(&'j Job),
}

impl<'j> Step<'j> {
    /// The step that `jobs` begin with; `None` if there are no jobs.
    pub(super) fn first(jobs: &'j [Job]) -> Option<Self> {
        let creations = creations_in_one_table(jobs);
        let updates = updates_of_different_payments(jobs);
        match (creations.len(), updates.len()) {
            (2.., _) => Some(Self::Create(creations)),
            (_, 1..) => Some(Self::Update(updates)),
            (_, _) => jobs.first().map(Self::One),
        }
    }

    /// How many jobs it does.
    pub(super) fn jobs(&self) -> usize {
        match self {
            Self::Create(creations) => creations.len(),
            Self::Update(updates) => updates.len(),
            Self::One(_) => 1,
        }
    }

    /// Whether one statement does it wholly.
    pub(super) fn is_one_statement(&self) -> bool {
        match self {
            Self::Create(_) | Self::Update(_) => true,
            // There are two tables to clear.
            Self::One(job) => !matches!(job, Job::Clear(_)),
        }
    }

    /// Does the jobs. `known` holds the current versions of the payments to update, one entry for each job, as far as the
    /// cache has them.
    ///
    /// # Errors
    /// When the shared statement failed and none of it is done; or some of it is, because payments that were known have
    /// vanished from the database.
    pub(super) async fn run(
        self,
        sqlite: &mut SqliteConnection,
        statements: &PerTable<Statements>,
        known: &[Option<Current>],
    ) -> Result<Outcomes, sqlx::Error> {
        match self {
            Self::Create(creations) => {
                if let Some(first) = creations.first() {
                    statements.of(first.tenant).create_many(sqlite, &creations).await?;
                }
                Ok(creations.iter().map(|_| Ok(Outcome::Done)).collect())
            }
            Self::Update(updates) => update(sqlite, statements, &updates, known).await,
            Self::One(job) => Ok(vec![one(sqlite, statements, job).await?]),
        }
    }
}

/// The creations that `jobs` begin with, up to the first in another table.
fn creations_in_one_table(jobs: &[Job]) -> Vec<Creation<'_>> {
    let creations = || jobs.iter().map_while(Job::creation);
    let Some(first) = creations().next() else { return Vec::new() };
    creations().take_while(|creation| share_a_table(creation.tenant, first.tenant)).take(MOST).collect()
}

/// The updates that `jobs` begin with, up to the first that changes the same payment as one before, or one in another table.
fn updates_of_different_payments(jobs: &[Job]) -> Vec<Update<'_>> {
    let updates = || jobs.iter().map_while(Job::update);
    let Some(first) = updates().next() else { return Vec::new() };
    let mut seen = HashSet::with_hasher(DefaultHashBuilder::default());
    let updates = updates()
        .take_while(|update| share_a_table(&update.key.tenant, &first.key.tenant))
        .take_while(|update| seen.insert(update.key));
    updates.take(MOST).collect()
}

fn share_a_table(one: &Tenant, other: &Tenant) -> bool {
    one.is_anonymous() == other.is_anonymous()
}

/// Looks up the current versions, unless they are known, and changes the payments that are at the expected ones. They are all
/// in one table.
///
/// The look comes first because `UPDATE … RETURNING` hands over row by row, which takes longer. Nothing can change in
/// between: this is the only connection that writes.
async fn update(
    sqlite: &mut SqliteConnection,
    statements: &PerTable<Statements>,
    updates: &[Update<'_>],
    known: &[Option<Current>],
) -> Result<Outcomes, sqlx::Error> {
    let Some(first) = updates.first() else { return Ok(Vec::new()) };
    let statements = statements.of(&first.key.tenant);
    let known = known.iter().copied().chain(iter::repeat(None));
    // A refusal names the current version, so a payment that seems to be at another one is looked up after all.
    let known = updates.iter().zip(known).map(|(update, known)| {
        let is_expected = |known: &Current| known.version == update.expected;
        (update, known.filter(is_expected))
    });
    let unknown: Vec<_> = known.clone().filter(|(_, known)| known.is_none()).map(|(update, _)| update.key).collect();
    let found = if unknown.is_empty() { HashMap::new() } else { statements.find(sqlite, &unknown).await? };
    let (mut outcomes, mut changes) = (Vec::with_capacity(updates.len()), Vec::with_capacity(updates.len()));
    for (update, known) in known {
        outcomes.push(match known.or_else(|| found.get(update.key).copied()) {
            Some(Current { version, created_on, modified_on: modified_before }) if version == update.expected => {
                changes.push(DueUpdate { update: *update, modified_before });
                Ok(Outcome::Updated { created_on, modified_before })
            }
            current => Err(Error::conflict_or_missing(update.expected, current.map(|current| current.version))),
        });
    }
    if !changes.is_empty() {
        statements.update_many(sqlite, &changes).await?;
    }
    Ok(outcomes)
}

/// Does one job by itself.
///
/// # Errors
/// Those that are about the database, not about this job.
pub(super) async fn one(
    sqlite: &mut SqliteConnection,
    statements: &PerTable<Statements>,
    job: &Job,
) -> Result<Result<Outcome, Error>, sqlx::Error> {
    match attempt(sqlite, statements, job).await {
        Err(error) if !is_about_the_database(&error) => Ok(Err(failure(error))),
        outcome => outcome,
    }
}

async fn attempt(
    sqlite: &mut SqliteConnection,
    statements: &PerTable<Statements>,
    job: &Job,
) -> Result<Result<Outcome, Error>, sqlx::Error> {
    Ok(match job {
        Job::Create(tenant, payment, origin, _) => {
            match statements.of(tenant).create(sqlite, Creation { tenant, payment, origin }).await? {
                true => Ok(Outcome::Done),
                false => Err(Error::AlreadyExists),
            }
        }
        Job::Update(key, expected, change, _) => {
            let updates = [Update { key, expected: *expected, change }];
            let outcome = update(sqlite, statements, &updates, &[]).await?.pop();
            outcome.unwrap_or_else(|| Err(Error::Internal("an update has no outcome".into())))
        }
        Job::Delete(key, expected, deletion, _) => {
            let statements = statements.of(&key.tenant);
            match statements.delete(sqlite, key, *expected, deletion).await? {
                true => Ok(Outcome::Done),
                false => Err(Error::conflict_or_missing(*expected, statements.look(sqlite, key).await?)),
            }
        }
        Job::Clear(_) => {
            for statements in statements.both() {
                statements.clear(sqlite).await?;
            }
            Ok(Outcome::Done)
        }
        Job::Finish(_) => Ok(Outcome::Done),
    })
}
