//! Lists, one read for all callers that wait for the same page.
//!
//! The first page, and the last, are what most clients ask for. So callers that ask for the same [share](super::sharing) a read.
//!
//! A page is bounded in bytes. Its rows come packed into one text, so large attributes are left out of it: the page is read
//! once more, as long as fits. Usual pages are read once.
//!
//! A read that fails fails for all that waited. A caller whose read has not begun waits for its [turn]: the breaker does not
//! take long lists of this process for a slow store.

use super::failure::{failure, unavailable};
use super::readers::Readers;
use super::statements::{Listed, ReadAttributes, Statements};
use crate::payments::{Error, Page, PageStart, Position, Snapshot, Tenant};
use crate::repo::page::{fitting, length, page, shorten};
use crate::repo::sharing::Sharing;
use crate::repo::table::PerTable;
use crate::repo::waiters::{self, answer_all};
use sqlx::sqlite::SqliteConnection;
use std::sync::Arc;

/// Reads pages.
#[derive(Debug)]
pub(super) struct Lister(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    statements: Arc<PerTable<Statements>>,
    readers: Arc<Readers>,
    waiting: Sharing<PageKey, Snapshot<Page>>,
}

/// Whose payments a page has, where it begins, and how many it has at most.
type PageKey = (Tenant, PageStart, u32);
type Waiter = waiters::Waiter<Snapshot<Page>>;

impl Lister {
    pub(super) fn new(statements: &Arc<PerTable<Statements>>, readers: &Arc<Readers>) -> Self {
        let (statements, readers) = (Arc::clone(statements), Arc::clone(readers));
        Self(Arc::new(Shared { statements, readers, waiting: Sharing::new() }))
    }

    /// At most `size` payments of `tenant` from `start` on.
    pub(super) async fn list(&self, tenant: &Tenant, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        let key = (tenant.clone(), start, size);
        let read = || {
            // A task of its own: when the first caller goes away, the others still get their page.
            tokio::spawn(Arc::clone(&self.0).read(key.clone()));
        };
        let read = self.0.waiting.wait(&key, read).await;
        read.unwrap_or_else(|| Err(unavailable("the task that read the page stopped before it answered")))
    }

    /// How many callers wait for reads that have not begun.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.0.waiting.waiting()
    }

    /// Takes the callers that wait for an anonymous page, as its read does when it begins.
    #[cfg(test)]
    pub(super) fn take_waiters(&self, start: PageStart, size: u32) -> Vec<Waiter> {
        self.0.waiting.take(&(Tenant::ANONYMOUS, start, size))
    }
}

impl Shared {
    async fn read(self: Arc<Self>, key: PageKey) {
        let (tenant, start, size) = &key;
        // Lets requests that have arrived be polled first, so that they may join.
        tokio::task::yield_now().await;
        let read = self.readers.read(async |reader| {
            // Only now, so that more callers may join while all connections are busy.
            let waiters = self.waiting.take(&key);
            let are_gone = waiters.iter().all(Waiter::is_closed);
            let page = if are_gone {
                Err(unavailable("no caller waits"))
            } else {
                self.page(reader, tenant, *start, *size).await
            };
            Ok((waiters, page))
        });
        let (waiters, page) = match read.await {
            Ok(done) => done,
            Err(error) => (self.waiting.take(&key), Err(error)),
        };
        answer_all(waiters, page);
    }

    async fn page(
        &self,
        reader: &mut SqliteConnection,
        tenant: &Tenant,
        start: PageStart,
        size: u32,
    ) -> Result<Snapshot<Page>, Error> {
        let statements = self.statements.of(tenant);
        let mut listed = statements.list(reader, tenant, start, size, ReadAttributes::Short).await?;
        if !listed.large.is_empty() {
            // Boxed, so that usual pages do not pay for the size of the future.
            listed = Box::pin(page_with_large_payments(statements, reader, tenant, start, size)).await?;
        }
        let Listed { mut rows, large: _, mut has_previous, last } = listed;
        let end_if_empty = match start {
            PageStart::Offset(_) => last,
            PageStart::After(after) => after,
            PageStart::Before(before) => before.previous(),
        };
        has_previous |= shorten(start, &mut rows);
        if rows.is_empty() && matches!(start, PageStart::Offset(1..)) {
            has_previous = stands_before(statements, reader, tenant, last).await?;
        }
        Ok(page(rows, end_if_empty, has_previous))
    }
}

/// Reads the page in two steps, in one transaction so that they see the same payments: how many fit, and then those.
async fn page_with_large_payments(
    statements: &Statements,
    reader: &mut SqliteConnection,
    tenant: &Tenant,
    start: PageStart,
    size: u32,
) -> Result<Listed, Error> {
    sqlx::query("BEGIN").execute(&mut *reader).await.map_err(failure)?;
    let listed = async {
        let Listed { rows, large, .. } = statements.list(reader, tenant, start, size, ReadAttributes::Short).await?;
        let mut sizes: Vec<_> = rows.iter().map(|row| (row.seq, length(row))).chain(large).collect();
        sizes.sort_unstable();
        let fits = fitting(start, sizes.into_iter().map(|(_, bytes)| bytes));
        let size = u32::try_from(fits).unwrap_or(size).min(size);
        statements.list(reader, tenant, start, size, ReadAttributes::All).await
    };
    let listed = listed.await;
    // There is nothing to commit. If the connection is broken, `listed` says so.
    let _ = sqlx::query("ROLLBACK").execute(reader).await;
    listed
}

/// Whether payments stand before a page behind the end, where only few clients come.
async fn stands_before(
    statements: &Statements,
    reader: &mut SqliteConnection,
    tenant: &Tenant,
    end: Position,
) -> Result<bool, Error> {
    Ok(statements.list(reader, tenant, PageStart::After(end), 0, ReadAttributes::Short).await?.has_previous)
}
