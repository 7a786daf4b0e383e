use super::{Admission, Admitted, ConnectionLimits, MAX_LOOKS, Refused};
use crate::http::connection::{request_heads::RequestCounts, slow_readers::UnsentResponses};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, advance};

struct Client {
    admitted: Admitted,
    requests: Arc<RequestCounts>,
}

impl Client {
    fn connect(admission: &Arc<Admission>, address: &str) -> Result<Self, Refused> {
        let requests = Arc::new(RequestCounts::new());
        let address = address.parse().unwrap();
        let admitted = admission.admit(address, &requests, &Arc::new(UnsentResponses::default()))?;
        Ok(Self { admitted, requests })
    }

    fn begin(&self) {
        self.requests.start_one();
        self.requests.set_last_started(Instant::now());
    }

    async fn use_once(&self) {
        advance(Duration::from_millis(5)).await;
        self.begin();
        self.requests.finish_one();
    }
}

fn admission(total: usize, per_client: usize) -> Arc<Admission> {
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    Admission::new(ConnectionLimits { total, per_client, trusted_proxies }, None)
}

#[tokio::test(start_paused = true)]
async fn the_longest_idle_connection_makes_room() {
    let admission = admission(3, 3);
    let mut clients: Vec<_> = (0..3).map(|_| Client::connect(&admission, "192.0.2.1").unwrap()).collect();
    for used in [0, 2] {
        clients[used].use_once().await;
    }
    let other = Client::connect(&admission, "192.0.2.2").unwrap();
    assert!(!other.admitted.is_for_probes);
    let leaving: Vec<_> = clients.iter().map(|client| client.admitted.must_leave()).collect();
    assert_eq!(leaving, [false, true, false]);
    clients.remove(1);
    advance(Duration::from_millis(5)).await;
    Client::connect(&admission, "192.0.2.2").unwrap();
    assert!(clients[0].admitted.must_leave() && !clients[1].admitted.must_leave() && !other.admitted.must_leave());
}

#[tokio::test(start_paused = true)]
async fn a_busy_connection_stays_and_a_newcomer_may_only_probe() {
    let admission = admission(2, 8);
    let clients = [(); 2].map(|()| Client::connect(&admission, "192.0.2.1").unwrap());
    for client in &clients {
        advance(Duration::from_millis(5)).await;
        client.begin();
    }
    let probe = Client::connect(&admission, "192.0.2.2").unwrap();
    assert!(probe.admitted.is_for_probes);
    assert_eq!(Client::connect(&admission, "192.0.2.2").err(), Some(Refused::Total));
    drop(probe);
    assert!(Client::connect(&admission, "192.0.2.2").unwrap().admitted.is_for_probes);
    advance(Duration::from_millis(5)).await;
    clients[1].requests.finish_one();
    advance(Duration::from_millis(5)).await;
    assert!(!Client::connect(&admission, "192.0.2.2").unwrap().admitted.is_for_probes);
    assert!(clients[1].admitted.must_leave() && !clients[0].admitted.must_leave());
}

#[tokio::test(start_paused = true)]
async fn a_client_has_a_limit_of_its_own_and_a_proxy_has_none() {
    let admission = admission(10, 2);
    let clients = ["2001:db8::1", "2001:db8::2"].map(|client| Client::connect(&admission, client).unwrap());
    clients[0].begin();
    clients[1].begin();
    let probe = Client::connect(&admission, "2001:db8::3").unwrap();
    assert!(probe.admitted.is_for_probes, "a /64 is one client");
    assert_eq!(Client::connect(&admission, "2001:db8::3").err(), Some(Refused::Client));
    let _other = Client::connect(&admission, "2001:db8:0:1::1").unwrap();
    let proxies: Vec<_> = (0..4).map(|_| Client::connect(&admission, "::ffff:10.0.0.1").unwrap()).collect();
    clients[0].requests.finish_one();
    advance(Duration::from_millis(5)).await;
    Client::connect(&admission, "2001:db8::3").unwrap();
    assert!(clients[0].admitted.must_leave(), "its own idle connection makes room, and no other");
    assert!(!proxies.iter().any(|proxy| proxy.admitted.must_leave()));
}

#[tokio::test(start_paused = true)]
async fn no_connection_is_forgotten_or_counted_twice() {
    let admission = admission(2 * MAX_LOOKS, 2 * MAX_LOOKS);
    for _ in 0..3 {
        let clients: Vec<_> =
            (0..3 * MAX_LOOKS).filter_map(|_| Client::connect(&admission, "192.0.2.1").ok()).collect();
        drop(clients);
        let open = admission.open();
        assert!(open.by_last_use.is_empty() && open.per_client.is_empty());
        assert_eq!((open.for_probes, open.leaving), (0, 0));
    }
}
