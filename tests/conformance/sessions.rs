//! What PostgreSQL's sessions may be set to, and what may be between them and the store.

use crate::patient::Patient;
use crate::postgres::{connect, kill_connections};
use crate::stores::{change, create, id, payment, postgres_at, refused, version};
use crate::view::Repo;
use payments::payments::Error;
use payments::repo::{OpenError, Postgres};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::sync::Arc;
use std::time::Duration;
use test_support::postgres::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Changes a setting of the database at `url`, for the sessions to come.
async fn alter_database(url: &str, change: &str) {
    let mut owner = PgConnection::connect(url).await.unwrap();
    owner.execute("SET default_transaction_read_only = off").await.unwrap();
    let name: String = sqlx::query_scalar("SELECT current_database()").fetch_one(&mut owner).await.unwrap();
    owner.execute(AssertSqlSafe(format!("ALTER DATABASE {name} {change}"))).await.unwrap();
    owner.close().await.unwrap();
}

/// How many calls may fail before one succeeds, with a pause between them. Calls are counted, and not timed, because the machine
/// may stand still.
const ATTEMPTS: usize = 60;
const PAUSE: Duration = Duration::from_millis(50);

/// Creates payments until one is created; every refusal must say that the store is unavailable.
async fn heal(repo: &Postgres, name: &str) {
    for number in 0..ATTEMPTS {
        match repo.create(payment(&format!("{name}-{number}"))).await {
            Ok(_) => return,
            Err(Error::Unavailable(_)) => {}
            Err(error) => panic!("expected Unavailable, got {error:?}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("writes do not heal");
}

#[tokio::test]
async fn a_server_that_was_read_only_takes_writes_again() {
    let url = test_support::postgres::url();
    let repo = Patient(connect(&url).await);
    create(&repo, &["a"]).await;
    repo.check().await.unwrap();
    alter_database(&url, "SET default_transaction_read_only = on").await;
    kill_connections(&url).await;
    // Sessions that are read-only from their beginning; the first of them may still be lost.
    let mut failed = 0;
    while repo.fetch(&id("a")).await.is_err() {
        failed += 1;
        assert!(failed < ATTEMPTS, "reads do not go on");
        tokio::time::sleep(PAUSE).await;
    }
    assert_eq!(refused(repo.create(payment("b")).await), "unavailable");
    assert_eq!(refused(repo.create(payment("b")).await), "unavailable");
    assert_eq!(refused(repo.check().await), "unavailable", "a store that takes no writes is not ready");
    repo.fetch(&id("a")).await.expect("reads go on");

    alter_database(&url, "RESET default_transaction_read_only").await;
    heal(&repo.0, "b").await;
    repo.check().await.expect("it takes writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_isolation_of_the_database_is_not_that_of_the_store() {
    let url = test_support::postgres::url();
    for level in ["repeatable read", "serializable"] {
        alter_database(&url, &format!("SET default_transaction_isolation = '{level}'")).await;
        let repo = Arc::new(Patient(connect(&url).await));
        repo.clear().await.unwrap();
        create(&*repo, &["a"]).await;
        let writers: JoinSet<_> = (0..16)
            .map(|_| {
                let repo = Arc::clone(&repo);
                async move {
                    for number in 0..20 {
                        match repo.update(&id("a"), version(number), change("1")).await {
                            Ok(_) | Err(Error::VersionConflict { .. }) => {}
                            Err(error) => panic!("{level}: a race is no failure, but: {error:?}"),
                        }
                    }
                }
            })
            .collect();
        writers.join_all().await;
        assert_eq!(repo.fetch(&id("a")).await.unwrap().version, version(20));
    }
}

#[tokio::test]
async fn a_statement_that_was_rolled_back_is_repeated() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    let mut owner = PgConnection::connect(&url).await.unwrap();
    // Sequences are not rolled back: they count the attempts.
    for statement in [
        "CREATE SEQUENCE attempts",
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('attempts') % 3 <> 0 THEN RAISE EXCEPTION 'met another' USING ERRCODE = TG_ARGV[0]; END IF; \
         RETURN NEW; END $$",
        "CREATE TRIGGER one BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION fail('40001')",
        "CREATE TRIGGER other BEFORE UPDATE ON payments FOR EACH ROW EXECUTE FUNCTION fail('40P01')",
    ] {
        owner.execute(statement).await.unwrap();
    }
    create(&repo, &["b"]).await;
    repo.update(&id("a"), version(0), change("2")).await.unwrap();
    repo.delete(&id("a"), version(1)).await.unwrap();
    let attempts: i64 = sqlx::query_scalar("SELECT last_value FROM attempts").fetch_one(&mut owner).await.unwrap();
    assert_eq!(attempts, 9, "each is tried until it succeeds");
}

#[tokio::test]
async fn sessions_have_the_settings_that_the_store_relies_on() {
    let url = test_support::postgres::url();
    let repo = connect(&url).await;
    create(&repo, &["a"]).await;
    let mut owner = PgConnection::connect(&url).await.unwrap();
    owner
        .execute(
            "CREATE TABLE seen (name text, value text); \
             CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             INSERT INTO seen SELECT name, setting FROM pg_settings; RETURN NEW; END $$; \
             CREATE TRIGGER look BEFORE INSERT ON payments FOR EACH ROW EXECUTE FUNCTION look()",
        )
        .await
        .unwrap();
    create(&repo, &["b"]).await;
    for (name, expected) in [
        ("application_name", "payments"),
        ("transaction_isolation", "read committed"),
        ("transaction_read_only", "off"),
        // A request has 60 s, of which it waits 5 s for a connection.
        ("statement_timeout", "55000"),
        ("lock_timeout", "27500"),
        ("client_connection_check_interval", "1000"),
    ] {
        let seen = sqlx::query_scalar("SELECT value FROM seen WHERE name = $1").bind(name).fetch_one(&mut owner).await;
        let seen: String = seen.unwrap();
        assert_eq!(seen, expected, "{name}");
    }
}

/// A URL with these hosts, instead of its own.
fn with_hosts(url: &str, hosts: &[&str]) -> String {
    let (head, rest) = url.split_once('@').expect("a user");
    let (_, database) = rest.split_once('/').expect("a database");
    format!("{head}@{}/{database}", hosts.join(","))
}

fn host(url: &str) -> &str {
    let (_, rest) = url.split_once('@').expect("a user");
    rest.split_once('/').expect("a database").0
}

/// Connects to the servers of `all`, and creates a payment at that of `first`, whose name is returned. The store passes by a server
/// that is slow to answer, and so one on a machine that stands still: then the test connects again.
async fn connect_to_first(first: &str, all: &str) -> (Postgres, String) {
    connect(first).await.close().await;
    let mut owner = PgConnection::connect(first).await.unwrap();
    for number in 0..10 {
        let (repo, name) = (connect(all).await, format!("a{number}"));
        create(&repo, &[&name]).await;
        let is_there = sqlx::query_scalar::<_, bool>("SELECT count(*) = 1 FROM payments WHERE id = $1").bind(&name);
        if is_there.fetch_one(&mut owner).await.unwrap() {
            return (repo, name);
        }
    }
    panic!("the first server is passed by each time");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_servers_one_that_takes_writes_is_used() {
    let [one, other] = tokio::task::spawn_blocking(|| [Server::start(), Server::start()]).await.unwrap();
    let (url, elsewhere) = (one.database(), other.database());
    // The database of the first has the same name at the other.
    let (_, database) = url.rsplit_once('/').expect("a database");
    let mut owner = PgConnection::connect(&elsewhere).await.unwrap();
    owner.execute(AssertSqlSafe(format!("CREATE DATABASE {database}"))).await.unwrap();
    let twin = with_hosts(&url, &[host(&elsewhere)]);
    create(&connect(&twin).await, &["at-the-other"]).await;

    let hosts = ["127.0.0.1:1", host(&url), host(&elsewhere)];
    let (repo, name) = connect_to_first(&url, &with_hosts(&url, &hosts)).await;
    // A failover: the first server goes on, as a standby does.
    alter_database(&url, "SET default_transaction_read_only = on").await;
    kill_connections(&url).await;
    heal(&repo, "after").await;
    let repo = Patient(repo);
    repo.check().await.expect("one of the servers takes writes");
    repo.fetch(&id("at-the-other")).await.expect("reads go where the writes go");
    assert_eq!(refused(repo.fetch(&id(&name)).await), "not found", "no session of the first server is left");
}

/// Answers as a pooler does that shares a session among its connections: each is served by the same process.
async fn share_one_session(listener: TcpListener) {
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        tokio::spawn(async move {
            let mut seen = [0; 4096];
            let mut is_started = false;
            while let Ok(length @ 1..) = client.read(&mut seen).await {
                // 80877103 asks for TLS.
                let answer = match seen.get(4..8) {
                    Some([0x04, 0xd2, 0x16, 0x2f]) if !is_started => b"N".to_vec(),
                    _ if !is_started => {
                        is_started = true;
                        [message(b'R', &0_i32.to_be_bytes()), message(b'Z', b"I")].concat()
                    }
                    _ => rows(String::from_utf8_lossy(seen.get(..length).unwrap()).contains("backend_start")),
                };
                if client.write_all(&answer).await.is_err() {
                    return;
                }
            }
        });
    }
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[kind][..], &length, body].concat()
}

/// A row with the number of a process, its start, and whether it takes writes; or with the first alone.
fn rows(is_whole: bool) -> Vec<u8> {
    // The types are int4, int8 and bool.
    let columns: &[(i32, &str)] = if is_whole { &[(23, "7"), (20, "1"), (16, "t")] } else { &[(23, "7")] };
    let count = i16::try_from(columns.len()).unwrap().to_be_bytes();
    let (mut head, mut row) = (count.to_vec(), count.to_vec());
    for (kind, value) in columns {
        head.extend([&b"c\0"[..], &[0; 6], &kind.to_be_bytes(), &[0, 8, 255, 255, 255, 255, 0, 0]].concat());
        row.extend([&i32::try_from(value.len()).unwrap().to_be_bytes(), value.as_bytes()].concat());
    }
    [message(b'T', &head), message(b'D', &row), message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat()
}

#[tokio::test]
async fn a_pooler_that_shares_sessions_is_refused_with_the_cure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://u:hidden@{}/payments", listener.local_addr().unwrap());
    let pooler = tokio::spawn(share_one_session(listener));
    let error = Postgres::connect(postgres_at(url)).await.expect_err("two connections share a session");
    let message = error.to_string();
    assert!(matches!(error, OpenError::Pooler { .. }), "{error:?}");
    assert!(message.contains("pool_mode = session") && !message.contains("hidden"), "{message}");
    pooler.abort();
}
