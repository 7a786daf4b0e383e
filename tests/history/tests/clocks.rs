//! A short run of `make check-history` in which the clocks of the processes jump: each its own, by hours, forth and back.

#![cfg(test)]

use history::{
    rounds::Round,
    run::Settings,
    system::{StoreKind, Subject},
};
use std::{path::Path, time::Duration};
use test_support::Program;

/// The program that serves with a clock that can be set.
const SUBJECT: Subject = Subject::history(Program::at(env!("CARGO_BIN_EXE_history")));

const SEED: u64 = 23;
/// The seconds that a run takes, and the milliseconds of the pauses between its faults. On a machine that is slow to start a
/// program again, hardly any call gets through the first run, which proves little; then the second one counts.
const RUNS: [(u64, (u64, u64)); 2] = [(5, (50, 200)), (25, (500, 2_000))];

async fn play(store: StoreKind, replicas: usize) {
    let mut all = Vec::new();
    for (seconds, calm) in RUNS {
        let settings = Settings { calm, ..Settings::new(SEED, Duration::from_secs(seconds)) };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/history");
        let counts = Round::new(store, replicas, settings).play(SUBJECT, &folder, |_| ()).await;
        let counts = counts.unwrap_or_else(|broken| panic!("{broken}"));
        if counts.done > counts.all / 3 {
            return;
        }
        all.push(counts);
    }
    panic!("hardly any call got through, so this proves little: {all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_keeps_every_rule_while_its_clock_jumps() {
    play(StoreKind::File, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_keep_every_rule_while_their_clocks_jump_apart() {
    play(StoreKind::Postgres, 2).await;
}
