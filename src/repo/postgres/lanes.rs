//! Whose turn it is: how many connections each kind of call may use, and how long a call waits for one.
//!
//! Every call of this process shares the same few connections. Without bulkheads, a crowd of long lists, or of writes that
//! wait for a lock, would hold all of them, and no fetch would get through. So an eighth of the connections is for fetches
//! alone, and lists use at most half of them.
//!
//! A call gives up in two cases. Either nobody gets a connection any more, because all of them are busy for long or because
//! the server is away; or the queue moves, and the call has waited for as long as it may. Waiting for other calls is no
//! failure of the server: see [`turn`](crate::repo::turn).

use super::failure::unavailable;
use crate::payments::Error;
use crate::repo::turn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

/// How long a call waits while no other call gets a connection either. Clients wait meanwhile, so it is short.
pub(super) const STALLED_AFTER: Duration = Duration::from_millis(800);

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Fetches,
    /// Lists, and counts of the whole table.
    Lists,
    Writes,
}

/// The connections that each kind of call may use.
#[derive(Debug)]
pub(super) struct Lanes {
    /// A permit for each connection.
    connections: Share,
    /// Those that are not for fetches alone.
    others: Share,
    lists: Share,
    /// How long a call waits while others get connections.
    patience: Duration,
    since: Instant,
    /// When a call last got a connection, in milliseconds after `since`.
    acquired: AtomicU64,
}

/// Some of the connections.
#[derive(Debug)]
struct Share {
    permits: Arc<Semaphore>,
    most: u32,
    /// How many of the permits are with a call that has its connection, and works.
    working: AtomicU32,
}

impl Share {
    fn of(most: u32) -> Self {
        let most = most.max(1);
        let permits = usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS);
        Self { permits: Arc::new(Semaphore::new(permits)), most, working: AtomicU32::new(0) }
    }

    /// Waits for a permit.
    async fn permit(&self) -> Result<OwnedSemaphorePermit, Error> {
        let permit = turn::wait(Arc::clone(&self.permits).acquire_owned(), || true).await;
        permit.map_err(|_| unavailable("the store is closed"))
    }

    fn all_work(&self) -> bool {
        self.working.load(Ordering::Relaxed) >= self.most
    }
}

/// The permission to use a connection.
#[derive(Debug)]
pub(super) struct Slot {
    _shares: [Option<OwnedSemaphorePermit>; 2],
    _connection: OwnedSemaphorePermit,
}

impl Lanes {
    /// Lanes for `most` connections, whose calls wait no longer than `patience`.
    pub(super) fn new(most: u32, patience: Duration) -> Self {
        Self {
            connections: Share::of(most),
            others: Share::of(most - most / 8),
            lists: Share::of(most / 2),
            patience,
            since: Instant::now(),
            acquired: AtomicU64::new(0),
        }
    }

    /// The most connections that are used at once.
    pub(super) fn most(&self) -> u32 {
        self.connections.most
    }

    /// How many connections are in use, or being opened for a call.
    pub(super) fn in_use(&self) -> u32 {
        let free = u32::try_from(self.connections.permits.available_permits()).unwrap_or(u32::MAX);
        self.connections.most.saturating_sub(free)
    }

    /// Waits for its turn, for a call that has waited since `started`.
    ///
    /// # Errors
    /// [`Error::Overloaded`] when other calls have the connections for too long, [`Error::Unavailable`] when nobody gets one.
    pub(super) async fn slot(&self, lane: Lane, started: Instant) -> Result<Slot, Error> {
        tokio::select! {
            biased;
            slot = self.enter(lane) => slot,
            error = self.give_up(lane, started) => Err(error),
        }
    }

    async fn enter(&self, lane: Lane) -> Result<Slot, Error> {
        // The smallest share comes first: a call that waits for it holds nothing back from others.
        let mut permits = [None, None];
        for (permit, share) in permits.iter_mut().zip(self.shares(lane)) {
            *permit = Some(share.permit().await?);
        }
        Ok(Slot { _shares: permits, _connection: self.connections.permit().await? })
    }

    /// Waits until a call gives up that has waited since `started`, and says why it does.
    async fn give_up(&self, lane: Lane, started: Instant) -> Error {
        loop {
            let deadline = self.stalls_at(started).min(started + self.patience);
            if deadline <= Instant::now() {
                break;
            }
            sleep_until(deadline).await;
        }
        let moves = self.stalls_at(started) > Instant::now();
        let all_work = self.connections.all_work() || self.shares(lane).any(Share::all_work);
        // The numbers tell calls that are slow from a server that is away.
        tracing::warn!(
            ?lane,
            working = self.connections.working.load(Ordering::Relaxed),
            connections = self.connections.most,
            "a call gave up waiting for a connection to PostgreSQL: look at how long calls take, and whether the server is up"
        );
        if moves || all_work { Error::Overloaded } else { unavailable("no call gets a connection to the server") }
    }

    /// Until when a call that waits since `started` goes on waiting: later each time that another gets a connection.
    pub(super) fn stalls_at(&self, started: Instant) -> Instant {
        let acquired = self.since + Duration::from_millis(self.acquired.load(Ordering::Relaxed));
        started.max(acquired) + STALLED_AFTER
    }

    /// A call has got its connection.
    pub(super) fn begin_work(&self, lane: Lane) {
        let now = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.acquired.fetch_max(now, Ordering::Relaxed);
        self.count(lane, |working| working.fetch_add(1, Ordering::Relaxed));
    }

    /// A call that had its connection has ended.
    pub(super) fn end_work(&self, lane: Lane) {
        self.count(lane, |working| working.fetch_sub(1, Ordering::Relaxed));
    }

    fn count(&self, lane: Lane, change: impl Fn(&AtomicU32) -> u32) {
        change(&self.connections.working);
        for share in self.shares(lane) {
            change(&share.working);
        }
    }

    /// Waits until no call has a connection, and refuses every later one.
    pub(super) async fn close(&self) {
        let rest = self.connections.permits.acquire_many(self.connections.most).await;
        for share in [&self.connections, &self.others, &self.lists] {
            share.permits.close();
        }
        drop(rest);
    }

    /// The shares that a call needs a permit of, the smallest first.
    fn shares(&self, lane: Lane) -> impl Iterator<Item = &Share> {
        let (lists, others) = match lane {
            Lane::Fetches => (None, None),
            Lane::Lists => (Some(&self.lists), Some(&self.others)),
            Lane::Writes => (None, Some(&self.others)),
        };
        lists.into_iter().chain(others)
    }
}

#[cfg(test)]
mod tests {
    use super::{Lane, Lanes, STALLED_AFTER};
    use crate::payments::Error;
    use std::time::Duration;
    use tokio::time::{Instant, sleep};

    const PATIENCE: Duration = Duration::from_secs(5);

    #[tokio::test(start_paused = true)]
    async fn lists_and_writes_leave_connections_to_the_others() {
        let lanes = Lanes::new(16, PATIENCE);
        let take = async |lane| {
            let slot = lanes.slot(lane, Instant::now()).await?;
            lanes.begin_work(lane);
            Ok::<_, Error>(slot)
        };
        let mut held = Vec::new();
        for (lane, count) in [(Lane::Lists, 8), (Lane::Writes, 6), (Lane::Fetches, 2)] {
            for _ in 0..count {
                held.push(take(lane).await.unwrap());
            }
            let began = Instant::now();
            assert!(matches!(take(lane).await, Err(Error::Overloaded)), "{lane:?} beyond {count}");
            assert_eq!(began.elapsed(), STALLED_AFTER);
        }
        drop(held.pop());
        lanes.end_work(Lane::Fetches);
        take(Lane::Fetches).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_waits_no_longer_than_its_patience_while_the_queue_moves() {
        let lanes = Lanes::new(1, PATIENCE);
        let _held = lanes.slot(Lane::Writes, Instant::now()).await.unwrap();
        let others = async {
            loop {
                sleep(STALLED_AFTER / 2).await;
                lanes.begin_work(Lane::Fetches);
                lanes.end_work(Lane::Fetches);
            }
        };
        let began = Instant::now();
        tokio::select! {
            refused = lanes.slot(Lane::Writes, began) => assert!(matches!(refused, Err(Error::Overloaded))),
            () = others => {}
        }
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_behind_others_that_get_no_connection_says_that_the_server_is_away() {
        let lanes = Lanes::new(1, PATIENCE);
        // It has its turn, and no connection: it is connecting.
        let _held = lanes.slot(Lane::Writes, Instant::now()).await.unwrap();
        assert!(matches!(lanes.slot(Lane::Fetches, Instant::now()).await, Err(Error::Unavailable(_))));
    }
}
