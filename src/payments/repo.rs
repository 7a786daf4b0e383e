//! The port behind which payments are kept. Stores implement it, and may be wrapped in others that do.

use super::{Change, Error, NewPayment, Payment, PaymentId, Snapshot, Version};
use std::future::Future;

/// A store of payments.
///
/// Every operation takes effect wholly or not at all, and what it acknowledges is durable as far as the store is. Each
/// can also fail with [`Error::Unavailable`] or [`Error::Internal`].
pub trait Repo: Send + Sync + 'static {
    /// Stores a new payment, last in the order of creation.
    ///
    /// # Errors
    /// [`Error::AlreadyExists`] when the id is or was in use.
    fn create(&self, payment: NewPayment) -> impl Future<Output = Result<Payment, Error>> + Send;

    /// The payment as it stands. Whoever has seen a version of it, here or in a list, never sees an older one after.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    fn fetch(&self, id: &PaymentId) -> impl Future<Output = Result<Snapshot, Error>> + Send;

    /// At most `size` payments from `start` on, in the order of creation, and where they stand.
    ///
    /// A walk along [`Page::last`] shows every payment that exists throughout the walk exactly once; one created while
    /// the walk goes on is shown once too if the walk is resumed after it was acknowledged: an insert that becomes
    /// visible late never falls behind a position that was already handed out. A store whose inserts overlap may hold
    /// back, for as long as an insert hangs, what was created after it.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn list(&self, start: PageStart, size: u32) -> impl Future<Output = Result<Snapshot<Page>, Error>> + Send;

    /// Replaces the payment if it is at version `expected`, and returns it at the next version.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::VersionConflict`].
    fn update(
        &self,
        id: &PaymentId,
        expected: Version,
        change: Change,
    ) -> impl Future<Output = Result<Payment, Error>> + Send;

    /// Deletes the payment if it is at version `expected`. Its id stays taken.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::VersionConflict`].
    fn delete(&self, id: &PaymentId, expected: Version) -> impl Future<Output = Result<(), Error>> + Send;

    /// Asks the store for a sign of life.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn check(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// What the store is, and how much it holds.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn info(&self) -> impl Future<Output = Result<Info, Error>> + Send;

    /// Forgets every payment, the deleted ones and their ids included. Positions handed out before stay behind
    /// whatever is created after.
    ///
    /// # Errors
    /// Only those that every operation has.
    fn clear(&self) -> impl Future<Output = Result<(), Error>> + Send;
}

/// A place in the order of creation: between the payment with this number and the next. Numbers grow, with gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub i64);

impl Position {
    /// The place before every payment.
    pub const BEGINNING: Self = Self(0);
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
    /// The number of the first payment; of an empty page, the number that its first payment could have had.
    pub first: Position,
    /// The position behind the last payment, where the next page goes on. Of an empty page: where what comes will
    /// appear.
    pub last: Position,
}

/// What a store is, and how much it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The kind of store, as `--repo` names it.
    pub repo: &'static str,
    /// How many payments there are.
    pub payments: u64,
    /// How many were deleted.
    pub deleted: u64,
}
