//! Bodies of server-sent events, which are written and read as they come.

use crate::service::{Shop, refuse, serve, start};
use axum::body::{Body, Bytes};
use futures_util::stream;
use std::{convert::Infallible, sync::Arc, time::Duration};
use supported_client::{
    Client, Error,
    reqwest::{self, header::ACCEPT},
};
use supported_server::things;
use tokio::sync::mpsc::{Sender, channel};

/// A body of the chunks that are sent to it.
fn body() -> (Sender<&'static str>, Body) {
    let (sender, receiver) = channel(1);
    let chunks = stream::unfold(receiver, async |mut receiver| {
        let chunk = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), receiver))
    });
    (sender, Body::from_stream(chunks))
}

/// A shop with a body to watch, its address, and what feeds the body.
async fn watched() -> (Arc<Shop>, String, Sender<&'static str>) {
    let (shop, _) = start().await;
    let (sender, body) = body();
    *shop.stream.lock().unwrap() = Some(body);
    let url = serve(&shop).await;
    (shop, url, sender)
}

#[tokio::test]
async fn a_stream_is_read_as_it_is_written() {
    let (shop, url, sender) = watched().await;
    let client = Client::builder(&url).max_body(4).build().unwrap();
    let mut response = client.watch_things(3).last_event_id("9").send().await.unwrap();
    assert_eq!((response.status.as_u16(), response.header("x-total")), (200, Some("7")));
    assert_eq!((response.header("content-type"), response.header("content-length")), (Some("text/event-stream"), None));
    let asked = shop.watch.lock().unwrap().take().unwrap();
    assert_eq!((asked.page_after, asked.last_event_id.as_deref()), (3, Some("9")));
    // Each chunk is read before the next one exists; together they are longer than bodies may be.
    for chunk in ["data: 1\n\n", "data: 2\n\n"] {
        sender.send(chunk).await.unwrap();
        assert_eq!(response.body.chunk().await.unwrap().as_deref(), Some(chunk.as_bytes()));
    }
    drop(sender);
    assert_eq!(response.body.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn the_timeout_of_the_client_is_not_one_of_the_stream() {
    // Longer than a busy machine holds up the head of the answer.
    let timeout = Duration::from_secs(4);
    // Neither is that of a client of HTTP that the caller brings.
    let http = reqwest::Client::builder().timeout(timeout).no_proxy().build().unwrap();
    let (_, url, sender) = watched().await;
    let client = Client::builder(&url).timeout(timeout).http(http).build().unwrap();
    let mut response = client.watch_things(1).send().await.unwrap();
    let waited = tokio::time::timeout(timeout * 5 / 4, response.body.chunk()).await;
    assert!(waited.is_err(), "{waited:?}");
    sender.send("data: 1\n\n").await.unwrap();
    assert_eq!(response.body.chunk().await.unwrap().as_deref(), Some(&b"data: 1\n\n"[..]));
}

#[tokio::test]
async fn a_stream_that_does_not_begin_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::builder(&url).timeout(Duration::from_millis(50)).build().unwrap();
    let error = client.watch_things(1).send().await.unwrap_err();
    assert!(matches!(error, Error::Timeout(_)) && error.is_timeout(), "{error:?}");
}

#[tokio::test]
async fn dropping_a_stream_ends_it_at_the_server() {
    let (_, url, sender) = watched().await;
    let response = Client::new(&url).unwrap().watch_things(1).send().await.unwrap();
    drop(response);
    tokio::time::timeout(Duration::from_secs(60), sender.closed()).await.expect("the server drops the body");
}

#[tokio::test]
async fn problems_of_a_stream_are_typed() {
    let (_, client) = start().await;
    let error = client.watch_things(1).send().await.unwrap_err();
    assert_eq!(error.to_string(), "404 Not Found: No: NotFound");
    assert_eq!(error.header("content-type"), Some("application/problem+json"));
    let error = client.watch_things(0).send().await.unwrap_err();
    assert_eq!(error.problem().unwrap().detail, "/query/page[after] must be at least 1");
}

#[tokio::test]
async fn another_body_than_a_stream_is_unexpected() {
    let app = axum::Router::new().fallback(async || "a page of a proxy");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, app).into_future());
    let Err(Error::Unexpected(response)) = Client::new(&url).unwrap().watch_things(1).send().await else {
        panic!("it is no stream");
    };
    assert_eq!(response.body.text(), "a page of a proxy");
    assert!(response.body.reason.contains("text/event-stream"), "{}", response.body.reason);
}

#[tokio::test]
async fn accept_is_held_to_the_media_type_of_streams() {
    for (accept, status) in [
        (None, 200),
        (Some("*/*"), 200),
        (Some("text/*"), 200),
        (Some("text/event-stream"), 200),
        (Some("application/json, text/event-stream;q=0.1"), 200),
        (Some("application/json"), 406),
        (Some("text/plain"), 406),
        (Some("text/event-stream;q=0"), 406),
    ] {
        let (_, url, _sender) = watched().await;
        let mut request = reqwest::Client::new().get(format!("{url}/things/watch?page[after]=1"));
        if let Some(accept) = accept {
            request = request.header(ACCEPT, accept);
        }
        assert_eq!(request.send().await.unwrap().status().as_u16(), status, "{accept:?}");
    }
    let request = axum::extract::Request::builder().uri("/things/watch?page[after]=1").header("accept", "text/html");
    let problem = refuse(request.body(Body::empty()).unwrap()).await;
    assert!(problem.contains(r#"NotAcceptable { produces: [\"text/event-stream\"] }"#), "{problem}");
}

#[test]
fn the_contract_tells_what_a_stream_is() {
    let routes = things::routes::<Shop>();
    let operation = routes.iter().map(|route| route.operation).find(|operation| operation.id == "watchThings").unwrap();
    assert_eq!((operation.produces, operation.failures), (&["text/event-stream"][..], &[400, 404, 406][..]));
}
