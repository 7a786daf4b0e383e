//! A store that does what no store may, now and then.

use super::past::PastFault;
use payments::{
    payments::{
        Change, Deletion, Error, EventPage, EventQuery, EventStart, History, Info, NewPayment, News, Page, PageStart,
        Payment, PaymentId, Repo, Secret, Snapshot, Tenant, Timestamp, Version,
    },
    repo::{Backend, MetricsError, Registry},
};
use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// One in so many opportunities is used.
const ODDS: usize = 3;
/// After how many calls the other store hears of writes no more, and after how many it takes the place of the first, as after a
/// crash.
const BEHIND: usize = 300;
const CRASH: usize = 600;

/// What the store does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An update goes on top of whatever is there.
    LosesUpdates,
    /// A fetch returns the version before.
    ReadsStale,
    /// A list shows the versions before.
    ListsStale,
    /// An update was made an hour before the version that it replaced, it says.
    TurnsTimeBack,
    /// A creation succeeds although the id is taken.
    ReusesIds,
    /// A fetch finds what was deleted.
    Resurrects,
    /// An update that came too late is told that it won.
    LetsTwoWin,
    /// A creation is acknowledged, and not stored.
    LosesCreations,
    /// From one moment on nothing is stored for good; later all of that is gone.
    CrashLosesWrites,
    /// An update is done, and refused.
    RefusesAndDoes,
    /// A list leaves out a payment.
    Skips,
    /// A list begins with the last payment of the page before.
    Repeats,
    /// A list is in the wrong order.
    Reorders,
    /// What is wrong with histories and events.
    Past(PastFault),
}

/// A store with a fault, in front of a good one.
#[derive(Debug)]
pub(crate) struct Treacherous<R> {
    repo: R,
    /// What takes the place of `repo` after the crash.
    other: R,
    fault: Option<Fault>,
    calls: AtomicUsize,
    opportunities: AtomicUsize,
    /// The last two versions of each payment, deleted ones too.
    past: Mutex<HashMap<PaymentId, (Option<Payment>, Payment)>>,
}

impl<R: Repo> Treacherous<R> {
    pub(crate) fn new(repo: R, other: R, fault: Option<Fault>) -> Self {
        let (calls, opportunities, past) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::default());
        Self { repo, other, fault, calls, opportunities, past }
    }

    fn past(&self) -> MutexGuard<'_, HashMap<PaymentId, (Option<Payment>, Payment)>> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is the fault, and now is the time.
    fn strikes(&self, fault: Fault) -> bool {
        self.fault == Some(fault) && self.opportunities.fetch_add(1, Ordering::SeqCst) % ODDS == ODDS - 1
    }

    fn past_fault(&self) -> Option<PastFault> {
        if let Some(Fault::Past(fault)) = self.fault { Some(fault) } else { None }
    }

    fn crashes(&self) -> bool {
        self.fault == Some(Fault::CrashLosesWrites)
    }

    fn current(&self) -> &R {
        let calls = self.calls.fetch_add(1, Ordering::SeqCst);
        if self.crashes() && calls > CRASH { &self.other } else { &self.repo }
    }

    /// The other store, while it hears of writes beside the first.
    fn follower(&self) -> Option<&R> {
        (self.crashes() && self.calls.load(Ordering::SeqCst) < BEHIND).then_some(&self.other)
    }

    fn remember(&self, payment: &Payment) {
        let mut past = self.past();
        let before = past.remove(&payment.id).map(|(_, last)| last).filter(|last| last.version < payment.version);
        past.insert(payment.id.clone(), (before, payment.clone()));
    }

    fn version_before(&self, id: &PaymentId) -> Option<Payment> {
        self.past().get(id).and_then(|(before, _)| before.clone())
    }
}

impl<R: Repo> Repo for Treacherous<R> {
    async fn create(&self, tenant: &Tenant, payment: NewPayment) -> Result<Payment, Error> {
        if !self.past().contains_key(&payment.id) && self.strikes(Fault::LosesCreations) {
            return Ok(payment.into_payment());
        }
        if let Some(follower) = self.follower() {
            let _ = follower.create(tenant, payment.clone()).await;
        }
        match self.current().create(tenant, payment.clone()).await {
            Err(Error::AlreadyExists) if self.strikes(Fault::ReusesIds) => Ok(payment.into_payment()),
            created => created.inspect(|created| self.remember(created)),
        }
    }

    async fn fetch(&self, tenant: &Tenant, id: &PaymentId) -> Result<Snapshot, Error> {
        if let Some(before) = self.version_before(id).filter(|_| self.strikes(Fault::ReadsStale)) {
            return Ok(before.into());
        }
        match self.current().fetch(tenant, id).await {
            Err(Error::NotFound) if self.strikes(Fault::Resurrects) => {
                let last = self.past().get(id).map(|(_, last)| last.clone());
                last.map(Snapshot::from).ok_or(Error::NotFound)
            }
            fetched => fetched,
        }
    }

    async fn list(&self, tenant: &Tenant, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        let start = match start {
            PageStart::After(position) if self.strikes(Fault::Repeats) => PageStart::After(position.previous()),
            PageStart::After(_) | PageStart::Before(_) | PageStart::Offset(_) => start,
        };
        let mut page = self.current().list(tenant, start, size).await?.into_inner();
        if page.payments.len() > 1 && self.strikes(Fault::Skips) {
            page.payments.remove(0);
        }
        if page.payments.len() > 1 && self.strikes(Fault::Reorders) {
            page.payments.reverse();
        }
        for payment in &mut page.payments {
            if let Some(before) = self.version_before(&payment.id).filter(|_| self.strikes(Fault::ListsStale)) {
                *payment = before;
            }
        }
        Ok(page.into())
    }

    async fn update(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> Result<Payment, Error> {
        if let Some(follower) = self.follower() {
            let _ = follower.update(tenant, id, expected, change.clone()).await;
        }
        match self.current().update(tenant, id, expected, change.clone()).await {
            Err(Error::VersionConflict { current }) if expected < current && self.strikes(Fault::LosesUpdates) => {
                self.current().update(tenant, id, current, change).await
            }
            Err(Error::VersionConflict { current }) if expected < current && self.strikes(Fault::LetsTwoWin) => {
                let last = self.current().fetch(tenant, id).await?.into_inner();
                change.apply(id.clone(), expected, last.created_on, last.modified_on)
            }
            Ok(_) if self.strikes(Fault::RefusesAndDoes) => Err(Error::Overloaded),
            Ok(updated) if self.strikes(Fault::TurnsTimeBack) => {
                let hour_ago = Timestamp::from_micros(updated.modified_on.micros() - 3_600_000_000);
                Ok(Payment { modified_on: hour_ago.unwrap_or(Timestamp::UNIX_EPOCH), ..updated })
            }
            updated => updated.inspect(|updated| self.remember(updated)),
        }
    }

    async fn delete(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        deletion: Deletion,
    ) -> Result<(), Error> {
        if let Some(follower) = self.follower() {
            let _ = follower.delete(tenant, id, expected, deletion.clone()).await;
        }
        self.current().delete(tenant, id, expected, deletion).await
    }

    async fn history(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> Result<History, Error> {
        let mut history = self.current().history(tenant, id, below, size).await?;
        if let Some(fault) = self.past_fault() {
            fault.on_history(&mut history, || self.strikes(Fault::Past(fault)));
        }
        Ok(history)
    }

    async fn events(&self, tenant: &Tenant, start: EventStart, query: &EventQuery) -> Result<EventPage, Error> {
        let mut page = self.current().events(tenant, start, query).await?;
        if let Some(fault) = self.past_fault() {
            fault.on_events(&mut page, || self.strikes(Fault::Past(fault)));
        }
        Ok(page)
    }

    fn news(&self, tenant: &Tenant) -> News {
        self.current().news(tenant)
    }

    async fn check(&self) -> Result<(), Error> {
        self.repo.check().await
    }

    async fn info(&self) -> Result<Info, Error> {
        self.repo.info().await
    }

    async fn clear(&self) -> Result<(), Error> {
        self.repo.clear().await
    }

    fn secret(&self) -> &Secret {
        self.repo.secret()
    }
}

impl<R: Backend> Backend for Treacherous<R> {
    fn measure(&self, registry: &Registry) -> Result<(), MetricsError> {
        self.repo.measure(registry)
    }

    async fn close(&self) {
        self.repo.close().await;
        self.other.close().await;
    }
}
