//! The promises of every store, held by each of them: the list is `for_each_store!` in `stores.rs`.

#![cfg(test)]

mod attributes;
mod changes;
mod concurrency;
mod creation;
mod crowds;
mod erasing;
mod event_model;
mod events;
mod fetches;
mod history;
mod lists;
mod moving;
mod newer_schema;
mod news;
mod older_history;
mod older_release;
mod outages;
mod patient;
mod postgres;
mod replicas;
mod sessions;
mod sqlite;
mod stores;
mod tables;
mod tenants;
mod view;
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
        $(#[tokio::test(flavor = "multi_thread")] async fn $test() {
            let store = crate::stores::$store().await;
            let neighbours = store.share();
            super::$test(store).await;
            crate::view::Repo::ensure_neighbours_are_undisturbed(&*neighbours).await;
        })+
    };
}

use {on_every_store, tests_of_a_store, tests_of_stores};
