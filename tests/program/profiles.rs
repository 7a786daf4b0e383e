//! Where the program's time and memory go, for whoever may ask.

use crate::process::{Program, create};

async fn get(url: String) -> (u16, String, Vec<u8>) {
    let answer = reqwest::get(url).await.unwrap();
    let media_type = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), media_type, answer.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_asked_where_its_time_and_memory_go() {
    let program = Program::serve(&["--profiling"]);
    // Enough for the profiler to see, however busy the machine is.
    let mut busy = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let (client, url) = (reqwest::Client::new(), program.url.clone());
        busy.spawn(async move {
            for number in 0.. {
                create(&client, &url, &format!("p-{writer}-{number}")).await.unwrap();
            }
        });
    }
    let (cpu, second) = tokio::join!(
        get(format!("{}/profiling/cpu?seconds=3", program.url)),
        get(format!("{}/profiling/cpu?seconds=3", program.url))
    );
    let mut statuses = [cpu.0, second.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503], "one profile at a time");
    let profile = if cpu.0 == 200 { cpu } else { second };
    assert_eq!(profile.1, "application/octet-stream");
    let names = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(names(&profile.2).contains("tokio") && names(&profile.2).contains("sqlite3"), "no function is named in it");

    let (status, media_type, svg) = get(format!("{}/profiling/flamegraph?seconds=3", program.url)).await;
    assert_eq!((status, media_type.as_str()), (200, "image/svg+xml"));
    assert!(names(&svg).contains("<svg") && names(&svg).contains("sqlite3"), "{}", names(&svg));

    let (status, media_type, heap) = get(format!("{}/profiling/heap", program.url)).await;
    assert_eq!((status, media_type.as_str()), (200, "application/octet-stream"));
    assert!(heap.starts_with(&[0x1f, 0x8b]) && heap.len() > 500, "no gzip: {heap:?}");
    busy.abort_all();

    for query in ["seconds=0", "seconds=51", "seconds=x", "minutes=1"] {
        let (status, _, problem) = get(format!("{}/profiling/cpu?{query}", program.url)).await;
        assert_eq!(status, 400, "{query}: {}", names(&problem));
        assert!(names(&problem).contains("/query/seconds"), "{}", names(&problem));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_does_nothing_can_be_looked_at_too() {
    let program = Program::serve(&["--profiling"]);
    let (status, _, svg) = get(format!("{}/profiling/flamegraph?seconds=1", program.url)).await;
    assert_eq!(status, 200);
    assert!(String::from_utf8_lossy(&svg).contains("</svg>"), "{svg:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_profiles_it_unless_it_was_told_so() {
    let program = Program::serve(&[]);
    for path in ["cpu", "flamegraph", "heap"] {
        assert_eq!(get(format!("{}/profiling/{path}", program.url)).await.0, 404, "{path}");
    }
}
