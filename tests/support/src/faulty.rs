//! A store whose calls go wrong by a plan.

use payments::{
    payments::{
        Change, Deletion, Error, EventPage, EventQuery, EventStart, History, Info, NewPayment, News, Page, PageStart,
        Payment, PaymentId, Repo, Secret, Snapshot, Tenant, Version,
    },
    repo::{Backend, MetricsError, Registry},
};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::sync::{Notify, Semaphore};

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call fails before anything is done.
    Fails,
    /// The call is done, and fails all the same.
    LosesItsAnswer,
    /// The call waits for [`Plan::release`] before anything is done.
    HangsBefore,
    /// The call is done, and then waits for [`Plan::release`].
    HangsAfter,
}

/// Which calls go wrong, and how; and what came of them.
#[derive(Debug)]
pub struct Plan {
    fault: Fault,
    /// Which call after [`arm`](Self::arm) goes wrong, from 1 on; none means all of them.
    nth: Option<usize>,
    armed: AtomicBool,
    calls: AtomicUsize,
    written: AtomicBool,
    reached: Semaphore,
    release: Notify,
}

impl Plan {
    /// The `nth` call, counted from 1, goes wrong once the plan is armed.
    #[must_use]
    pub fn of_call(nth: usize, fault: Fault) -> Arc<Self> {
        Self::new(Some(nth), fault)
    }

    /// Every call goes wrong while the plan is armed.
    #[must_use]
    pub fn of_every_call(fault: Fault) -> Arc<Self> {
        Self::new(None, fault)
    }

    fn new(nth: Option<usize>, fault: Fault) -> Arc<Self> {
        Arc::new(Self {
            fault,
            nth,
            armed: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            written: AtomicBool::new(false),
            reached: Semaphore::new(0),
            release: Notify::new(),
        })
    }

    /// Counts calls from now on.
    pub fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    /// Lets nothing go wrong any more. Returns whether anything did.
    pub fn disarm(&self) -> bool {
        self.armed.store(false, Ordering::SeqCst);
        self.calls.load(Ordering::SeqCst) >= self.nth.unwrap_or(1)
    }

    /// Whether a call changed anything while the plan was armed.
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.written.load(Ordering::SeqCst)
    }

    /// Waits until a call goes wrong; for ever, if there are not so many calls.
    ///
    /// # Panics
    /// Never: the semaphore is not closed.
    pub async fn reached(&self) {
        self.reached.acquire().await.expect("it is never closed").forget();
    }

    /// Lets a call go that hangs.
    pub fn release(&self) {
        self.release.notify_one();
    }

    /// The fault of the call that now begins.
    fn next(&self) -> Option<Fault> {
        if !self.armed.load(Ordering::SeqCst) {
            return None;
        }
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if self.nth.is_some_and(|nth| nth != call) {
            return None;
        }
        self.reached.add_permits(1);
        Some(self.fault)
    }
}

/// A store whose calls go wrong by a [`Plan`]. Clones are the same store.
#[derive(Debug)]
pub struct Faulty<R> {
    repo: Arc<R>,
    plan: Arc<Plan>,
}

impl<R> Clone for Faulty<R> {
    fn clone(&self) -> Self {
        Self { repo: Arc::clone(&self.repo), plan: Arc::clone(&self.plan) }
    }
}

impl<R: Repo> Faulty<R> {
    /// Puts `repo` under a plan.
    pub fn new(repo: R, plan: Arc<Plan>) -> Self {
        Self { repo: Arc::new(repo), plan }
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    async fn read<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match self.plan.next() {
            None => work.await,
            Some(Fault::Fails) => Err(Error::Unavailable("the test lets this call fail".into())),
            Some(Fault::LosesItsAnswer) => {
                let _lost = work.await;
                Err(Error::Unavailable("the test loses the answer of this call".into()))
            }
            Some(Fault::HangsBefore) => {
                self.plan.release.notified().await;
                work.await
            }
            Some(Fault::HangsAfter) => {
                let answer = work.await;
                self.plan.release.notified().await;
                answer
            }
        }
    }

    async fn write<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.read(async {
            let answer = work.await;
            if answer.is_ok() && self.plan.armed.load(Ordering::SeqCst) {
                self.plan.written.store(true, Ordering::SeqCst);
            }
            answer
        })
        .await
    }
}

impl<R: Repo> Repo for Faulty<R> {
    async fn create(&self, tenant: &Tenant, payment: NewPayment) -> Result<Payment, Error> {
        self.write(self.repo.create(tenant, payment)).await
    }

    async fn fetch(&self, tenant: &Tenant, id: &PaymentId) -> Result<Snapshot, Error> {
        self.read(self.repo.fetch(tenant, id)).await
    }

    async fn list(&self, tenant: &Tenant, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.read(self.repo.list(tenant, start, size)).await
    }

    async fn update(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> Result<Payment, Error> {
        self.write(self.repo.update(tenant, id, expected, change)).await
    }

    async fn delete(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        deletion: Deletion,
    ) -> Result<(), Error> {
        self.write(self.repo.delete(tenant, id, expected, deletion)).await
    }

    async fn history(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> Result<History, Error> {
        self.read(self.repo.history(tenant, id, below, size)).await
    }

    async fn events(&self, tenant: &Tenant, start: EventStart, query: &EventQuery) -> Result<EventPage, Error> {
        self.read(self.repo.events(tenant, start, query)).await
    }

    fn news(&self, tenant: &Tenant) -> News {
        self.repo.news(tenant)
    }

    async fn check(&self) -> Result<(), Error> {
        self.read(self.repo.check()).await
    }

    async fn info(&self) -> Result<Info, Error> {
        self.read(self.repo.info()).await
    }

    async fn clear(&self) -> Result<(), Error> {
        self.write(self.repo.clear()).await
    }

    fn secret(&self) -> &Secret {
        self.repo.secret()
    }
}

impl<R: Backend> Backend for Faulty<R> {
    fn measure(&self, registry: &Registry) -> Result<(), MetricsError> {
        self.repo.measure(registry)
    }

    async fn close(&self) {
        self.repo.close().await;
    }
}
