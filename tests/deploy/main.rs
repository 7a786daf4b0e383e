//! The files in `deploy/`, held to the service that they run: its settings, its ports, its contract, and the time it needs to
//! stop. Whether Docker, Compose and Kubernetes would take them is what `make deploy-check` asks. The documents and the workflow
//! are held to the tree in the same way.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod compose;
mod dockerfile;
mod documents;
mod exposition;
mod files;
mod images;
mod kubernetes;
mod monitoring;
mod promql;
mod settings;
mod workflow;
