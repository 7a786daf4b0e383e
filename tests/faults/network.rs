//! A network between the service and PostgreSQL that is slow, resets connections, or swallows what it is given.

use crate::{
    service::{payment, start_over_postgres},
    stalls::{Mark, try_while_stalled},
};
use std::time::{Duration, Instant};
use test_support::{Proxy, Service};

/// `--timeout` of the services here.
const TIMEOUT: Duration = Duration::from_secs(1);
/// How much longer an answer may take on a machine that is busy.
const BUSY: Duration = Duration::from_secs(2);
/// How long an answer takes at most that calls no store.
const AT_ONCE: Duration = Duration::from_millis(300);
/// How long a service has to heal.
const HEALING: Duration = Duration::from_secs(30);
/// The most connections that the service holds: those for payments, and one for signs of life.
const CONNECTIONS: usize = 17;

async fn start() -> (Proxy, Service) {
    let (proxy, url) = Proxy::before(&test_support::postgres::url()).await;
    (proxy, start_over_postgres(&url, &["--timeout", "1"]).await)
}

/// Creates so many payments at once; returns the ids of those that were acknowledged. The others must be refused with 503, in
/// time.
async fn create(service: &Service, count: usize, name: &str) -> Vec<String> {
    let bodies = (0..count).map(|number| payment(&format!("{name}-{number}"), 0, "1"));
    let answers = bodies.map(|body| async move {
        let mark = Mark::now();
        let answer = service.post(&body).await;
        assert!(answer.took < TIMEOUT + BUSY + mark.stalled(), "{answer}");
        if answer.status != 201 {
            answer.expect_unavailable_or_overloaded();
            return None;
        }
        Some(answer.json()["data"]["id"].as_str().expect("an id").to_owned())
    });
    futures_util::future::join_all(answers).await.into_iter().flatten().collect()
}

/// Creates so many payments at once, of which none may be refused; returns their ids, and those of earlier attempts.
async fn create_all(service: &Service, count: usize, name: &str) -> Vec<String> {
    let (mut acknowledged, mut attempts) = (Vec::new(), 0);
    try_while_stalled(async || {
        attempts += 1;
        let created = create(service, count, &format!("{name}-{attempts}")).await;
        let created_now = created.len();
        acknowledged.extend(created);
        if created_now == count {
            return Ok(());
        }
        // What failed while the machine stood still may have opened the circuit.
        heal(service).await;
        Err(format!("{created_now} of {count} created, as {name}"))
    })
    .await;
    acknowledged
}

/// Waits until the service has healed by itself: it is ready, and lets reads and writes through.
async fn heal(service: &Service) {
    let began = Instant::now();
    for number in 0.. {
        let probe = payment(&format!("probe-{}-{number}", uuid::Uuid::now_v7()), 0, "1");
        let answers = [service.get("/ready").await, service.get("/v1/payments").await, service.post(&probe).await];
        if answers.iter().all(|answer| answer.status < 300) {
            return;
        }
        for answer in answers.into_iter().filter(|answer| answer.status >= 300) {
            answer.expect_unavailable_or_overloaded();
        }
        assert!(began.elapsed() < HEALING, "not well again after {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Asserts that the service is ready.
async fn expect_ready(service: &Service) {
    try_while_stalled(async || {
        let answer = service.get("/ready").await;
        if answer.status == 200 { Ok(()) } else { Err(answer.to_string()) }
    })
    .await;
}

/// Checks that what was acknowledged is there, and nothing is twice.
async fn has(service: &Service, acknowledged: &[String]) {
    let mut ids = service.ids().await;
    let lost: Vec<_> = acknowledged.iter().filter(|id| !ids.contains(id)).collect();
    assert!(lost.is_empty(), "acknowledged, and lost: {lost:?}");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "something is listed twice: {ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_network_makes_for_slow_answers() {
    let (proxy, service) = start().await;
    proxy.slow_down(Duration::from_millis(40));
    let began = Instant::now();
    // 80 ms for a statement and its result must fail no request.
    let acknowledged = create_all(&service, 8, "slow").await;
    assert!(began.elapsed() > Duration::from_millis(80), "the proxy was not slow");
    expect_ready(&service).await;

    // So slow that nothing is done in time.
    proxy.slow_down(Duration::from_secs(2));
    assert_eq!(create(&service, 8, "too-slow").await, [""; 0]);
    service.get("/health").await.expect_unavailable();
    service.get("/alive").await.expect_status(200);

    proxy.slow_down(Duration::ZERO);
    heal(&service).await;
    has(&service, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_reset_are_replaced() {
    let (proxy, service) = start().await;
    let mut acknowledged = create(&service, 20, "before").await;
    for round in 0..5 {
        let name = format!("reset-{round}");
        let (created, ()) = tokio::join!(create(&service, 40, &name), async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            proxy.reset();
        });
        acknowledged.extend(created);
        heal(&service).await;
        // The connections that were reset must all have been noticed by now.
        acknowledged.extend(create_all(&service, 20, &format!("after-{round}")).await);
    }
    has(&service, &acknowledged).await;
}

/// When the network goes dark after the requests were sent, while each piece takes 20 ms each way: when every connection is in
/// use, or when each has brought its result and is being tried before it goes back to the pool.
const IN_USE: Duration = Duration::from_millis(30);
const RETURNING: Duration = Duration::from_millis(60);

/// Makes every connection hang at such a moment. Checks that of so many requests that come then none takes longer than it may.
/// Returns the ids that were acknowledged.
async fn hang(proxy: &Proxy, service: &Service, moment: Duration, clients: usize) -> Vec<String> {
    proxy.slow_down(Duration::from_millis(20));
    // The first time, the connections are made.
    let mut acknowledged = create(service, 40, "slowly").await;
    expect_ready(service).await;
    let (caught, ()) = tokio::join!(create(service, 40, "caught"), async {
        tokio::time::sleep(moment).await;
        proxy.go_dark();
    });
    acknowledged.extend(caught);
    let asked = async {
        assert_eq!(create(service, clients, "dark").await, [""; 0]);
    };
    let monitored = async {
        for path in ["/health", "/ready"] {
            let mark = Mark::now();
            let answer = service.get(path).await.expect_unavailable();
            assert!(answer.took < TIMEOUT + BUSY + mark.stalled(), "{answer}");
        }
        let mark = Mark::now();
        let answer = service.get("/alive").await.expect_status(200);
        assert!(answer.took < BUSY + mark.stalled(), "{answer}");
    };
    tokio::join!(asked, monitored);

    // By now the circuit is open: no request waits for the store, except for one that tries it.
    let bodies: Vec<_> = (0..20).map(|number| payment(&format!("refused-{number}"), 0, "1")).collect();
    try_while_stalled(async || {
        let answers = futures_util::future::join_all(bodies.iter().map(|body| service.post(body))).await;
        let waited: Vec<_> = answers.iter().map(|answer| answer.took).filter(|took| *took > AT_ONCE).collect();
        for answer in answers {
            answer.expect_unavailable();
        }
        if waited.len() <= 1 { Ok(()) } else { Err(format!("of 20, so many had to wait so long: {waited:?}")) }
    })
    .await;
    proxy.slow_down(Duration::ZERO);
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_hole_is_given_up_and_its_connections_are_let_go() {
    for moment in [IN_USE, RETURNING] {
        let (proxy, service) = start().await;
        // More than there are connections: some hang with one, some without.
        let mut acknowledged = hang(&proxy, &service, moment, 40).await;
        // As after a failover: the old connections stay silent for ever, and never end.
        proxy.forget();
        heal(&service).await;
        // Every connection must have been replaced by one that works.
        acknowledged.extend(create_all(&service, 40, "after").await);
        let began = Instant::now();
        while proxy.open() > CONNECTIONS {
            let open = proxy.open();
            assert!(began.elapsed() < HEALING, "{open} connections are open, of which {CONNECTIONS} can be used");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        has(&service, &acknowledged).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_died_silently_holds_up_no_read() {
    try_while_stalled(async || {
        let (proxy, service) = start().await;
        let acknowledged = create_all(&service, 8, "before").await;
        // They have rested so long that each is tried before it is used; each stays silent.
        tokio::time::sleep(Duration::from_millis(600)).await;
        proxy.go_dark();
        proxy.forget();
        let path = format!("/v1/payments/{}", acknowledged.first().expect("eight were created"));
        // A read that waited for one of them would be answered 503 in the end.
        let answer = service.get(&path).await;
        if answer.status == 200 { Ok(()) } else { Err(answer.to_string()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_is_given_up_and_used_again_when_it_thaws() {
    let (proxy, service) = start().await;
    let mut acknowledged = hang(&proxy, &service, IN_USE, CONNECTIONS / 2).await;
    proxy.thaw();
    heal(&service).await;
    acknowledged.extend(create_all(&service, 40, "after").await);
    has(&service, &acknowledged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_stops_in_time_though_its_store_hangs() {
    for moment in [IN_USE, RETURNING] {
        let (proxy, service) = start().await;
        hang(&proxy, &service, moment, 40).await;
        let (mark, began) = (Mark::now(), Instant::now());
        let stopped = tokio::time::timeout(HEALING, service.stop()).await;
        let took = began.elapsed();
        assert!(
            stopped.is_ok() && took < TIMEOUT + BUSY + mark.stalled(),
            "it waits for connections that hang: {took:?}"
        );
    }
}
