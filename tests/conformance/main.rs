//! The promises of every store, held by each of them: the list is `for_each_store!` in `stores.rs`.

#![cfg(test)]

mod attributes;
mod changes;
mod concurrency;
mod creation;
mod fetches;
mod lists;
mod newer_schema;
mod postgres;
mod sessions;
mod sqlite;
mod stores;
mod tables;
mod walks;

/// Makes a test for each store out of each function, which takes a [`stores::Store`].
macro_rules! on_every_store {
    ($($test:ident),+ $(,)?) => { crate::stores::for_each_store! { [$($test)+] } };
}

/// Makes a module for each store, and in it a test out of each function.
macro_rules! tests_of_stores {
    ([$($store:ident)+] $tests:tt) => { $(mod $store { crate::tests_of_a_store! { $store $tests } })+ };
}

macro_rules! tests_of_a_store {
    ($store:ident [$($test:ident)+]) => {
        $(#[tokio::test(flavor = "multi_thread")] async fn $test() { super::$test(crate::stores::$store().await).await })+
    };
}

use {on_every_store, tests_of_a_store, tests_of_stores};
