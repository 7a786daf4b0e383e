//! News: how those who wait for events of a tenant learn that there are some.
//!
//! Each tenant that somebody listens to has a channel that carries no value: a listener that is slow finds that there was news,
//! and no queue grows. A tenant that nobody listens to any more loses its channel when there is news for it, or when listeners
//! of other tenants need the room.

use crate::payments::{News, Tenant};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// So few channels are kept without looking whether somebody still listens.
const FEW: usize = 64;

/// Tells listeners of events that were committed.
#[derive(Debug)]
pub(super) struct NewsDesk(Mutex<Desk>);

#[derive(Debug)]
struct Desk {
    channels: HashMap<Tenant, watch::Sender<()>>,
    /// When there are so many channels, those without listeners are removed.
    room: usize,
    is_closed: bool,
}

impl NewsDesk {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Desk { channels: HashMap::new(), room: FEW, is_closed: false }))
    }

    /// News of the tenant from now on.
    pub(super) fn listen(&self, tenant: &Tenant) -> News {
        let mut desk = self.lock();
        if desk.is_closed {
            // Without a sender, so that it never waits.
            return News::new(watch::channel(()).1);
        }
        if let Some(channel) = desk.channels.get(tenant) {
            return News::new(channel.subscribe());
        }
        desk.make_room();
        let (channel, news) = watch::channel(());
        desk.channels.insert(tenant.clone(), channel);
        News::new(news)
    }

    /// Wakes those who listen to one of `tenants`. Call it when the events are committed, before their writers are answered.
    pub(super) fn tell<'t>(&self, tenants: impl IntoIterator<Item = &'t Tenant>) {
        let mut desk = self.lock();
        if desk.channels.is_empty() {
            return;
        }
        let mut last = None;
        for tenant in tenants {
            // Many in a row are of the same tenant.
            if last != Some(tenant) {
                desk.tell(tenant);
            }
            last = Some(tenant);
        }
    }

    /// Wakes all who listen.
    pub(super) fn tell_all(&self) {
        self.lock().channels.retain(|_, channel| channel.send(()).is_ok());
    }

    /// Whether there may be somebody who listens. Forgets those who have gone.
    pub(super) fn has_listeners(&self) -> bool {
        let mut desk = self.lock();
        desk.channels.retain(|_, channel| channel.receiver_count() > 0);
        !desk.channels.is_empty()
    }

    /// The tenants that somebody may listen to.
    pub(super) fn tenants(&self) -> Vec<Tenant> {
        self.lock().channels.keys().cloned().collect()
    }

    /// Wakes all who listen, and lets nobody wait any more.
    pub(super) fn close(&self) {
        let mut desk = self.lock();
        desk.is_closed = true;
        desk.channels.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        // A poisoned lock is fine: nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn tell(&mut self, tenant: &Tenant) {
        // An error means that nobody listens.
        if self.channels.get(tenant).is_some_and(|channel| channel.send(()).is_err()) {
            self.channels.remove(tenant);
        }
    }

    /// Removes the channels without listeners, once they have doubled since the last time.
    fn make_room(&mut self) {
        if self.channels.len() >= self.room {
            self.channels.retain(|_, channel| channel.receiver_count() > 0);
            self.room = FEW.max(2 * self.channels.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, NewsDesk};
    use crate::payments::{News, OrganisationId, Tenant};
    use futures_util::FutureExt as _;

    fn tenant(name: &str) -> Tenant {
        Tenant::of(OrganisationId::parse(name).unwrap())
    }

    fn has_come(news: &mut News) -> bool {
        news.wait().now_or_never().is_some()
    }

    #[test]
    fn news_comes_to_those_who_listen_to_the_tenant() {
        let desk = NewsDesk::new();
        let (acme, other) = (tenant("acme"), tenant("other"));
        desk.tell([&acme]);
        let mut listeners = [&acme, &acme, &other, &Tenant::ANONYMOUS].map(|tenant| desk.listen(tenant));
        assert_eq!(listeners.each_mut().map(has_come), [false; 4], "nothing has come since they listen");
        desk.tell([&acme, &acme]);
        desk.tell([&acme]);
        assert_eq!(listeners.each_mut().map(has_come), [true, true, false, false]);
        assert_eq!(listeners.each_mut().map(has_come), [false; 4], "it is told once");
        desk.tell([&other, &Tenant::ANONYMOUS]);
        assert_eq!(listeners.each_mut().map(has_come), [false, false, true, true]);
        desk.tell_all();
        assert_eq!(listeners.each_mut().map(has_come), [true; 4]);
    }

    #[test]
    fn nobody_waits_when_it_is_closed() {
        let desk = NewsDesk::new();
        let mut early = desk.listen(&Tenant::ANONYMOUS);
        desk.close();
        let mut late = desk.listen(&Tenant::ANONYMOUS);
        assert!(has_come(&mut early) && has_come(&mut late));
    }

    #[test]
    fn tenants_without_listeners_are_forgotten() {
        let desk = NewsDesk::new();
        for number in 0..1000 {
            let _ = desk.listen(&tenant(&format!("t{number}")));
            assert!(desk.lock().channels.len() <= FEW, "{number}");
        }
        assert!(!desk.has_listeners(), "all have gone");
        let kept: Vec<_> = (0..1000).map(|number| desk.listen(&tenant(&format!("t{number}")))).collect();
        assert_eq!(desk.lock().channels.len(), 1000);
        drop(kept);
        desk.tell([&tenant("t7")]);
        assert_eq!(desk.lock().channels.len(), 999, "news for nobody");
        desk.tell_all();
        assert_eq!(desk.lock().channels.len(), 0);
    }
}
