//! Lists that skip no payment, although inserts overlap: see [`Order`].

use super::lanes::Lane;
use super::order::Order;
use super::pool::Pool;
use super::statements::Statements;
use crate::payments::{Error, Page, PageStart, Position, Snapshot};
use crate::repo::row::{Numbered, page};
use std::sync::Arc;

/// Reads pages.
#[derive(Debug)]
pub(super) struct Lister {
    pool: Arc<Pool>,
    statements: Arc<Statements>,
    order: Order,
}

impl Lister {
    pub(super) fn new(pool: &Arc<Pool>, statements: &Arc<Statements>, order: Order) -> Self {
        Self { pool: Arc::clone(pool), statements: Arc::clone(statements), order }
    }

    /// At most `size` payments from `start` on.
    pub(super) async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        // Before the page is read: numbers that are settled later may belong to payments that the read did not see.
        let settled = self.order.settled();
        let rows = self.read(start, size, i64::MAX).await?;
        let end_if_empty = match start {
            PageStart::Offset(_) => None,
            PageStart::After(after) => Some(after),
            PageStart::Before(before) => Some(before.previous()),
        };
        match (rows.last().map(|row| row.seq), end_if_empty) {
            (Some(last), _) if last <= settled => Ok(page(rows, Position(last))),
            (None, Some(end)) => Ok(page(rows, end)),
            (last, end) => {
                let settled = self.order.settle(&self.pool, last).await?;
                let rows = self.read(start, size, settled).await?;
                Ok(page(rows, end.unwrap_or(Position(settled))))
            }
        }
    }

    async fn read(&self, start: PageStart, size: u32, up_to: i64) -> Result<Vec<Numbered>, Error> {
        self.pool.run(Lane::Lists, async |connection| self.statements.list(connection, start, size, up_to).await).await
    }
}
