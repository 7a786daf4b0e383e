//! What every store promises, asked of each of them: SQLite in memory, SQLite in a file, PostgreSQL.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails says so by panicking"
)]

mod attributes;
mod changes;
mod concurrency;
mod creation;
mod fetches;
mod lists;
mod postgres;
mod sqlite;
mod stores;
mod tables;
mod walks;

/// Makes a test for each store out of each function, which takes a [`stores::Store`].
macro_rules! on_every_store {
    ($($test:ident),+ $(,)?) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(crate::stores::in_memory().await).await })+
        }
        mod in_a_file {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(crate::stores::in_a_file().await).await })+
        }
        mod in_postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(crate::stores::in_postgres().await).await })+
        }
    };
}
use on_every_store;
