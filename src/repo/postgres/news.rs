//! News of what other processes commit: one task a store looks every 200 ms how far the numbers have come, while somebody
//! listens.
//!
//! No `NOTIFY`: it would take one lock of the whole server in each commit, and a lost connection would lose news. The looks go by
//! the session for checks, so they take no connection from calls, and what one costs does not depend on how many listen: a
//! statement reads both sequences, and nothing else is done while they stand. When they move, those tenants are told that are
//! listened to and have an event behind what was settled before. So a write that commits late is told, too: it is beyond what
//! was settled, and the looks go on until nothing is unsettled.

use super::failure::failure;
use super::order::{Order, Reach};
use super::pool::Pool;
use crate::payments::{Error, News, Tenant};
use crate::repo::news::NewsDesk;
use crate::repo::table::{PerTable, Table};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::sleep;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(200);
/// The same while the server does not answer.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);

/// How far both sequences have come.
const CAME_TO: &str = r#"
    SELECT anonymous.last_value - CASE WHEN anonymous.is_called THEN 0 ELSE 1 END,
        organisations.last_value - CASE WHEN organisations.is_called THEN 0 ELSE 1 END
    FROM "{payments}_order" AS anonymous CROSS JOIN "{payments}_tenants_order" AS organisations"#;
/// Those of the tenants `$2` that have an event beyond the number `$1`.
const ADDED: &str = r#"
    SELECT tenant FROM unnest($2::text[]) AS wanted (tenant)
    WHERE EXISTS (
        SELECT FROM (
            SELECT 1 FROM "{payments}" AS payment
            WHERE NOT deleted AND payment.tenant COLLATE "POSIX" = wanted.tenant AND seq > $1 ORDER BY seq LIMIT 1
        ) AS live
    ) OR EXISTS (
        SELECT FROM (
            SELECT 1 FROM "{payments}_past" AS past
            WHERE past.tenant COLLATE "POSIX" = wanted.tenant AND change > $1 ORDER BY change LIMIT 1
        ) AS changes
    )"#;

/// Tells listeners of changes.
#[derive(Debug)]
pub(super) struct Reporter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pool: Arc<Pool>,
    order: Arc<PerTable<Order>>,
    desk: NewsDesk,
    came_to: SqlStr,
    added: SqlStr,
    /// Whether the task runs.
    is_looking: AtomicBool,
}

/// What the last look found, of each table.
type Seen = Option<[Reach; 2]>;

impl Reporter {
    pub(super) fn new(pool: &Arc<Pool>, order: &Arc<PerTable<Order>>, tables: &PerTable<Table>) -> Self {
        let [anonymous, organisations] = tables.both();
        // Safe: a table name is an identifier and nothing else.
        let fill_in = |table: &Table, sql| AssertSqlSafe(Arc::<str>::from(table.fill_in(sql))).into_sql_str();
        Self(Arc::new(Shared {
            pool: Arc::clone(pool),
            order: Arc::clone(order),
            desk: NewsDesk::new(),
            came_to: fill_in(anonymous, CAME_TO),
            added: fill_in(organisations, ADDED),
            is_looking: AtomicBool::new(false),
        }))
    }

    /// News of the tenant from now on.
    pub(super) fn listen(&self, tenant: &Tenant) -> News {
        let news = self.0.desk.listen(tenant);
        // After the channel is there, so that a task that is about to end finds it.
        if !self.0.is_looking.swap(true, Ordering::SeqCst) {
            tokio::spawn(look_on(Arc::downgrade(&self.0)));
        }
        news
    }

    /// Tells of a change of this process. Call it when the change is committed.
    pub(super) fn tell(&self, tenant: &Tenant) {
        self.0.desk.tell([tenant]);
    }

    /// Tells all tenants.
    pub(super) fn tell_all(&self) {
        self.0.desk.tell_all();
    }

    /// Wakes all who listen, and lets nobody wait any more.
    pub(super) fn close(&self) {
        self.0.desk.close();
    }
}

/// Looks again and again, until nobody listens or the store is gone.
async fn look_on(shared: Weak<Shared>) {
    // Nothing is known of the time before the first look: it tells everybody.
    let (mut seen, mut pause) = (None, PAUSE);
    loop {
        sleep(pause).await;
        let Some(shared) = shared.upgrade() else { return };
        if !shared.desk.has_listeners() {
            shared.is_looking.store(false, Ordering::SeqCst);
            // Somebody may have come before the task was seen to end.
            if !shared.desk.has_listeners() || shared.is_looking.swap(true, Ordering::SeqCst) {
                return;
            }
        }
        match shared.look(seen).await {
            Ok(found) => (seen, pause) = (Some(found), PAUSE),
            Err(error) => {
                tracing::debug!(%error, "cannot look for events of other processes; trying again");
                (seen, pause) = (None, PAUSE_AFTER_FAILURE);
            }
        }
    }
}

impl Shared {
    async fn look(&self, seen: Seen) -> Result<[Reach; 2], Error> {
        self.pool.control(async |connection| self.look_by(connection, seen).await.map_err(failure)).await
    }

    async fn look_by(&self, connection: &mut PgConnection, seen: Seen) -> Result<[Reach; 2], sqlx::Error> {
        let came_to: (i64, i64) = sqlx::query_as(self.came_to.clone()).fetch_one(&mut *connection).await?;
        let stands = |reach: &Reach, came_to| reach.came_to == came_to && reach.is_settled();
        if let Some(seen @ [anonymous, organisations]) = &seen
            && stands(anonymous, came_to.0)
            && stands(organisations, came_to.1)
        {
            return Ok(*seen);
        }
        let [of_anonymous, of_organisations] = self.order.both();
        let found = [of_anonymous.look(&mut *connection).await?, of_organisations.look(&mut *connection).await?];
        let Some([anonymous, organisations]) = seen else {
            self.desk.tell_all();
            return Ok(found);
        };
        if has_moved(anonymous, found[0]) {
            self.desk.tell([&Tenant::ANONYMOUS]);
        }
        if has_moved(organisations, found[1]) {
            self.tell_those_with_events(connection, organisations.settled.min(found[1].settled)).await?;
        }
        Ok(found)
    }

    async fn tell_those_with_events(&self, connection: &mut PgConnection, beyond: i64) -> Result<(), sqlx::Error> {
        let listening = self.desk.tenants();
        let names: Vec<_> = listening.iter().map(Tenant::as_str).collect();
        let added = sqlx::query_scalar(self.added.clone()).bind(beyond).bind(names);
        let added: std::collections::HashSet<String> = added.fetch_all(connection).await?.into_iter().collect();
        self.desk.tell(listening.iter().filter(|tenant| added.contains(tenant.as_str())));
        Ok(())
    }
}

/// Whether there may be events that were not there, or not settled, at the look before.
fn has_moved(before: Reach, now: Reach) -> bool {
    before.came_to != now.came_to || before.settled != now.settled
}
