//! A store that can be taken away, which a real one does not do on demand.

use payments::{
    app::Backend,
    payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A store, unless it is away. Clones are the same store.
#[derive(Debug)]
pub struct Store<R>(Arc<Inner<R>>);

#[derive(Debug)]
struct Inner<R> {
    repo: R,
    away: AtomicBool,
}

impl<R> Clone for Store<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R: Repo> Store<R> {
    /// A store that is there.
    pub fn new(repo: R) -> Self {
        Self(Arc::new(Inner { repo, away: AtomicBool::new(false) }))
    }

    /// Takes the store away, or brings it back.
    pub fn set_away(&self, away: bool) {
        self.0.away.store(away, Ordering::SeqCst);
    }

    fn reach(&self) -> Result<&R, Error> {
        if self.0.away.load(Ordering::SeqCst) {
            Err(Error::Unavailable("it was taken away for a pact".into()))
        } else {
            Ok(&self.0.repo)
        }
    }
}

impl<R: Repo> Repo for Store<R> {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        self.reach()?.create(payment).await
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.reach()?.fetch(id).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.reach()?.list(start, size).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.reach()?.update(id, expected, change).await
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        self.reach()?.delete(id, expected).await
    }

    async fn check(&self) -> Result<(), Error> {
        self.reach()?.check().await
    }

    async fn info(&self) -> Result<Info, Error> {
        self.reach()?.info().await
    }

    async fn clear(&self) -> Result<(), Error> {
        self.reach()?.clear().await
    }
}

impl<R: Backend> Backend for Store<R> {
    async fn close(&self) {
        self.0.repo.close().await;
    }
}
