//! A payments resource API whose contract cannot lie. `main → app → http → payments ← repo`.

mod http;
pub mod payments;
