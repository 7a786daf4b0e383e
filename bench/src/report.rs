//! Collects the results, and writes them as JSON and as a table.

use crate::{
    Options, Outcome,
    footprint::{Footprint, MAX_IDLE, MAX_PROGRAM, MAX_START},
    measure::{Comparison, Quartiles, RoundFigures},
    streams::{MAX_LATENCY, MAX_MEMORY, Streams},
};
use serde::Serialize;
use std::{fmt::Write, path::Path, process::Command};

/// All results of a run, and the machine that it ran on.
#[derive(Debug, Serialize)]
pub(crate) struct BenchReport {
    /// The processor, the number of cores, and the kernel.
    pub(crate) machine: String,
    /// The commit that was measured.
    pub(crate) commit: String,
    /// Whether rounds were short.
    pub(crate) quick: bool,
    /// The load average over a minute, before and after the run. On a quiet machine it is near 0 before.
    pub(crate) load_before: f64,
    pub(crate) load_after: f64,
    pub(crate) comparisons: Vec<Comparison>,
    pub(crate) footprint: Option<Footprint>,
    pub(crate) streams: Option<Streams>,
}

impl BenchReport {
    pub(crate) fn new(options: &Options) -> Outcome<Self> {
        let processors = std::fs::read_to_string("/proc/cpuinfo")?;
        let names = || processors.lines().filter_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
        let machine =
            format!("{}, {} cores, Linux {}", names().next().unwrap_or("?"), names().count(), kernel.trim_end());
        let commit = Command::new("git").args(["describe", "--always", "--dirty", "--exclude", "*"]).output()?.stdout;
        let commit = String::from_utf8_lossy(&commit).trim_end().to_owned();
        let load_before = load_average()?;
        Ok(Self {
            machine,
            commit,
            quick: options.quick,
            load_before,
            load_after: 0.0,
            comparisons: Vec::new(),
            footprint: None,
            streams: None,
        })
    }

    /// Records the load average at the end of the run, and writes `results.json`.
    pub(crate) fn finish(&mut self, directory: &Path) -> Outcome<()> {
        self.load_after = load_average()?;
        std::fs::write(directory.join("results.json"), serde_json::to_vec_pretty(self)?)?;
        Ok(())
    }

    /// The results as a table in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut out =
            format!("{}; commit {}; load average {:.1} before\n\n", self.machine, self.commit, self.load_before);
        out.push_str(
            "| workload | store | baseline | answers/s: service, baseline | ratio (middle half of rounds) | target | by processor time | µs of processor: service, baseline | p50, p99 at half load |\n\
             |---|---|---|---|---|---|---|---|---|\n",
        );
        for comparison in &self.comparisons {
            row(comparison, &mut out);
        }
        if let Some(Footprint { start, idle, loaded, loaded_anonymous, program }) = &self.footprint {
            // Writing to a string never fails.
            let _ = write!(
                out,
                "\n| footprint | | target |\n|---|---|---|\n\
                 | start to first answer | {:.1} ms ({:.1} to {:.1}) | ≤ {MAX_START} ms |\n\
                 | memory, idle | {idle:.1} MiB | ≤ {MAX_IDLE} MiB |\n\
                 | memory, after a million requests | {loaded:.1} MiB ({loaded_anonymous:.1} without mapped files) | |\n\
                 | program | {program:.1} MiB | ≤ {MAX_PROGRAM} MiB |\n",
                start.median, start.lower, start.upper
            );
        }
        if let Some(Streams { memory, p50, p99 }) = &self.streams {
            // Writing to a string never fails.
            let _ = write!(
                out,
                "\n| streams of events | | target |\n|---|---|---|\n\
                 | memory of an idle one, of 10,000 | {memory:.1} KiB | ≤ {MAX_MEMORY} KiB |\n\
                 | from commit to client at 1,000 changes a second, p50 | {p50:.1} ms | |\n\
                 | the same, p99 | {p99:.1} ms | ≤ {MAX_LATENCY} ms |\n"
            );
        }
        out
    }
}

fn row(comparison: &Comparison, out: &mut String) {
    let subject = &comparison.subject;
    let median = |rounds: &[RoundFigures], of: fn(&RoundFigures) -> f64| Quartiles::of(rounds.iter().map(of)).median;
    let (baseline, service) = (&comparison.baseline_rounds, &comparison.service_rounds);
    let rate = |round: &RoundFigures| round.rate;
    let processor = |round: &RoundFigures| round.processor;
    let ratio = comparison.ratio();
    let target = subject.target.map_or(String::new(), |target| format!("≥ {target:.2}"));
    let _ = writeln!(
        out,
        "| {} | {} | {} | {:.0}, {:.0} | **{:.2}** ({:.2} to {:.2}) | {target} | {:.2} | {:.1}, {:.1} | {:.0}, {:.0} µs |",
        subject.workload,
        subject.store,
        subject.baseline,
        median(service, rate),
        median(baseline, rate),
        ratio.median,
        ratio.lower,
        ratio.upper,
        comparison.processor_ratio().median,
        median(service, processor),
        median(baseline, processor),
        comparison.service_open.p50,
        comparison.service_open.p99,
    );
}

fn load_average() -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}
