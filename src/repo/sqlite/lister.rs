//! Pages, each read once for all who wait for it.
//!
//! The first page, and the last, are what everybody asks for. So whoever asks for a page that nobody has begun to read yet
//! waits together with those who asked before; once it is being read, whoever comes next has it read anew, because
//! payments may have changed since. A page is thus never older than the question.
//! A read that fails has failed for all who waited, and each of them says so.

use super::connection::{is_too_big, unavailable};
use super::readers::Readers;
use super::statements::Statements;
use crate::payments::{Error, Page, PageStart, Position, Snapshot};
use crate::repo::row::page;
use crate::repo::together::{self, tell};
use sqlx::sqlite::SqliteConnection;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The lists, as their callers see them.
#[derive(Debug)]
pub(super) struct Lister(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    statements: Arc<Statements>,
    readers: Arc<Readers>,
    /// Who waits for a page that nobody has begun to read.
    waiting: Mutex<HashMap<Wanted, Vec<Answer>>>,
}

/// Where a page begins, and how many payments it has at most.
type Wanted = (PageStart, u32);
type Answer = together::Answer<Snapshot<Page>>;

impl Lister {
    pub(super) fn new(statements: &Arc<Statements>, readers: &Arc<Readers>) -> Self {
        let (statements, readers) = (Arc::clone(statements), Arc::clone(readers));
        Self(Arc::new(Shared { statements, readers, waiting: Mutex::default() }))
    }

    /// At most `size` payments from `start` on.
    pub(super) async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        let (answer, answered) = oneshot::channel();
        if self.0.join((start, size), answer) {
            // A task of its own: whoever came first may go away, and leaves the others waiting.
            tokio::spawn(Arc::clone(&self.0).read((start, size)));
        }
        answered.await.map_err(|_| unavailable("whoever read the page stopped before it answered"))?
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn waiting_for(&self) -> usize {
        self.0.waiting().values().map(Vec::len).sum()
    }
}

impl Shared {
    /// Waits for the page together with others; `true` if there are none, and the page is yet to be read.
    fn join(&self, wanted: Wanted, answer: Answer) -> bool {
        let mut waiting = self.waiting();
        let together = waiting.entry(wanted).or_default();
        together.push(answer);
        together.len() == 1
    }

    async fn read(self: Arc<Self>, wanted: Wanted) {
        let (start, size) = wanted;
        // Requests that have come already are looked at first, and may join.
        tokio::task::yield_now().await;
        let read = self.readers.read(async |reader| {
            // Only now, so that more may join while all connections are busy.
            let together = self.leave(wanted);
            // What nobody waits for any more need not be read.
            let gone = together.iter().all(Answer::is_closed);
            Ok((together, if gone { Err(unavailable("nobody waits")) } else { self.page(reader, start, size).await }))
        });
        let (together, page) = match read.await {
            Ok(done) => done,
            Err(error) => (self.leave(wanted), Err(error)),
        };
        tell(together, page);
    }

    /// Takes those who wait; whoever asks from now on is not among them.
    fn leave(&self, wanted: Wanted) -> Vec<Answer> {
        self.waiting().remove(&wanted).unwrap_or_default()
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Wanted, Vec<Answer>>> {
        // Nothing panics while it holds the lock.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn page(&self, reader: &mut SqliteConnection, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        let mut size = size;
        loop {
            match self.page_of(reader, start, size).await {
                // So many do not fit into one text: the page is shorter, and the next goes on behind it.
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
        let (rows, end) = match start {
            PageStart::Offset(offset) => statements.list_offset(reader, offset, size).await?,
            PageStart::After(Position(after)) => (statements.list_after(reader, after, size).await?, after),
            PageStart::Before(Position(before)) => {
                (statements.list_before(reader, before, size).await?, before.saturating_sub(1))
            }
        };
        Ok(page(rows, end))
    }
}
