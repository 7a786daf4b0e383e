//! A store as one tenant sees it: the port without the tenant.
//!
//! Most promises of the port are about one tenant, and the tests of the suite are written for this trait. A store is the view
//! of its anonymous tenant. A [`View`] is that of an organisation, which has neighbours: whatever is created in it, a
//! neighbour creates, too, with the same id and other content. So the numbers of two tenants alternate in every test, and at
//! its end the neighbours must have exactly what they have written.

use crate::stores::{attributes, deletion, now, organisation, payment, query};
use payments::payments::{
    Change, Deletion, Error, Event, EventKind, EventPage, EventQuery, EventStart, History, Info, NewPayment, News,
    Origin, Page, PageStart, Payment, PaymentId, Position, Repo as Port, Snapshot, Tenant, Version,
};
use payments::repo::Backend;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;

/// The payments of one tenant. The methods are those of the port, which describes them.
pub(crate) trait Repo: Send + Sync + 'static {
    fn create(&self, payment: NewPayment) -> impl Future<Output = Result<Payment, Error>> + Send;
    fn fetch(&self, id: &PaymentId) -> impl Future<Output = Result<Snapshot, Error>> + Send;
    fn list(&self, start: PageStart, size: u32) -> impl Future<Output = Result<Snapshot<Page>, Error>> + Send;
    fn update(
        &self,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> impl Future<Output = Result<Payment, Error>> + Send;
    fn delete_by(
        &self,
        id: &PaymentId,
        expected: Version,
        deletion: Deletion,
    ) -> impl Future<Output = Result<(), Error>> + Send;
    /// Deletes without a name.
    fn delete(&self, id: &PaymentId, expected: Version) -> impl Future<Output = Result<(), Error>> + Send {
        self.delete_by(id, expected, deletion())
    }
    fn history(
        &self,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> impl Future<Output = Result<History, Error>> + Send;
    fn events(&self, start: EventStart, query: &EventQuery) -> impl Future<Output = Result<EventPage, Error>> + Send;
    fn news(&self) -> News;
    fn check(&self) -> impl Future<Output = Result<(), Error>> + Send;
    /// Counts the tenant's own payments only.
    fn info(&self) -> impl Future<Output = Result<Info, Error>> + Send;
    fn clear(&self) -> impl Future<Output = Result<(), Error>> + Send;
    fn close(&self) -> impl Future<Output = ()> + Send;
    /// Fails if a neighbour has not exactly what it has written.
    fn ensure_neighbours_are_undisturbed(&self) -> impl Future<Output = ()> + Send;
}

/// The anonymous tenant of a store.
impl<R: Backend> Repo for R {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        Port::create(self, &Tenant::ANONYMOUS, payment).await
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        Port::fetch(self, &Tenant::ANONYMOUS, id).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        Port::list(self, &Tenant::ANONYMOUS, start, size).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        Port::update(self, &Tenant::ANONYMOUS, id, expected, change).await
    }

    async fn delete_by(&self, id: &PaymentId, expected: Version, deletion: Deletion) -> Result<(), Error> {
        Port::delete(self, &Tenant::ANONYMOUS, id, expected, deletion).await
    }

    async fn history(&self, id: &PaymentId, below: Option<Version>, size: u32) -> Result<History, Error> {
        Port::history(self, &Tenant::ANONYMOUS, id, below, size).await
    }

    async fn events(&self, start: EventStart, query: &EventQuery) -> Result<EventPage, Error> {
        Port::events(self, &Tenant::ANONYMOUS, start, query).await
    }

    fn news(&self) -> News {
        Port::news(self, &Tenant::ANONYMOUS)
    }

    async fn check(&self) -> Result<(), Error> {
        Port::check(self).await
    }

    async fn info(&self) -> Result<Info, Error> {
        Port::info(self).await
    }

    async fn clear(&self) -> Result<(), Error> {
        Port::clear(self).await
    }

    async fn close(&self) {
        Backend::close(self).await;
    }

    /// Has no neighbours.
    async fn ensure_neighbours_are_undisturbed(&self) {}
}

/// The tenant of an organisation.
pub(crate) fn tenant(name: &str) -> Tenant {
    Tenant::of(organisation(name))
}

/// What a tenant has written: the payment of each id, or none if it was deleted.
type Written = BTreeMap<PaymentId, Option<Payment>>;

/// An organisation's part of a store.
pub(crate) struct View<R> {
    store: Arc<R>,
    tenant: Tenant,
    /// What the neighbours have written. Locked while one of them writes.
    neighbours: Arc<Mutex<[(Tenant, Written); 2]>>,
    is_closed: AtomicBool,
}

impl<R: Backend> View<R> {
    /// A view of `store`, which is empty. Its neighbours are the anonymous tenant, which has some payments, and another
    /// organisation, which gets one with each that is created.
    pub(crate) async fn new(store: Arc<R>) -> Self {
        let mut neighbours = [Tenant::ANONYMOUS, tenant("neighbour")].map(|tenant| (tenant, Written::new()));
        for name in ["a", "b", "c", "d", "p0", "p1", "p2", "p3"] {
            let [(tenant, written), _] = &mut neighbours;
            write(&*store, tenant, written, payment(name).id).await;
        }
        let neighbours = Arc::new(Mutex::new(neighbours));
        Self { store, tenant: tenant("acme"), neighbours, is_closed: AtomicBool::new(false) }
    }
}

/// Lets a neighbour create the payment `id`, and then change it, delete it, or leave it as it is.
async fn write<R: Port>(store: &R, tenant: &Tenant, written: &mut Written, id: PaymentId) {
    let new = NewPayment {
        id: id.clone(),
        organisation_id: organisation("of the neighbour"),
        attributes: attributes(&format!(r#"{{"amount":"7","owner":"{}"}}"#, tenant.as_str())),
        created_on: now(),
        origin: Origin::default(),
    };
    let mut current = store.create(tenant, new).await.expect("a neighbour's ids are its own");
    let fate = written.len() % 3;
    if fate > 0 {
        let Payment { organisation_id, attributes, .. } = current.clone();
        let change = Change { organisation_id, attributes, modified_on: now(), origin: Origin::default() };
        current = store.update(tenant, &id, current.version, change).await.expect("a neighbour's payment is there");
    }
    if fate > 1 {
        store.delete(tenant, &id, current.version, deletion()).await.expect("a neighbour's payment is there");
    }
    written.insert(id, (fate < 2).then_some(current));
}

impl<R: Backend> View<R> {
    /// Fails if the events of `tenant` are not those of what it has written.
    async fn ensure_events(&self, tenant: &Tenant, written: &Written) {
        let query = EventQuery { with_content: true, ..query(100) };
        let (mut last, mut start) = (BTreeMap::new(), EventStart::Beginning);
        loop {
            let page = self.store.events(tenant, start, &query).await.expect("a neighbour has events");
            start = EventStart::After(page.last);
            for event in page.events {
                let content = event.attributes.as_ref().expect("it was asked for").as_str();
                let owner = format!(r#""owner":"{}""#, tenant.as_str());
                assert!(content.contains(&owner), "the events of {tenant} show another's: {event:?}");
                let next = last.get(&event.payment_id).map_or(0, |before: &Event| before.version.number() + 1);
                assert_eq!(event.version.number(), next, "the events of {tenant} skip a version: {event:?}");
                last.insert(event.payment_id.clone(), event);
            }
            if page.is_at_end {
                break;
            }
        }
        assert_eq!(last.len(), written.len(), "the events of {tenant}");
        for (id, expected) in written {
            match expected {
                Some(payment) => assert_eq!(last[id].payment().as_ref(), Some(payment), "of {tenant}"),
                None => assert_eq!(last[id].kind, EventKind::Deleted, "{id:?} of {tenant}"),
            }
        }
    }
}

impl<R: Backend> Repo for View<R> {
    async fn create(&self, payment: NewPayment) -> Result<Payment, Error> {
        let id = payment.id.clone();
        let created = self.store.create(&self.tenant, payment).await?;
        let mut neighbours = Arc::clone(&self.neighbours).lock_owned().await;
        let store = Arc::clone(&self.store);
        // A task of its own: a test may give its call up.
        let writing = tokio::spawn(async move {
            let [_, (tenant, written)] = &mut *neighbours;
            if !written.contains_key(&id) {
                write(&*store, tenant, written, id).await;
            }
        });
        writing.await.expect("the neighbour writes");
        Ok(created)
    }

    async fn fetch(&self, id: &PaymentId) -> Result<Snapshot, Error> {
        self.store.fetch(&self.tenant, id).await
    }

    async fn list(&self, start: PageStart, size: u32) -> Result<Snapshot<Page>, Error> {
        self.store.list(&self.tenant, start, size).await
    }

    async fn update(&self, id: &PaymentId, expected: Version, change: Change) -> Result<Payment, Error> {
        self.store.update(&self.tenant, id, expected, change).await
    }

    async fn delete_by(&self, id: &PaymentId, expected: Version, deletion: Deletion) -> Result<(), Error> {
        self.store.delete(&self.tenant, id, expected, deletion).await
    }

    async fn history(&self, id: &PaymentId, below: Option<Version>, size: u32) -> Result<History, Error> {
        self.store.history(&self.tenant, id, below, size).await
    }

    async fn events(&self, start: EventStart, query: &EventQuery) -> Result<EventPage, Error> {
        self.store.events(&self.tenant, start, query).await
    }

    fn news(&self) -> News {
        self.store.news(&self.tenant)
    }

    async fn check(&self) -> Result<(), Error> {
        self.store.check().await
    }

    async fn info(&self) -> Result<Info, Error> {
        let neighbours = self.neighbours.lock().await;
        let Info { repo, payments, deleted } = self.store.info().await?;
        let written = || neighbours.iter().flat_map(|(_, written)| written.values());
        let gone = written().filter(|payment| payment.is_none()).count() as u64;
        Ok(Info { repo, payments: payments - (written().count() as u64 - gone), deleted: deleted - gone })
    }

    async fn clear(&self) -> Result<(), Error> {
        let mut neighbours = self.neighbours.lock().await;
        self.store.clear().await?;
        neighbours.iter_mut().for_each(|(_, written)| written.clear());
        Ok(())
    }

    async fn close(&self) {
        self.is_closed.store(true, Ordering::SeqCst);
        self.store.close().await;
    }

    async fn ensure_neighbours_are_undisturbed(&self) {
        if self.is_closed.load(Ordering::SeqCst) {
            return;
        }
        for (tenant, written) in &*self.neighbours.lock().await {
            let (mut listed, mut position) = (BTreeMap::new(), Position::BEGINNING);
            loop {
                let page = self.store.list(tenant, PageStart::After(position), 100).await.expect("a neighbour lists");
                position = page.last;
                if page.payments.is_empty() {
                    break;
                }
                listed.extend(page.payments.iter().map(|payment| (payment.id.clone(), payment.clone())));
            }
            for (id, expected) in written {
                let found = self.store.fetch(tenant, id).await.ok().map(Snapshot::into_inner);
                assert_eq!(&found, expected, "the payment {id:?} of {tenant} was touched by another tenant");
                assert_eq!(
                    listed.remove(id).as_ref(),
                    expected.as_ref(),
                    "the list of {tenant} was touched by another tenant"
                );
            }
            assert_eq!(listed, BTreeMap::new(), "the list of {tenant} shows what another tenant has");
            self.ensure_events(tenant, written).await;
        }
    }
}
