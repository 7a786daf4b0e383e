//! Where the time goes and what the memory is for, asked of a service that runs. Served only with `--profiling`.
//!
//! A CPU profile is taken by a timer signal that is set only meanwhile, so nothing is paid while nobody asks. Heap profiles
//! know of one allocation in 512 KiB of those made since the start.

use crate::http::problem::{self, Asked, Error};
use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jemalloc_pprof::PROF_CTL;
use payments_server::Fault;
use pprof::{ProfilerGuard, ProfilerGuardBuilder, Report, protos::Message};
use std::{fmt, time::Duration};

/// How long a CPU profile takes at most, in seconds: less than the usual deadline of a request.
const LONGEST: u64 = 50;
/// How often it looks a second. Not a round number, so that it does not keep time with what is done every so often.
const FREQUENCY: i32 = 199;
/// Unwinding the stack from within these can deadlock.
const NOT_UNWOUND: [&str; 4] = ["libc", "libgcc", "pthread", "vdso"];

fn failed(error: impl fmt::Display) -> Error {
    Error::ProfilerFailed(error.to_string())
}

/// Has allocations sampled from now on.
pub(crate) async fn begin() {
    match PROF_CTL.as_ref() {
        Some(control) => {
            if let Err(error) = control.lock().await.activate() {
                tracing::warn!(%error, "there will be no heap profiles");
            }
        }
        None => tracing::warn!(
            "there will be no heap profiles: built without JEMALLOC_SYS_WITH_MALLOC_CONF, see .cargo/config.toml"
        ),
    }
}

/// The picture of a service that did nothing while it was looked at.
const IDLE: &[u8] = br#"<svg xmlns="http://www.w3.org/2000/svg" width="480" height="40"><text x="8" y="24">Nothing ran meanwhile.</text></svg>"#;

/// The paths below `/profiling`.
pub(in crate::http) const PATHS: [(&str, &str); 3] =
    [("GET", "/profiling/cpu"), ("GET", "/profiling/flamegraph"), ("GET", "/profiling/heap")];

/// Where profiles can be had.
pub(in crate::http) fn routes() -> Router {
    Router::new()
        .route("/profiling/cpu", get(async |request: Request| answer(request, cpu).await))
        .route("/profiling/flamegraph", get(async |request: Request| answer(request, flamegraph).await))
        .route("/profiling/heap", get(async |request: Request| answer(request, async |_| heap().await).await))
}

/// How long to look, by the query `seconds=N`; 10 seconds without one.
fn seconds(query: Option<&str>) -> Option<u64> {
    let seconds = query.map_or(Some(10), |query| query.strip_prefix("seconds=")?.parse().ok());
    seconds.filter(|seconds| (1..=LONGEST).contains(seconds))
}

async fn answer(request: Request, take: impl AsyncFnOnce(Duration) -> Result<Response, Error>) -> Response {
    let (head, _) = request.into_parts();
    let Some(seconds) = seconds(head.uri.query()) else {
        let detail = format!("must be 1 to {LONGEST}, and nothing else is known here").into();
        let fault = Fault { pointer: "/query/seconds".to_owned(), detail };
        return problem::response(fault.into(), &Asked::of(&head));
    };
    match take(Duration::from_secs(seconds)).await {
        Ok(response) => response,
        Err(error) => problem::response(error, &Asked::of(&head)),
    }
}

/// A CPU profile as pprof has it: `go tool pprof` and others read it.
async fn cpu(time: Duration) -> Result<Response, Error> {
    let bytes = look(time, |report| report.pprof().map(|profile| profile.encode_to_vec())).await?;
    Ok(file("cpu.pb", bytes.into()))
}

/// The same as a flame graph.
async fn flamegraph(time: Duration) -> Result<Response, Error> {
    let draw = |report: &Report| {
        let mut svg = Vec::new();
        report.flamegraph(&mut svg).map(|()| svg)
    };
    let mut svg = look(time, draw).await?;
    if svg.is_empty() {
        svg = IDLE.into();
    }
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response())
}

/// What the memory that is in use was allocated for, as pprof has it, compressed with gzip.
async fn heap() -> Result<Response, Error> {
    let control = PROF_CTL.as_ref().ok_or_else(|| failed("this build has no heap profiler"))?;
    let dump = control.lock().await.dump_pprof().map_err(failed)?;
    Ok(file("heap.pb.gz", dump.into()))
}

/// Looks what the threads do for a while, and makes something of that.
async fn look<T: Send + 'static>(
    time: Duration,
    make: impl FnOnce(&Report) -> pprof::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let guard = start()?;
    tokio::time::sleep(time).await;
    // To find the names of functions takes a while.
    let made = tokio::task::spawn_blocking(move || make(&guard.report().build()?));
    made.await.map_err(failed)?.map_err(failed)
}

fn start() -> Result<ProfilerGuard<'static>, Error> {
    let guard = ProfilerGuardBuilder::default().frequency(FREQUENCY).blocklist(&NOT_UNWOUND).build();
    guard.map_err(|error| match &error {
        pprof::Error::Running => Error::ProfilerBusy,
        pprof::Error::NixError(_)
        | pprof::Error::IoError(_)
        | pprof::Error::CreatingError
        | pprof::Error::NotRunning => failed(error),
    })
}

fn file(name: &str, bytes: Bytes) -> Response {
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let media_type = HeaderValue::from_static("application/octet-stream");
    ([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}
