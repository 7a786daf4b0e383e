//! Faults around the service: calls of the store that fail, that are done although their answer is lost, or that hang; a network
//! that loses packets; a PostgreSQL that stops and starts again.
//!
//! Every answer must stay true: an acknowledged write is there, a refused one was not done, and any other answer says that the
//! write may have happened.

#![cfg(test)]

mod calls;
mod circuits;
mod cuts;
mod given_up;
mod late_rows;
mod network;
mod operations;
mod outage;
mod own_load;
mod rivals;
mod service;
mod stalls;
