//! Turns: writers of one payment in this process wait for each other.
//!
//! A patch that names no version starts over when another writer was faster. When many clients patch one payment, and each
//! patch takes long, nearly all of the work is done in vain, and the last one is done after as many attempts as there are
//! clients. So a patch that is large, or that was overtaken once, takes a turn: a lock, of which few payments share one.
//!
//! Turns make no promise: other processes, and writers that name a version, go ahead, and the store decides who wins.

use crate::payments::{PaymentId, Tenant};
use std::hash::{BuildHasher, RandomState};
use tokio::sync::{Mutex, MutexGuard};

/// The number of locks: so many that payments hardly ever share one.
const STRIPES: usize = 256;

/// Locks for payments.
#[derive(Debug)]
pub(super) struct Turns {
    stripes: Box<[Mutex<()>]>,
    /// Random, so that no client can choose ids that share a lock.
    hasher: RandomState,
}

impl Turns {
    pub(super) fn new() -> Self {
        Self { stripes: (0..STRIPES).map(|_| Mutex::new(())).collect(), hasher: RandomState::new() }
    }

    /// Waits for the turn to write the payment, first come first served, and returns the turn, which ends when it is
    /// dropped. A request that is given up while it waits leaves the queue.
    pub(super) async fn take(&self, tenant: &Tenant, id: &PaymentId) -> Option<MutexGuard<'_, ()>> {
        // The remainder is below the number of locks.
        let stripe = usize::try_from(self.hasher.hash_one((tenant, id)) % STRIPES as u64).ok()?;
        Some(self.stripes.get(stripe)?.lock().await)
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use crate::payments::{OrganisationId, PaymentId, Tenant};
    use std::{sync::Arc, time::Duration};
    use tokio::time::timeout;

    #[tokio::test]
    async fn writers_of_one_payment_go_one_by_one() {
        let (turns, id) = (Arc::new(Turns::new()), PaymentId::parse("a").unwrap());
        let first = turns.take(&Tenant::ANONYMOUS, &id).await;
        assert!(
            timeout(Duration::from_millis(20), turns.take(&Tenant::ANONYMOUS, &id)).await.is_err(),
            "two have the same turn"
        );
        drop(first);
        let second =
            timeout(Duration::from_secs(5), turns.take(&Tenant::ANONYMOUS, &id)).await.expect("the turn has ended");
        assert!(second.is_some(), "there is a lock for every payment");
    }

    #[tokio::test]
    async fn hardly_any_tenants_share_a_turn() {
        let (turns, id) = (Turns::new(), PaymentId::parse("a").unwrap());
        let mut held = Vec::new();
        for number in 0..16 {
            let tenant = Tenant::of(OrganisationId::parse(&format!("t{number}")).unwrap());
            held.extend(timeout(Duration::from_millis(5), turns.take(&tenant, &id)).await.ok());
        }
        assert!(held.len() >= 10, "only {} of 16 tenants could write a payment of that id at once", held.len());
    }

    #[tokio::test]
    async fn hardly_any_payments_share_a_turn() {
        let turns = Turns::new();
        let mut held = Vec::new();
        for number in 0..16 {
            let id = PaymentId::parse(&format!("p{number}")).unwrap();
            held.extend(timeout(Duration::from_millis(5), turns.take(&Tenant::ANONYMOUS, &id)).await.ok());
        }
        assert!(held.len() >= 10, "only {} of 16 payments could be written at once", held.len());
    }
}
