//! The manifests for Kubernetes.

use crate::{
    dockerfile::last_stage,
    files::{contract, manifest, manifests},
    settings::{of_kubernetes, operator_port},
};
use payments::repo::PostgresOptions;
use serde_json::{Value, json};
use std::time::Duration;

/// PostgreSQL's own `max_connections`, less those that it keeps for superusers.
const CONNECTIONS: u64 = 100 - 3;

/// Fails unless the contract declares GET at this path.
pub(crate) fn assert_declared(path: &str) {
    assert!(contract()["paths"][path]["get"].is_object(), "the contract knows no GET {path}");
}

fn pod() -> Value {
    manifest("Deployment")["spec"]["template"]["spec"].clone()
}

fn container() -> Value {
    pod()["containers"][0].clone()
}

fn seconds(value: &Value) -> Duration {
    Duration::from_secs(value.as_u64().unwrap_or_else(|| panic!("{value} is no number of seconds")))
}

#[test]
fn kustomization_names_every_manifest() {
    let named = manifest("Kustomization")["resources"].clone();
    let mut named: Vec<_> = named.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    named.sort();
    let others = ["kustomization.yaml", "secret.example.yaml"];
    let there: Vec<_> = manifests().into_iter().map(|(path, _)| path.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(named, there.into_iter().filter(|name| !others.contains(&name.as_str())).collect::<Vec<_>>());
}

#[test]
fn everything_is_about_the_same_pods() {
    let labels = json!({"app.kubernetes.io/name": "payments"});
    let deployment = &manifest("Deployment")["spec"];
    assert_eq!(deployment["template"]["metadata"]["labels"], labels);
    for selector in [
        &deployment["selector"]["matchLabels"],
        &manifest("Service")["spec"]["selector"],
        &manifest("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        &manifest("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        &pod()["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
        &pod()["topologySpreadConstraints"][1]["labelSelector"]["matchLabels"],
    ] {
        assert_eq!(selector, &labels);
    }
    let target = &manifest("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"];
    assert_eq!((&target["kind"], &target["name"]), (&json!("Deployment"), &manifest("Deployment")["metadata"]["name"]));
    assert_eq!(pod()["serviceAccountName"], manifest("ServiceAccount")["metadata"]["name"]);
}

#[test]
fn settings_come_from_where_they_are() {
    let sources = json!([
        {"configMapRef": {"name": manifest("ConfigMap")["metadata"]["name"]}},
        {"secretRef": {"name": manifest("Secret")["metadata"]["name"]}},
    ]);
    assert_eq!(container()["envFrom"], sources);
    let settings = manifest("ConfigMap")["data"].to_string();
    assert!(!settings.contains("PAYMENTS_REPO_URI"), "the URI has a password in it, which belongs into the Secret");
}

#[test]
fn ports_agree() {
    let serve = of_kubernetes();
    let ports = json!([
        {"name": "http", "containerPort": serve.listen.port},
        {"name": "operator", "containerPort": operator_port(&serve)},
    ]);
    assert_eq!(container()["ports"], ports);
    let rules = manifest("NetworkPolicy")["spec"]["ingress"].clone();
    assert_eq!((&rules[0]["ports"][0]["port"], &rules[0]["from"]), (&json!("http"), &Value::Null));
    assert_eq!(rules[1]["ports"][0]["port"], "operator");
}

#[test]
fn what_is_for_operators_is_open_to_operators_alone() {
    let led_to = manifest("Service")["spec"]["ports"].clone();
    let led_to: Vec<_> = led_to.as_array().unwrap().iter().map(|port| port["targetPort"].clone()).collect();
    assert_eq!(led_to, ["http"], "the Service leads clients to the port of operators");
    let rules = manifest("NetworkPolicy")["spec"]["ingress"].clone();
    for rule in rules.as_array().unwrap() {
        let is_operators = rule["ports"].as_array().unwrap().iter().any(|port| port["port"] == "operator");
        assert!(!is_operators || rule["from"].is_array(), "every pod reaches the port of operators: {rule}");
    }
}

#[test]
fn prometheus_is_told_where_the_metrics_are() {
    assert!(of_kubernetes().metrics);
    let annotations = manifest("Deployment")["spec"]["template"]["metadata"]["annotations"].clone();
    assert_eq!(annotations["prometheus.io/port"], operator_port(&of_kubernetes()).to_string());
    assert_declared(annotations["prometheus.io/path"].as_str().unwrap());
}

#[test]
fn probes_ask_what_the_contract_declares() {
    for (probe, path) in [("startupProbe", "/alive"), ("readinessProbe", "/ready"), ("livenessProbe", "/alive")] {
        assert_eq!(container()[probe]["httpGet"], json!({"path": path, "port": "operator"}), "{probe}");
        assert_declared(path);
    }
}

#[test]
fn a_pod_that_leaves_is_left_alone_before_it_is_gone() {
    let serve = of_kubernetes();
    let probe = container()["readinessProbe"].clone();
    let notices =
        seconds(&probe["periodSeconds"]) * u32::try_from(probe["failureThreshold"].as_u64().unwrap()).unwrap();
    assert!(serve.drain > notices + Duration::from_secs(5), "noticed after {notices:?}, gone after {:?}", serve.drain);
    let grace = seconds(&pod()["terminationGracePeriodSeconds"]);
    assert!(grace > serve.drain + serve.timeout, "killed after {grace:?}, which may cut off what is under way");
}

#[test]
fn an_update_takes_no_pod_away_before_another_is_ready() {
    let strategy = &manifest("Deployment")["spec"]["strategy"];
    assert_eq!(strategy, &json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}));
}

#[test]
fn the_database_has_connections_for_all_pods() {
    let most = manifest("HorizontalPodAutoscaler")["spec"]["maxReplicas"].as_u64().unwrap();
    let surge = manifest("Deployment")["spec"]["strategy"]["rollingUpdate"]["maxSurge"].as_u64().unwrap();
    // Beside them each pod has one connection for health checks.
    let wanted = (most + surge) * (u64::from(PostgresOptions::MAX_CONNECTIONS) + 1);
    assert!(wanted <= CONNECTIONS, "{most} pods and {surge} more want {wanted} connections, of {CONNECTIONS}");
}

/// A CPU profile is drawn up in a file, so it needs a folder that can be written to.
#[test]
fn there_is_room_for_profiles() {
    assert_eq!(container()["volumeMounts"], json!([{"name": "tmp", "mountPath": "/tmp"}]));
    assert_eq!((&pod()["volumes"][0]["name"], pod()["volumes"][0]["emptyDir"].is_object()), (&json!("tmp"), true));
    let replica = crate::files::service("payments");
    assert_eq!((&replica["read_only"], &replica["tmpfs"]), (&json!(true), &json!(["/tmp"])));
}

#[test]
fn pods_may_do_next_to_nothing() {
    let (user, group) = last_stage("USER").split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let context = pod()["securityContext"].clone();
    assert_eq!(
        (context["runAsNonRoot"].as_bool(), &context["seccompProfile"]["type"]),
        (Some(true), &json!("RuntimeDefault"))
    );
    let number = |text: String| text.parse::<u64>().unwrap();
    assert_eq!(
        (context["runAsUser"].as_u64(), context["runAsGroup"].as_u64()),
        (Some(number(user)), Some(number(group)))
    );
    assert_eq!(pod()["automountServiceAccountToken"], false);
    let container = container();
    assert_eq!(
        container["securityContext"],
        json!({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}})
    );
    for limit in ["cpu", "memory"] {
        assert!(container["resources"]["requests"][limit].is_string(), "the container requests no {limit}");
        assert!(container["resources"]["limits"][limit].is_string(), "the container has no limit of {limit}");
    }
}
