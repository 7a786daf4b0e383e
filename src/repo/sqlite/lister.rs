//! Lists, one read for all callers that wait for the same page.
//!
//! The first page, and the last, are what most clients ask for. So a caller joins those that already wait for the page, as
//! long as its read has not begun (single flight). A caller that comes later has it read again, because payments may have
//! changed since: a page is never older than the call.
//!
//! A read that fails fails for all that waited.

use super::failure::{is_too_big, unavailable};
use super::readers::Readers;
use super::statements::Statements;
use crate::payments::{Error, Page, PageStart, Snapshot};
use crate::repo::row::page;
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
    /// The callers that wait for pages whose read has not begun.
    waiting: Mutex<HashMap<PageKey, Vec<Waiter>>>,
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
        if self.0.join((start, size), waiter) {
            // A task of its own: when the first caller goes away, the others still get their page.
            tokio::spawn(Arc::clone(&self.0).read((start, size)));
        }
        answer.await.map_err(|_| unavailable("the task that read the page stopped before it answered"))?
    }

    /// How many callers wait for reads that have not begun.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.0.waiting().values().map(Vec::len).sum()
    }
}

impl Shared {
    /// Adds a caller to those that wait for the page. `true` if it is the first, which has to have the page read.
    fn join(&self, key: PageKey, waiter: Waiter) -> bool {
        let mut waiting = self.waiting();
        let waiters = waiting.entry(key).or_default();
        waiters.push(waiter);
        waiters.len() == 1
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
        self.waiting().remove(&key).unwrap_or_default()
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<PageKey, Vec<Waiter>>> {
        // A poisoned lock is fine: nothing panics while it is held.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn page(&self, reader: &mut SqliteConnection, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        let mut size = size;
        loop {
            match self.page_of(reader, start, size).await {
                // So many payments do not fit into one text: the page is shorter, and the next one begins behind it.
                Err(error) if size > 1 && is_too_big(&error) => size /= 2,
                outcome => return outcome,
            }
        }
    }

    async fn page_of(
        &self,
        reader: &mut SqliteConnection,
        start: PageStart,
        size: u32,
    ) -> Result<Snapshot<Page>, Error> {
        let statements = &self.statements;
        let (rows, end_if_empty) = match start {
            PageStart::Offset(offset) => statements.list_offset(reader, offset, size).await?,
            PageStart::After(after) => (statements.list_after(reader, after, size).await?, after),
            PageStart::Before(before) => (statements.list_before(reader, before, size).await?, before.previous()),
        };
        Ok(page(rows, end_if_empty))
    }
}
