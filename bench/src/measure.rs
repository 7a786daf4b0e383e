//! Compares two servers: the same load runs against each in turn.

use crate::{
    Options, Outcome,
    load::{Connections, LoadModel, RoundTimings},
    server::Server,
};
use serde::Serialize;
use std::{io::Write, time::Duration};

/// The arrival rate at which latencies are measured, as a part of the slower side's throughput: busy, but not queueing.
const OPEN_LOAD: f64 = 0.5;

/// One side of a comparison: a server, and the connections to it.
pub(crate) struct Side<'a> {
    pub(crate) server: &'a Server,
    pub(crate) connections: Connections,
}

/// The subject of a comparison.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Subject {
    /// The name of the workload.
    pub(crate) workload: &'static str,
    /// The name of the store.
    pub(crate) store: &'static str,
    /// The server that the service is compared with.
    pub(crate) baseline: &'static str,
    /// The least ratio that will do, if one is set.
    pub(crate) target: Option<f64>,
}

/// The figures of one round of one side.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct RoundFigures {
    /// Answers per second.
    pub(crate) rate: f64,
    /// Processor time of the server for each answer, in microseconds.
    pub(crate) processor: f64,
    /// The part of its core that the server kept busy.
    pub(crate) busy: f64,
    /// Percentiles of the latency, in microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
}

/// A comparison.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    #[serde(flatten)]
    pub(crate) subject: Subject,
    /// The closed-loop rounds of each side, in order: rounds of the same index ran one after the other.
    pub(crate) baseline_rounds: Vec<RoundFigures>,
    pub(crate) service_rounds: Vec<RoundFigures>,
    /// The open-loop round of each side, and its arrival rate.
    pub(crate) open_rate: u64,
    pub(crate) baseline_open: RoundFigures,
    pub(crate) service_open: RoundFigures,
}

/// The quartiles and the maximum of some figures.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Quartiles {
    pub(crate) lower: f64,
    pub(crate) median: f64,
    pub(crate) upper: f64,
    pub(crate) max: f64,
}

impl Quartiles {
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let at = |part: f64| {
            // Linear interpolation between the two nearest figures.
            let position = part * sorted.len().saturating_sub(1) as f64;
            let figure = |position: f64| sorted.get(position as usize).copied().unwrap_or(f64::NAN);
            let (below, above) = (figure(position.floor()), figure(position.ceil()));
            if below == above { below } else { below + (above - below) * position.fract() }
        };
        Self { lower: at(0.25), median: at(0.5), upper: at(0.75), max: at(1.0) }
    }
}

impl Comparison {
    /// The ratio of throughput, service to baseline, of each pair of rounds.
    pub(crate) fn ratio(&self) -> Quartiles {
        self.pairs(|baseline, service| service.rate / baseline.rate)
    }

    /// The ratio of processor time per answer, baseline to service: the ratio of throughput if nothing ever waited.
    pub(crate) fn processor_ratio(&self) -> Quartiles {
        self.pairs(|baseline, service| baseline.processor / service.processor)
    }

    fn pairs(&self, of: impl Fn(&RoundFigures, &RoundFigures) -> f64) -> Quartiles {
        let pairs = self.baseline_rounds.iter().zip(&self.service_rounds);
        Quartiles::of(pairs.map(|(baseline, service)| of(baseline, service)))
    }
}

impl Side<'_> {
    fn run_round(&mut self, model: LoadModel) -> Outcome<RoundFigures> {
        let before = self.server.processor_time()?;
        let round = self.connections.run_round(model)?;
        Ok(figures(&round, self.server.processor_time()? - before))
    }
}

fn figures(round: &RoundTimings, processor: f64) -> RoundFigures {
    RoundFigures {
        rate: round.rate(),
        processor: processor * 1e6 / round.latencies.len() as f64,
        busy: processor / round.duration.as_secs_f64(),
        p50: round.percentile(0.5),
        p99: round.percentile(0.99),
        p999: round.percentile(0.999),
    }
}

/// Runs rounds of both sides in turn.
pub(crate) fn compare<'a>(
    options: &Options,
    subject: Subject,
    mut baseline: Side<'a>,
    mut service: Side<'a>,
) -> Outcome<Comparison> {
    // Many short rounds: other work on the machine then affects both rounds of a pair alike.
    let (rounds, seconds, open) = if options.quick { (7, 0.2, 0.5) } else { (35, 0.4, 2.0) };
    let (rounds, seconds) = (options.rounds.unwrap_or(rounds), options.seconds.unwrap_or(seconds));
    let (length, open) = (Duration::from_secs_f64(seconds), Duration::from_secs_f64(open));
    print!("{:<21} {:<9} ", subject.workload, subject.store);
    for side in [&mut baseline, &mut service] {
        side.run_round(LoadModel::Closed(open / 2))?;
    }
    let (mut baseline_rounds, mut service_rounds) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        print!(".");
        std::io::stdout().flush()?;
        // The sides take turns in going first, so that a drift favours neither.
        if round % 2 == 0 {
            baseline_rounds.push(baseline.run_round(LoadModel::Closed(length))?);
            service_rounds.push(service.run_round(LoadModel::Closed(length))?);
        } else {
            service_rounds.push(service.run_round(LoadModel::Closed(length))?);
            baseline_rounds.push(baseline.run_round(LoadModel::Closed(length))?);
        }
    }
    let rate = |rounds: &[RoundFigures]| Quartiles::of(rounds.iter().map(|round| round.rate)).median;
    let open_rate = (rate(&service_rounds).min(rate(&baseline_rounds)) * OPEN_LOAD) as u64;
    let model = LoadModel::Open { rate: open_rate, during: open };
    let (baseline_open, service_open) = (baseline.run_round(model)?, service.run_round(model)?);
    let comparison = Comparison { subject, baseline_rounds, service_rounds, open_rate, baseline_open, service_open };
    let (ratio, processor) = (comparison.ratio(), comparison.processor_ratio());
    println!(" {:.2} ({:.2} to {:.2}), processor {:.2}", ratio.median, ratio.lower, ratio.upper, processor.median);
    Ok(comparison)
}
