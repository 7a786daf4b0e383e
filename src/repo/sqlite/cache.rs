//! Payments that were read or changed lately, so that the next reader need not go to SQLite.
//!
//! What is found here is what SQLite would say. Only one task writes to the database, and it tells the cache: before it
//! commits, it [`begin`](Cache::begin)s, and what it is about to change is forgotten and cannot be put back; when the
//! commit is done it [`finish`](Writing::finish)es, and the new versions are there. In between, readers of these payments
//! look into the database, which goes from the old version to the new one at once and never back.
//!
//! A reader that missed looks into the database too, and then [`fill`](Cache::fill)s the cache; but what it read may be
//! older by then than what was committed meanwhile. So it takes a [`Watch`] before it reads, and fills only if no change
//! of the payment has begun since. Payments share their watches, a few hundred for all, so now and then a payment is not
//! put into the cache for no reason of its own; it will be the next time.
//!
//! A payment that is created is no change: nobody can have read it before. It is not kept either, as long as nobody asks for it.
//! Where there are many, most are pushed out again before anybody does, and to keep them took 7 to 10 % of what it takes to create
//! them (`bench/README.md`).

use crate::payments::{Payment, PaymentId, Snapshot};
use quick_cache::{DefaultHashBuilder, Weighter, sync};
use std::{
    collections::HashSet,
    hash::BuildHasher,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many watches there are.
const STRIPES: usize = 1024;
/// What a payment takes beside its attributes, in bytes: its other properties, what holds them, and the same again in the
/// note that readers leave. Measured, and rounded up.
const OVERHEAD: u64 = 1024;

/// Payments by id, as they stand in the database.
#[derive(Debug)]
pub(super) struct Cache {
    payments: sync::Cache<PaymentId, Snapshot, Weight>,
    stripes: Box<[Mutex<Stripe>]>,
    hasher: DefaultHashBuilder,
}

/// What happens to the payments that share a watch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Stripe {
    /// How many changes have ever begun.
    begun: u64,
    /// How many of them are under way.
    under_way: u64,
}

/// What a payment takes in memory, in bytes.
#[derive(Debug, Clone, Copy)]
struct Weight;

impl Weighter<PaymentId, Snapshot> for Weight {
    fn weight(&self, _: &PaymentId, payment: &Snapshot) -> u64 {
        // Twice: the note of whoever shows the payment repeats them.
        OVERHEAD + 2 * payment.attributes.as_str().len() as u64
    }
}

/// How things stood before a payment was read.
#[derive(Debug)]
pub(super) struct Watch {
    stripe: usize,
    /// `None`: a change is under way, and what is read now may be the version before it.
    begun: Option<u64>,
}

/// A commit that is about to happen, or has. Dropping it leaves the cache without what it may have changed.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    cache: &'a Cache,
    stripes: Vec<usize>,
}

/// What a commit did to a payment.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change<'a> {
    /// It stands so now.
    Updated(&'a Payment),
    /// It is gone.
    Deleted(&'a PaymentId),
    /// Every payment is gone.
    Cleared,
}

impl Cache {
    /// A cache of at most `capacity` bytes.
    pub(super) fn new(capacity: u64) -> Self {
        let typical = usize::try_from(capacity / (2 * OVERHEAD)).unwrap_or(usize::MAX);
        let payments = sync::Cache::with_weighter(typical, capacity, Weight);
        let stripes = (0..STRIPES).map(|_| Mutex::default()).collect();
        Self { payments, stripes, hasher: DefaultHashBuilder::default() }
    }

    /// The payment as it stands, if it is known here.
    pub(super) fn get(&self, id: &PaymentId) -> Option<Snapshot> {
        self.payments.get(id)
    }

    /// Call this before the payment is read from the database.
    pub(super) fn watch(&self, id: &PaymentId) -> Watch {
        let stripe = self.stripe(id);
        let begun = self.lock(stripe).and_then(|stripe| (stripe.under_way == 0).then_some(stripe.begun));
        Watch { stripe, begun }
    }

    /// Keeps what was read, if it has not begun to change since it was watched.
    pub(super) fn fill(&self, watch: &Watch, read: &Snapshot) {
        let Some(stripe) = self.lock(watch.stripe) else { return };
        if watch.begun == Some(stripe.begun) {
            // The lock is still held: no change begins before this is done.
            self.payments.insert(read.id.clone(), read.clone());
        }
    }

    /// Forgets `payments`, until their change is finished.
    pub(super) fn begin<'p>(&self, payments: impl Iterator<Item = &'p PaymentId>) -> Writing<'_> {
        let begin = |id: &PaymentId| {
            let index = self.stripe(id);
            if let Some(mut stripe) = self.lock(index) {
                stripe.begin();
                self.payments.remove(id);
            }
            index
        };
        Writing { cache: self, stripes: payments.map(begin).collect() }
    }

    /// Forgets every payment, until their change is finished.
    pub(super) fn begin_all(&self) -> Writing<'_> {
        let stripes = (0..self.stripes.len()).collect::<Vec<_>>();
        for index in &stripes {
            if let Some(mut stripe) = self.lock(*index) {
                stripe.begin();
            }
        }
        // Nothing can be put back by now.
        self.payments.clear();
        Writing { cache: self, stripes }
    }

    /// Forgets everything, and keeps nothing any more.
    pub(super) fn close(&self) {
        std::mem::forget(self.begin_all());
    }

    fn stripe(&self, id: &PaymentId) -> usize {
        // The remainder is below the number of stripes.
        (self.hasher.hash_one(id) % STRIPES as u64) as usize
    }

    fn lock(&self, index: usize) -> Option<MutexGuard<'_, Stripe>> {
        // Nothing panics while it holds the lock.
        Some(self.stripes.get(index)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Stripe {
    fn begin(&mut self) {
        self.begun += 1;
        self.under_way += 1;
    }
}

impl Writing<'_> {
    /// The commit is done, and did `changes`, in this order; all of them are of payments that were begun with.
    ///
    /// What is kept is not what its writer goes on to show: with a note that perhaps nobody asks for, it would be twice as large, and
    /// push out as much of what the processor has at hand.
    pub(super) fn finish<'c>(self, changes: impl DoubleEndedIterator<Item = Change<'c>>) {
        let mut seen = HashSet::with_capacity_and_hasher(self.stripes.len(), DefaultHashBuilder::default());
        // The last change of a payment counts; those before it were never to be seen.
        for change in changes.rev() {
            match change {
                Change::Updated(payment) => {
                    if seen.insert(&payment.id) {
                        self.cache.payments.insert(payment.id.clone(), payment.clone().into());
                    }
                }
                Change::Deleted(id) => {
                    seen.insert(id);
                }
                Change::Cleared => return,
            }
        }
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        for index in &self.stripes {
            if let Some(mut stripe) = self.cache.lock(*index) {
                stripe.under_way -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, Change, OVERHEAD};
    use crate::payments::{Attributes, OrganisationId, Payment, PaymentId, Snapshot, Timestamp, Version};
    use std::{
        sync::atomic::{AtomicBool, AtomicI64, Ordering},
        thread,
    };

    fn id(name: &str) -> PaymentId {
        PaymentId::parse(name).unwrap()
    }

    fn payment(name: &str, version: i64) -> Snapshot {
        let payment = Payment {
            id: id(name),
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
        cache.fill(&cache.watch(&payment.id), payment);
    }

    fn version(cache: &Cache, name: &str) -> Option<i64> {
        cache.get(&id(name)).map(|payment| payment.version.number())
    }

    #[test]
    fn what_was_read_is_there_until_it_changes() {
        let cache = cache();
        fill(&cache, &payment("a", 0));
        fill(&cache, &payment("b", 0));
        assert_eq!(version(&cache, "a"), Some(0));
        let writing = cache.begin([&id("a")].into_iter());
        assert_eq!(version(&cache, "a"), None, "while it changes the database alone knows");
        assert_eq!(version(&cache, "b"), Some(0), "another stays");
        writing.finish([Change::Updated(&payment("a", 1))].into_iter());
        assert_eq!(version(&cache, "a"), Some(1));
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after() {
        let cache = cache();
        let early = cache.watch(&id("a"));
        let writing = cache.begin([&id("a")].into_iter());
        let meanwhile = cache.watch(&id("a"));
        cache.fill(&early, &payment("a", 0));
        cache.fill(&meanwhile, &payment("a", 0));
        assert_eq!(version(&cache, "a"), None, "the commit may be visible by now");
        drop(writing); // It failed, say.
        cache.fill(&early, &payment("a", 0));
        cache.fill(&meanwhile, &payment("a", 0));
        assert_eq!(version(&cache, "a"), None, "nobody knows when these were read");
        fill(&cache, &payment("a", 0));
        assert_eq!(version(&cache, "a"), Some(0));
    }

    #[test]
    fn of_several_changes_the_last_counts() {
        let cache = cache();
        let names = [id("a"), id("b")];
        let writing = cache.begin(names.iter().chain(&names));
        let (older, newer, short_lived) = (payment("a", 0), payment("a", 1), payment("b", 0));
        let changes = [
            Change::Updated(&older),
            Change::Updated(&short_lived),
            Change::Updated(&newer),
            Change::Deleted(&short_lived.id),
        ];
        writing.finish(changes.into_iter());
        assert_eq!((version(&cache, "a"), version(&cache, "b")), (Some(1), None));
        fill(&cache, &payment("b", 7));
        assert_eq!(version(&cache, "b"), Some(7), "changes that began twice must end twice");
    }

    #[test]
    fn what_was_read_before_all_was_forgotten_does_not_stand_in_for_what_is_new() {
        let cache = cache();
        let early = cache.watch(&id("a"));
        cache.begin_all().finish([Change::Cleared].into_iter());
        // It may have been created again.
        cache.fill(&early, &payment("a", 5));
        assert_eq!(version(&cache, "a"), None);
    }

    #[test]
    fn all_can_be_forgotten_at_once() {
        let cache = cache();
        fill(&cache, &payment("a", 0));
        let early = cache.watch(&id("b"));
        let writing = cache.begin_all();
        cache.fill(&early, &payment("b", 0));
        assert_eq!((version(&cache, "a"), version(&cache, "b")), (None, None));
        let (before, after) = (payment("b", 0), payment("c", 0));
        writing.finish([Change::Updated(&before), Change::Cleared, Change::Updated(&after)].into_iter());
        assert_eq!((version(&cache, "b"), version(&cache, "c")), (None, Some(0)), "only what came after is there");
        fill(&cache, &payment("b", 0));
        assert_eq!(version(&cache, "b"), Some(0));
        cache.close();
        fill(&cache, &payment("b", 0));
        assert_eq!(version(&cache, "b"), None, "it was closed");
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

    /// One writer and many readers over a payment that is a number: whoever has seen it sees no smaller one after.
    #[test]
    fn nobody_goes_back_in_time() {
        let cache = Cache::new(OVERHEAD * 64);
        let (database, stop) = (AtomicI64::new(0), AtomicBool::new(false));
        let read = || {
            let name = id("a");
            cache.get(&name).unwrap_or_else(|| {
                let watch = cache.watch(&name);
                let read = payment("a", database.load(Ordering::SeqCst));
                // Somebody is slow now and then.
                thread::yield_now();
                cache.fill(&watch, &read);
                read
            })
        };
        thread::scope(|scope| {
            for reader in 0..4 {
                let (read, database, stop) = (&read, &database, &stop);
                scope.spawn(move || {
                    let mut seen = 0;
                    while !stop.load(Ordering::Relaxed) {
                        // One of them looks past the cache, as lists do.
                        let now = if reader == 0 { database.load(Ordering::SeqCst) } else { seen };
                        let version = read().version.number();
                        assert!(version >= now.max(seen), "{version} after {}", now.max(seen));
                        seen = version;
                    }
                });
            }
            for next in 1..20_000 {
                let writing = cache.begin([&id("a")].into_iter());
                database.store(next, Ordering::SeqCst);
                writing.finish([Change::Updated(&payment("a", next))].into_iter());
                let seen = read().version.number();
                assert_eq!(seen, next, "whoever wrote must see what it wrote");
            }
            stop.store(true, Ordering::Relaxed);
        });
    }
}
