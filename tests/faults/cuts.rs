//! The connection to PostgreSQL, cut after each byte of a write in turn: before it left, on the way there, after it was
//! done, on the way back.

use crate::{
    service::{payment, start_over},
    stalls::Mark,
};
use payments::repo::{Postgres, PostgresOptions};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use test_support::{Answer, Proxy, Service, Way};

/// How long an answer may take while the network only cuts: longer than the store waits for a connection, far shorter than
/// [`TIMEOUT`]. The time in which this machine stands still comes on top.
const SOON: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);

/// The writes that are cut.
#[derive(Debug, Clone, Copy)]
enum Write {
    Creates,
    Replaces,
}

/// A service with one connection to its store, on a network that can be cut.
struct Site {
    proxy: Proxy,
    service: Service,
    direct: Service,
}

impl Site {
    async fn start() -> Self {
        let url = test_support::postgres::url();
        let (proxy, through) = Proxy::before(&url).await;
        let store = |url| PostgresOptions { max_connections: 1, request_timeout: TIMEOUT, ..PostgresOptions::at(url) };
        let service = Postgres::connect(store(through)).await.expect("the database can be used");
        let direct = Postgres::connect(store(url)).await.expect("the database can be used");
        Self { proxy, service: start_over(service, TIMEOUT).await, direct: start_over(direct, TIMEOUT).await }
    }

    async fn write(&self, write: Write, id: &str) -> Answer {
        match write {
            Write::Creates => self.service.post(&payment(id, 0, "7")).await,
            Write::Replaces => self.service.put(id, &payment(id, 0, "7")).await,
        }
    }

    /// Writes, with the connection cut after so many bytes that way. Returns whether it was cut, the status, and whether the
    /// write was done.
    async fn cut(&self, write: Write, way: Way, bytes: usize, id: &str) -> (bool, u16, bool) {
        if matches!(write, Write::Replaces) {
            self.direct.post(&payment(id, 0, "1")).await.expect_status(201);
        }
        self.proxy.cut_after(way, bytes);
        let mark = Mark::now();
        let answer = self.write(write, id).await;
        let cut = self.proxy.spare();
        let what = format!("{write:?} cut after {bytes} bytes {way:?}");
        assert!(answer.took < SOON + mark.stalled(), "{what}: {answer}");

        let found = self.direct.get(&format!("/v1/payments/{id}")).await;
        let done = found.status == 200 && found.json()["data"]["attributes"]["amount"] == "7";
        let status = answer.status;
        match status {
            200 | 201 => assert!(done, "{what}: acknowledged, and lost; {found}"),
            _ => drop(answer.expect_unavailable()),
        }
        if !done {
            let before = if matches!(write, Write::Creates) { Value::Null } else { json!("1") };
            let amount =
                if found.status == 404 { Value::Null } else { found.json()["data"]["attributes"]["amount"].clone() };
            assert_eq!(amount, before, "{what}: done by half; {found}");
        }
        self.repeat(write, id, done, &what).await;
        (cut, status, done)
    }

    /// Repeats the write, as a client does that was left in doubt: at once, since the network works again.
    async fn repeat(&self, write: Write, id: &str, done: bool, what: &str) {
        let mut expected = match (write, done) {
            (_, true) => vec![409],
            (Write::Creates, false) => vec![201],
            (Write::Replaces, false) => vec![200],
        };
        loop {
            let mark = Mark::now();
            let again = self.write(write, id).await;
            if again.status == 503 && mark.excuses() {
                // In doubt once more: the store waits for a connection for less than a second.
                expected.push(409);
                continue;
            }
            assert!(expected.contains(&again.status), "{what}, and then repeated: {again}");
            break;
        }
        let end = self.direct.get(&format!("/v1/payments/{id}")).await.expect_status(200).json();
        let version = i64::from(matches!(write, Write::Replaces));
        assert_eq!(
            (&end["data"]["version"], &end["data"]["attributes"]["amount"]),
            (&json!(version), &json!("7")),
            "{what}"
        );
    }
}

/// Cuts `write` after each number of bytes that way, and adds each outcome to `seen`. Returns the number of writes.
async fn sweep(site: &Site, write: Write, way: Way, seen: &mut BTreeSet<(u16, bool)>) -> usize {
    let (mut bytes, mut spared) = (0, 0);
    // The connection is used for other things between, so a cut may hit those: only several in a row that hit nothing
    // mean that the whole write got through.
    while spared < 3 {
        let (cut, status, done) = site.cut(write, way, bytes, &format!("{write:?}-{way:?}-{bytes}")).await;
        seen.insert((status, done));
        spared = if cut { 0 } else { spared + 1 };
        bytes += 1;
        assert!(bytes < 5_000, "no write is so long: the proxy does not count as it should");
    }
    bytes
}

async fn cut_everywhere(write: Write, success: u16) {
    let site = Site::start().await;
    let mut seen = BTreeSet::new();
    let there = sweep(&site, write, Way::ToServer, &mut seen).await;
    let back = sweep(&site, write, Way::ToClient, &mut seen).await;
    // Each stage was hit: it had not been done, it had been done and the answer was lost, all went well.
    assert_eq!(seen, BTreeSet::from([(503, false), (503, true), (success, true)]), "{there} bytes there, {back} back");

    let ids = site.service.ids().await;
    let different: BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), different.len()), (there + back, there + back), "something is there twice, or is lost");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_is_cut_anywhere_is_whole_or_not_there() {
    cut_everywhere(Write::Creates, 201).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_is_cut_anywhere_is_whole_or_not_there() {
    cut_everywhere(Write::Replaces, 200).await;
}
