//! Lists that skip no payment, although inserts overlap: see [`Order`].

use super::lanes::Lane;
use super::order::Order;
use super::pages::{PageRows, Pages};
use super::pool::Pool;
use crate::payments::{Error, Page, PageStart, Position, Snapshot, Tenant};
use crate::repo::page::page;
use crate::repo::table::PerTable;
use sqlx::postgres::PgConnection;
use std::sync::Arc;

/// Reads pages.
#[derive(Debug)]
pub(super) struct Lister {
    pool: Arc<Pool>,
    pages: PerTable<Pages>,
    order: Arc<PerTable<Order>>,
}

impl Lister {
    pub(super) fn new(pool: &Arc<Pool>, pages: PerTable<Pages>, order: Arc<PerTable<Order>>) -> Self {
        Self { pool: Arc::clone(pool), pages, order }
    }

    /// At most `size` payments of `tenant` from `start` on.
    pub(super) async fn list(&self, tenant: &Tenant, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        let order = self.order.of(tenant);
        // Before the page is read: numbers that are settled later may belong to payments that the read did not see.
        let settled = order.settled();
        let read = self.read(tenant, start, size, i64::MAX).await?;
        let end_if_empty = match start {
            PageStart::Offset(_) => None,
            PageStart::After(after) => Some(after),
            PageStart::Before(before) => Some(before.previous()),
        };
        match (read.rows.last().map(|row| row.seq), end_if_empty) {
            (Some(last), _) if last <= settled => self.page(tenant, read, Position(last)).await,
            (None, Some(end)) => self.page(tenant, read, end).await,
            (last, end) => {
                let settled = order.settle(&self.pool, last).await?.settled;
                let read = self.read(tenant, start, size, settled).await?;
                self.page(tenant, read, end.unwrap_or(Position(settled))).await
            }
        }
    }

    async fn read(&self, tenant: &Tenant, start: PageStart, size: u32, up_to: i64) -> Result<PageRows, Error> {
        let pages = self.pages.of(tenant);
        self.pool.run(Lane::Lists, async |connection| pages.read(connection, tenant, start, size, up_to).await).await
    }

    /// The page of what was read, which ends at `end` if that is nothing. An empty page looks for payments before it by a
    /// statement of its own; only a client that polls, or is lost, comes to one.
    async fn page(
        &self,
        tenant: &Tenant,
        PageRows { rows, has_previous }: PageRows,
        end: Position,
    ) -> Result<Snapshot<Page>, Error> {
        let has_previous = match rows.is_empty() {
            true => {
                let pages = self.pages.of(tenant);
                let look = async |connection: &mut PgConnection| pages.stands_before(connection, tenant, end).await;
                self.pool.run(Lane::Lists, look).await?
            }
            false => has_previous,
        };
        Ok(page(rows, end, has_previous))
    }
}
