//! The port to the store of payments. Stores implement it, and so do the decorators around them.

use super::{
    Change, Deletion, Error, EventPage, EventQuery, EventStart, History, NewPayment, News, Payment, PaymentId, Secret,
    Snapshot, Tenant, Version,
};
use std::future::Future;

/// A store of payments.
///
/// Every operation takes effect wholly or not at all, and an acknowledged write is as durable as the store is. Every
/// operation can also fail with [`Error::Overloaded`], [`Error::Unavailable`] or [`Error::Internal`].
///
/// Stores apply the rules of the domain, and have none of their own: [`NewPayment::into_payment`], [`Change::apply`],
/// [`Version::next`], [`Error::conflict_or_missing`].
///
/// A call is about the payments of one [`Tenant`]. Those of all others are to it as if they had never been: an id that is
/// taken elsewhere is free here, a payment that is elsewhere is not found, and pages, offsets and [`Page::has_previous`]
/// count none of them. Only the calls that operators make are about the whole store: [`check`](Self::check),
/// [`info`](Self::info) and [`clear`](Self::clear).
///
/// [`Position`]s are numbers that tenants may share: a gap tells how much the others have created. So a caller that shows a
/// position to an organisation seals it, by a key from the [`secret`](Self::secret).
pub trait Repo: Send + Sync + 'static {
    /// Stores a new payment, last in the order of creation.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] when the id is or was in use by the tenant.
    fn create(&self, tenant: &Tenant, payment: NewPayment) -> impl Future<Output = Result<Payment, Error>> + Send;

    /// The payment at its current version. Reads are monotonic: after a version was seen, here or in a list, no older one
    /// is returned.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn fetch(&self, tenant: &Tenant, id: &PaymentId) -> impl Future<Output = Result<Snapshot, Error>> + Send;

    /// At most `size` payments from `start` on, in the order of creation, and their positions. Payments whose attributes
    /// have more than a mebibyte together do not fit on one page: it is shorter, but has at least one payment. So only an
    /// empty page is the end of a walk.
    ///
    /// A walk along [`Page::last`] returns every payment that exists throughout the walk exactly once. A payment that is
    /// created during the walk is returned once too, if the walk is resumed after its creation was acknowledged: an insert
    /// that becomes visible late never falls behind a position that was already handed out. A store whose inserts overlap
    /// may hold back the payments that were created after an insert that hangs, for as long as it hangs.
    ///
    /// A walk back along [`Page::first`] ends at the page that has no [`Page::has_previous`].
    ///
    /// # Errors
    /// Only those that every operation has.
    fn list(
        &self,
        tenant: &Tenant,
        start: PageStart,
        size: u32,
    ) -> impl Future<Output = Result<Snapshot<Page>, Error>> + Send;

    /// Replaces the payment if it is at version `expected`, and returns it at the next version.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the payment was absent at some moment of the call, [`Error::VersionConflict`] if it was at
    /// another version at some moment.
    fn update(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> impl Future<Output = Result<Payment, Error>> + Send;

    /// Deletes the payment if it is at version `expected`. Its id stays taken. The deletion makes a version of its own, the
    /// last.
    ///
    /// # Errors
    /// Those of [`update`](Self::update), under the same conditions.
    fn delete(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        expected: Version,
        deletion: Deletion,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// At most `size` versions of the payment that are below `below`, newest first; those of deleted payments, too. Versions
    /// whose attributes have more than a mebibyte together do not fit on one page: it is shorter, but has at least one, if
    /// there is any. Versions are kept whichever release or program wrote them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the tenant never had the payment.
    fn history(
        &self,
        tenant: &Tenant,
        id: &PaymentId,
        below: Option<Version>,
        size: u32,
    ) -> impl Future<Output = Result<History, Error>> + Send;

    /// The events of the tenant from `start` on that `query` asks for, in an order that never changes and in which the versions
    /// of each payment ascend.
    ///
    /// A walk along [`EventPage::last`] returns every change that was acknowledged exactly once: a change that commits late
    /// never falls behind a place that was handed out. A page looks at a bounded number of events, and reads a bounded number
    /// of bytes; so it may have fewer events than it could, and even none, before the end.
    ///
    /// # Errors
    /// [`Error::Expired`].
    fn events(
        &self,
        tenant: &Tenant,
        start: EventStart,
        query: &EventQuery,
    ) -> impl Future<Output = Result<EventPage, Error>> + Send;

    /// Tells of events of the tenant that are added from now on. Changes of this process are told when they are committed,
    /// those of others some 200 ms later. There may be news without an event.
    fn news(&self, tenant: &Tenant) -> News;

    /// Checks that the store answers.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn check(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// The kind of store, and how many payments it holds, those of all tenants together.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn info(&self) -> impl Future<Output = Result<Info, Error>> + Send;

    /// Removes every payment of every tenant, and frees all ids, those of deleted payments included. Payments that are created
    /// later get positions beyond all that were ever handed out.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn clear(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// The secret of the store. It was read when the store was opened, and stays the same when the store is cleared.
    fn secret(&self) -> &Secret;
}

/// A place in the order of creation: behind the payment with this number. Numbers grow, with gaps, and payments of different
/// tenants may share a sequence of numbers. A position that one tenant was shown is of no use to another, and does no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub i64);

impl Position {
    /// The place before every payment.
    pub const BEGINNING: Self = Self(0);

    /// The position one number earlier, or the beginning: where an empty page ends that was to end before this one.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.saturating_sub(1)).max(Self::BEGINNING)
    }

    /// The position one number later: where the first payment behind this one could be.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageStart {
    /// After this many payments from the beginning. Costs time in proportion to it.
    Offset(u64),
    /// With the first payment behind this position.
    After(Position),
    /// So that the page ends with the last payment whose number is below this position's.
    Before(Position),
}

/// A run of payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The payments, in order of creation.
    pub payments: Vec<Payment>,
    /// The number of the first payment; on an empty page, the number that its first payment could have had.
    pub first: Position,
    /// The position behind the last payment, where the next page begins. On an empty page, the position behind which new
    /// payments will appear.
    pub last: Position,
    /// Whether payments stand before `first`: what [`PageStart::Before`] `first` shows is not empty. It is of the same
    /// moment as the payments, so that a walk back ends at the first page.
    pub has_previous: bool,
}

/// The kind of a store, and how many payments it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The kind of store, as `--repo` names it.
    pub repo: &'static str,
    /// How many payments there are.
    pub payments: u64,
    /// How many were deleted.
    pub deleted: u64,
}
