//! The order of creations and changes, when many write at once.
//!
//! The problem: a payment gets its number (`seq`) before its insert commits, so a smaller number can appear after a larger
//! one was already listed. A reader that remembers the larger one as the place to go on from would never see the smaller.
//! Changes draw numbers from the same sequence, and appear in the feed in their order.
//!
//! The mechanism: every insert announces itself before it draws a number, and so does every change, by a trigger in the schema.
//! It reads how far the numbers have come, `came_to`, and takes a shared advisory lock that says so. The number that it then
//! draws is greater than `came_to`, and the lock is released when the transaction ends, after its row has become visible. A
//! list whose last number might not be settled
//!
//! 1. reads how far the numbers have come by now, and
//! 2. then looks at the locks: an insert that holds none by then, and has not finished, will draw a number beyond (1).
//!
//! So every number up to the smallest `came_to`, or up to (1) if there are no locks, is settled: no payment will appear there
//! any more. The list reads the page again, up to there. Settled numbers stay settled, so only lists that reach the newest
//! payments pay for this. Writers never wait, and a list waits no longer than the writes that were under way. A feed does the
//! same, but begins with (1) and (2).
//!
//! Two processes may know different numbers to be settled, and the one that looked later may know less: a write may announce an
//! old `came_to`, although the number that it draws is beyond all that the other process had found settled.

use super::failure::failure;
use super::lanes::Lane;
use super::pool::Pool;
use crate::payments::Error;
use crate::repo::table::Table;
use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// How long a reader waits for writes under way, before it ends at the last settled number.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(1);
/// The pause between two looks: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

/// A lock has room for the low 31 bits of a number: its key is a signed 32-bit integer.
const ROOM: i64 = 1 << 31;

/// How far the numbers have come. `last_value` is the last number drawn, or the first to come if none was drawn yet.
const CAME_TO: &str = r#"SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM "{payments}_order""#;
/// The announcements of the writes under way: `objid` holds the low bits of `came_to`.
const UNDER_WAY: &str = r#"
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND classid = $1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"#;

#[derive(Debug)]
pub(super) struct Order {
    /// The first half of the key of the locks: unique in the database.
    table: Oid,
    /// How far the numbers have come, and whether the server is a standby: only a primary knows the locks of the writes.
    came_to: SqlStr,
    /// The query of [`gate`](Self::gate).
    gate: String,
    /// The highest number known to be settled.
    settled: AtomicI64,
}

/// How far the numbers have come at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    /// The last number that was drawn.
    pub(super) came_to: i64,
    /// The highest number known to be settled.
    pub(super) settled: i64,
    /// Whether the server is a standby, which does not know the writes under way.
    pub(super) is_standby: bool,
}

impl Reach {
    /// Whether all numbers that were drawn are settled.
    pub(super) fn is_settled(&self) -> bool {
        self.settled >= self.came_to
    }
}

impl Order {
    /// The order of the payments in one table.
    pub(super) async fn new(connection: &mut PgConnection, table: &Table) -> Result<Self, sqlx::Error> {
        let oid: Oid = sqlx::query_scalar("SELECT quote_ident($1)::regclass::oid")
            .bind(table.name().as_str())
            .fetch_one(connection)
            .await?;
        let came_to = table.fill_in(CAME_TO);
        let class = oid.0.cast_signed();
        let gate = format!(
            r#"SELECT pg_advisory_xact_lock_shared({class}, (came_to % {ROOM})::int) FROM ({came_to}) AS numbers (came_to)"#
        );
        // Safe: a table name is an identifier and nothing else.
        let came_to =
            AssertSqlSafe(Arc::<str>::from(format!("SELECT ({came_to}), pg_is_in_recovery()"))).into_sql_str();
        Ok(Self { table: oid, came_to, gate, settled: AtomicI64::new(0) })
    }

    /// A query that announces an insert. The insert must read from it in a materialized CTE, so that it is evaluated before
    /// the number is drawn.
    pub(super) fn gate(&self) -> &str {
        &self.gate
    }

    /// The highest number known to be settled: no payment will appear there or before it any more. Read it before the page.
    pub(super) fn settled(&self) -> i64 {
        self.settled.load(Ordering::Acquire)
    }

    /// Waits until `wanted` is settled, or else for [`SETTLE_TIMEOUT`], and returns how far the numbers have come.
    pub(super) async fn settle(&self, pool: &Arc<Pool>, wanted: Option<i64>) -> Result<Reach, Error> {
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        let (mut pause, longest) = PAUSES;
        loop {
            // A connection for each look, so that none is held during the pause.
            let reach = pool.run(Lane::Lists, async |connection| self.look(connection).await.map_err(failure)).await?;
            if wanted.is_none_or(|wanted| wanted <= reach.settled) || Instant::now() >= deadline {
                return Ok(reach);
            }
            tokio::time::sleep(pause).await;
            pause = longest.min(pause * 2);
        }
    }

    /// Looks how far the numbers have come.
    pub(super) async fn look(&self, connection: &mut PgConnection) -> Result<Reach, sqlx::Error> {
        let known = self.settled();
        // Two statements, because the second must begin after the first.
        let (came_to, is_standby): (i64, bool) =
            sqlx::query_as(self.came_to.clone()).fetch_one(&mut *connection).await?;
        let under_way: Vec<i64> = sqlx::query_scalar(UNDER_WAY).bind(self.table).fetch_all(connection).await?;
        let settled = under_way.into_iter().map(|low| restore(low, came_to)).fold(came_to, i64::min);
        let settled = if is_standby {
            // Its sequences are ahead of what it has.
            settled
        } else if came_to < known {
            // The numbers begin anew: the database was restored, or a standby took over that lacks the last of them.
            self.settled.store(settled, Ordering::Release);
            settled
        } else {
            self.settled.fetch_max(settled, Ordering::AcqRel).max(settled)
        };
        Ok(Reach { came_to, settled, is_standby })
    }
}

/// The number nearest to `near` whose low bits are `low`. Inserts under way are never 2³⁰ numbers apart.
fn restore(low: i64, near: i64) -> i64 {
    let ahead = (low - near).rem_euclid(ROOM);
    near + if ahead < ROOM / 2 { ahead } else { ahead - ROOM }
}

#[cfg(test)]
mod tests {
    use super::{ROOM, restore};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_survives_the_narrow_lock(number in 0..i64::MAX / 2, distance in -(ROOM / 2 - 1)..ROOM / 2) {
            prop_assert_eq!(restore(number % ROOM, number - distance), number);
        }
    }
}
