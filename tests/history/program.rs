//! A short run of `make check-history`: what clients saw while the program was killed and its connections were cut.
//!
//! It is a test of the package that has the program, because cargo tells only those where that is; and a process of its own, so
//! that its load disturbs no other test.

#![cfg(test)]

use history::{
    rounds::Round,
    run::Settings,
    system::{StoreKind, Subject},
};
use std::{path::Path, time::Duration};
use test_support::Program;

/// The program as cargo has built it for this test.
const PROGRAM: Program = Program::at(env!("CARGO_BIN_EXE_payments"));

const SEED: u64 = 21;
const DURATION: Duration = Duration::from_secs(5);

async fn play(store: StoreKind, replicas: usize) {
    let settings = Settings { calm: (100, 400), ..Settings::new(SEED, DURATION) };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/history");
    let counts = Round::new(store, replicas, settings).play(Subject::payments(PROGRAM), &folder, |_| ()).await;
    let counts = counts.unwrap_or_else(|broken| panic!("{broken}"));
    assert!(counts.unknown > 0 && counts.refused > 0, "no fault hit any call, so this proves little: {counts:?}");
    assert!(counts.done > counts.all / 3, "hardly any call got through, so this proves little: {counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_keeps_every_rule_while_the_program_is_killed() {
    play(StoreKind::File, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_keep_every_rule_while_they_are_killed_and_cut_off_from_postgres() {
    play(StoreKind::Postgres, 2).await;
}
