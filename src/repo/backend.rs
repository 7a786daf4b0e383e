//! What the service needs of a store beyond the port: metrics, and an end.

use crate::payments::Repo;
pub use prometheus::{Error as MetricsError, Registry};
use std::future::Future;

/// A store that the service can be started over.
///
/// Decorators implement it too, and forward to the store inside. No method has a default, so a decorator that forgets one
/// does not compile.
pub trait Backend: Repo {
    /// Registers the metrics that the store has beside those of its calls, which
    /// [`Metered`](super::Metered) measures.
    ///
    /// # Errors
    /// When they are registered already.
    fn measure(&self, registry: &Registry) -> Result<(), MetricsError>;

    /// Finishes the operations under way, refuses new ones, and releases files and connections. Closing twice is fine.
    fn close(&self) -> impl Future<Output = ()> + Send;
}
