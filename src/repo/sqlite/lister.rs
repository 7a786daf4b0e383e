//! Lists, one read for all callers that wait for the same page.
//!
//! The first page, and the last, are what most clients ask for. So a caller joins those that already wait for the page, as
//! long as its read has not begun (single flight). A caller that comes later has it read again, because payments may have
//! changed since: a page is never older than the call.
//!
//! A page is bounded in bytes. Its rows come packed into one text, so large attributes are left out of it: the page is read
//! once more, as long as fits. Usual pages are read once.
//!
//! A read that fails fails for all that waited. A caller whose read has not begun waits for its [turn]: the breaker does not
//! take long lists of this process for a slow store.

use super::failure::{failure, unavailable};
use super::readers::Readers;
use super::statements::{Listed, ReadAttributes, Statements};
use crate::payments::{Error, Page, PageStart, Position, Snapshot};
use crate::repo::page::{fitting, length, page, shorten};
use crate::repo::turn;
use crate::repo::waiters::{self, answer_all};
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Reads pages.
#[derive(Debug)]
pub(super) struct Lister(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    statements: Arc<Statements>,
    readers: Arc<Readers>,
    waiting: Mutex<Waiting>,
}

/// The callers that wait for pages whose read has not begun.
#[derive(Debug, Default)]
struct Waiting {
    by_page: HashMap<PageKey, Batch>,
    /// How many batches there were.
    batches: u64,
}

/// Callers that share a read.
#[derive(Debug)]
struct Batch {
    /// Tells the batch from an earlier one of the same page, whose read has begun.
    number: u64,
    waiters: Vec<Waiter>,
}

/// Where a page begins, and how many payments it has at most.
type PageKey = (PageStart, u32);
type Waiter = waiters::Waiter<Snapshot<Page>>;

impl Lister {
    pub(super) fn new(statements: &Arc<Statements>, readers: &Arc<Readers>) -> Self {
        let (statements, readers) = (Arc::clone(statements), Arc::clone(readers));
        Self(Arc::new(Shared { statements, readers, waiting: Mutex::default() }))
    }

    /// At most `size` payments from `start` on.
    pub(super) async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        let (waiter, answer) = oneshot::channel();
        let key = (start, size);
        let (batch, is_first) = self.0.join(key, waiter);
        if is_first {
            // A task of its own: when the first caller goes away, the others still get their page.
            tokio::spawn(Arc::clone(&self.0).read(key));
        }
        let is_queued = || self.0.waiting().by_page.get(&key).is_some_and(|waiting| waiting.number == batch);
        turn::wait(answer, is_queued)
            .await
            .map_err(|_| unavailable("the task that read the page stopped before it answered"))?
    }

    /// How many callers wait for reads that have not begun.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.0.waiting().by_page.values().map(|batch| batch.waiters.len()).sum()
    }

    /// Takes the callers that wait for a page, as its read does when it begins.
    #[cfg(test)]
    pub(super) fn take_waiters(&self, start: PageStart, size: u32) -> Vec<Waiter> {
        self.0.take_waiters((start, size))
    }
}

impl Shared {
    /// Adds a caller to those that wait for the page. Returns the number of their batch, and whether the caller is the first,
    /// which has to have the page read.
    fn join(&self, key: PageKey, waiter: Waiter) -> (u64, bool) {
        let mut waiting = self.waiting();
        let Waiting { by_page, batches } = &mut *waiting;
        let batch = by_page.entry(key).or_insert_with(|| {
            *batches += 1;
            Batch { number: *batches, waiters: Vec::new() }
        });
        batch.waiters.push(waiter);
        (batch.number, batch.waiters.len() == 1)
    }

    async fn read(self: Arc<Self>, key: PageKey) {
        let (start, size) = key;
        // Lets requests that have arrived be polled first, so that they may join.
        tokio::task::yield_now().await;
        let read = self.readers.read(async |reader| {
            // Only now, so that more callers may join while all connections are busy.
            let waiters = self.take_waiters(key);
            let are_gone = waiters.iter().all(Waiter::is_closed);
            let page =
                if are_gone { Err(unavailable("no caller waits")) } else { self.page(reader, start, size).await };
            Ok((waiters, page))
        });
        let (waiters, page) = match read.await {
            Ok(done) => done,
            Err(error) => (self.take_waiters(key), Err(error)),
        };
        answer_all(waiters, page);
    }

    /// Takes the callers that wait for the page. Later callers start a read of their own.
    fn take_waiters(&self, key: PageKey) -> Vec<Waiter> {
        self.waiting().by_page.remove(&key).map(|batch| batch.waiters).unwrap_or_default()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // A poisoned lock is fine: nothing panics while it is held.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn page(&self, reader: &mut SqliteConnection, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        let mut listed = self.statements.list(reader, start, size, ReadAttributes::Short).await?;
        if !listed.large.is_empty() {
            // Boxed, so that usual pages do not pay for the size of the future.
            listed = Box::pin(self.page_with_large_payments(reader, start, size)).await?;
        }
        let Listed { mut rows, large: _, mut has_previous, last } = listed;
        let end_if_empty = match start {
            PageStart::Offset(_) => last,
            PageStart::After(after) => after,
            PageStart::Before(before) => before.previous(),
        };
        has_previous |= shorten(start, &mut rows);
        if rows.is_empty() && matches!(start, PageStart::Offset(1..)) {
            has_previous = self.stands_before(reader, last).await?;
        }
        Ok(page(rows, end_if_empty, has_previous))
    }

    /// Reads the page in two steps, in one transaction so that they see the same payments: how many fit, and then those.
    async fn page_with_large_payments(
        &self,
        reader: &mut SqliteConnection,
        start: PageStart,
        size: u32,
    ) -> Result<Listed, Error> {
        sqlx::query("BEGIN").execute(&mut *reader).await.map_err(failure)?;
        let listed = async {
            let Listed { rows, large, .. } = self.statements.list(reader, start, size, ReadAttributes::Short).await?;
            let mut sizes: Vec<_> = rows.iter().map(|row| (row.seq, length(row))).chain(large).collect();
            sizes.sort_unstable();
            let fits = fitting(start, sizes.into_iter().map(|(_, bytes)| bytes));
            let size = u32::try_from(fits).unwrap_or(size).min(size);
            self.statements.list(reader, start, size, ReadAttributes::All).await
        };
        let listed = listed.await;
        // There is nothing to commit. If the connection is broken, `listed` says so.
        let _ = sqlx::query("ROLLBACK").execute(reader).await;
        listed
    }

    /// Whether payments stand before a page behind the end, where only few clients come.
    async fn stands_before(&self, reader: &mut SqliteConnection, end: Position) -> Result<bool, Error> {
        Ok(self.statements.list(reader, PageStart::After(end), 0, ReadAttributes::Short).await?.has_previous)
    }
}
