//! The results, as JSON and as a table.

use crate::{
    Options, Outcome,
    footprint::{Footprint, TARGETS},
    measure::{Comparison, Played, Spread},
    page,
};
use serde::Serialize;
use std::{fmt::Write, path::Path, process::Command};

/// All that was measured, and where.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The processor, how many of its cores there are, and the kernel.
    pub(crate) machine: String,
    /// The commit that was measured.
    pub(crate) commit: String,
    /// Whether rounds were short.
    pub(crate) quick: bool,
    /// The load average before and after, over a minute: on a quiet machine near 0 at first.
    pub(crate) load_before: f64,
    pub(crate) load_after: f64,
    pub(crate) comparisons: Vec<Comparison>,
    pub(crate) footprint: Option<Footprint>,
}

impl Report {
    pub(crate) fn new(options: &Options) -> Outcome<Self> {
        let processors = std::fs::read_to_string("/proc/cpuinfo")?;
        let names = || processors.lines().filter_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
        let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
        let machine =
            format!("{}, {} cores, Linux {}", names().next().unwrap_or("?"), names().count(), kernel.trim_end());
        let commit = Command::new("git").args(["describe", "--always", "--dirty", "--exclude", "*"]).output()?.stdout;
        let commit = String::from_utf8_lossy(&commit).trim_end().to_owned();
        let load_before = load_average()?;
        let (comparisons, footprint) = (Vec::new(), None);
        Ok(Self { machine, commit, quick: options.quick, load_before, load_after: 0.0, comparisons, footprint })
    }

    /// Writes `results.json` and `index.html`.
    pub(crate) fn write(&mut self, directory: &Path) -> Outcome<()> {
        self.load_after = load_average()?;
        std::fs::write(directory.join("results.json"), serde_json::to_vec_pretty(self)?)?;
        std::fs::write(directory.join("index.html"), page::render(self))?;
        Ok(())
    }

    /// The results as a table in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut out =
            format!("{}; commit {}; load average {:.1} before\n\n", self.machine, self.commit, self.load_before);
        out.push_str(
            "| workload | store | beside | answers/s, of that | ratio (half of all rounds) | wanted | by processor time | µs of processor | p50, p99 at half load |\n\
             |---|---|---|---|---|---|---|---|---|\n",
        );
        for comparison in &self.comparisons {
            row(comparison, &mut out);
        }
        if let Some(Footprint { start, idle, worked, worked_anonymous, program }) = &self.footprint {
            let (start_most, idle_most, _, program_most) = TARGETS;
            // Writing to a string never fails.
            let _ = write!(
                out,
                "\n| footprint | | wanted |\n|---|---|---|\n\
                 | start to first answer | {:.1} ms ({:.1} to {:.1}) | ≤ {start_most} ms |\n\
                 | memory, idle | {idle:.1} MiB | ≤ {idle_most} MiB |\n\
                 | memory, after a million requests | {worked:.1} MiB ({worked_anonymous:.1} without files) | |\n\
                 | program | {program:.1} MiB | ≤ {program_most} MiB |\n",
                start.median, start.lower, start.upper
            );
        }
        out
    }
}

fn row(comparison: &Comparison, out: &mut String) {
    let subject = &comparison.subject;
    let median = |rounds: &[Played], of: fn(&Played) -> f64| Spread::of(rounds.iter().map(of)).median;
    let (bare, service) = (&comparison.baseline_rounds, &comparison.service_rounds);
    let rate = |played: &Played| played.rate;
    let processor = |played: &Played| played.processor;
    let ratio = comparison.ratio();
    let target = subject.target.map_or(String::new(), |target| format!("≥ {target:.2}"));
    let _ = writeln!(
        out,
        "| {} | {} | {} | {:.0}, {:.0} | **{:.2}** ({:.2} to {:.2}) | {target} | {:.2} | {:.1}, {:.1} | {:.0}, {:.0} µs |",
        subject.workload,
        subject.store,
        subject.baseline,
        median(service, rate),
        median(bare, rate),
        ratio.median,
        ratio.lower,
        ratio.upper,
        comparison.processor_ratio().median,
        median(service, processor),
        median(bare, processor),
        comparison.service_open.p50,
        comparison.service_open.p99,
    );
}

fn load_average() -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}
