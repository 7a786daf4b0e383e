//! A store whose calls go wrong as they are told to.

use payments::{
    app::Backend,
    payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version},
};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::sync::{Notify, Semaphore};

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails before anything is done.
    Fails,
    /// It is done, and fails all the same.
    LosesItsAnswer,
    /// It waits for [`Plan::let_go`] before anything is done.
    HangsBefore,
    /// It is done, and then waits for [`Plan::let_go`].
    HangsAfter,
}

/// Which call goes wrong, how, and what came of it.
#[derive(Debug)]
pub(crate) struct Plan {
    fault: Fault,
    /// Which call after [`arm`](Self::arm) goes wrong, from 1 on.
    nth: usize,
    armed: AtomicBool,
    calls: AtomicUsize,
    written: AtomicBool,
    hit: Semaphore,
    let_go: Notify,
}

impl Plan {
    /// The `nth` call, counted from 1, goes wrong once the plan is armed.
    pub(crate) fn new(fault: Fault, nth: usize) -> Arc<Self> {
        Arc::new(Self {
            fault,
            nth,
            armed: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            written: AtomicBool::new(false),
            hit: Semaphore::new(0),
            let_go: Notify::new(),
        })
    }

    /// Calls count from now on.
    pub(crate) fn arm(&self) {
        self.armed.store(true, Ordering::SeqCst);
    }

    /// Nothing goes wrong any more. Says whether anything did.
    pub(crate) fn disarm(&self) -> bool {
        self.armed.store(false, Ordering::SeqCst);
        self.calls.load(Ordering::SeqCst) >= self.nth
    }

    /// Whether a call changed anything while the plan was armed.
    pub(crate) fn written(&self) -> bool {
        self.written.load(Ordering::SeqCst)
    }

    /// Waits until the call goes wrong. For ever, if there are not so many calls.
    pub(crate) async fn hit(&self) {
        self.hit.acquire().await.expect("it is never closed").forget();
    }

    /// Lets the call go that hangs.
    pub(crate) fn let_go(&self) {
        self.let_go.notify_one();
    }

    /// The fault of the call that now begins.
    fn next(&self) -> Option<Fault> {
        if !self.armed.load(Ordering::SeqCst) || self.calls.fetch_add(1, Ordering::SeqCst) + 1 != self.nth {
            return None;
        }
        self.hit.add_permits(1);
        Some(self.fault)
    }
}

/// A store whose calls go wrong by a [`Plan`].
#[derive(Debug)]
pub(crate) struct Faulty<R> {
    repo: R,
    plan: Arc<Plan>,
}

impl<R: Repo> Faulty<R> {
    pub(crate) fn new(repo: R, plan: Arc<Plan>) -> Self {
        Self { repo, plan }
    }

    async fn read<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match self.plan.next() {
            None => work.await,
            Some(Fault::Fails) => Err(Error::Unavailable("the test says so".into())),
            Some(Fault::LosesItsAnswer) => {
                let _lost = work.await;
                Err(Error::Unavailable("the test lost the answer".into()))
            }
            Some(Fault::HangsBefore) => {
                self.plan.let_go.notified().await;
                work.await
            }
            Some(Fault::HangsAfter) => {
                let answer = work.await;
                self.plan.let_go.notified().await;
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
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        self.write(self.repo.create(payment)).await
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.read(self.repo.fetch(id)).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.read(self.repo.list(start, size)).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.write(self.repo.update(id, expected, change)).await
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        self.write(self.repo.delete(id, expected)).await
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
}

impl<R: Backend> Backend for Faulty<R> {
    async fn close(&self) {
        self.repo.close().await;
    }
}
