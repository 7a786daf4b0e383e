//! The documentation page, in a browser. `tests/browser/` has the browser, and what is done with it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says so by panicking"
)]

use payments::{
    app::App,
    config::{self, Config},
};
use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Shows the page of a service with these flags to a browser, and leaves pictures of it in `target/docs/PICTURES`.
async fn look(version: &str, flags: &[&str], pictures: &str) -> App {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pictures = root.join("target/docs").join(pictures);
    let _ = std::fs::remove_dir_all(&pictures); // those of an earlier run
    std::fs::create_dir_all(&pictures).unwrap();
    let arguments = [&["payments", "serve", "--listen", "127.0.0.1:0"], flags].concat();
    let config::Command::Serve(serve) = <Config as clap::Parser>::try_parse_from(arguments).unwrap().command else {
        panic!("the command is serve")
    };
    let app = App::start(serve).await.unwrap();
    let mut look = Command::new(root.join("openapi/tool"));
    look.args(["node", "tests/browser/docs.mjs", &format!("http://{}", app.address()), version]);
    look.arg(&pictures).current_dir(root).stdin(Stdio::null());
    let looked = tokio::task::spawn_blocking(move || look.output()).await.unwrap().expect("openapi/tool runs");
    assert!(
        looked.status.success(),
        "the page of a service with {flags:?} is not as it should be, or there is no browser (`make browser` fetches \
         one); pictures are in {}:\n{}{}",
        pictures.display(),
        String::from_utf8_lossy(&looked.stdout),
        String::from_utf8_lossy(&looked.stderr)
    );
    app
}

#[tokio::test]
async fn a_reader_sees_the_contract_and_can_try_it() {
    let app = look("v1", &[], "usual").await;
    let tried =
        reqwest::get(format!("http://{}/v1/payments/tried", app.address())).await.unwrap().text().await.unwrap();
    assert!(tried.contains(r#""rate": 1.10,"#), "the page did not send what was typed: {tried}");
}

#[tokio::test]
async fn calls_go_where_the_page_came_from() {
    let flags = ["--api-version", "v2", "--external-url", "https://pay.example/api", "--compress"];
    look("v2", &flags, "elsewhere").await;
}
