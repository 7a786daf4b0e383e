//! Histories, and feeds that skip no event, although writes overlap: see [`Order`].
//!
//! A page of events begins with how far the numbers are settled, and shows none beyond. A history needs no order among payments,
//! and shows what there is.

use super::failure::{failure, unavailable};
use super::lanes::Lane;
use super::order::{Order, Reach};
use super::pool::Pool;
use super::versions::{Reader, Versions};
use crate::payments::{Error, EventPage, EventQuery, EventStart, History, PaymentId, Tenant, Version};
use crate::repo::events;
use crate::repo::sharing::Sharing;
use crate::repo::table::PerTable;
use crate::repo::waiters::{Waiter, answer_all};
use sqlx::postgres::PgConnection;
use std::sync::Arc;

/// Reads histories and events. Many listeners wait for the same news, and then want the same page: they share a read.
#[derive(Debug)]
pub(super) struct Feed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    pool: Arc<Pool>,
    versions: PerTable<Versions>,
    order: Arc<PerTable<Order>>,
    waiting: Sharing<PageKey, EventPage>,
}

/// Whose events a page has, where it begins, and what it shows.
type PageKey = (Tenant, EventStart, EventQuery);

impl Feed {
    pub(super) fn new(pool: &Arc<Pool>, versions: PerTable<Versions>, order: &Arc<PerTable<Order>>) -> Self {
        let (pool, order) = (Arc::clone(pool), Arc::clone(order));
        Self(Arc::new(Shared { pool, versions, order, waiting: Sharing::new() }))
    }

    /// A page of the history of the payment.
    pub(super) async fn history(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> Result<History, Error> {
        let versions = self.0.versions.of(tenant);
        let read = async |connection: &mut PgConnection| {
            events::history(&mut Reader::new(connection, versions, tenant, i64::MAX), id, below, size).await
        };
        self.0.pool.run(Lane::Lists, read).await
    }

    /// A page of events of `tenant` from `start` on.
    pub(super) async fn events(
        &self,
        tenant: &Tenant,
        start: EventStart,
        query: &EventQuery,
    ) -> Result<EventPage, Error> {
        let key = (tenant.clone(), start, query.clone());
        let read = || {
            // A task of its own: when the first caller goes away, the others still get their page.
            tokio::spawn(Arc::clone(&self.0).answer(key.clone()));
        };
        let read = self.0.waiting.wait(&key, read).await;
        read.unwrap_or_else(|| Err(unavailable("the task that read the events stopped before it answered")))
    }
}

impl Shared {
    /// Reads a page for those that wait for it.
    async fn answer(self: Arc<Self>, key: PageKey) {
        // Lets listeners that were woken be polled first, so that they may join.
        tokio::task::yield_now().await;
        let mut waiters = None;
        let page = self.page(&key, &mut waiters).await;
        // No connection was to be had, if they were not taken.
        answer_all(waiters.unwrap_or_else(|| self.waiting.take(&key)), page);
    }

    async fn page(&self, key: &PageKey, waiters: &mut Option<Vec<Waiter<EventPage>>>) -> Result<EventPage, Error> {
        let order = self.order.of(&key.0);
        let at_once = async |connection: &mut PgConnection| {
            // Only now, so that more callers may join while all connections are busy.
            if waiters.insert(self.waiting.take(key)).iter().all(Waiter::is_closed) {
                return Err(unavailable("no caller waits"));
            }
            self.read_at_once(connection, key).await
        };
        let (page, reach) = self.pool.run(Lane::Lists, at_once).await?;
        let Some(Reach { came_to, .. }) = reach.filter(|reach| page.is_at_end && !reach.is_settled()) else {
            return Ok(page);
        };
        if !page.events.is_empty() {
            // Writes are under way. The next page waits for them, if it is asked for.
            return Ok(EventPage { is_at_end: false, ..page });
        }
        let settled = ensure_primary(order.settle(&self.pool, Some(came_to)).await?)?.settled;
        let read = async |connection: &mut PgConnection| self.read(connection, key, settled).await;
        let page = self.pool.run(Lane::Lists, read).await?;
        // Of a write that hangs for long, news tell when it ends.
        let is_at_end = page.is_at_end && (page.events.is_empty() || settled >= came_to);
        Ok(EventPage { is_at_end, ..page })
    }

    /// The page as far as it is settled now, and how far that is, unless there was enough before that was known to be.
    async fn read_at_once(
        &self,
        connection: &mut PgConnection,
        key: &PageKey,
    ) -> Result<(EventPage, Option<Reach>), Error> {
        let order = self.order.of(&key.0);
        let known = order.settled();
        if may_be_full(key.1, &key.2, known) {
            let page = self.read(connection, key, known).await?;
            if !page.is_at_end {
                return Ok((page, None));
            }
        }
        let reach = ensure_primary(order.look(connection).await.map_err(failure)?)?;
        Ok((self.read(connection, key, reach.settled).await?, Some(reach)))
    }

    async fn read(&self, connection: &mut PgConnection, key: &PageKey, up_to: i64) -> Result<EventPage, Error> {
        let (tenant, start, query) = key;
        let mut reader = Reader::new(connection, self.versions.of(tenant), tenant, up_to);
        events::events(&mut reader, *start, query).await
    }
}

/// Whether there is room for a full page up to the number `settled`.
fn may_be_full(start: EventStart, query: &EventQuery, settled: i64) -> bool {
    let from = match start {
        EventStart::Beginning => 0,
        EventStart::After(mark) => mark.position.0,
        EventStart::End => return false,
    };
    settled.saturating_sub(from) > i64::from(query.size.get())
}

/// # Errors
/// [`Error::Unavailable`] if a standby has answered: it knows nothing of the writes under way, and may lack the last.
fn ensure_primary(reach: Reach) -> Result<Reach, Error> {
    if reach.is_standby {
        Err(unavailable("the server is a standby, which knows no order of events"))
    } else {
        Ok(reach)
    }
}
