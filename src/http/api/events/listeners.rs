//! Counts who waits for events: streams, and requests whose answer is held.
//!
//! Each of them keeps a connection, or a stream of one, for as long as it likes. Without a limit they would take all
//! connections, and nobody else would get in. So there is a limit in all, and one of each client, which is half of that.

use crate::{
    http::{caller::Client, problem::Error},
    metrics::{OnScrape, integer},
};
use prometheus::{IntCounter, IntGauge, Registry};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
};

/// Counts those who wait for events.
#[derive(Debug)]
pub(in crate::http::api) struct Listeners {
    /// The most in all.
    limit: usize,
    open: Mutex<Open>,
    streams: AtomicI64,
    waits: AtomicI64,
    sent: AtomicU64,
}

/// Those who wait now.
#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_client: HashMap<Client, usize>,
}

/// How somebody waits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    Stream,
    Wait,
}

/// The right to wait. Dropping it makes room.
#[derive(Debug)]
pub(super) struct Listening {
    listeners: Arc<Listeners>,
    client: Client,
    manner: Manner,
}

impl Listeners {
    /// Admits up to `limit` at once.
    pub(in crate::http::api) fn new(limit: usize) -> Arc<Self> {
        let (streams, waits, sent) = (AtomicI64::new(0), AtomicI64::new(0), AtomicU64::new(0));
        Arc::new(Self { limit, open: Mutex::default(), streams, waits, sent })
    }

    /// Adds the metrics to a registry.
    ///
    /// # Errors
    /// When the registry has them already.
    pub(in crate::http::api) fn measure(self: &Arc<Self>, registry: &Registry) -> Result<(), prometheus::Error> {
        let gauge = |name, help, count: fn(&Self) -> &AtomicI64| {
            let listeners = Arc::clone(self);
            let update = move |gauge: &IntGauge| gauge.set(count(&listeners).load(Relaxed));
            OnScrape::register(registry, IntGauge::new(name, help)?, update)
        };
        gauge("http_event_streams", "Streams of events that are open.", |listeners| &listeners.streams)?;
        gauge("http_event_waits", "Requests whose answer is held until there are events.", |listeners| {
            &listeners.waits
        })?;
        let max = IntGauge::new("http_event_listeners_max", "Streams and waits that may be open, by --max-streams.")?;
        max.set(integer(self.limit));
        registry.register(Box::new(max))?;
        let sent = IntCounter::new("http_events_sent_total", "Events that were sent, in pages and streams.")?;
        let listeners = Arc::clone(self);
        OnScrape::register(registry, sent, move |sent| {
            sent.reset();
            sent.inc_by(listeners.sent.load(Relaxed));
        })
    }

    /// Counts events that are sent.
    pub(super) fn count_sent(&self, events: usize) {
        self.sent.fetch_add(events as u64, Relaxed);
    }

    /// Admits one more of this client.
    ///
    /// # Errors
    /// [`Error::TooManyListeners`], [`Error::ListenersFull`].
    pub(super) fn admit(self: &Arc<Self>, client: Client, manner: Manner) -> Result<Listening, Error> {
        let per_client = (self.limit / 2).max(1);
        let mut open = self.open();
        if open.by_client.get(&client).is_some_and(|count| *count >= per_client) {
            return Err(Error::TooManyListeners { limit: per_client });
        }
        if open.total >= self.limit {
            return Err(Error::ListenersFull);
        }
        open.total += 1;
        *open.by_client.entry(client.clone()).or_default() += 1;
        drop(open);
        self.count_of(manner).fetch_add(1, Relaxed);
        Ok(Listening { listeners: Arc::clone(self), client, manner })
    }

    fn count_of(&self, manner: Manner) -> &AtomicI64 {
        match manner {
            Manner::Stream => &self.streams,
            Manner::Wait => &self.waits,
        }
    }

    /// Locks the counts. Poisoning is ignored: no change can panic halfway.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut open = self.listeners.open();
        open.total -= 1;
        if let Some(count) = open.by_client.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                open.by_client.remove(&self.client);
            }
        }
        drop(open);
        self.listeners.count_of(self.manner).fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, Error, Listeners, Manner};
    use std::net::Ipv4Addr;

    fn client(number: u32) -> Client {
        Client::Address(Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn a_client_has_half_of_what_there_is_and_makes_room_when_it_goes() {
        let listeners = Listeners::new(4);
        let admit = |number| listeners.admit(client(number), Manner::Stream);
        let first = admit(1).unwrap();
        let _second = admit(1).unwrap();
        assert!(matches!(admit(1), Err(Error::TooManyListeners { limit: 2 })));
        let _others = [admit(2).unwrap(), admit(3).unwrap()];
        assert!(matches!(admit(4), Err(Error::ListenersFull)));
        drop(first);
        let _third = admit(1).unwrap();
        assert_eq!(listeners.open().by_client.len(), 3);
    }

    #[test]
    fn who_has_gone_leaves_nothing() {
        let listeners = Listeners::new(4);
        for number in 0..100 {
            drop(listeners.admit(client(number), Manner::Wait).unwrap());
        }
        let open = listeners.open();
        assert_eq!((open.total, open.by_client.len()), (0, 0));
        assert_eq!(listeners.waits.load(super::Relaxed), 0);
    }

    #[test]
    fn a_limit_of_one_admits_one() {
        let listeners = Listeners::new(1);
        let _only = listeners.admit(client(1), Manner::Wait).unwrap();
        assert!(matches!(listeners.admit(client(2), Manner::Wait), Err(Error::ListenersFull)));
    }
}
