//! What waits in a queue, taken together.

use tokio::{sync::mpsc, task::yield_now};

/// Adds to `batch` what is in `queue` by now, up to `most` in all.
///
/// Requests that have come already are looked at first, so that what they want may join: otherwise the thread of a
/// connection, which runs as soon as it is woken, would be done with the first before the second is queued.
pub(super) async fn join<T>(queue: &mut mpsc::Receiver<T>, batch: &mut Vec<T>, most: usize) {
    yield_now().await;
    while batch.len() < most
        && let Ok(next) = queue.try_recv()
    {
        batch.push(next);
    }
}
