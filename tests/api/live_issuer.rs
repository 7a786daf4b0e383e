//! The service with an issuer that lives: its keys rotate, it goes away and comes back, while clients go on.

use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use test_issuer::{AUDIENCE, Issuer};
use test_support::{Answer, Client, Service};
use tokio::task::JoinSet;

/// How long the service may take to get the keys of its issuer: it asks again after 30 seconds at most.
const PATIENCE: Duration = Duration::from_secs(45);

/// How long a new key may be unknown: 30 seconds, and some for a busy machine.
const ROTATION: Duration = Duration::from_secs(75);

const SCOPES: &str = "payments:read payments:write";

/// A service that takes the tokens of `issuer`.
pub(crate) async fn service_of(issuer: &Issuer) -> Service {
    Service::start_with(&["--auth-issuer", &issuer.url, "--auth-audience", AUDIENCE]).await
}

/// Waits until `/ready` answers with this status.
pub(crate) async fn until_ready(service: &Service, status: u16) {
    let began = Instant::now();
    loop {
        let answer = service.get("/ready").await;
        if answer.status == status {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "expected {status} of /ready, got {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn read(client: &Client, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    client.send("GET", "/v1/payments/p-1", &[("authorization", &bearer)], "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_lost_while_the_keys_rotate() {
    let issuer = Issuer::start().await;
    issuer.command("keys rs256-1").await;
    let service = service_of(&issuer).await;
    until_ready(&service, 200).await;
    let old = issuer.token("acme", SCOPES).await;
    let body =
        json!({"data": {"id": "p-1", "type": "Payment", "organisation_id": "acme", "attributes": {"amount": "1"}}});
    let (bearer, body) = (format!("Bearer {old}"), body.to_string());
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    service.send("POST", "/v1/payments", &headers, body).await.expect_status(201);

    let (is_over, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let (client, old, is_over, reads) = (Client::clone(&service), old.clone(), is_over.clone(), reads.clone());
        readers.spawn(async move {
            while !is_over.load(Ordering::SeqCst) {
                read(&client, &old).await.expect_status(200);
                reads.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    issuer.command("keys es256-2 rs256-1").await;
    let new = issuer.token("acme", SCOPES).await;
    // The service has just asked for the keys, and does not ask for each key that it has never heard of.
    let began = Instant::now();
    while read(&service, &new).await.status == 401 {
        assert!(began.elapsed() < ROTATION, "the new key is still unknown");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    read(&service, &new).await.expect_status(200);
    let before = reads.load(Ordering::SeqCst);
    while reads.load(Ordering::SeqCst) < before + 20 && readers.try_join_next().is_none() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    is_over.store(true, Ordering::SeqCst);
    readers.join_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_issuer_is_away_is_not_ready_until_it_comes_back() {
    let issuer = Issuer::start().await;
    let token = issuer.token("acme", SCOPES).await;
    issuer.command("away").await;
    let service = service_of(&issuer).await;
    until_ready(&service, 503).await;
    let refused = read(&service, &token).await;
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{refused}");
    refused.expect_problem(503, "unavailable");
    service.get("/alive").await.expect_status(200);

    issuer.command("back").await;
    until_ready(&service, 200).await;
    read(&service, &token).await.expect_problem(404, "payment-not-found");

    issuer.command("away").await;
    read(&service, &token).await.expect_problem(404, "payment-not-found");
    until_ready(&service, 200).await;
}
