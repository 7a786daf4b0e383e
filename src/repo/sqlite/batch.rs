//! Batches of what has queued up.

use tokio::{sync::mpsc, task::yield_now};

/// Fills `batch` with what is in `queue` by now, up to `most` in all.
///
/// Yields first: requests that have arrived are then polled, and queue what they want. Otherwise the thread of a connection,
/// which runs as soon as it is woken, would finish the first job before the second is queued.
pub(super) async fn fill<T>(queue: &mut mpsc::Receiver<T>, batch: &mut Vec<T>, most: usize) {
    yield_now().await;
    while batch.len() < most
        && let Ok(next) = queue.try_recv()
    {
        batch.push(next);
    }
}
