//! The Compose file, and the load balancer in it.

use crate::{
    files::{interpolated, line, milliseconds, service, services, text, yaml},
    kubernetes::assert_declared,
    settings::{of_compose, operator_port},
};
use std::{collections::BTreeSet, path::Path, time::Duration};

/// The value behind a word in a line of HAProxy's, such as `inter` in `check inter 1s fall 2`.
fn word<'a>(line: &'a str, name: &str) -> &'a str {
    let mut words = line.split_whitespace().skip_while(|word| *word != name).skip(1);
    words.next().unwrap_or_else(|| panic!("no {name} in: {line}"))
}

#[test]
fn ports_agree() {
    let port = of_compose().listen.port.to_string();
    let haproxy = text("deploy/haproxy/haproxy.cfg");
    let (name, at) = line(&haproxy, "server-template payments 10").split_once(':').unwrap();
    assert_eq!((name, at), ("payments", port.as_str()), "the load balancer looks for replicas elsewhere");
    assert_eq!(crate::dockerfile::last_stage("EXPOSE"), port);

    let published = interpolated(service("haproxy")["ports"][0].as_str().unwrap());
    let section = haproxy.split("frontend public").nth(1).unwrap().split("backend").next().unwrap();
    let bound = line(section, "bind :");
    assert!(published.ends_with(&format!(":{bound}")), "{published} leads nowhere: HAProxy listens at {bound}");
    let outside = published.rsplit(':').nth(1).unwrap();
    assert_eq!(of_compose().external_url, format!("http://payments.localhost:{outside}"), "links lead elsewhere");

    let own = line(haproxy.split("frontend self").nth(1).unwrap(), "bind :");
    assert!(service("haproxy")["healthcheck"]["test"].to_string().contains(&format!("127.0.0.1:{own}/")));
}

#[test]
fn prometheus_asks_where_the_metrics_are() {
    assert!(of_compose().metrics);
    let jobs = yaml("deploy/prometheus/prometheus.yml")["scrape_configs"].clone();
    let replicas = &jobs[0]["dns_sd_configs"][0];
    assert_eq!(replicas["names"][0], "payments");
    assert_eq!(replicas["port"], operator_port(&of_compose()));
    assert_eq!(jobs[1]["static_configs"][0]["targets"][0], "haproxy:8404");
}

/// Every published port is open to this machine alone.
#[test]
fn nothing_is_open_to_the_network() {
    for (name, service) in services() {
        for port in service["ports"].as_array().into_iter().flatten() {
            assert!(port.as_str().unwrap().starts_with("127.0.0.1:"), "{name}: {port}");
        }
    }
}

#[test]
fn the_load_balancer_asks_what_the_contract_declares() {
    let haproxy = text("deploy/haproxy/haproxy.cfg");
    let check = line(&haproxy, "http-check send ");
    assert_eq!((word(check, "meth"), word(check, "uri")), ("GET", "/ready"));
    assert_declared("/ready");
}

/// The load balancer passes requests to the public port only ([`ports_agree`]), and no other way leads to the operators'.
#[test]
fn what_is_for_operators_is_not_let_through() {
    let port = operator_port(&of_compose());
    assert!(!text("deploy/haproxy/haproxy.cfg").contains(&format!(":{port}")), "the load balancer leads to {port}");
    assert_eq!(service("payments")["ports"], serde_json::Value::Null, "a port of the replicas is published");
}

/// Clients could name themselves in a header that the load balancer passes on as it came.
#[test]
fn the_load_balancer_alone_says_who_the_client_is() {
    let haproxy = text("deploy/haproxy/haproxy.cfg");
    assert_eq!(line(&haproxy, "http-request set-header X-Forwarded-For"), "%[src]");
    assert_eq!(line(&haproxy, "http-request del-header"), "Forwarded");
}

/// What the configuration of HAProxy uses, by section. HAProxy refuses a file with a line that it does not know, and is not at
/// hand where the tests run.
const HAPROXY: [(&str, &[&str]); 5] = [
    ("global", &["log", "maxconn"]),
    ("defaults", &["http-error", "log", "mode", "option", "retries", "retry-on", "timeout"]),
    ("resolvers", &["hold", "nameserver", "resolve_retries", "timeout"]),
    ("frontend", &["bind", "default_backend", "http-request"]),
    ("backend", &["balance", "default-server", "http-check", "option", "server-template"]),
];

#[test]
fn each_line_of_the_load_balancer_is_one_that_it_knows() {
    let haproxy = text("deploy/haproxy/haproxy.cfg");
    let (mut known, mut backends): (&[&str], _) = (&[], Vec::new());
    for line in haproxy.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        let mut words = line.split_whitespace();
        let (first, second) = (words.next().unwrap_or_default(), words.next());
        if line.starts_with(' ') {
            assert!(known.contains(&first), "`haproxy -c` says no to: {line}");
        } else {
            let section = HAPROXY.iter().find(|(name, _)| *name == first);
            known = section.unwrap_or_else(|| panic!("`haproxy -c` says no to: {line}")).1;
            if first == "backend" {
                let name = second.unwrap_or_default();
                assert!(!backends.contains(&name), "there are two backends {name}");
                backends.push(name);
            }
        }
    }
    assert_eq!(backends, [line(&haproxy, "default_backend ")]);
}

/// How long, in milliseconds, an answer is held that waits for events: the contract's `wait`.
const LONGEST_WAIT: u64 = 30_000;

#[test]
fn the_load_balancer_waits_as_long_as_answers_are_held() {
    let haproxy = text("deploy/haproxy/haproxy.cfg");
    for side in ["timeout client ", "timeout server "] {
        let patience = milliseconds(line(&haproxy, side));
        assert!(patience > LONGEST_WAIT, "{side} is {patience} ms, and an answer may be held for {LONGEST_WAIT}");
    }
}

#[test]
fn a_replica_that_stops_is_left_alone_before_it_is_gone() {
    let (serve, haproxy) = (of_compose(), text("deploy/haproxy/haproxy.cfg"));
    let check = line(&haproxy, "default-server ");
    let notices = milliseconds(word(check, "inter")) * word(check, "fall").parse::<u64>().unwrap();
    assert!(serve.drain > Duration::from_millis(notices), "noticed after {notices} ms, gone after {:?}", serve.drain);
    let grace = Duration::from_millis(milliseconds(service("payments")["stop_grace_period"].as_str().unwrap()));
    assert!(grace > serve.drain + serve.timeout, "killed after {grace:?}, which may cut off what is under way");
    let patience = Duration::from_millis(milliseconds(line(&haproxy, "timeout server ")));
    assert!(patience > serve.timeout, "the load balancer gives up after {patience:?}, before the service does");
}

#[test]
fn whatever_is_waited_for_has_a_health_check() {
    let mut seen = 0;
    for (name, waiting) in services() {
        for (needed, condition) in waiting["depends_on"].as_object().into_iter().flatten() {
            assert_eq!(condition["condition"], "service_healthy", "{name} does not wait until {needed} is healthy");
            // The image of the service has a health check of its own.
            assert!(needed == "payments" || service(needed)["healthcheck"]["test"].is_array(), "{name}: {needed}");
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} were looked at");
}

#[test]
fn every_service_has_limits() {
    for (name, service) in services() {
        let limits = &service["deploy"]["resources"]["limits"];
        assert!(limits["cpus"].is_string() && limits["memory"].is_string(), "{name} may take the whole machine");
        assert_eq!(service["security_opt"][0], "no-new-privileges:true", "{name}");
        assert!(service["logging"].is_object(), "{name}: its log would fill the disk");
    }
}

#[test]
fn what_is_mounted_is_there() {
    let compose = yaml("deploy/docker-compose.yml");
    let volumes: BTreeSet<_> = compose["volumes"].as_object().unwrap().keys().cloned().collect();
    for (name, service) in services() {
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let from = volume.as_str().unwrap().split(':').next().unwrap();
            let there = match from.strip_prefix("./") {
                Some(path) => Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(path).exists(),
                None => volumes.contains(from),
            };
            assert!(there, "{name}: there is no {from}");
        }
    }
}

#[test]
fn the_database_is_the_one_that_is_started() {
    let postgres = service("postgres")["environment"].clone();
    let value = |name: &str| interpolated(postgres[name].as_str().unwrap());
    let (user, password, database) = (value("POSTGRES_USER"), value("POSTGRES_PASSWORD"), value("POSTGRES_DB"));
    assert_eq!(of_compose().store.repo_uri, Some(format!("postgres://{user}:{password}@postgres/{database}")));
}
