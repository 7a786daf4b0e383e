//! Two servers, in turn, under the same load.

use crate::{
    Options, Outcome,
    load::{Clients, Pace, Round},
    server::Server,
};
use serde::Serialize;
use std::{io::Write, time::Duration};

/// The part of what the slower side can do at which latencies are measured: busy, and not yet queueing.
const OPEN_LOAD: f64 = 0.5;

/// A server and its clients.
pub(crate) struct Side<'a> {
    pub(crate) server: &'a Server,
    pub(crate) clients: Clients,
}

/// What is compared with what.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Subject {
    /// What is asked of the service.
    pub(crate) workload: &'static str,
    /// The store that it keeps payments in.
    pub(crate) store: &'static str,
    /// What it is compared with.
    pub(crate) baseline: &'static str,
    /// The least ratio that will do, where one is set.
    pub(crate) target: Option<f64>,
}

/// One round of one side.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Played {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Processor time of the server for each, in microseconds.
    pub(crate) processor: f64,
    /// The part of its core that the server kept busy.
    pub(crate) busy: f64,
    /// Latencies in microseconds: of one request in two, and of all but one in a hundred.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
}

/// A comparison.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    #[serde(flatten)]
    pub(crate) subject: Subject,
    /// The rounds, one beside the other.
    pub(crate) baseline_rounds: Vec<Played>,
    pub(crate) service_rounds: Vec<Played>,
    /// The same at an arrival rate that both sides stand.
    pub(crate) open_rate: u64,
    pub(crate) baseline_open: Played,
    pub(crate) service_open: Played,
}

/// How some figures are spread: the middle one, the bounds of the middle half, and the largest.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spread {
    pub(crate) lower: f64,
    pub(crate) median: f64,
    pub(crate) upper: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| {
            // Between two figures, in proportion.
            let place = part * sorted.len().saturating_sub(1) as f64;
            let figure = |place: f64| sorted.get(place as usize).copied().unwrap_or(f64::NAN);
            let (below, above) = (figure(place.floor()), figure(place.ceil()));
            if below == above { below } else { below + (above - below) * place.fract() }
        };
        Self { lower: at(0.25), median: at(0.5), upper: at(0.75), most: at(1.0) }
    }
}

impl Comparison {
    /// Answers a second of the service for each of the baseline, round by round.
    pub(crate) fn ratio(&self) -> Spread {
        self.pairs(|baseline, service| service.rate / baseline.rate)
    }

    /// Processor time of the baseline for each of the service's: the ratio if nothing ever had to wait.
    pub(crate) fn processor_ratio(&self) -> Spread {
        self.pairs(|baseline, service| baseline.processor / service.processor)
    }

    fn pairs(&self, of: impl Fn(&Played, &Played) -> f64) -> Spread {
        let pairs = self.baseline_rounds.iter().zip(&self.service_rounds);
        Spread::of(pairs.map(|(baseline, service)| of(baseline, service)))
    }
}

impl Side<'_> {
    fn play(&mut self, pace: Pace) -> Outcome<Played> {
        let before = self.server.processor_time()?;
        let round = self.clients.play(pace)?;
        Ok(played(&round, self.server.processor_time()? - before))
    }
}

fn played(round: &Round, processor: f64) -> Played {
    Played {
        rate: round.rate(),
        processor: processor * 1e6 / round.latencies.len() as f64,
        busy: processor / round.took.as_secs_f64(),
        p50: round.percentile(0.5),
        p99: round.percentile(0.99),
        p999: round.percentile(0.999),
    }
}

/// Plays both sides in turn.
pub(crate) fn compare<'a>(
    options: &Options,
    subject: Subject,
    mut baseline: Side<'a>,
    mut service: Side<'a>,
) -> Outcome<Comparison> {
    // Many short ones: what else the machine does comes and goes, and neighbours have the same of it.
    let (rounds, seconds, open) = if options.quick { (7, 0.2, 0.5) } else { (35, 0.4, 2.0) };
    let (rounds, seconds) = (options.rounds.unwrap_or(rounds), options.seconds.unwrap_or(seconds));
    let (length, open) = (Duration::from_secs_f64(seconds), Duration::from_secs_f64(open));
    print!("{:<16} {:<9} ", subject.workload, subject.store);
    for side in [&mut baseline, &mut service] {
        side.play(Pace::Closed(open / 2))?;
    }
    let (mut baseline_rounds, mut service_rounds) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        print!(".");
        std::io::stdout().flush()?;
        // Each side goes first in turn, so that what drifts favours neither.
        if round % 2 == 0 {
            baseline_rounds.push(baseline.play(Pace::Closed(length))?);
            service_rounds.push(service.play(Pace::Closed(length))?);
        } else {
            service_rounds.push(service.play(Pace::Closed(length))?);
            baseline_rounds.push(baseline.play(Pace::Closed(length))?);
        }
    }
    let rate = |rounds: &[Played]| Spread::of(rounds.iter().map(|played| played.rate)).median;
    let open_rate = (rate(&service_rounds).min(rate(&baseline_rounds)) * OPEN_LOAD) as u64;
    let pace = Pace::Open { rate: open_rate, during: open };
    let (baseline_open, service_open) = (baseline.play(pace)?, service.play(pace)?);
    let comparison = Comparison { subject, baseline_rounds, service_rounds, open_rate, baseline_open, service_open };
    let (ratio, processor) = (comparison.ratio(), comparison.processor_ratio());
    println!(" {:.2} ({:.2} to {:.2}), processor {:.2}", ratio.median, ratio.lower, ratio.upper, processor.median);
    Ok(comparison)
}
