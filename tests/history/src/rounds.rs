//! Rounds: each is a run over a fresh store, whose history is checked at its end.

use crate::{
    check,
    counts::Counts,
    report,
    run::{self, Settings},
    system::{StoreKind, Subject, System},
    timeline::Title,
};
use std::path::Path;

/// A run over one store.
#[derive(Debug, Clone)]
pub struct Round {
    /// The store.
    pub store: StoreKind,
    /// How many replicas there are.
    pub replicas: usize,
    /// What the run is like.
    pub settings: Settings,
}

impl Round {
    /// A round with what the store allows.
    #[must_use]
    pub fn new(store: StoreKind, replicas: usize, settings: Settings) -> Self {
        Self { store, replicas, settings: Settings { hold_back: store.hold_back(), ..settings } }
    }

    /// The round in words.
    #[must_use]
    pub fn name(&self, subject: Subject) -> String {
        let replicas = if self.replicas == 1 { String::new() } else { format!(", {} replicas", self.replicas) };
        let clocks = if subject.has_clock { ", clocks that jump" } else { "" };
        format!("history over {}{replicas}{clocks}", self.store)
    }

    fn title(&self, subject: Subject) -> Title {
        let Self { store, replicas, settings } = self;
        let (seed, seconds) = (settings.seed, settings.duration.as_secs().max(1));
        let again = format!(
            "make check-history ARGS=\"--store {store} --replicas {replicas} --seed {seed} --round-seconds {seconds} --clocks {}\"",
            subject.has_clock
        );
        Title { what: self.name(subject), seed, again }
    }

    /// Plays the round, and checks its history.
    ///
    /// # Errors
    /// What it breaks, in words; the folder then has the timeline.
    pub async fn play(&self, subject: Subject, folder: &Path, progress: impl Fn(usize)) -> Result<Counts, String> {
        let mut system = System::start(subject, self.store, self.replicas).await;
        let addresses = system.addresses();
        let history = run::run(&self.settings, &addresses, &mut system, progress).await;
        drop(system);
        match check::check(&history) {
            Ok(()) => Ok(Counts::of(&history.operations)),
            Err(violation) => Err(report::failure(&history, &violation, &self.title(subject), folder)),
        }
    }
}
