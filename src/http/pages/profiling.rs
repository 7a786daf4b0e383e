//! CPU and heap profiles of the running service. Served only with `--profiling`.
//!
//! A CPU profile samples stacks by a timer signal, which is set only while a profile is taken, so an idle profiler
//! costs nothing. Heap profiles sample one allocation in 512 KiB of those made since the start.

use crate::http::problem::{self, Error, RequestInfo, fault};
use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jemalloc_pprof::PROF_CTL;
use pprof::{ProfilerGuard, ProfilerGuardBuilder, Report, protos::Message};
use std::{fmt, time::Duration};

/// The longest CPU profile, in seconds: less than the usual deadline of a request.
const MAX_SECONDS: u64 = 50;
/// Samples in a second. Not a round number, so that sampling is not in step with periodic work.
const FREQUENCY: i32 = 199;
/// Libraries that are not unwound: a sample taken inside one of them could deadlock.
const NOT_UNWOUND: [&str; 4] = ["libc", "libgcc", "pthread", "vdso"];

fn failed(error: impl fmt::Display) -> Error {
    Error::ProfilerFailed(error.to_string())
}

/// Starts to sample allocations, for heap profiles.
pub(crate) async fn start_heap_sampling() {
    match PROF_CTL.as_ref() {
        Some(control) => {
            if let Err(error) = control.lock().await.activate() {
                tracing::warn!(%error, "cannot sample allocations: there will be no heap profiles");
            }
        }
        None => tracing::warn!(
            "there will be no heap profiles: the build lacked JEMALLOC_SYS_WITH_MALLOC_CONF; see .cargo/config.toml"
        ),
    }
}

/// The flame graph of a profile without samples.
const EMPTY_FLAMEGRAPH: &[u8] = br#"<svg xmlns="http://www.w3.org/2000/svg" width="480" height="40"><text x="8" y="24">Nothing ran meanwhile.</text></svg>"#;

/// The paths of these pages.
pub(in crate::http) const PATHS: [(&str, &str); 3] =
    [("GET", "/profiling/cpu"), ("GET", "/profiling/flamegraph"), ("GET", "/profiling/heap")];

/// Serves the profiles.
pub(in crate::http) fn routes() -> Router {
    Router::new()
        .route("/profiling/cpu", get(async |request: Request| respond(request, cpu).await))
        .route("/profiling/flamegraph", get(async |request: Request| respond(request, flamegraph).await))
        .route("/profiling/heap", get(async |request: Request| respond(request, async |_| heap().await).await))
}

/// Parses the query `seconds=N`; 10 without one.
fn parse_seconds(query: Option<&str>) -> Option<u64> {
    let seconds = query.map_or(Some(10), |query| query.strip_prefix("seconds=")?.parse().ok());
    seconds.filter(|seconds| (1..=MAX_SECONDS).contains(seconds))
}

async fn respond(request: Request, take: impl AsyncFnOnce(Duration) -> Result<Response, Error>) -> Response {
    let (head, _) = request.into_parts();
    let Some(seconds) = parse_seconds(head.uri.query()) else {
        let fault = fault("/query/seconds", format!("must be 1 to {MAX_SECONDS}, and nothing else is known here"));
        return problem::response(fault.into(), &RequestInfo::of(&head));
    };
    match take(Duration::from_secs(seconds)).await {
        Ok(response) => response,
        Err(error) => problem::response(error, &RequestInfo::of(&head)),
    }
}

/// Takes a CPU profile in the pprof format, which `go tool pprof` reads.
async fn cpu(time: Duration) -> Result<Response, Error> {
    let bytes = sample(time, |report| report.pprof().map(|profile| profile.encode_to_vec())).await?;
    Ok(file("cpu.pb", bytes.into()))
}

/// Takes a CPU profile, and draws it as a flame graph.
async fn flamegraph(time: Duration) -> Result<Response, Error> {
    let draw = |report: &Report| {
        let mut svg = Vec::new();
        report.flamegraph(&mut svg).map(|()| svg)
    };
    let mut svg = sample(time, draw).await?;
    if svg.is_empty() {
        svg = EMPTY_FLAMEGRAPH.into();
    }
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response())
}

/// Takes a heap profile in the pprof format, compressed with gzip: the stacks that allocated the memory now in use.
async fn heap() -> Result<Response, Error> {
    let control = PROF_CTL.as_ref().ok_or_else(|| failed("this build has no heap profiler"))?;
    let dump = control.lock().await.dump_pprof().map_err(failed)?;
    Ok(file("heap.pb.gz", dump.into()))
}

/// Samples stacks for `time`, and encodes the report.
async fn sample<T: Send + 'static>(
    time: Duration,
    encode: impl FnOnce(&Report) -> pprof::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let guard = start_profiler()?;
    tokio::time::sleep(time).await;
    // On a blocking thread: resolving the names of functions takes a while.
    let encoded = tokio::task::spawn_blocking(move || encode(&guard.report().build()?));
    encoded.await.map_err(failed)?.map_err(failed)
}

fn start_profiler() -> Result<ProfilerGuard<'static>, Error> {
    let guard = ProfilerGuardBuilder::default().frequency(FREQUENCY).blocklist(&NOT_UNWOUND).build();
    guard.map_err(|error| match &error {
        pprof::Error::Running => Error::ProfilerBusy,
        pprof::Error::NixError(_)
        | pprof::Error::IoError(_)
        | pprof::Error::CreatingError
        | pprof::Error::NotRunning => failed(error),
    })
}

/// A response that browsers save as a file.
fn file(name: &str, bytes: Bytes) -> Response {
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
    let media_type = HeaderValue::from_static("application/octet-stream");
    ([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}
