//! Uses the service for long, at about half of what it can do and with faults now and then, and watches what grows.
//!
//! Every second it samples what the processes hold and how the answers were. At the end each series is judged
//! (`trend`), and drawn (`page`).

mod page;
mod sample;
mod trend;

use crate::{
    generate::Board,
    record::Recorder,
    run::{Faults, Performer, Settings},
    system::{Fault, StoreKind, Subject, System},
};
use fastrand::Rng;
use sample::Sample;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use test_support::Program;
use tokio::{sync::Semaphore, task::JoinSet, time::MissedTickBehavior};

/// How many clients there are.
const CLIENTS: u32 = 16;
/// How many payments there are at a time.
const PAYMENTS: usize = 40;
/// How long the service is used as fast as it goes, to find out how fast that is.
const MEASURING: Duration = Duration::from_secs(5);
/// How often clients get the right to go on: often enough that they come one by one.
const TICK: Duration = Duration::from_millis(10);
const TICKS_PER_SECOND: usize = 100;
/// The pause between two faults, in seconds.
const CALM: (u64, u64) = (5, 15);

/// A long run.
#[derive(Debug, Clone)]
pub struct Soak {
    /// The store.
    pub store: StoreKind,
    /// How many replicas there are.
    pub replicas: usize,
    /// How long it takes.
    pub duration: Duration,
    /// Decides what clients choose, and which faults come when.
    pub seed: u64,
}

impl Soak {
    /// Runs it, and draws a page into the folder; `progress` is told now and then how it goes. Returns what was seen, in words.
    ///
    /// # Errors
    /// What grew that should not, and the answers that should not be, in words.
    ///
    /// # Panics
    /// When the program does not start.
    pub async fn run(&self, program: Program, folder: &Path, progress: impl Fn(&str)) -> Result<String, String> {
        let mut system = System::start(Subject::payments(program), self.store, self.replicas).await;
        // A process that is started anew begins anew with everything that could have grown.
        system.spare(Fault::Kill);
        let settings =
            Settings { clients: CLIENTS, payments: PAYMENTS, hang_ups: 0, ..Settings::new(self.seed, self.duration) };
        let recorder = Arc::new(Recorder::of_moments());
        let board = Arc::new(Board::new(PAYMENTS, "soak-"));
        let pace = Arc::new(Semaphore::new(0));
        let addresses = system.addresses();
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let mut performer = Performer::new(number, &settings, &addresses, &recorder, &board);
            let pace = Arc::clone(&pace);
            clients.spawn(async move {
                while let Ok(permit) = pace.acquire().await {
                    permit.forget();
                    performer.step().await;
                }
            });
        }
        let rate = self.half_of_capacity(&pace).await;
        progress(&format!("{self}: {rate} steps a second, half of what it can do"));
        recorder.drain();
        let samples = tokio::select! {
            () = keep_pace(&pace, rate) => Vec::new(),
            samples = self.watch(&mut system, &recorder, &progress) => samples,
        };
        pace.close();
        self.judge(&samples, rate, folder)
    }

    /// Lets the clients go as fast as the service does, and returns half of that, in steps a second.
    async fn half_of_capacity(&self, pace: &Semaphore) -> usize {
        const MANY: usize = 1 << 20;
        pace.add_permits(MANY);
        tokio::time::sleep(MEASURING).await;
        let steps = MANY - pace.available_permits();
        pace.forget_permits(MANY);
        let seconds = usize::try_from(MEASURING.as_secs()).unwrap_or(1);
        (steps / seconds / 2).max(1)
    }

    /// Samples every second, with faults meanwhile.
    async fn watch(&self, system: &mut System, recorder: &Recorder, progress: &impl Fn(&str)) -> Vec<Sample> {
        let mut samples = Vec::new();
        let mut rng = Rng::with_seed(self.seed);
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let began = Instant::now();
        let mut calm = rng.u64(CALM.0..=CALM.1);
        while began.elapsed() < self.duration {
            seconds.tick().await;
            let sample = Sample::take(system, recorder.drain());
            if samples.len() % 10 == 9 {
                progress(&format!("{self}: {} s, {sample}", began.elapsed().as_secs()));
            }
            samples.push(sample);
            calm = calm.saturating_sub(1);
            if calm == 0 {
                let mut system: &mut System = system;
                recorder.note_fault(&system.strike(&mut rng).await);
                calm = rng.u64(CALM.0..=CALM.1);
            }
        }
        samples
    }

    fn judge(&self, samples: &[Sample], rate: usize, folder: &Path) -> Result<String, String> {
        let series = sample::series(samples);
        let page = page::page(self, rate, samples, &series);
        let path: PathBuf = folder.join(format!("soak-{}-{}.html", self.store, self.seed));
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, page));
        let mut lines: Vec<_> = series.iter().map(|series| series.verdict()).collect();
        lines.push(match written {
            Ok(()) => format!("the page is {}", std::path::absolute(&path).unwrap_or(path).display()),
            Err(error) => format!("the page cannot be written to {}: {error}", path.display()),
        });
        let unexpected: Vec<_> = samples.iter().flat_map(|sample| &sample.unexpected).collect();
        if let Some(first) = unexpected.first() {
            lines.push(format!("{} answers are none that the contract has; the first: {first}", unexpected.len()));
        }
        let text = lines.join("\n");
        if unexpected.is_empty() && !series.iter().any(|series| series.grows()) { Ok(text) } else { Err(text) }
    }
}

impl std::fmt::Display for Soak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let replicas = if self.replicas == 1 { String::new() } else { format!(", {} replicas", self.replicas) };
        write!(f, "soak over {}{replicas}, seed {}", self.store, self.seed)
    }
}

/// Hands out so many rights to go on in a second. What the service could not take meanwhile is not made up for.
async fn keep_pace(pace: &Semaphore, rate: usize) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut owed = 0;
    loop {
        ticks.tick().await;
        owed += rate;
        if pace.available_permits() < rate {
            pace.add_permits(owed / TICKS_PER_SECOND);
        }
        owed %= TICKS_PER_SECOND;
    }
}
