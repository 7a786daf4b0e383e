//! Wraps a store that provider states can make unavailable.

use payments::{
    app::Backend,
    payments::{Change, Error, Info, NewPayment, Page, PageStart, Payment, PaymentId, Repo, Snapshot, Version},
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A store that fails every call while it is unavailable. Clones share the store and the flag.
#[derive(Debug)]
pub struct Store<R>(Arc<Inner<R>>);

#[derive(Debug)]
struct Inner<R> {
    repo: R,
    available: AtomicBool,
}

impl<R> Clone for Store<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R: Repo> Store<R> {
    /// A store that is available.
    pub fn new(repo: R) -> Self {
        Self(Arc::new(Inner { repo, available: AtomicBool::new(true) }))
    }

    /// Makes the store available or unavailable.
    pub fn set_available(&self, available: bool) {
        self.0.available.store(available, Ordering::SeqCst);
    }

    fn repo(&self) -> Result<&R, Error> {
        if self.0.available.load(Ordering::SeqCst) {
            Ok(&self.0.repo)
        } else {
            Err(Error::Unavailable("a provider state made it unavailable".into()))
        }
    }
}

impl<R: Repo> Repo for Store<R> {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        self.repo()?.create(payment).await
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.repo()?.fetch(id).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.repo()?.list(start, size).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.repo()?.update(id, expected, change).await
    }

    async fn delete(&self, id: &PaymentId, expected: Version) -> Result<(), Error> {
        self.repo()?.delete(id, expected).await
    }

    async fn check(&self) -> Result<(), Error> {
        self.repo()?.check().await
    }

    async fn info(&self) -> Result<Info, Error> {
        self.repo()?.info().await
    }

    async fn clear(&self) -> Result<(), Error> {
        self.repo()?.clear().await
    }
}

impl<R: Backend> Backend for Store<R> {
    async fn close(&self) {
        self.0.repo.close().await;
    }
}
