//! CPU and heap profiles, which the program serves with `--profiling`.

use crate::PROGRAM;
use test_support::Answer;

/// How often a profile is taken. On a machine that stands still meanwhile, the profile has no samples, and the second of two
/// requests comes when the first is done.
const ATTEMPTS: u32 = 5;

/// The names in a profile, which is no text.
fn names(profile: &Answer) -> String {
    String::from_utf8_lossy(&profile.bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_asked_where_its_time_and_memory_go() {
    let process = PROGRAM.serve(&["--profiling"]);
    // Without a timeout: a debug build takes long to name the functions.
    let client = process.over(reqwest::Client::new());
    // Enough for the profiler to see, however busy the machine is.
    let mut busy = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let client = process.over(reqwest::Client::new());
        busy.spawn(async move {
            for number in 0.. {
                client.create(&format!("p-{writer}-{number}")).await;
            }
        });
    }
    let mut attempt = 0;
    let profile = loop {
        attempt += 1;
        let (first, second) =
            tokio::join!(client.get("/profiling/cpu?seconds=3"), client.get("/profiling/cpu?seconds=3"));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        let profile = if first.status == 200 { &first } else { &second };
        let is_named = names(profile).contains("tokio") && names(profile).contains("sqlite3");
        if statuses == [200, 503] && is_named {
            break if first.status == 200 { first } else { second };
        }
        assert!(attempt < ATTEMPTS, "one profile at a time, which names functions: {statuses:?}, {is_named}");
    };
    profile.expect_header("content-type", "application/octet-stream");

    let mut attempt = 0;
    let graph = loop {
        attempt += 1;
        let graph = client.get("/profiling/flamegraph?seconds=3").await;
        assert_eq!(graph.status, 200, "{graph}");
        if graph.text().contains("sqlite3") || attempt == ATTEMPTS {
            break graph;
        }
    };
    graph.expect_header("content-type", "image/svg+xml");
    assert!(graph.text().contains("<svg") && graph.text().contains("sqlite3"), "{graph}");

    let heap = client.get("/profiling/heap").await;
    assert_eq!(heap.status, 200, "{heap}");
    heap.expect_header("content-type", "application/octet-stream");
    assert!(heap.bytes.starts_with(&[0x1f, 0x8b]) && heap.bytes.len() > 500, "no gzip: {heap:?}");
    busy.abort_all();

    for query in ["seconds=0", "seconds=51", "seconds=x", "minutes=1"] {
        process.get(&format!("/profiling/cpu?{query}")).await.expect_faults(&["/query/seconds"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_nothing_can_be_looked_at_too() {
    let process = PROGRAM.serve(&["--profiling"]);
    let graph = process.over(reqwest::Client::new()).get("/profiling/flamegraph?seconds=1").await;
    assert_eq!(graph.status, 200, "{graph}");
    assert!(graph.text().contains("</svg>"), "{graph}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_profile_is_served_without_the_flag() {
    let process = PROGRAM.serve(&[]);
    for path in ["cpu", "flamegraph", "heap"] {
        process.get(&format!("/profiling/{path}")).await.expect_problem(404, "path-not-found");
    }
}
