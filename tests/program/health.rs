//! `payments health`, the health check of a container.

use crate::PROGRAM;
use std::{
    process::Output,
    time::{Duration, Instant},
};

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_whether_the_service_is_up() {
    let mut process = PROGRAM.serve(&[]);
    let listen = process.address().to_owned();
    // `PAYMENTS_LISTEN` names the service; neither the proxy nor the certificates of the environment matter.
    let ask = || {
        PROGRAM
            .command(&["health"])
            .env("PAYMENTS_LISTEN", &listen)
            .env("http_proxy", "http://127.0.0.1:1")
            .env("SSL_CERT_FILE", "/nowhere")
            .env("SSL_CERT_DIR", "/nowhere")
            .output()
    };
    let timed = || {
        let began = Instant::now();
        (ask().unwrap(), began.elapsed())
    };
    // The check waits for 3 s. A failure that took longer may be due to a machine that stands still, and proves nothing.
    let mut answers = std::iter::repeat_with(timed).take(5);
    let answer = answers.find(|(answer, took)| answer.status.success() || *took < Duration::from_secs(3));
    let (answer, _) = answer.expect("an answer within 3 s");
    let said = String::from_utf8([answer.stdout, answer.stderr].concat()).unwrap();
    assert_eq!((answer.status.code(), said), (Some(0), format!("{} is up\n", process.url)));

    process.signal("-TERM");
    process.exit_code();
    let Output { status, stderr, .. } = ask().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains(&process.url), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_no_more_than_what_the_service_says() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = listener.local_addr().unwrap().to_string();
    let down = axum::Router::new()
        .route("/health", axum::routing::get(async || (axum::http::StatusCode::SERVICE_UNAVAILABLE, "")));
    tokio::spawn(async { axum::serve(listener, down).await });
    let Output { status, stderr, .. } =
        tokio::task::spawn_blocking(move || PROGRAM.run(&["health", "--listen", &listen])).await.unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("503"), "{said}");
}
