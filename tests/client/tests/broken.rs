//! What a call makes of answers that no contract knows. It may fail, and says how; it never panics and never hangs.

use std::time::Duration;

use client_tests::{PAYMENT, PROBLEM, Service, json_answer};
use payments_client::{Client, Error, Unexpected};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket},
};
use wiremock::ResponseTemplate;

#[expect(clippy::panic, reason = "this is an assertion")]
async fn unexpected(answer: ResponseTemplate) -> Unexpected {
    let service = Service::answering(answer).await;
    match service.client().get_payment("p").send().await {
        Err(Error::Unexpected(answer)) => answer.body,
        other => panic!("expected an unexpected response, got {other:?}"),
    }
}

/// Writes `bytes` to every connection, and closes it.
#[expect(clippy::unwrap_used, reason = "a test that cannot begin has failed")]
async fn speaking(bytes: &'static [u8]) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let _ = connection.read(&mut [0; 4096]).await;
            let _ = connection.write_all(bytes).await;
        }
    });
    Client::new(&url).unwrap()
}

#[tokio::test]
async fn a_body_that_is_not_what_the_contract_says_is_handed_over_as_it_came() {
    for body in ["", "{", "null", "[]", r#"{"data":{}}"#, &PAYMENT.replace(r#""100.21""#, "100.21"), "\u{feff}{}"] {
        let answer = unexpected(json_answer(200, body)).await;
        assert_eq!(answer.text(), body);
        assert!(answer.reason.contains("not what the contract says"), "{}", answer.reason);
    }
}

#[tokio::test]
async fn a_body_that_nests_without_end_is_refused() {
    let deep = "[".repeat(200_000);
    let body = PAYMENT.replace(r#""more":[]"#, &format!(r#""more":{deep}"#));
    assert_eq!(unexpected(json_answer(200, &body)).await.body.len(), 8192);
}

#[tokio::test]
async fn another_media_type_is_unexpected() {
    for (status, media_type) in
        [(200, "text/html"), (200, "application/jsonp"), (404, "text/plain"), (503, "application/json")]
    {
        let answer = ResponseTemplate::new(status).set_body_raw("<h1>Bad Gateway</h1>", media_type);
        let answer = unexpected(answer).await;
        assert!(answer.reason.contains(media_type), "{}", answer.reason);
        assert_eq!(answer.text(), "<h1>Bad Gateway</h1>");
    }
    unexpected(ResponseTemplate::new(200)).await;
}

#[tokio::test]
async fn a_media_type_may_have_parameters_and_any_case() {
    let answer = ResponseTemplate::new(200).set_body_raw(PAYMENT, "Application/JSON ; charset=utf-8");
    let service = Service::answering(answer).await;
    service.client().get_payment("p").send().await.unwrap();
}

#[tokio::test]
async fn another_status_is_unexpected() {
    for status in [201, 202, 206, 300, 302, 400, 404, 500, 599] {
        let answer = unexpected(json_answer(status, PAYMENT)).await;
        assert!(answer.reason.contains(&status.to_string()), "{}", answer.reason);
    }
}

#[tokio::test]
async fn a_problem_that_is_none_is_unexpected() {
    for (status, body) in [(409, "{}"), (409, "conflict"), (409, ""), (200, PROBLEM), (302, PROBLEM)] {
        unexpected(ResponseTemplate::new(status).set_body_raw(body, "application/problem+json")).await;
    }
}

#[tokio::test]
async fn a_body_of_its_own_that_is_not_what_the_contract_says_is_unexpected() {
    let service = Service::answering_json(503, r#"{"status":1}"#).await;
    let error = service.client().get_health().send().await.unwrap_err();
    assert!(matches!(error, Error::Unexpected(_)), "{error}");
    assert!(error.body::<payments_client::Json>().is_none());
}

#[tokio::test]
async fn text_that_is_none_is_unexpected() {
    let answer = ResponseTemplate::new(200).set_body_raw(b"a\xff".as_slice(), "text/plain");
    let service = Service::answering(answer).await;
    let error = service.client().get_metrics().send().await.unwrap_err();
    let Error::Unexpected(answer) = error else { panic!("{error}") };
    assert_eq!((answer.body.body.as_slice(), answer.body.text().as_ref()), (b"a\xff".as_slice(), "a\u{fffd}"));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let service = Service::answering(ResponseTemplate::new(307).insert_header("Location", "/health")).await;
    let error = service.client().get_payment("p").send().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 307);
    assert_eq!(service.times_asked().await, 1);
}

#[tokio::test]
async fn a_body_is_read_up_to_the_bound_and_no_further() {
    let service = Service::answering_json(200, PAYMENT).await;
    let length = PAYMENT.len();
    service.client_with(|settings| settings.max_body(length)).get_payment("p").send().await.unwrap();
    let client = service.client_with(|settings| settings.max_body(length - 1));
    let error = client.get_payment("p").send().await.unwrap_err();
    assert_eq!(error.to_string(), format!("unexpected response, 200 OK: the body is longer than {} bytes", length - 1));
}

#[tokio::test]
async fn a_body_without_end_does_not_fill_the_memory() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let _ = connection.read(&mut [0; 4096]).await;
        let mut written = 0;
        let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".to_vec();
        while connection.write_all(&bytes).await.is_ok() {
            written += bytes.len();
            bytes = vec![b' '; 1 << 16];
        }
        written
    });
    let client = Client::builder(&url).max_body(1 << 20).build().unwrap();
    let error = client.get_payment("p").send().await.unwrap_err();
    assert!(matches!(&error, Error::Unexpected(answer) if answer.body.body.len() == 8192), "{error}");
    drop(client);
    let written = tokio::time::timeout(Duration::from_secs(60), server).await.unwrap().unwrap();
    assert!(written < 64 << 20, "the client took {written} bytes");
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_a_fault_of_the_transport() {
    let client =
        speaking(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"data\":").await;
    let error = client.get_payment("p").send().await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)) && !error.is_timeout() && error.status().is_none(), "{error}");
}

#[tokio::test]
async fn what_is_no_http_is_a_fault_of_the_transport() {
    let client = speaking(b"220 mail.example ESMTP\r\n").await;
    let error = client.get_payment("p").send().await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)) && !error.is_timeout(), "{error}");
}

#[tokio::test]
async fn headers_that_are_not_ascii_are_not_shown_as_text() {
    let client = speaking(
        b"HTTP/1.1 503 X\r\nRetry-After: \xff\r\nContent-Type: \xff/json\r\nETag: \xe9\r\nContent-Length: 2\r\n\r\n{}",
    )
    .await;
    let error = client.get_health().send().await.unwrap_err();
    let Error::Unexpected(answer) = &error else { panic!("{error}") };
    assert_eq!((answer.etag(), answer.retry_after()), (None, None));
    assert!(answer.headers.contains_key("etag"));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_timeout() {
    let service = Service::answering(json_answer(200, PAYMENT).set_delay(Duration::from_secs(600))).await;
    let client = service.client_with(|settings| settings.timeout(Duration::from_millis(50)));
    let error = client.get_payment("p").send().await.unwrap_err();
    assert!(error.is_timeout() && error.status().is_none() && error.retry_after().is_none(), "{error}");
}

#[tokio::test]
async fn nobody_there_is_no_timeout() {
    // The socket is bound, so that nobody else takes the port, and does not listen.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let error = Client::new(&url).unwrap().get_alive().send().await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)) && !error.is_timeout(), "{error}");
}
