//! The files in `deploy/`, held to the service that they run: its settings, its ports, its contract, and the time it needs to
//! stop. The documents and the workflow are held to the tree in the same way. `make deploy-check` holds `deploy/` to the schemas of
//! Docker, Compose and Kubernetes.

#![cfg(test)]

mod compose;
mod consuming;
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
