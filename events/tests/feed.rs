//! The walk over the feed, against a mock of the service.

#![expect(clippy::unwrap_used, reason = "a test that fails says so by panicking")]

use payments_client::{Client, Error, models::EventType};
use payments_events::{EventFeed, EventPage, FollowError};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, query_param, query_param_is_missing},
};

/// An event as the service writes it, with a member and a type that this client does not know.
fn event(id: u32, kind: &str) -> String {
    format!(
        r#"{{"id":"evt_{id:032x}","type":"{kind}","timestamp":"2026-01-18T09:00:00.000000Z","new":1,"data":{{"payment_id":"p-{id}","organisation_id":"bakery","version":0,"links":{{"self":"http://elsewhere/v1/payments/p-{id}/history/0"}}}}}}"#
    )
}

fn page(events: &[String], cursor: &str) -> ResponseTemplate {
    let next = format!("http://elsewhere/v1/events?after={cursor}&size=2");
    let body =
        format!(r#"{{"data":[{}],"links":{{"self":"http://elsewhere/v1/events","next":"{next}"}}}}"#, events.join(","));
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

fn problem(status: u16, kind: &str) -> ResponseTemplate {
    let body =
        format!(r#"{{"type":"{kind}","title":"No","status":{status},"detail":"Not so.","instance":"/v1/events"}}"#);
    ResponseTemplate::new(status).set_body_raw(body, "application/problem+json")
}

/// A mock that answers `after` a cursor with this; `None` is the request without a cursor.
async fn answer(server: &MockServer, after: Option<&str>, answer: ResponseTemplate, times: u64) {
    let mock = Mock::given(method("GET")).and(path("/v1/events"));
    let mock = match after {
        Some(after) => mock.and(query_param("after", after)),
        None => mock.and(query_param_is_missing("after")),
    };
    mock.respond_with(answer).up_to_n_times(times).mount(server).await;
}

fn client(server: &MockServer) -> Client {
    Client::new(&server.uri()).unwrap()
}

/// The next item. One that does not come fails its test.
async fn next(feed: &mut EventFeed) -> Option<Result<EventPage, FollowError>> {
    tokio::time::timeout(Duration::from_secs(60), feed.next()).await.unwrap()
}

#[tokio::test]
async fn a_walk_follows_the_cursors_and_hands_them_out() {
    let server = MockServer::start().await;
    answer(&server, None, page(&[event(1, "payment.created"), event(2, "payment.settled")], "a%2B"), 1).await;
    answer(&server, Some("a+"), page(&[], "b"), 1).await;
    answer(&server, Some("b"), page(&[event(3, "payment.deleted")], "c"), 1).await;
    let request = client(&server).list_events().size(2).filter_payment_id("p").after("ignored once there is a cursor");
    // What the request says holds until there is a cursor.
    answer(&server, Some("ignored once there is a cursor"), page(&[event(0, "payment.created")], "0"), 1).await;
    let mut feed = EventFeed::builder(request).resume_from("a+").start();
    for expected in [("b", 0), ("c", 1)] {
        let page = next(&mut feed).await.unwrap().unwrap();
        assert_eq!((page.cursor.as_str(), page.events.len()), expected);
    }
    let mut feed = EventFeed::builder(client(&server).list_events()).start();
    let page = next(&mut feed).await.unwrap().unwrap();
    let kinds: Vec<&EventType> = page.events.iter().map(|event| &event.kind).collect();
    assert_eq!(kinds, [&EventType::PaymentCreated, &EventType::Unknown("payment.settled".to_owned())]);
    assert_eq!(page.cursor, "a+");
    let requests = server.received_requests().await.unwrap();
    let query = requests[0].url.query().unwrap();
    assert_eq!(query, "size=2&filter%5Bpayment_id%5D=p&wait=20&after=a%2B");
}

#[tokio::test]
async fn an_expired_cursor_is_told_from_other_refusals() {
    let server = MockServer::start().await;
    answer(&server, Some("old"), problem(410, "/problems/cursor-expired"), 9).await;
    answer(&server, Some("retired"), problem(410, "/problems/version-retired"), 9).await;
    let mut feed = EventFeed::builder(client(&server).list_events()).resume_from("old").start();
    let error = next(&mut feed).await.unwrap().unwrap_err();
    assert!(matches!(&error, FollowError::CursorExpired(problem) if problem.status == 410), "{error:?}");
    assert_eq!(error.to_string(), "the cursor has expired: Not so.");
    assert!(next(&mut feed).await.is_none());
    let mut feed = EventFeed::builder(client(&server).list_events()).resume_from("retired").start();
    let error = next(&mut feed).await.unwrap().unwrap_err();
    assert!(matches!(&error, FollowError::Failed(Error::Problem(_))), "{error:?}");
    assert!(next(&mut feed).await.is_none());
    assert_eq!(server.received_requests().await.unwrap().len(), 2, "it asked again");
}

#[tokio::test]
async fn failures_that_get_better_are_waited_for() {
    let server = MockServer::start().await;
    answer(&server, None, problem(503, "/problems/unavailable").insert_header("retry-after", "1"), 1).await;
    answer(&server, None, problem(401, "/problems/unauthenticated"), 1).await;
    answer(&server, None, page(&[event(1, "payment.created")], "a"), 1).await;
    answer(&server, Some("a"), problem(401, "/problems/unauthenticated"), 9).await;
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let told = Arc::clone(&seen);
    let feed = EventFeed::builder(client(&server).list_events());
    let mut feed =
        feed.on_interruption(move |interruption, _| told.lock().unwrap().push(interruption.to_string())).start();
    let began = Instant::now();
    assert_eq!(next(&mut feed).await.unwrap().unwrap().events.len(), 1);
    assert!(began.elapsed() >= Duration::from_secs(1), "Retry-After was not heeded: {:?}", began.elapsed());
    // One token may be refused, but not the next one.
    let error = next(&mut feed).await.unwrap().unwrap_err();
    assert!(matches!(&error, FollowError::Failed(error) if error.status().unwrap() == 401), "{error:?}");
    assert!(next(&mut feed).await.is_none());
    let unavailable = "503 Service Unavailable: No: Not so.";
    let unauthenticated = "401 Unauthorized: No: Not so.";
    assert_eq!(*seen.lock().unwrap(), [unavailable, unauthenticated, unauthenticated]);
}

#[tokio::test]
async fn a_server_that_holds_nothing_is_not_asked_without_a_pause() {
    let server = MockServer::start().await;
    answer(&server, Some("a"), page(&[], "a"), 99).await;
    // An answer that takes half a second counts as held. On a slow machine the first one may, which proves nothing.
    let held = Duration::from_millis(500);
    for _ in 0..20 {
        let mut feed = EventFeed::builder(client(&server).list_events()).resume_from("a").start();
        let mut took = Vec::new();
        for _ in 0..3 {
            let began = Instant::now();
            assert!(next(&mut feed).await.unwrap().unwrap().events.is_empty());
            took.push(began.elapsed());
        }
        let [first, second, third]: [Duration; 3] = took.try_into().unwrap();
        if first >= held {
            continue;
        }
        // The first pause is half a second to one.
        assert!(second >= held, "{second:?}");
        // A second answer that was held, too, would have come after two halves.
        if second < 2 * held {
            // The second pause is one second to two.
            assert!(third >= 2 * held, "{third:?}");
            return;
        }
    }
    unreachable!("no answer came at once");
}

#[tokio::test]
async fn a_link_without_a_cursor_is_the_end() {
    let server = MockServer::start().await;
    let body = r#"{"data":[],"links":{"self":"x","next":"http://elsewhere/v1/events?size=2"}}"#;
    answer(&server, None, ResponseTemplate::new(200).set_body_raw(body, "application/json"), 9).await;
    let mut feed = EventFeed::builder(client(&server).list_events()).start();
    let error = next(&mut feed).await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "links.next has no cursor `after`: http://elsewhere/v1/events?size=2");
    assert!(next(&mut feed).await.is_none());
}
