//! The documentation page, in a browser. `tests/browser/` has the browser, and what is done with it.

use crate::live_issuer::{service_of, until_ready};
use std::{
    path::Path,
    process::{Command, Stdio},
};
use test_issuer::Issuer;
use test_support::Service;

/// Shows the page of a service with these flags to a browser, and leaves pictures of it in `target/docs/PICTURES`.
async fn look(version: &str, flags: &[&str], pictures: &str) -> Service {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pictures = root.join("target/docs").join(pictures);
    let _ = std::fs::remove_dir_all(&pictures); // those of an earlier run
    std::fs::create_dir_all(&pictures).unwrap();
    let service = Service::start_with(flags).await;
    let mut look = Command::new(root.join("openapi/tool"));
    look.args(["node", "tests/browser/docs.mjs", &service.url, version]);
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
    service
}

#[tokio::test]
async fn the_samples_send_what_they_show() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let service = Service::start().await;
    let mut run = Command::new(root.join("openapi/tool"));
    run.args(["node", "tests/browser/samples.mjs", &service.url]).current_dir(root).stdin(Stdio::null());
    let ran = tokio::task::spawn_blocking(move || run.output()).await.unwrap().expect("openapi/tool runs");
    assert!(ran.status.success(), "{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
}

#[tokio::test]
async fn a_reader_sees_the_contract_and_can_try_it() {
    let service = look("v1", &[], "usual").await;
    let tried = service.get("/v1/payments/tried").await.expect_status(200);
    assert!(tried.text().contains(r#""rate": 1.10,"#), "the page did not send what was typed: {tried}");
}

#[tokio::test]
async fn calls_go_where_the_page_came_from() {
    let flags = ["--api-version", "v2", "--external-url", "https://pay.example/api", "--compress"];
    look("v2", &flags, "elsewhere").await;
}

#[tokio::test]
async fn a_reader_gets_a_token_from_the_issuer_and_calls_with_it() {
    let issuer = Issuer::start().await;
    let service = service_of(&issuer).await;
    until_ready(&service, 200).await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pictures = root.join("target/docs/authorised");
    std::fs::create_dir_all(&pictures).unwrap();
    let mut look = Command::new(root.join("openapi/tool"));
    look.args(["node", "tests/browser/authorise.mjs", &service.url, "acme", "acme-secret"]).arg(pictures);
    look.current_dir(root).stdin(Stdio::null());
    let looked = tokio::task::spawn_blocking(move || look.output()).await.unwrap().expect("openapi/tool runs");
    let said = [looked.stdout, looked.stderr].concat();
    assert!(looked.status.success(), "{}", String::from_utf8_lossy(&said));
}
