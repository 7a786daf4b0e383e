//! Loads into services that are slow, busy or broken, and into none at all. Tests wait for no pause: they control the
//! clock.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod service;

use seed::load::{Clock, Counts, LoadOptions, ProgressOutput, Source, StopReason, SystemClock, load};
use serde_json::{Value, json};
use service::{ManualClock, Service, created, file, line, load_into, no_output, problem, synthetic};
use std::{
    collections::HashMap,
    future,
    io::{self, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
};
use wiremock::ResponseTemplate;

#[tokio::test]
async fn a_repeated_load_changes_nothing_and_sends_one_request_per_payment() {
    let service = Service::start().await;
    let report = service.load(Source::Fixtures, ManualClock::default()).await;
    let count = seed::fixtures().len() as u64;
    assert_eq!(report.counts, created(count), "{report}");
    assert!(report.complete());
    let before = service.requests().await;
    let report = service.load(Source::Fixtures, ManualClock::default()).await;
    assert_eq!(report.counts, Counts { present: count, ..Counts::default() }, "{report}");
    assert!(report.complete());
    // The first request of each worker is a POST; its conflict makes the worker look up the next payment instead.
    let requests = service.requests().await - before;
    assert!(requests <= seed::fixtures().len() + 4, "{requests} requests");
    assert_eq!(service.count(), count);
}

#[tokio::test]
async fn a_differing_payment_is_named_and_left_as_it_is() {
    let service = Service::start().await;
    let (_first, source) = file(&[line("a"), line("b"), line("c")].join("\n"));
    service.load(source, ManualClock::default()).await;
    let changed = [line("a"), line("b").replace("1.10", "2").replace("acme", "other"), line("c")].join("\n");
    let (_second, source) = file(&changed);
    let report = service.load(source, ManualClock::default()).await;
    assert_eq!(report.counts, Counts { present: 2, differing: 1, ..Counts::default() });
    assert!(!report.complete());
    let note = "line 2, column 1: b: organisation_id, attributes.amount";
    assert!(report.to_string().contains(note), "{report}");
    assert_eq!(service.stored.lock().unwrap()["b"].get(), line("b"));
}

#[tokio::test]
async fn a_deleted_id_is_refused() {
    let service = Service::overriding(|id, before| {
        (id == "gone").then(|| match before {
            0 => problem(409, "/problems/payment-exists"),
            _ => problem(404, "/problems/payment-not-found"),
        })
    })
    .await;
    let (_file, source) = file(&[line("a"), line("gone"), line("b")].join("\n"));
    let report = service.load(source, ManualClock::default()).await;
    assert_eq!(report.counts, Counts { created: 2, refused: 1, ..Counts::default() });
    let note = "line 2, column 1: gone: a payment of this id was deleted, and its id is never given out again";
    assert!(report.to_string().contains(note), "{report}");
}

#[tokio::test]
async fn a_refused_payment_does_not_stop_the_rest() {
    let service = Service::overriding(|id, _| (id == "bad").then(|| {
        let body = json!({"type": "/problems/invalid-request", "title": "t", "status": 400, "detail": "d", "instance": "i",
            "errors": [{"pointer": "/data/attributes/amount", "detail": "must be greater than zero"}]});
        ResponseTemplate::new(400).set_body_raw(body.to_string(), "application/problem+json")
    }))
    .await;
    let (_file, source) = file(&[line("a"), "{".to_owned(), line("bad"), line("b")].join("\n"));
    let report = service.load(source, ManualClock::default()).await;
    assert_eq!(report.counts, Counts { created: 2, refused: 2, ..Counts::default() });
    assert!(!report.complete());
    let expected = "refused:
  line 2, column 1: malformed JSON: EOF while parsing an object
  line 3, column 1: bad: /data/attributes/amount must be greater than zero
4 payments in ";
    assert!(report.to_string().starts_with(expected), "{report}");
}

#[tokio::test]
async fn an_unreadable_rest_is_named_after_what_was_loaded() {
    let service = Service::start().await;
    let (_file, source) = file(&format!("[\n{},\n{}\n", line("a"), &line("b")[..20]));
    let report = service.load(source, ManualClock::default()).await;
    assert_eq!(report.counts, created(1), "{report}");
    assert!(!report.complete());
    assert!(report.to_string().starts_with("line 3, column "), "{report}");
    assert!(report.to_string().contains("malformed JSON"), "{report}");
}

#[tokio::test]
async fn retry_after_is_honoured() {
    for status in [429, 503] {
        let service = Service::overriding(move |_, before| {
            (before == 0).then(|| problem(status, "/problems/x").insert_header("retry-after", "7"))
        })
        .await;
        let clock = ManualClock::default();
        let report = service.load(synthetic(1), clock.clone()).await;
        assert_eq!(report.counts, created(1), "{report}");
        let waited: Duration = clock.pauses().iter().sum();
        assert!((7_000..7_200).contains(&waited.as_millis()), "{:?}", clock.pauses());
    }
}

#[tokio::test]
async fn without_retry_after_pauses_grow_exponentially_up_to_a_bound_with_jitter() {
    let service = Service::overriding(|_, before| (before < 8).then(|| ResponseTemplate::new(502))).await;
    let clock = ManualClock::default();
    let report = service.load(synthetic(1), clock.clone()).await;
    assert_eq!(report.counts, created(1), "{report}");
    let pauses: Vec<u128> = clock.pauses().iter().map(Duration::as_millis).collect();
    assert_eq!(pauses.len(), 8, "{pauses:?}");
    for (pause, longest) in pauses.iter().zip([100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
        assert!((longest / 2..=longest).contains(pause), "{pauses:?}");
    }
    assert_ne!(pauses[6], pauses[7]);
}

#[tokio::test]
async fn a_rate_limit_slows_the_load_and_fails_no_payment() {
    let clock = ManualClock::default();
    let (service_clock, granted) = (clock.clone(), Mutex::new(HashMap::<u64, u32>::new()));
    // Two requests a second, for four workers.
    let service = Service::overriding(move |_, _| {
        let mut granted = granted.lock().unwrap();
        let count = granted.entry(service_clock.now().as_secs()).or_default();
        *count += 1;
        (*count > 2).then(|| problem(429, "/problems/too-many-requests").insert_header("retry-after", "1"))
    })
    .await;
    let report = service.load(synthetic(60), clock.clone()).await;
    assert_eq!(report.counts, created(60), "{report}");
    assert!(clock.now() > Duration::from_secs(25), "{:?}", clock.now());
}

#[tokio::test]
async fn a_payment_that_fails_again_and_again_is_given_up_and_the_rest_is_loaded() {
    let service = Service::overriding(|id, _| (id == "b").then(|| ResponseTemplate::new(503))).await;
    let ids: Vec<String> = ["a", "b"].into_iter().map(line).chain((0..50).map(|id| line(&id.to_string()))).collect();
    let (_file, source) = file(&ids.join("\n"));
    let report = service.load(source, ManualClock::default()).await;
    assert_eq!(report.counts, Counts { created: 51, refused: 1, ..Counts::default() }, "{report}");
    assert!(report.to_string().contains("line 2, column 1: b: unexpected response, 503"), "{report}");
}

#[tokio::test]
async fn a_load_into_an_unreachable_service_stops_with_one_line() {
    // The socket is bound, so that nobody else takes the port, and does not listen.
    let unused = TcpSocket::new_v4().unwrap();
    unused.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", unused.local_addr().unwrap());
    let clock = ManualClock::default();
    let report = load_into(&url, synthetic(100), clock.clone()).await;
    assert_eq!(report.counts, Counts::default());
    assert!(!report.complete());
    let Some(StopReason::Unusable(why)) = &report.stopped else { panic!("{report}") };
    assert!(why.contains(&url) && why.contains("--url") && why.contains("refused") && !why.contains('\n'), "{why}");
    assert!(clock.now() < Duration::from_secs(60), "it took {:?}", clock.now());

    let busy =
        Service::overriding(|_, _| Some(problem(503, "/problems/unavailable").insert_header("retry-after", "1"))).await;
    let report = busy.load(synthetic(100), ManualClock::default()).await;
    assert!(matches!(&report.stopped, Some(StopReason::Unusable(why)) if why.contains("503")), "{report}");
}

#[tokio::test]
async fn another_server_at_the_address_stops_the_load_at_once() {
    for response in [
        ResponseTemplate::new(404).set_body_raw("<h1>Not Found</h1>", "text/html"),
        ResponseTemplate::new(200).set_body_raw("<h1>Welcome</h1>", "text/html"),
        ResponseTemplate::new(201).set_body_raw("{}", "application/json"),
        problem(404, "/problems/path-not-found"),
    ] {
        let service = Service::overriding(move |_, _| Some(response.clone())).await;
        let report = service.load(synthetic(1000), ManualClock::default()).await;
        let Some(StopReason::Unusable(why)) = &report.stopped else { panic!("{report}") };
        assert!(why.contains("is not the payments service") && why.contains("--url"), "{why}");
        assert!(service.requests().await <= 4);
    }
}

#[tokio::test]
async fn broken_connections_are_retried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 16 << 10];
            let body = created_response();
            match number {
                0 => drop(stream),                          // breaks before the request
                1 => drop(stream.read(&mut request).await), // breaks before the response
                2 => {
                    // breaks within the response
                    let _ = stream.read(&mut request).await;
                    stream.write_all(&body.as_bytes()[..body.len() / 2]).await.unwrap();
                }
                _ => {
                    let _ = stream.read(&mut request).await;
                    stream.write_all(body.as_bytes()).await.unwrap();
                }
            }
        }
    });
    let report = load_into(&url, synthetic(1), ManualClock::default()).await;
    assert_eq!(report.counts, created(1), "{report}");
}

fn created_response() -> String {
    let body = json!({"data": serde_json::from_str::<Value>(&line("a")).unwrap(), "links": {"self": "http://x/y"}})
        .to_string();
    format!(
        "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_stopped_load_finishes_running_requests_and_can_be_resumed() {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (stop, seen) = (Mutex::new(Some(stop)), Mutex::new(0));
    let service = Service::overriding(move |_, _| {
        let mut seen = seen.lock().unwrap();
        *seen += 1;
        if *seen == 40 {
            stop.lock().unwrap().take();
        }
        None
    })
    .await;
    let options = LoadOptions {
        url: service.server.uri(),
        source: synthetic(300),
        concurrency: 4,
        credentials: None,
        organisation: None,
    };
    let report = load(options, no_output(), SystemClock::start(), async { drop(stopped.await) }).await.unwrap();
    assert_eq!(report.stopped, Some(StopReason::Requested));
    assert!(!report.complete());
    assert!(report.to_string().contains("run the same command again"), "{report}");
    // Requests that were running are counted: the service has exactly what the report says.
    assert_eq!(report.counts, created(service.count()), "{report}");
    assert!((40..100).contains(&service.count()), "{report}");

    let present = service.count();
    let report = service.load(synthetic(300), SystemClock::start()).await;
    assert_eq!(report.counts, Counts { created: 300 - present, present, ..Counts::default() }, "{report}");
    assert!(report.complete());
    assert_eq!(service.count(), 300);
}

#[tokio::test]
async fn a_load_that_waits_for_retry_after_can_be_stopped() {
    let service =
        Service::overriding(|_, _| Some(problem(429, "/problems/x").insert_header("retry-after", "3600"))).await;
    let options = LoadOptions {
        url: service.server.uri(),
        source: synthetic(3),
        concurrency: 4,
        credentials: None,
        organisation: None,
    };
    let stop = tokio::time::sleep(Duration::from_millis(200));
    let report = load(options, no_output(), SystemClock::start(), stop).await.unwrap();
    assert_eq!((report.stopped, report.counts), (Some(StopReason::Requested), Counts::default()));
}

#[tokio::test]
async fn progress_is_written_as_lines_without_a_terminal() {
    #[derive(Clone, Default)]
    struct SharedBuffer(Arc<Mutex<Vec<u8>>>);
    impl Write for SharedBuffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let limited = AtomicBool::new(false);
    let service = Service::overriding(move |_, _| {
        std::thread::sleep(Duration::from_millis(10));
        (!limited.swap(true, Ordering::Relaxed)).then(|| problem(429, "/problems/x").insert_header("retry-after", "1"))
    })
    .await;
    let log = SharedBuffer::default();
    let output = ProgressOutput::Lines { to: Box::new(log.clone()), every: Duration::from_millis(500) };
    let options = LoadOptions {
        url: service.server.uri(),
        source: synthetic(150),
        concurrency: 1,
        credentials: None,
        organisation: None,
    };
    load(options, output, SystemClock::start(), future::pending()).await.unwrap();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() >= 2, "{text}");
    // Usually the first line. On a slow machine a line without a failure may come before.
    let failure = lines.iter().find(|line| line.contains("429")).unwrap_or_else(|| panic!("no failure: {text}"));
    assert!(failure.contains("the service asks to wait 1 s"), "{text}");
    assert!(lines.last().unwrap().contains(" of 150 payments, "), "{text}");
    assert!(!text.contains(['\r', '\u{1b}']), "{text:?}");
}

#[tokio::test]
async fn a_load_error_names_the_flag() {
    for (url, source, flag) in [
        ("localhost", synthetic(1), "--url localhost"),
        ("http://localhost:1", Source::File("/no/such/file".into()), "--file /no/such/file"),
        ("http://localhost:1", Source::File("/".into()), "--file /"),
    ] {
        let options =
            LoadOptions { url: url.to_owned(), source, concurrency: 4, credentials: None, organisation: None };
        let error = load(options, no_output(), SystemClock::start(), future::pending()).await.unwrap_err().to_string();
        assert!(error.contains(flag) && !error.contains('\n'), "{error}");
    }
}

#[tokio::test]
async fn the_list_of_refused_payments_is_bounded_and_the_rest_counted() {
    let service = Service::start().await;
    let (_file, source) = file(&"{}\n".repeat(1234));
    let report = service.load(source, ManualClock::default()).await;
    assert_eq!(report.counts.refused, 1234);
    assert_eq!(report.refused.len(), 100);
    assert!(report.to_string().contains("\n  and 1,134 more\n"), "{report}");
}
