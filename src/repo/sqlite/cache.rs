//! A cache of payments by tenant and id, which never serves a version older than the database does.
//!
//! The problem: a reader that misses reads the database and then fills the cache, but a commit in between may have made what
//! it read obsolete. Such a stale entry would stay.
//!
//! The mechanism: only one task writes to the database. Before it commits, it [`begin`](Cache::begin)s: the payments that it
//! is about to change leave the cache, and cannot be put back. After the commit it [`finish`](PendingWrite::finish)es, and
//! the new versions are in the cache. In between, readers of these payments go to the database, which switches from the old
//! version to the new one at once. A reader takes a [`Token`] before it reads, and [`fill`](Cache::fill) ignores what it
//! read if a change of the payment has begun since.
//!
//! A creation is no change: no reader can have seen the payment before. A new payment is not cached until it is read: where
//! there are many, most would be evicted before that, and caching them took 7 to 10 % of the cost of creating them
//! (`docs/PERFORMANCE.md`).

use super::stripes::{Stripes, Token};
use crate::payments::{Payment, Snapshot};
use crate::repo::key::{Key, KeyRef};
use quick_cache::{DefaultHashBuilder, Weighter, sync};
use std::collections::HashSet;

/// What a payment takes in bytes beside its attributes: its other properties, the containers, and the same once more in the
/// memo of its snapshot. Measured, and rounded up.
const OVERHEAD: u64 = 1024;

/// Payments by tenant and id, at the version that the database has.
#[derive(Debug)]
pub(super) struct Cache {
    payments: sync::Cache<Key, Snapshot, Weight>,
    stripes: Stripes,
}

/// Weighs a payment by the memory that it takes, in bytes.
#[derive(Debug, Clone, Copy)]
struct Weight;

impl Weighter<Key, Snapshot> for Weight {
    fn weight(&self, _: &Key, payment: &Snapshot) -> u64 {
        // Twice: the memo holds the encoded JSON, which repeats the attributes.
        OVERHEAD + 2 * payment.attributes.as_str().len() as u64
    }
}

/// A commit that is about to happen, or has happened. Dropped without [`finish`](Self::finish), as after a failure, it
/// leaves the payments that it may have changed out of the cache.
#[derive(Debug)]
pub(super) struct PendingWrite<'a> {
    cache: &'a Cache,
    stripes: Vec<usize>,
}

/// A change that a commit made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Committed<'a> {
    /// The payment has this version now.
    Updated(KeyRef<'a>, &'a Payment),
    /// The payment is gone.
    Deleted(KeyRef<'a>),
    /// Every payment is gone.
    Cleared,
}

impl Cache {
    /// A cache of at most `capacity` bytes.
    pub(super) fn new(capacity: u64) -> Self {
        let typical = usize::try_from(capacity / (2 * OVERHEAD)).unwrap_or(usize::MAX);
        Self { payments: sync::Cache::with_weighter(typical, capacity, Weight), stripes: Stripes::new() }
    }

    /// The payment at its current version, if it is cached.
    pub(super) fn get(&self, key: KeyRef<'_>) -> Option<Snapshot> {
        self.payments.get(&key)
    }

    /// A token for [`fill`](Self::fill). Take it before the payment is read from the database.
    pub(super) fn token(&self, key: KeyRef<'_>) -> Token {
        self.stripes.token(key)
    }

    /// Caches what was read, unless a change of the payment has begun since the token was taken.
    pub(super) fn fill(&self, token: &Token, key: KeyRef<'_>, read: &Snapshot) {
        self.stripes.if_unchanged(token, || self.payments.insert(key.to_key(), read.clone()));
    }

    /// Removes `payments`, and keeps them out until their change is finished.
    pub(super) fn begin<'p>(&self, payments: impl Iterator<Item = KeyRef<'p>>) -> PendingWrite<'_> {
        let begin = |key: KeyRef<'p>| {
            self.stripes.begin(key, || {
                self.payments.remove(&key);
            })
        };
        PendingWrite { cache: self, stripes: payments.map(begin).collect() }
    }

    /// Removes every payment, and keeps all out until their change is finished.
    pub(super) fn begin_all(&self) -> PendingWrite<'_> {
        let stripes = self.stripes.begin_all();
        // After all stripes have begun: nothing can be put back by now.
        self.payments.clear();
        PendingWrite { cache: self, stripes }
    }

    /// Removes every payment, and caches none any more.
    pub(super) fn close(&self) {
        std::mem::forget(self.begin_all());
    }
}

impl PendingWrite<'_> {
    /// Caches the outcome of the commit: `changes` in the order in which they were made, all of payments that it began with.
    ///
    /// The snapshots are fresh, without the encoded JSON that their writer goes on to answer with: keeping that would double
    /// the entries, and push as much out of the processor's caches, for a payment that may never be read.
    pub(super) fn finish<'c>(self, changes: impl DoubleEndedIterator<Item = Committed<'c>>) {
        let mut seen = HashSet::with_capacity_and_hasher(self.stripes.len(), DefaultHashBuilder::default());
        // Backwards: the last change of a payment counts, the ones before it were never visible.
        for change in changes.rev() {
            match change {
                Committed::Updated(key, payment) => {
                    if seen.insert(key) {
                        self.cache.payments.insert(key.to_key(), payment.clone().into());
                    }
                }
                Committed::Deleted(key) => {
                    seen.insert(key);
                }
                Committed::Cleared => return,
            }
        }
    }
}

impl Drop for PendingWrite<'_> {
    fn drop(&mut self) {
        self.stripes.iter().for_each(|index| self.cache.stripes.end(*index));
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, Committed, OVERHEAD};
    use crate::payments::{Attributes, OrganisationId, Payment, PaymentId, Snapshot, Tenant, Timestamp, Version};
    use crate::repo::key::{Key, KeyRef};
    use std::{
        sync::atomic::{AtomicBool, AtomicI64, Ordering},
        thread,
    };

    /// The key of an anonymous payment; of an organisation's if the name is `organisation/id`.
    fn key(name: &str) -> Key {
        let (tenant, id) = name.split_once('/').unwrap_or(("", name));
        Key { id: PaymentId::parse(id).unwrap(), tenant: Tenant::stored(tenant).unwrap() }
    }

    /// The key of an anonymous payment.
    fn key_of(payment: &Payment) -> KeyRef<'_> {
        KeyRef { id: &payment.id, tenant: &Tenant::ANONYMOUS }
    }

    fn updated(payment: &Payment) -> Committed<'_> {
        Committed::Updated(key_of(payment), payment)
    }

    fn payment(name: &str, version: i64) -> Snapshot {
        let payment = Payment {
            id: key(name).id,
            version: Version::parse(version).unwrap(),
            organisation_id: OrganisationId::parse("acme").unwrap(),
            attributes: Attributes::stored(r#"{"amount":"1"}"#.into()),
            created_on: Timestamp::UNIX_EPOCH,
            modified_on: Timestamp::UNIX_EPOCH,
        };
        payment.into()
    }

    fn cache() -> Cache {
        Cache::new(1 << 20)
    }

    fn fill(cache: &Cache, payment: &Snapshot) {
        cache.fill(&cache.token(key_of(payment)), key_of(payment), payment);
    }

    fn version(cache: &Cache, name: &str) -> Option<i64> {
        cache.get(key(name).borrow()).map(|payment| payment.version.number())
    }

    #[test]
    fn a_payment_that_was_read_is_cached_until_it_changes() {
        let cache = cache();
        fill(&cache, &payment("a", 0));
        fill(&cache, &payment("b", 0));
        assert_eq!(version(&cache, "a"), Some(0));
        let writing = cache.begin([key("a").borrow()].into_iter());
        assert_eq!(version(&cache, "a"), None, "while it changes, only the database knows its version");
        assert_eq!(version(&cache, "b"), Some(0), "another payment stays");
        writing.finish([updated(&payment("a", 1))].into_iter());
        assert_eq!(version(&cache, "a"), Some(1));
    }

    #[test]
    fn a_read_from_before_a_change_does_not_fill_the_cache() {
        let cache = cache();
        let early = cache.token(key("a").borrow());
        let writing = cache.begin([key("a").borrow()].into_iter());
        let meanwhile = cache.token(key("a").borrow());
        cache.fill(&early, key("a").borrow(), &payment("a", 0));
        cache.fill(&meanwhile, key("a").borrow(), &payment("a", 0));
        assert_eq!(version(&cache, "a"), None, "the commit may be visible by now");
        drop(writing); // As after a failed commit.
        cache.fill(&early, key("a").borrow(), &payment("a", 0));
        cache.fill(&meanwhile, key("a").borrow(), &payment("a", 0));
        assert_eq!(version(&cache, "a"), None, "these reads may be older than the change");
        fill(&cache, &payment("a", 0));
        assert_eq!(version(&cache, "a"), Some(0));
    }

    #[test]
    fn of_several_changes_the_last_counts() {
        let cache = cache();
        let names = [key("a"), key("b")];
        let writing = cache.begin(names.iter().chain(&names).map(Key::borrow));
        let (older, newer, short_lived) = (payment("a", 0), payment("a", 1), payment("b", 0));
        let changes =
            [updated(&older), updated(&short_lived), updated(&newer), Committed::Deleted(key_of(&short_lived))];
        writing.finish(changes.into_iter());
        assert_eq!((version(&cache, "a"), version(&cache, "b")), (Some(1), None));
        fill(&cache, &payment("b", 7));
        assert_eq!(version(&cache, "b"), Some(7), "changes that began twice must end twice");
    }

    #[test]
    fn a_read_from_before_a_clear_does_not_fill_the_cache() {
        let cache = cache();
        let early = cache.token(key("a").borrow());
        cache.begin_all().finish([Committed::Cleared].into_iter());
        // The id may have been used again by now.
        cache.fill(&early, key("a").borrow(), &payment("a", 5));
        assert_eq!(version(&cache, "a"), None);
    }

    #[test]
    fn a_clear_removes_every_payment() {
        let cache = cache();
        fill(&cache, &payment("a", 0));
        let early = cache.token(key("b").borrow());
        let writing = cache.begin_all();
        cache.fill(&early, key("b").borrow(), &payment("b", 0));
        assert_eq!((version(&cache, "a"), version(&cache, "b")), (None, None));
        let (before, after) = (payment("b", 0), payment("c", 0));
        writing.finish([updated(&before), Committed::Cleared, updated(&after)].into_iter());
        assert_eq!(
            (version(&cache, "b"), version(&cache, "c")),
            (None, Some(0)),
            "only the change after the clear is cached"
        );
        fill(&cache, &payment("b", 0));
        assert_eq!(version(&cache, "b"), Some(0));
        cache.close();
        fill(&cache, &payment("b", 0));
        assert_eq!(version(&cache, "b"), None, "a closed cache fills no more");
    }

    #[test]
    fn payments_of_two_tenants_with_the_same_id_are_two() {
        let cache = cache();
        let (mine, theirs) = (key("acme/a"), key("other/a"));
        let fill = |key: &Key, version| cache.fill(&cache.token(key.borrow()), key.borrow(), &payment("a", version));
        fill(&mine, 1);
        assert_eq!(
            (version(&cache, "other/a"), version(&cache, "a")),
            (None, None),
            "another tenant's payment is shown"
        );
        fill(&theirs, 2);
        fill(&key("a"), 3);
        let writing = cache.begin([mine.borrow()].into_iter());
        writing.finish([Committed::Deleted(mine.borrow())].into_iter());
        let versions = ["acme/a", "other/a", "a"].map(|name| version(&cache, name));
        assert_eq!(versions, [None, Some(2), Some(3)], "a deletion is about one tenant's payment");
        cache.begin_all().finish([Committed::Cleared].into_iter());
        assert_eq!((version(&cache, "other/a"), version(&cache, "a")), (None, None), "a clear is about all tenants");
    }

    #[test]
    fn memory_is_bounded() {
        let cache = cache();
        for number in 0..10_000 {
            fill(&cache, &payment(&format!("p{number}"), 0));
        }
        assert!(cache.payments.weight() <= 1 << 20, "{} bytes", cache.payments.weight());
        assert!(cache.payments.len() as u64 > (1 << 20) / OVERHEAD / 4, "{} payments", cache.payments.len());
    }

    /// One writer and several readers of a payment whose version counts up: no reader sees it go down.
    #[test]
    fn versions_never_go_back() {
        let cache = Cache::new(OVERHEAD * 64);
        let (database, stop) = (AtomicI64::new(0), AtomicBool::new(false));
        let read = || {
            let name = key("a");
            cache.get(name.borrow()).unwrap_or_else(|| {
                let token = cache.token(name.borrow());
                let read = payment("a", database.load(Ordering::SeqCst));
                // Lets the writer overtake now and then.
                thread::yield_now();
                cache.fill(&token, name.borrow(), &read);
                read
            })
        };
        thread::scope(|scope| {
            for reader in 0..4 {
                let (read, database, stop) = (&read, &database, &stop);
                scope.spawn(move || {
                    let mut seen = 0;
                    while !stop.load(Ordering::Relaxed) {
                        // One of them reads past the cache, as lists do.
                        let now = if reader == 0 { database.load(Ordering::SeqCst) } else { seen };
                        let version = read().version.number();
                        assert!(version >= now.max(seen), "{version} after {}", now.max(seen));
                        seen = version;
                    }
                });
            }
            for next in 1..20_000 {
                let writing = cache.begin([key("a").borrow()].into_iter());
                database.store(next, Ordering::SeqCst);
                writing.finish([updated(&payment("a", next))].into_iter());
                let seen = read().version.number();
                assert_eq!(seen, next, "the writer must see what it wrote");
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
}
