//! Measures the memory of the service, the time that it takes to start, and the size of the program.

use crate::{
    Options, Outcome,
    load::{Connections, LoadModel},
    measure::Quartiles,
    stores::{large_file, serve_file},
    workloads::{CONNECTIONS, LARGE_FILE_PAYMENTS, Workload},
};
use serde::Serialize;

/// How often the start is timed.
const STARTS: usize = 15;

/// The footprint of the service. Memory and size are in MiB, time in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Footprint {
    /// From the start of the process, over the large file, to the first answer.
    pub(crate) start: Quartiles,
    /// Resident memory after the first answer.
    pub(crate) idle: f64,
    /// Resident memory after a million reads in random order, which fill every cache.
    pub(crate) loaded: f64,
    /// The anonymous part of that, without mapped files.
    pub(crate) loaded_anonymous: f64,
    /// The size of the program's file.
    pub(crate) program: f64,
}

/// The most that will do: start in milliseconds, idle memory and program in MiB.
pub(crate) const MAX_START: f64 = 50.0;
pub(crate) const MAX_IDLE: f64 = 25.0;
pub(crate) const MAX_PROGRAM: f64 = 16.0;

pub(crate) fn measure(options: &Options) -> Outcome<Footprint> {
    println!("footprint");
    let path = large_file(options)?;
    let mut starts = Vec::new();
    for _ in 0..if options.quick { 5 } else { STARTS } {
        starts.push(serve_file(&options.service, &path)?.startup.as_secs_f64() * 1e3);
    }
    let service = serve_file(&options.service, &path)?;
    let (idle, _) = service.memory()?;
    let traffic = Workload::GetUniform.requests("");
    let requests = if options.quick { LARGE_FILE_PAYMENTS / 10 } else { LARGE_FILE_PAYMENTS };
    Connections::open(service.address, traffic)?.run_round(LoadModel::Count(requests / CONNECTIONS))?;
    let (loaded, loaded_anonymous) = service.memory()?;
    let program = std::fs::metadata(&options.service)?.len() as f64 / f64::from(1 << 20);
    Ok(Footprint { start: Quartiles::of(starts), idle, loaded, loaded_anonymous, program })
}
