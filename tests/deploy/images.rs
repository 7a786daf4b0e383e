//! The images that `deploy/` runs, and their versions.

use crate::{
    dockerfile::instructions,
    files::{interpolated, manifest, services},
};

/// Our own, which is built here.
const OURS: &str = "payments";

/// Fails unless an image is named with the version that is meant.
fn assert_pinned(image: &str, at: &str) {
    let (name, tag) = image.rsplit_once(':').unwrap_or((image, ""));
    let moves = tag.is_empty() || tag.contains('/') || tag.starts_with("latest");
    assert!(
        !moves || image.contains("@sha256:"),
        "{at}: {name} has no version: name the one that is meant, for example {name}:1.2.3"
    );
}

#[test]
fn every_image_is_pinned() {
    let mut seen = 0;
    let dockerfile = instructions();
    let mut stages = Vec::new();
    for instruction in dockerfile.iter().filter(|instruction| instruction.name == "FROM") {
        let mut words = instruction.rest.split(' ');
        let image = words.next().unwrap();
        if !stages.contains(&image) {
            assert_pinned(image, "deploy/Dockerfile");
            seen += 1;
        }
        stages.extend(words.next_back());
    }
    for (name, service) in services() {
        assert_pinned(&interpolated(service["image"].as_str().unwrap()), &format!("deploy/docker-compose.yml, {name}"));
        seen += 1;
    }
    assert!(seen > 5, "only {seen} images were looked at");
}

/// `rust:1.95.0-…` builds what `rust-version` says can be built.
#[test]
fn the_compiler_is_new_enough() {
    let first = instructions().into_iter().find(|instruction| instruction.name == "FROM").unwrap().rest;
    let version = first.strip_prefix("rust:").unwrap().split('-').next().unwrap();
    let numbers = |text: &str| -> Vec<u32> { text.split('.').map(|part| part.parse().unwrap()).collect() };
    let least = env!("CARGO_PKG_RUST_VERSION");
    assert!(numbers(version) >= numbers(least), "deploy/Dockerfile builds with {version}, Cargo.toml wants {least}");
}

/// The stage before the last is on the same Debian as the last: the program finds there the libc that it was linked to.
#[test]
fn the_program_runs_on_the_libc_that_it_was_built_with() {
    let froms: Vec<_> = instructions().into_iter().filter(|it| it.name == "FROM").map(|it| it.rest).collect();
    let (builder, runner) = (&froms[0], froms.last().unwrap());
    assert!(
        builder.contains("-bookworm") && runner.contains("-debian12"),
        "{builder} and {runner} are of two releases"
    );
}

#[test]
fn kubernetes_runs_the_image_in_the_version_of_this_tree() {
    let image = &manifest("Kustomization")["images"][0];
    assert_eq!((image["name"].as_str(), image["newTag"].as_str()), (Some(OURS), Some(env!("CARGO_PKG_VERSION"))));
    let pod = manifest("Deployment")["spec"]["template"]["spec"].clone();
    for container in pod["containers"].as_array().unwrap() {
        assert_eq!(container["image"], OURS, "kustomization.yaml pins no other image");
    }
}
