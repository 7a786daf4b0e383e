//! The stream of events, against a server whose connections end as they please.

#![expect(clippy::unwrap_used, reason = "a test that fails says so by panicking")]

use payments_client::{Client, models::EventType};
use payments_events::{FollowError, LiveEvent, LiveEvents};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// An event of the stream, as the service writes it.
fn event(cursor: &str, id: u32) -> String {
    let data = format!(
        r#"{{"id":"evt_{id:032x}","type":"payment.updated","timestamp":"2026-01-18T09:00:00.000000Z","data":{{"payment_id":"p","organisation_id":"bakery","version":{id},"links":{{"self":"http://elsewhere/v1/payments/p/history/{id}"}}}}}}"#
    );
    format!("id: {cursor}\nevent: payment.updated\ndata: {data}\n\n")
}

fn bookmark(cursor: &str) -> String {
    format!("id: {cursor}\nevent: bookmark\ndata: {{}}\n\n")
}

/// Answers a connection with each of these, the last one until its client goes. Returns the address, and the heads of requests.
async fn serve(replies: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::<Mutex<Vec<String>>>::default();
    let received = Arc::clone(&heads);
    tokio::spawn(async move {
        let last = replies.len() - 1;
        for (index, reply) in replies.into_iter().enumerate() {
            let (mut socket, _) = listener.accept().await.unwrap();
            let head = read_head(&mut socket).await;
            received.lock().unwrap().push(head);
            socket.write_all(reply.as_bytes()).await.unwrap();
            if index == last {
                _ = socket.read_u8().await;
            }
        }
    });
    (url, heads)
}

async fn read_head(socket: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// The next item. One that does not come fails its test.
async fn next(events: &mut LiveEvents) -> Option<Result<LiveEvent, FollowError>> {
    tokio::time::timeout(Duration::from_secs(60), events.next()).await.unwrap()
}

#[tokio::test]
async fn events_go_on_behind_the_last_cursor_and_bookmarks_move_it() {
    let quick = format!("{HEAD}retry: 100\n\n");
    let (url, heads) = serve(vec![
        format!("{quick}{}{}", event("a", 1), bookmark("b")),
        format!("{quick}{}", event("c", 2).trim_end()),
        format!("{quick}{}", event("c", 2)),
    ])
    .await;
    let interruptions = Arc::<Mutex<usize>>::default();
    let counted = Arc::clone(&interruptions);
    let request = Client::new(&url).unwrap().stream_events().after("now").filter_type(EventType::PaymentUpdated);
    let events = LiveEvents::builder(request).on_interruption(move |_, _| *counted.lock().unwrap() += 1);
    let mut events = events.start();
    for (cursor, version) in [("a", Some(1)), ("b", None), ("c", Some(2))] {
        let live = next(&mut events).await.unwrap().unwrap();
        assert_eq!((live.cursor.as_str(), live.event.map(|event| event.data.version)), (cursor, version));
    }
    assert_eq!(*interruptions.lock().unwrap(), 2);
    let heads = heads.lock().unwrap();
    let line = |head: &str, name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
    let ids: Vec<_> = heads.iter().map(|head| line(head, "last-event-id: ")).collect();
    assert_eq!(ids, [None, Some("b".to_owned()), Some("b".to_owned())]);
    assert!(heads.iter().all(|head| {
        head.starts_with("GET /v1/events/stream?after=now&filter%5Btype%5D=payment.updated HTTP/1.1")
            && line(head, "accept: ").as_deref() == Some("text/event-stream")
    }));
}

#[tokio::test]
async fn a_connection_that_is_silent_is_given_up() {
    let (url, heads) = serve(vec![format!("{HEAD}{}", event("a", 1))]).await;
    // The server holds this connection, and accepts no other.
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let events = LiveEvents::builder(Client::new(&url).unwrap().stream_events()).silence(Duration::from_secs(3));
    let events = events.on_interruption(move |interruption, _| sender.send(interruption.to_string()).unwrap());
    let mut events = events.resume_from("0").start();
    assert_eq!(next(&mut events).await.unwrap().unwrap().cursor, "a");
    tokio::select! {
        next = events.next() => assert!(next.is_none(), "{next:?}"),
        told = receiver.recv() => assert_eq!(told.unwrap(), "the connection was silent for 3s"),
    }
    assert!(heads.lock().unwrap()[0].contains("last-event-id: 0\r\n"));
}

#[tokio::test]
async fn an_expired_cursor_is_the_end() {
    let body = r#"{"type":"/problems/cursor-expired","title":"No","status":410,"detail":"Begin anew.","instance":"/v1/events/stream"}"#;
    let head = "HTTP/1.1 410 Gone\r\ncontent-type: application/problem+json\r\nconnection: close";
    let (url, _) = serve(vec![format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())]).await;
    let mut events = LiveEvents::builder(Client::new(&url).unwrap().stream_events()).resume_from("old").start();
    let error = next(&mut events).await.unwrap().unwrap_err();
    assert!(matches!(&error, FollowError::CursorExpired(problem) if problem.body.detail == "Begin anew."), "{error:?}");
    assert!(next(&mut events).await.is_none());
}

#[tokio::test]
async fn what_is_no_event_is_the_end() {
    for (text, expected) in [
        ("data: {}\n\n", "the message of the stream has no id, which is its cursor"),
        (
            "id: a\nevent: payment.created\ndata: {\n\n",
            "the payment.created behind a is not what the contract says: EOF",
        ),
    ] {
        let (url, _) = serve(vec![format!("{HEAD}{text}")]).await;
        let mut events = LiveEvents::builder(Client::new(&url).unwrap().stream_events()).start();
        let error = next(&mut events).await.unwrap().unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(next(&mut events).await.is_none());
    }
}
