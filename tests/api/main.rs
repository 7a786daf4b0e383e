//! The service over HTTP, as its clients meet it, where Gherkin has no good words: started in this process on a free port, over
//! SQLite in memory. What a client may rely on says `features/`.

#![cfg(test)]

mod bodies;
mod browsers;
mod connections;
mod docs;
mod docs_in_browser;
mod event_streams;
mod event_waits;
mod events;
mod examples;
mod heads;
mod hosts;
mod identity;
mod idle_connections;
mod live_issuer;
mod long_patches;
mod memory_budget;
mod metrics;
mod operators;
mod problem_pages;
mod protocol;
mod readme;
mod refusals;
mod released_clients;
mod rules;
mod slow_streams;
