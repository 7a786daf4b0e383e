//! The connections that read.

use super::connection::{self, Shared};
use super::failure::unavailable;
use crate::payments::Error;
use futures_util::future::select_all;
use sqlx::sqlite::SqliteConnection;

/// The connections that read: at least one. In memory there is only one, which the writer shares.
#[derive(Debug)]
pub(super) struct Readers(Box<[Shared]>);

impl Readers {
    pub(super) fn new(connections: Box<[Shared]>) -> Self {
        Self(connections)
    }

    /// All of them.
    pub(super) fn connections(&self) -> &[Shared] {
        &self.0
    }

    /// Runs `work` on the first connection that is free.
    pub(super) async fn read<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // Waits for all of them, so that no caller waits behind a long query while another connection is free.
        let mut connection = match self.0.iter().find_map(|connection| connection.try_lock().ok()) {
            Some(free) => free,
            None => select_all(self.0.iter().map(|connection| Box::pin(connection.lock()))).await.0,
        };
        match connection.as_mut() {
            Some(open) => work(&mut open.sqlite).await,
            None => Err(unavailable("the database is closed")),
        }
    }

    /// Closes them all.
    pub(super) async fn close(&self) {
        for connection in &self.0 {
            connection::close(connection).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Readers;
    use std::{sync::Arc, time::Duration};
    use tokio::{sync::Mutex, time::timeout};

    #[tokio::test]
    async fn a_read_takes_whichever_connection_is_free() {
        // Closed connections answer with an error, which is enough to see that one was used.
        let connections = [(); 3].map(|()| Arc::new(Mutex::new(None)));
        let readers = Arc::new(Readers::new(connections.clone().into()));
        for free in 0..3 {
            let mut busy = connections.each_ref().map(|connection| Some(connection.try_lock().unwrap()));
            let reading = tokio::spawn({
                let readers = Arc::clone(&readers);
                async move { readers.read(async |_| Ok(())).await }
            });
            tokio::task::yield_now().await;
            busy[free].take();
            let read = timeout(Duration::from_secs(5), reading).await.expect("the free connection is used").unwrap();
            assert!(read.is_err(), "a closed connection answered");
        }
    }
}
