//! The port to the store of payments. Stores implement it, and so do the decorators around them.

use super::{Change, Error, NewPayment, Payment, PaymentId, Snapshot, Version};
use std::future::Future;

/// A store of payments.
///
/// Every operation takes effect wholly or not at all, and an acknowledged write is as durable as the store is. Every
/// operation can also fail with [`Error::Overloaded`], [`Error::Unavailable`] or [`Error::Internal`].
///
/// Stores apply the rules of the domain, and have none of their own: [`NewPayment::into_payment`], [`Change::apply`],
/// [`Version::next`], [`Error::conflict_or_missing`].
pub trait Repo: Send + Sync + 'static {
    /// Stores a new payment, last in the order of creation.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] when the id is or was in use.
    fn create(&self, payment: NewPayment) -> impl Future<Output = Result<Payment, Error>> + Send;

    /// The payment at its current version. Reads are monotonic: after a version was seen, here or in a list, no older one
    /// is returned.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn fetch(&self, id: &PaymentId) -> impl Future<Output = Result<Snapshot, Error>> + Send;

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
    fn list(&self, start: PageStart, size: u32) -> impl Future<Output = Result<Snapshot<Page>, Error>> + Send;

    /// Replaces the payment if it is at version `expected`, and returns it at the next version.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the payment was absent at some moment of the call, [`Error::VersionConflict`] if it was at
    /// another version at some moment.
    fn update(
        &self,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> impl Future<Output = Result<Payment, Error>> + Send;

    /// Deletes the payment if it is at version `expected`. Its id stays taken.
    ///
    /// # Errors
    /// Those of [`update`](Self::update), under the same conditions.
    fn delete(&self, id: &PaymentId, expected: Version) -> impl Future<Output = Result<(), Error>> + Send;

    /// Checks that the store answers.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn check(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// The kind of store, and how many payments it holds.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn info(&self) -> impl Future<Output = Result<Info, Error>> + Send;

    /// Removes every payment, and frees all ids, those of deleted payments included. Payments that are created later get
    /// positions beyond all that were ever handed out.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn clear(&self) -> impl Future<Output = Result<(), Error>> + Send;
}

/// A place in the order of creation: behind the payment with this number. Numbers grow, with gaps.
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
