//! A payments resource API whose contract cannot lie. `main → app → http → payments ← repo`.

pub mod payments;
pub mod repo;
