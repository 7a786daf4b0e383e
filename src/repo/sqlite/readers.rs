//! The connections that read, in turn.

use super::connection::{self, Shared, unavailable};
use crate::payments::Error;
use sqlx::sqlite::SqliteConnection;
use std::sync::atomic::{AtomicUsize, Ordering};

/// At least one connection. In memory there is only one, which the writer uses too.
#[derive(Debug)]
pub(super) struct Readers {
    connections: Box<[Shared]>,
    next: AtomicUsize,
}

impl Readers {
    pub(super) fn new(connections: Box<[Shared]>) -> Self {
        Self { connections, next: AtomicUsize::new(0) }
    }

    /// Each of them.
    pub(super) fn connections(&self) -> &[Shared] {
        &self.connections
    }

    /// Reads something as soon as a connection is free.
    pub(super) async fn read<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // Any will do; when all are busy, queue up at the next in turn.
        let start = self.next.fetch_add(1, Ordering::Relaxed) % self.connections.len();
        let (before, after) = self.connections.split_at(start);
        let mut in_turn = after.iter().chain(before);
        let free = in_turn.clone().find_map(|connection| connection.try_lock().ok());
        let mut connection = match (free, in_turn.next()) {
            (Some(guard), _) => guard,
            (None, Some(connection)) => connection.lock().await,
            (None, None) => return Err(unavailable("there is no connection to read with")),
        };
        match connection.as_mut() {
            Some(open) => work(&mut open.sqlite).await,
            None => Err(unavailable("the database is closed")),
        }
    }

    /// Closes them all.
    pub(super) async fn close(&self) {
        for connection in &self.connections {
            connection::close(connection).await;
        }
    }
}
