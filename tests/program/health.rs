//! `payments health`, the health check of a container.

use crate::PROGRAM;
use std::process::Output;

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
    let Output { status, stdout, .. } = ask().unwrap();
    let said = String::from_utf8(stdout).unwrap();
    assert_eq!((status.code(), said.as_str()), (Some(0), format!("{} is up\n", process.url).as_str()));

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
