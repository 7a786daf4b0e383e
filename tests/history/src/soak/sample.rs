//! What is sampled every second.

use super::trend::{Margin, Series};
use crate::{model::Moment, record::Interval, system::System};
use std::{fmt, fs, path::Path};

/// The name of the series of SQLite's write-ahead log.
const LOG: &str = "write-ahead log";

/// The state of one second.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    /// The resident memory of all replicas, in KiB.
    memory: u64,
    /// The open descriptors of all replicas.
    descriptors: u64,
    /// The size of SQLite's write-ahead log, in KiB.
    log: u64,
    /// How long half of the answers took at the most, in microseconds.
    median: u64,
    /// How long 99 of 100 answers took at the most, in microseconds.
    slowest: u64,
    /// How many answers came.
    answers: u64,
    /// How many calls were not done, or have an unknown outcome.
    errors: u64,
    /// The answers that the contract has not.
    pub(super) unexpected: Vec<String>,
    /// What was done to the service.
    pub(super) faults: Vec<String>,
}

impl Sample {
    /// Takes a sample. A process that is away counts for nothing.
    pub(super) fn take(system: &System, interval: Interval) -> Self {
        let Interval { mut latencies, errors, unexpected, faults } = interval;
        latencies.sort_unstable();
        let processes: Vec<_> = (0..).map_while(|index| system.process_id(index)).collect();
        Self {
            memory: processes.iter().filter_map(|process| memory(*process)).sum(),
            descriptors: processes.iter().filter_map(|process| descriptors(*process)).sum(),
            log: size(&system.folder().join("payments.db-wal")) / 1024,
            median: quantile(&latencies, 50) / 1000,
            slowest: quantile(&latencies, 99) / 1000,
            answers: u64::try_from(latencies.len()).unwrap_or(u64::MAX),
            errors,
            unexpected,
            faults,
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { memory, descriptors, log, median, slowest, answers, errors, .. } = self;
        write!(
            f,
            "{answers} answers/s, p50 {median} µs, p99 {slowest} µs, {errors} errors, {} MiB, {descriptors} descriptors, WAL {log} KiB",
            memory / 1024
        )
    }
}

/// The series of a run, each with how much of a difference counts as noise.
pub(super) fn series(samples: &[Sample]) -> Vec<Series> {
    let of = |name, unit, margin, value: fn(&Sample) -> u64| Series {
        name,
        unit,
        values: samples.iter().map(value).collect(),
        margin,
    };
    // Latency is judged loosely: the machine may do other things in the last quarter.
    let all = [
        of("memory", "KiB", Some(Margin { percent: 10, least: 8 << 10 }), |sample| sample.memory),
        of("descriptors", "", Some(Margin { percent: 10, least: 16 }), |sample| sample.descriptors),
        of(LOG, "KiB", Some(Margin { percent: 50, least: 4 << 10 }), |sample| sample.log),
        of("latency, p50", "µs", Some(Margin { percent: 50, least: 2_000 }), |sample| sample.median),
        of("latency, p99", "µs", Some(Margin { percent: 100, least: 20_000 }), |sample| sample.slowest),
        of("errors", "a second", Some(Margin { percent: 100, least: 5 }), |sample| sample.errors),
        of("answers", "a second", None, |sample| sample.answers),
    ];
    // Only a SQLite file has a log.
    let has_log = samples.iter().any(|sample| sample.log > 0);
    all.into_iter().filter(|series| has_log || series.name != LOG).collect()
}

/// The value that so many percent of the sorted values do not exceed; 0 if there are none.
fn quantile(sorted: &[Moment], percent: usize) -> Moment {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied().unwrap_or_default()
}

/// The resident memory of a process, in KiB.
fn memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn descriptors(process: u32) -> Option<u64> {
    u64::try_from(fs::read_dir(format!("/proc/{process}/fd")).ok()?.count()).ok()
}

fn size(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |file| file.len())
}

#[cfg(test)]
mod tests {
    use super::{descriptors, memory, quantile};

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let hundred: Vec<_> = (1..=100).collect();
        assert_eq!([50, 99, 100].map(|percent| quantile(&hundred, percent)), [50, 99, 100]);
        assert_eq!((quantile(&[7], 50), quantile(&[7], 99), quantile(&[], 50)), (7, 7, 0));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_process_holds_is_read() {
        let process = std::process::id();
        assert!(memory(process).is_some_and(|kibibytes| kibibytes > 1_000), "{:?}", memory(process));
        let before = descriptors(process).unwrap();
        let files: Vec<_> = (0..50).map(|_| std::fs::File::open("/proc/self/status").unwrap()).collect();
        let after = descriptors(process).unwrap();
        assert!(after >= before + 40, "{} files were opened: {before} before, {after} after", files.len());
    }
}
