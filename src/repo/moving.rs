//! Moving anonymous payments to the tenants that their organisations are.
//!
//! A service that starts to ask its callers who they are shows each of them what its organisation has. The payments from
//! before are in the anonymous tenant, and nobody sees them, until they are moved to where their `organisation_id` names.
//!
//! They are moved in batches, each in a transaction of its own: a payment is always in exactly one tenant, with its version,
//! its times and its content as they were, and a move that was interrupted is begun anew and goes on. First come the payments,
//! in order of creation, so that they are listed in it; then the tombstones, which take their ids along. The walk never looks
//! back, so a payment that cannot be moved is looked at once.

use super::OpenError;
use crate::payments::OrganisationId;
use std::collections::HashSet;
use std::fmt;
use std::time::{Duration, Instant};

/// The most payments in a batch: one transaction, whose rows stay locked while it lasts.
pub(super) const BATCH: i64 = 200;
/// How often the caller hears how far the move has come.
const REPORT_EVERY: Duration = Duration::from_secs(5);
/// The most payments that are named because they could not be moved.
const NAMED: usize = 100;

/// What came of a move.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MoveReport {
    /// How many payments were moved.
    pub payments: u64,
    /// How many ids of deleted payments were moved.
    pub deleted: u64,
    /// How many of both were left in the anonymous tenant.
    pub left: u64,
    /// Those that were left, in words: which, and why. The first hundred.
    pub named: Vec<String>,
}

impl fmt::Display for MoveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { payments, deleted, left, named: _ } = self;
        write!(f, "{payments} payments and {deleted} ids of deleted ones moved to their organisations, {left} left")
    }
}

/// Why a move ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A batch failed. The batches before it stay moved.
    #[error("cannot move the payments of the table {table}: {source}; {done}; run the command again to go on")]
    Batch {
        /// The name of the table.
        table: String,
        /// What was done before.
        done: MoveReport,
        /// What went wrong.
        source: sqlx::Error,
    },
}

/// Which rows are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// Payments, in order of creation.
    Payments,
    /// Tombstones, in order of their ids.
    Tombstones,
}

/// A row of the anonymous tenant.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) seq: i64,
    pub(super) id: String,
    pub(super) organisation_id: String,
}

/// The statements of a move, in one kind of store.
pub(super) trait Moves {
    /// The next rows behind `last`, at most [`BATCH`].
    async fn next(&mut self, rows: Rows, last: Option<&Candidate>) -> Result<Vec<Candidate>, sqlx::Error>;

    /// Moves those of `due` whose ids are free in their tenants, wholly or not at all. Returns the ids that were moved.
    async fn transfer(&mut self, due: &[&Candidate]) -> Result<HashSet<String>, sqlx::Error>;
}

/// Moves all that can be moved. Calls `progress` every few seconds.
///
/// # Errors
/// The first error, and what was done before it.
pub(super) async fn move_all(
    moves: &mut impl Moves,
    progress: fn(&MoveReport),
) -> Result<MoveReport, (MoveReport, sqlx::Error)> {
    let (mut report, mut reported) = (MoveReport::default(), Instant::now());
    for rows in [Rows::Payments, Rows::Tombstones] {
        let mut last = None;
        loop {
            let found = match moves.next(rows, last.as_ref()).await {
                Ok(found) => found,
                Err(error) => return Err((report, error)),
            };
            let Some(end) = found.last().cloned() else { break };
            if let Err(error) = move_batch(moves, rows, &found, &mut report).await {
                return Err((report, error));
            }
            last = Some(end);
            if reported.elapsed() >= REPORT_EVERY {
                progress(&report);
                reported = Instant::now();
            }
        }
    }
    Ok(report)
}

async fn move_batch(
    moves: &mut impl Moves,
    rows: Rows,
    found: &[Candidate],
    report: &mut MoveReport,
) -> Result<(), sqlx::Error> {
    let mut due = Vec::with_capacity(found.len());
    for candidate in found {
        match OrganisationId::parse(&candidate.organisation_id) {
            Ok(_) => due.push(candidate),
            Err(rule) => report.leave(candidate, &format!("is no tenant: it {rule}")),
        }
    }
    let moved = if due.is_empty() { HashSet::new() } else { moves.transfer(&due).await? };
    for candidate in due {
        match (moved.contains(&candidate.id), rows) {
            (true, Rows::Payments) => report.payments += 1,
            (true, Rows::Tombstones) => report.deleted += 1,
            (false, _) => report.leave(
                candidate,
                "names a tenant that has used this id, or was changed just now: then run the command again",
            ),
        }
    }
    Ok(())
}

impl MoveReport {
    fn leave(&mut self, Candidate { seq: _, id, organisation_id }: &Candidate, why: &str) {
        self.left += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("payment {id} was left: its organisation_id {organisation_id:?} {why}"));
        }
    }
}
