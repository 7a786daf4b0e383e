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
/// The seconds that a run takes, and the milliseconds of the pauses between its faults. On a machine that is slow to start a
/// program again, hardly any call gets through the first run, which proves little; then the second one counts.
const RUNS: [(u64, (u64, u64)); 2] = [(5, (100, 400)), (25, (1_000, 4_000))];

async fn play(store: StoreKind, replicas: usize) {
    let mut all = Vec::new();
    for (seconds, calm) in RUNS {
        let settings = Settings { calm, ..Settings::new(SEED, Duration::from_secs(seconds)) };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/history");
        let counts = Round::new(store, replicas, settings).play(Subject::payments(PROGRAM), &folder, |_| ()).await;
        let counts = counts.unwrap_or_else(|broken| panic!("{broken}"));
        if counts.unknown > 0 && counts.refused > 0 && counts.done > counts.all / 3 {
            return;
        }
        all.push(counts);
    }
    panic!("no fault hit any call, or hardly any call got through, so this proves little: {all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_keeps_every_rule_while_the_program_is_killed() {
    play(StoreKind::File, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_keep_every_rule_while_they_are_killed_and_cut_off_from_postgres() {
    play(StoreKind::Postgres, 2).await;
}
