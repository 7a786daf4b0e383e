//! What the service takes before and beside its work: memory, time to start, room on disk.

use crate::{
    Options, Outcome,
    load::{Clients, Pace},
    measure::Spread,
    stores::{self, CONNECTIONS, MANY},
    traffic::{Get, Traffic},
};
use serde::Serialize;

/// How often the service is started, to learn how long that takes.
const STARTS: usize = 15;

/// What the service takes. Memory is in MiB, time in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Footprint {
    /// From the start of the process, over a file that holds a million payments, to its first answer.
    pub(crate) start: Spread,
    /// All memory in use once it has answered.
    pub(crate) idle: f64,
    /// The same after a million requests for payments in no order, so that every cache is full.
    pub(crate) worked: f64,
    /// Of that, what is not shared with files.
    pub(crate) worked_anonymous: f64,
    /// The program's file.
    pub(crate) program: f64,
}

/// The least that will do: milliseconds, MiB, MiB beyond the bound of the cache, MiB.
pub(crate) const TARGETS: (f64, f64, f64, f64) = (50.0, 25.0, 64.0, 15.0);

pub(crate) fn measure(options: &Options) -> Outcome<Footprint> {
    println!("footprint");
    let path = stores::million(options)?;
    let mut starts = Vec::new();
    for _ in 0..if options.quick { 5 } else { STARTS } {
        starts.push(stores::file(&options.service, &path)?.started.as_secs_f64() * 1e3);
    }
    let service = stores::file(&options.service, &path)?;
    let (idle, _) = service.memory()?;
    let traffic = (0..CONNECTIONS).map(|number| Box::new(Get::new(number, MANY)) as Box<dyn Traffic>).collect();
    let requests = if options.quick { MANY / 10 } else { MANY };
    Clients::connect(service.address, traffic)?.play(Pace::Count(requests / CONNECTIONS))?;
    let (worked, worked_anonymous) = service.memory()?;
    let program = std::fs::metadata(&options.service)?.len() as f64 / f64::from(1 << 20);
    Ok(Footprint { start: Spread::of(starts), idle, worked, worked_anonymous, program })
}
