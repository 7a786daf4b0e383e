//! The connections that read.

use super::connection::{self, Shared, unavailable};
use crate::payments::Error;
use futures_util::future::select_all;
use sqlx::sqlite::SqliteConnection;

/// At least one connection. In memory there is only one, which the writer uses too.
#[derive(Debug)]
pub(super) struct Readers(Box<[Shared]>);

impl Readers {
    pub(super) fn new(connections: Box<[Shared]>) -> Self {
        Self(connections)
    }

    /// Each of them.
    pub(super) fn connections(&self) -> &[Shared] {
        &self.0
    }

    /// Reads something as soon as a connection is free.
    pub(super) async fn read<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // Any will do, so that nobody waits for one that is long at work while another is free.
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
    async fn nobody_waits_for_a_connection_that_is_busy_while_another_is_free() {
        // Closed ones, which say so; all that matters is who is asked.
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
            let read = timeout(Duration::from_secs(5), reading).await.expect("one is free").unwrap();
            assert!(read.is_err(), "it is closed");
        }
    }
}
