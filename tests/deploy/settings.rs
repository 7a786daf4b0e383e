//! The command lines and the environments in `deploy/`, read by the program's own command line.

use crate::{
    dockerfile::{exec, instructions, last_stage},
    files::{interpolated, manifest, service},
};
use clap::{CommandFactory, Parser};
use payments::{
    app::name_of,
    config::{Command, Config, Serve},
};
use serde_json::Value;
use std::collections::BTreeMap;

type Settings = BTreeMap<String, String>;

/// The pairs of an object of texts.
fn pairs(object: &Value) -> Settings {
    let pairs = object.as_object().unwrap().iter();
    pairs
        .map(|(name, value)| {
            (name.clone(), interpolated(value.as_str().unwrap_or_else(|| panic!("{name} is no text"))))
        })
        .collect()
}

/// The flags that stand for the variables: clap would read the environment of this process, which all tests share.
fn flags(settings: &Settings) -> Vec<String> {
    let command = Config::command();
    let serve = command.find_subcommand("serve").unwrap();
    let flag = |(name, value): (&String, &String)| {
        let argument =
            serve.get_arguments().find(|argument| argument.get_env().is_some_and(|env| env == name.as_str()));
        let argument =
            argument.unwrap_or_else(|| panic!("the program knows no {name}; `payments serve --help` lists them"));
        let flag = argument.get_long().unwrap();
        if argument.get_action().takes_values() {
            format!("--{flag}={value}")
        } else {
            assert_eq!(value, "true", "{name}");
            format!("--{flag}")
        }
    };
    // A variable that is empty is unset.
    settings.iter().filter(|(_, value)| !value.is_empty()).map(flag).collect()
}

/// Parses a command line and an environment as the program does.
pub(crate) fn parse(arguments: &[&str], settings: &Settings) -> Config {
    let flags = if arguments == ["serve"] { flags(settings) } else { Vec::new() };
    let line = ["payments"].into_iter().chain(arguments.iter().copied()).map(str::to_owned).chain(flags);
    Config::try_parse_from(line).unwrap_or_else(|error| panic!("{arguments:?} with {settings:?}: {error}"))
}

/// `payments serve` with these settings.
fn serve(settings: &Settings) -> Serve {
    let Command::Serve(serve) = parse(&["serve"], settings).command else { panic!("not serve") };
    name_of(&serve.store).unwrap_or_else(|error| panic!("{settings:?}: {error}"));
    serve
}

/// The settings of the image.
fn of_the_image() -> Settings {
    let environments = instructions().into_iter().filter(|instruction| instruction.name == "ENV");
    let pair = |text: String| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    environments.map(|instruction| pair(instruction.rest)).collect()
}

/// The settings of the service that `docker run` starts.
pub(crate) fn alone() -> Serve {
    serve(&of_the_image())
}

/// The settings of a replica of the Compose file.
pub(crate) fn of_compose() -> Serve {
    let mut settings = of_the_image();
    settings.extend(pairs(&service("payments")["environment"]));
    serve(&settings)
}

/// The port at which these settings serve operators.
pub(crate) fn operator_port(serve: &Serve) -> u16 {
    let operator = serve.operator_listen.as_ref().expect("operators have an address of their own");
    assert_ne!(operator.port, serve.listen.port, "clients would reach what is for operators");
    operator.port
}

/// The settings of a pod.
pub(crate) fn of_kubernetes() -> Serve {
    let mut settings = of_the_image();
    settings.extend(pairs(&manifest("ConfigMap")["data"]));
    settings.extend(pairs(&manifest("Secret")["stringData"]));
    serve(&settings)
}

#[test]
fn the_program_knows_every_setting() {
    for serve in [alone(), of_compose(), of_kubernetes()] {
        assert_eq!(serve.listen.port, 8080, "the ports in deploy/ are meant for 8080");
    }
    assert_eq!(alone().operator_listen, None, "the image exposes one port");
}

#[test]
fn the_program_knows_every_command() {
    assert_eq!(exec(&last_stage("ENTRYPOINT")), ["/usr/local/bin/payments"]);
    let words = exec(&last_stage("CMD"));
    parse(&words.iter().map(String::as_str).collect::<Vec<_>>(), &Settings::new());

    let (_, check) = last_stage("HEALTHCHECK").split_once("CMD ").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let words = exec(&check);
    assert_eq!(words[0], "/usr/local/bin/payments");
    let words: Vec<_> = words[1..].iter().map(String::as_str).collect();
    assert!(matches!(parse(&words, &Settings::new()).command, Command::Health(_)), "{check}");

    let pod = &manifest("Deployment")["spec"]["template"]["spec"];
    assert_eq!(pod["containers"][0]["args"], serde_json::json!(["serve"]));
    parse(&["serve"], &Settings::new());
    // A pod of the older release could not start while a newer schema is there: `migrate` refuses that, `serve` does not.
    assert_eq!(pod["initContainers"], serde_json::Value::Null);
}

/// Replicas believe X-Forwarded-For of the load balancer, and of no other network: without it, the load balancer would be the one
/// client that every limit is counted for.
#[test]
fn replicas_trust_the_proxy_in_front_of_them() {
    for serve in [of_compose(), of_kubernetes()] {
        assert!(!serve.trusted_proxies.is_empty());
        assert!(serve.trusted_proxies.iter().all(|network| network.prefix_len() >= 8), "{:?}", serve.trusted_proxies);
    }
}

#[test]
fn what_can_empty_the_store_is_not_served() {
    assert!([alone(), of_compose(), of_kubernetes()].iter().all(|serve| !serve.admin));
}
