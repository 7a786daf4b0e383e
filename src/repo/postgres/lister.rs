//! Lists that skip no payment, although inserts overlap: see [`Order`].

use super::lanes::Lane;
use super::order::Order;
use super::pages::{PageRows, Pages};
use super::pool::Pool;
use crate::payments::{Error, Page, PageStart, Position, Snapshot};
use crate::repo::page::page;
use std::sync::Arc;

/// Reads pages.
#[derive(Debug)]
pub(super) struct Lister {
    pool: Arc<Pool>,
    pages: Pages,
    order: Order,
}

impl Lister {
    pub(super) fn new(pool: &Arc<Pool>, pages: Pages, order: Order) -> Self {
        Self { pool: Arc::clone(pool), pages, order }
    }

    /// At most `size` payments from `start` on.
    pub(super) async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        // Before the page is read: numbers that are settled later may belong to payments that the read did not see.
        let settled = self.order.settled();
        let read = self.read(start, size, i64::MAX).await?;
        let end_if_empty = match start {
            PageStart::Offset(_) => None,
            PageStart::After(after) => Some(after),
            PageStart::Before(before) => Some(before.previous()),
        };
        match (read.rows.last().map(|row| row.seq), end_if_empty) {
            (Some(last), _) if last <= settled => self.page(read, Position(last)).await,
            (None, Some(end)) => self.page(read, end).await,
            (last, end) => {
                let settled = self.order.settle(&self.pool, last).await?;
                let read = self.read(start, size, settled).await?;
                self.page(read, end.unwrap_or(Position(settled))).await
            }
        }
    }

    async fn read(&self, start: PageStart, size: u32, up_to: i64) -> Result<PageRows, Error> {
        self.pool.run(Lane::Lists, async |connection| self.pages.read(connection, start, size, up_to).await).await
    }

    /// The page of what was read, which ends at `end` if that is nothing. An empty page looks for payments before it by a
    /// statement of its own; only a client that polls, or is lost, comes to one.
    async fn page(&self, PageRows { rows, has_previous }: PageRows, end: Position) -> Result<Snapshot<Page>, Error> {
        let has_previous = match rows.is_empty() {
            true => {
                self.pool.run(Lane::Lists, async |connection| self.pages.stands_before(connection, end).await).await?
            }
            false => has_previous,
        };
        Ok(page(rows, end, has_previous))
    }
}
