//! `payments health`, by which a container asks its own service.

use crate::process::{Program, command, run};
use std::process::Output;

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_whether_the_service_is_up() {
    let mut program = Program::serve(&[]);
    let listen = program.url.strip_prefix("http://").unwrap().to_owned();
    // Where the service listens is where it is asked; no proxy stands between, and no certificate is asked for.
    let ask = || {
        command(&["health"])
            .env("PAYMENTS_LISTEN", &listen)
            .env("http_proxy", "http://127.0.0.1:1")
            .env("SSL_CERT_FILE", "/nowhere")
            .env("SSL_CERT_DIR", "/nowhere")
            .output()
    };
    let Output { status, stdout, .. } = ask().unwrap();
    let said = String::from_utf8(stdout).unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(0), format!("{} is up\n", program.url).as_str()));

    program.signal("-TERM");
    program.stopped();
    let Output { status, stderr, .. } = ask().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains(&program.url), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_no_more_than_what_the_service_says() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listen = listener.local_addr().unwrap().to_string();
    let down = axum::Router::new()
        .route("/health", axum::routing::get(async || (axum::http::StatusCode::SERVICE_UNAVAILABLE, "")));
    tokio::spawn(async { axum::serve(listener, down).await });
    let Output { status, stderr, .. } =
        tokio::task::spawn_blocking(move || run(&["health", "--listen", &listen])).await.unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!((status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("503"), "{said}");
}
