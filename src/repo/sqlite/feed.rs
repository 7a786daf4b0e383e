//! Histories, and pages of events. Many listeners wait for the same news, and then want the same page: they share a read.

use super::events::{EventStatements, Reader};
use super::failure::unavailable;
use super::readers::Readers;
use crate::payments::{Error, EventPage, EventQuery, EventStart, History, PaymentId, Tenant, Version};
use crate::repo::events;
use crate::repo::sharing::Sharing;
use crate::repo::table::PerTable;
use crate::repo::waiters::{Waiter, answer_all};
use std::sync::Arc;

/// Reads histories and events.
#[derive(Debug)]
pub(super) struct Feed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    statements: PerTable<EventStatements>,
    readers: Arc<Readers>,
    waiting: Sharing<PageKey, EventPage>,
}

/// Whose events a page has, where it begins, and what it shows.
type PageKey = (Tenant, EventStart, EventQuery);

impl Feed {
    pub(super) fn new(statements: PerTable<EventStatements>, readers: &Arc<Readers>) -> Self {
        Self(Arc::new(Shared { statements, readers: Arc::clone(readers), waiting: Sharing::new() }))
    }

    pub(super) async fn history(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> Result<History, Error> {
        let Shared { statements, readers, waiting: _ } = &*self.0;
        let statements = statements.of(tenant);
        readers
            .read(async |sqlite| events::history(&mut Reader { sqlite, statements, tenant }, id, below, size).await)
            .await
    }

    pub(super) async fn events(
        &self,
        tenant: &Tenant,
        start: EventStart,
        query: &EventQuery,
    ) -> Result<EventPage, Error> {
        let key = (tenant.clone(), start, query.clone());
        let read = || {
            // A task of its own: when the first caller goes away, the others still get their page.
            tokio::spawn(Arc::clone(&self.0).read(key.clone()));
        };
        let read = self.0.waiting.wait(&key, read).await;
        read.unwrap_or_else(|| Err(unavailable("the task that read the events stopped before it answered")))
    }
}

impl Shared {
    async fn read(self: Arc<Self>, key: PageKey) {
        let (tenant, start, query) = &key;
        // Lets listeners that were woken be polled first, so that they may join.
        tokio::task::yield_now().await;
        let statements = self.statements.of(tenant);
        let read = self.readers.read(async |sqlite| {
            // Only now, so that more callers may join while all connections are busy.
            let waiters = self.waiting.take(&key);
            let are_gone = waiters.iter().all(Waiter::is_closed);
            let page = if are_gone {
                Err(unavailable("no caller waits"))
            } else {
                events::events(&mut Reader { sqlite, statements, tenant }, *start, query).await
            };
            Ok((waiters, page))
        });
        let (waiters, page) = match read.await {
            Ok(done) => done,
            Err(error) => (self.waiting.take(&key), Err(error)),
        };
        answer_all(waiters, page);
    }
}
