//! The order of creation, when many create at once.
//!
//! The problem: a payment gets its number (`seq`) before its insert commits, so a smaller number can appear after a larger
//! one was already listed. A reader that remembers the larger one as the place to go on from would never see the smaller.
//!
//! The mechanism: every insert announces itself before it draws a number. It reads how far the numbers have come, `came_to`,
//! and takes a shared advisory lock that says so. The number that it then draws is greater than `came_to`, and the lock is
//! released when the transaction ends, after its row has become visible. A list whose last number might not be settled
//!
//! 1. reads how far the numbers have come by now, and
//! 2. then looks at the locks: an insert that holds none by then, and has not finished, will draw a number beyond (1).
//!
//! So every number up to the smallest `came_to`, or up to (1) if there are no locks, is settled: no payment will appear there
//! any more. The list reads the page again, up to there. Settled numbers stay settled, so only lists that reach the newest
//! payments pay for this. Inserts never wait, and a list waits no longer than the inserts that were under way.

use super::failure::failure;
use super::lanes::Lane;
use super::pool::Pool;
use crate::payments::Error;
use crate::repo::TableName;
use sqlx::postgres::PgConnection;
use sqlx::postgres::types::Oid;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// How long a list waits for inserts under way, before it ends at the last settled number.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(1);
/// The pause between two looks: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

/// A lock has room for the low 31 bits of a number: its key is a signed 32-bit integer.
const ROOM: i64 = 1 << 31;

/// How far the numbers have come. `last_value` is the last number drawn, or the first to come if none was drawn yet.
const CAME_TO: &str = r#"SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM "{payments}_order""#;
/// The announcements of the inserts under way: `objid` holds the low bits of `came_to`.
const UNDER_WAY: &str = r#"
    SELECT objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND classid = $1 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"#;

#[derive(Debug)]
pub(super) struct Order {
    /// The first half of the key of the locks: unique in the database.
    table: Oid,
    came_to: SqlStr,
    /// The highest number known to be settled.
    settled: AtomicI64,
}

impl Order {
    pub(super) async fn new(connection: &mut PgConnection, table: &TableName) -> Result<Self, sqlx::Error> {
        let oid = sqlx::query_scalar("SELECT quote_ident($1)::regclass::oid")
            .bind(table.as_str())
            .fetch_one(connection)
            .await?;
        // Safe: a table name is an identifier and nothing else.
        let came_to = AssertSqlSafe(Arc::<str>::from(table.fill_in(CAME_TO))).into_sql_str();
        Ok(Self { table: oid, came_to, settled: AtomicI64::new(0) })
    }

    /// A query that announces an insert. The insert must read from it in a materialized CTE, so that it is evaluated before
    /// the number is drawn.
    pub(super) fn gate(&self) -> String {
        let class = self.table.0.cast_signed();
        format!(
            r#"SELECT pg_advisory_xact_lock_shared({class}, (came_to % {ROOM})::int) FROM ({CAME_TO}) AS numbers (came_to)"#
        )
    }

    /// The highest number known to be settled: no payment will appear there or before it any more. Read it before the page.
    pub(super) fn settled(&self) -> i64 {
        self.settled.load(Ordering::Acquire)
    }

    /// Waits until `wanted` is settled, or else for [`SETTLE_TIMEOUT`], and returns the highest number that is.
    pub(super) async fn settle(&self, pool: &Arc<Pool>, wanted: Option<i64>) -> Result<i64, Error> {
        let deadline = Instant::now() + SETTLE_TIMEOUT;
        let (mut pause, longest) = PAUSES;
        loop {
            // A connection for each look, so that none is held during the pause.
            let settled =
                pool.run(Lane::Lists, async |connection| self.look(connection).await.map_err(failure)).await?;
            if wanted.is_none_or(|wanted| wanted <= settled) || Instant::now() >= deadline {
                return Ok(settled);
            }
            tokio::time::sleep(pause).await;
            pause = longest.min(pause * 2);
        }
    }

    async fn look(&self, connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
        // Two statements, because the second must begin after the first.
        let came_to: i64 = sqlx::query_scalar(self.came_to.clone()).fetch_one(&mut *connection).await?;
        let under_way: Vec<i64> = sqlx::query_scalar(UNDER_WAY).bind(self.table).fetch_all(connection).await?;
        let settled = under_way.into_iter().map(|low| restore(low, came_to)).fold(came_to, i64::min);
        Ok(self.settled.fetch_max(settled, Ordering::AcqRel).max(settled))
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
