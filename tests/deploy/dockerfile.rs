//! The Dockerfile, read as far as the tests need it.

use crate::files::text;

/// An instruction, such as `FROM`, and what follows it.
pub(crate) struct Instruction {
    pub(crate) name: String,
    pub(crate) rest: String,
}

/// The instructions, comments left out and continued lines joined.
pub(crate) fn instructions() -> Vec<Instruction> {
    let text = text("deploy/Dockerfile");
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let split = |line: &str| {
        let (name, rest) = line.split_once(' ').unwrap();
        Instruction { name: name.to_owned(), rest: rest.trim().to_owned() }
    };
    joined.lines().map(split).collect()
}

/// What follows the only instruction of this name in the last stage.
pub(crate) fn last_stage(name: &str) -> String {
    let all = instructions();
    let from = all.iter().rposition(|instruction| instruction.name == "FROM").unwrap();
    let mut found = all[from..].iter().filter(|instruction| instruction.name == name);
    let (Some(only), None) = (found.next(), found.next()) else {
        panic!("the last stage of deploy/Dockerfile does not have exactly one {name}")
    };
    only.rest.clone()
}

/// A command line in the form that needs no shell: `["program", "argument"]`.
pub(crate) fn exec(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_else(|_| panic!("{json} needs a shell, and the image has none: write [\"…\"]"))
}

/// The tree that the image is built from.
#[test]
fn the_image_is_built_from_all_that_the_workspace_names() {
    let sent = text("deploy/Dockerfile.dockerignore");
    let sent: Vec<_> = sent.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let cargo = text("Cargo.toml");
    let members = cargo.lines().find_map(|line| line.strip_prefix("members = ")).unwrap();
    let members: Vec<String> = serde_json::from_str(members).unwrap();
    let folders = members.iter().map(|member| member.split('/').next().unwrap());
    for needed in folders.chain([".cargo", "Cargo.lock", "Cargo.toml", "docs/API-CHANGES.md", "schema", "src"]) {
        assert!(sent.contains(&needed), "the image needs {needed}: add !{needed} to deploy/Dockerfile.dockerignore");
    }
}

#[test]
fn the_program_is_not_root_and_can_write_to_its_volume() {
    let user = last_stage("USER");
    assert!(!user.starts_with("0") && user.bytes().all(|byte| byte.is_ascii_digit() || byte == b':'), "USER {user}");
    let volume = last_stage("VOLUME");
    let copy = format!("--chown={user} {volume} {volume}");
    assert!(instructions().iter().any(|it| it.rest.ends_with(&copy)), "no COPY gives {volume} to {user}");
    let uri = last_stage("ENV");
    assert!(uri.contains(&format!("sqlite://{volume}/")), "{uri} is not in the volume {volume}");
}
