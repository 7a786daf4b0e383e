//! Loads against services that are slow, busy, broken, or none at all. Time is not waited for: the clock is ours.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

mod service;

use seed::load::{Clock, Counts, Halt, LoadOptions, ProgressOutput, Source, SystemClock, load};
use serde_json::{Value, json};
use service::{Jumps, Service, created, file, fill, line, made_up, problem, quiet};
use std::{
    collections::{HashMap, VecDeque},
    future,
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::ResponseTemplate;

#[tokio::test]
async fn a_load_that_is_repeated_changes_nothing_and_asks_once_for_each() {
    let service = Service::start().await;
    let report = service.load(Source::Fixtures, Jumps::default()).await;
    let count = seed::fixtures().len() as u64;
    assert_eq!(report.counts, created(count), "{report}");
    assert!(report.complete());
    let before = service.requests().await;
    let report = service.load(Source::Fixtures, Jumps::default()).await;
    assert_eq!(report.counts, Counts { present: count, ..Counts::default() }, "{report}");
    assert!(report.complete());
    // The first few find out that the rest may be there as well.
    let asked = service.requests().await - before;
    assert!(asked <= seed::fixtures().len() + 4, "{asked} requests");
    assert_eq!(service.count(), count);
}

#[tokio::test]
async fn what_differs_is_named_and_left_as_it_is() {
    let service = Service::start().await;
    let (_first, source) = file(&[line("a"), line("b"), line("c")].join("\n"));
    service.load(source, Jumps::default()).await;
    let changed = [line("a"), line("b").replace("1.10", "2").replace("acme", "other"), line("c")].join("\n");
    let (_second, source) = file(&changed);
    let report = service.load(source, Jumps::default()).await;
    assert_eq!(report.counts, Counts { present: 2, differing: 1, ..Counts::default() });
    assert!(!report.complete());
    let note = "line 2, column 1: b: organisation_id, attributes.amount";
    assert!(report.to_string().contains(note), "{report}");
    assert_eq!(service.kept.lock().unwrap()["b"].get(), line("b"));
}

#[tokio::test]
async fn a_deleted_id_is_told_from_one_that_is_there() {
    let service = Service::deciding(|id, before| {
        (id == "gone").then(|| match before {
            0 => problem(409, "/problems/payment-exists"),
            _ => problem(404, "/problems/payment-not-found"),
        })
    })
    .await;
    let (_file, source) = file(&[line("a"), line("gone"), line("b")].join("\n"));
    let report = service.load(source, Jumps::default()).await;
    assert_eq!(report.counts, Counts { created: 2, refused: 1, ..Counts::default() });
    let note = "line 2, column 1: gone: a payment of this id was deleted, and its id is never given out again";
    assert!(report.to_string().contains(note), "{report}");
}

#[tokio::test]
async fn one_that_is_refused_does_not_stop_the_rest() {
    let service = Service::deciding(|id, _| (id == "bad").then(|| {
        let body = json!({"type": "/problems/invalid-request", "title": "t", "status": 400, "detail": "d", "instance": "i",
            "errors": [{"pointer": "/data/attributes/amount", "detail": "must be greater than zero"}]});
        ResponseTemplate::new(400).set_body_raw(body.to_string(), "application/problem+json")
    }))
    .await;
    let (_file, source) = file(&[line("a"), "{".to_owned(), line("bad"), line("b")].join("\n"));
    let report = service.load(source, Jumps::default()).await;
    assert_eq!(report.counts, Counts { created: 2, refused: 2, ..Counts::default() });
    assert!(!report.complete());
    let told = "refused:
  line 2, column 1: malformed JSON: EOF while parsing an object
  line 3, column 1: bad: /data/attributes/amount must be greater than zero
4 payments in ";
    assert!(report.to_string().starts_with(told), "{report}");
}

#[tokio::test]
async fn what_cannot_be_read_any_further_is_named_after_what_was_loaded() {
    let service = Service::start().await;
    let (_file, source) = file(&format!("[\n{},\n{}\n", line("a"), &line("b")[..20]));
    let report = service.load(source, Jumps::default()).await;
    assert_eq!(report.counts, created(1), "{report}");
    assert!(!report.complete());
    assert!(report.to_string().starts_with("line 3, column "), "{report}");
    assert!(report.to_string().contains("malformed JSON"), "{report}");
}

#[tokio::test]
async fn retry_after_is_honoured_by_all() {
    for status in [429, 503] {
        let service = Service::deciding(move |_, before| {
            (before == 0).then(|| problem(status, "/problems/x").insert_header("retry-after", "7"))
        })
        .await;
        let clock = Jumps::default();
        let report = service.load(made_up(1), clock.clone()).await;
        assert_eq!(report.counts, created(1), "{report}");
        let waited: Duration = clock.all().iter().sum();
        assert!((7_000..7_200).contains(&waited.as_millis()), "{:?}", clock.all());
    }
}

#[tokio::test]
async fn without_retry_after_the_pauses_grow_up_to_a_bound_and_are_not_all_alike() {
    let service = Service::deciding(|_, before| (before < 8).then(|| ResponseTemplate::new(502))).await;
    let clock = Jumps::default();
    let report = service.load(made_up(1), clock.clone()).await;
    assert_eq!(report.counts, created(1), "{report}");
    let pauses: Vec<u128> = clock.all().iter().map(Duration::as_millis).collect();
    assert_eq!(pauses.len(), 8, "{pauses:?}");
    for (pause, longest) in pauses.iter().zip([100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
        assert!((longest / 2..=longest).contains(pause), "{pauses:?}");
    }
    assert_ne!(pauses[6], pauses[7]);
}

#[tokio::test]
async fn a_limit_slows_the_load_and_fails_nothing() {
    let clock = Jumps::default();
    let (ours, granted) = (clock.clone(), Mutex::new(HashMap::<u64, u32>::new()));
    // Two a second, for four workers that want more.
    let service = Service::deciding(move |_, _| {
        let mut granted = granted.lock().unwrap();
        let count = granted.entry(ours.now().as_secs()).or_default();
        *count += 1;
        (*count > 2).then(|| problem(429, "/problems/too-many-requests").insert_header("retry-after", "1"))
    })
    .await;
    let report = service.load(made_up(60), clock.clone()).await;
    assert_eq!(report.counts, created(60), "{report}");
    assert!(clock.now() > Duration::from_secs(25), "{:?}", clock.now());
}

#[tokio::test]
async fn one_that_never_gets_an_answer_is_given_up_and_the_rest_is_loaded() {
    let service = Service::deciding(|id, _| (id == "b").then(|| ResponseTemplate::new(503))).await;
    let ids: Vec<String> = ["a", "b"].into_iter().map(line).chain((0..50).map(|id| line(&id.to_string()))).collect();
    let (_file, source) = file(&ids.join("\n"));
    let report = service.load(source, Jumps::default()).await;
    assert_eq!(report.counts, Counts { created: 51, refused: 1, ..Counts::default() }, "{report}");
    assert!(report.to_string().contains("line 2, column 1: b: unexpected answer, 503"), "{report}");
}

#[tokio::test]
async fn a_service_that_never_answers_is_given_up_in_one_line() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = format!("http://{nobody}");
    let clock = Jumps::default();
    let report = fill(&url, made_up(100), clock.clone()).await;
    assert_eq!(report.counts, Counts::default());
    assert!(!report.complete());
    let Some(Halt::Useless(why)) = &report.halt else { panic!("{report}") };
    assert!(why.contains(&url) && why.contains("--url") && why.contains("refused") && !why.contains('\n'), "{why}");
    assert!(clock.now() < Duration::from_secs(60), "it took {:?}", clock.now());

    let busy =
        Service::deciding(|_, _| Some(problem(503, "/problems/unavailable").insert_header("retry-after", "1"))).await;
    let report = busy.load(made_up(100), Jumps::default()).await;
    assert!(matches!(&report.halt, Some(Halt::Useless(why)) if why.contains("503")), "{report}");
}

#[tokio::test]
async fn who_is_not_the_service_is_found_out_at_once() {
    for answer in [
        ResponseTemplate::new(404).set_body_raw("<h1>Not Found</h1>", "text/html"),
        ResponseTemplate::new(200).set_body_raw("<h1>Welcome</h1>", "text/html"),
        ResponseTemplate::new(201).set_body_raw("{}", "application/json"),
        problem(404, "/problems/path-not-found"),
    ] {
        let service = Service::deciding(move |_, _| Some(answer.clone())).await;
        let report = service.load(made_up(1000), Jumps::default()).await;
        let Some(Halt::Useless(why)) = &report.halt else { panic!("{report}") };
        assert!(why.contains("is not the payments service") && why.contains("--url"), "{why}");
        assert!(service.requests().await <= 4);
    }
}

#[tokio::test]
async fn connections_that_break_are_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 16 << 10];
            let body = found_text();
            match number {
                0 => drop(stream),                          // before the request
                1 => drop(stream.read(&mut request).await), // before the answer
                2 => {
                    // in the middle of it
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
    let report = fill(&url, made_up(1), Jumps::default()).await;
    assert_eq!(report.counts, created(1), "{report}");
}

fn found_text() -> String {
    let body = json!({"data": serde_json::from_str::<Value>(&line("a")).unwrap(), "links": {"self": "http://x/y"}})
        .to_string();
    format!(
        "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_load_that_is_stopped_finishes_what_is_under_way_and_can_go_on() {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (stop, seen) = (Mutex::new(Some(stop)), Mutex::new(0));
    let service = Service::deciding(move |_, _| {
        let mut seen = seen.lock().unwrap();
        *seen += 1;
        if *seen == 40 {
            stop.lock().unwrap().take();
        }
        None
    })
    .await;
    let options = LoadOptions { url: service.server.uri(), source: made_up(300), concurrency: 4 };
    let report = load(options, quiet(), SystemClock::start(), async { drop(stopped.await) }).await.unwrap();
    assert_eq!(report.halt, Some(Halt::Told));
    assert!(!report.complete());
    assert!(report.to_string().contains("run the same command again"), "{report}");
    // What was under way is counted: the service has exactly what the report says.
    assert_eq!(report.counts, created(service.count()), "{report}");
    assert!((40..100).contains(&service.count()), "{report}");

    let there = service.count();
    let report = service.load(made_up(300), SystemClock::start()).await;
    assert_eq!(report.counts, Counts { created: 300 - there, present: there, ..Counts::default() }, "{report}");
    assert!(report.complete());
    assert_eq!(service.count(), 300);
}

#[tokio::test]
async fn a_load_that_waits_can_be_stopped() {
    let service =
        Service::deciding(|_, _| Some(problem(429, "/problems/x").insert_header("retry-after", "3600"))).await;
    let options = LoadOptions { url: service.server.uri(), source: made_up(3), concurrency: 4 };
    let stop = tokio::time::sleep(Duration::from_millis(200));
    let report = load(options, quiet(), SystemClock::start(), stop).await.unwrap();
    assert_eq!((report.halt, report.counts), (Some(Halt::Told), Counts::default()));
}

#[tokio::test]
async fn lines_tell_how_far_it_has_come_where_there_is_no_terminal() {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let slow: Mutex<VecDeque<()>> = Mutex::new(VecDeque::from(vec![(); 1]));
    let service = Service::deciding(move |_, _| {
        std::thread::sleep(Duration::from_millis(10));
        slow.lock().unwrap().pop_front().map(|()| problem(429, "/problems/x").insert_header("retry-after", "1"))
    })
    .await;
    let log = Log::default();
    let output = ProgressOutput::Lines { to: Box::new(log.clone()), every: Duration::from_millis(1500) };
    let options = LoadOptions { url: service.server.uri(), source: made_up(150), concurrency: 1 };
    load(options, output, SystemClock::start(), future::pending()).await.unwrap();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.len() >= 2, "{text}");
    assert!(lines[0].contains("429") && lines[0].contains("it asks to wait 1 s"), "{text}");
    assert!(lines.last().unwrap().contains(" of 150 payments, "), "{text}");
    assert!(!text.contains(['\r', '\u{1b}']), "{text:?}");
}

#[tokio::test]
async fn a_load_that_cannot_begin_names_the_flag() {
    for (url, source, flag) in [
        ("localhost", made_up(1), "--url localhost"),
        ("http://localhost:1", Source::File("/no/such/file".into()), "--file /no/such/file"),
        ("http://localhost:1", Source::File("/".into()), "--file /"),
    ] {
        let options = LoadOptions { url: url.to_owned(), source, concurrency: 4 };
        let error = load(options, quiet(), SystemClock::start(), future::pending()).await.unwrap_err().to_string();
        assert!(error.contains(flag) && !error.contains('\n'), "{error}");
    }
}

#[tokio::test]
async fn a_list_of_failures_is_bounded_and_the_rest_is_counted() {
    let service = Service::start().await;
    let (_file, source) = file(&"{}\n".repeat(1234));
    let report = service.load(source, Jumps::default()).await;
    assert_eq!(report.counts.refused, 1234);
    assert_eq!(report.refused.len(), 100);
    assert!(report.to_string().contains("\n  and 1,134 more\n"), "{report}");
}
