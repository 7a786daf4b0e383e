//! `.github/workflows/ci.yml` and `rust-toolchain.toml`, held to the Makefile and to each other. Whether GitHub would take the
//! workflow is what `make actions-check` asks.

use crate::{
    dockerfile::instructions,
    files::{line, text, yaml},
};
use serde_json::Value;

const WORKFLOW: &str = ".github/workflows/ci.yml";

/// What only fetches tools: each target that needs them depends on these.
const FETCHES: [&str; 3] = ["tools", "test-tools", "browser"];

fn stages_of_the_workflow() -> Vec<String> {
    let stages = yaml(WORKFLOW)["jobs"]["stage"]["strategy"]["matrix"]["stage"].clone();
    stages.as_array().unwrap().iter().map(|stage| stage.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_stage_of_make_test_is_a_job() {
    let makefile = text("Makefile");
    let jobs = stages_of_the_workflow();
    for stage in line(&makefile, "STAGES :=").split_whitespace().filter(|stage| !FETCHES.contains(stage)) {
        assert!(jobs.iter().any(|job| job == stage), "{WORKFLOW} lacks the stage {stage}: add it to the matrix");
    }
}

#[test]
fn the_workflow_calls_targets_that_are_there() {
    let workflow = yaml(WORKFLOW);
    let jobs = workflow["jobs"].as_object().unwrap().values();
    let steps = jobs.flat_map(|job| job["steps"].as_array().unwrap());
    let runs = steps.filter_map(|step| step["run"].as_str());
    let mut called: Vec<_> = runs.filter_map(|run| run.strip_prefix("make ")).map(str::to_owned).collect();
    called.retain(|target| target != "\"$STAGE\"");
    called.extend(stages_of_the_workflow());
    let makefile = text("Makefile");
    for target in called {
        let rule = format!("{target}:");
        assert!(makefile.lines().any(|line| line.starts_with(&rule)), "the Makefile has no target {target}");
    }
}

/// What `make test` leaves out because it is slow, or needs what not every machine has.
#[test]
fn every_other_check_is_a_job_of_its_own() {
    let workflow = yaml(WORKFLOW);
    let jobs = workflow["jobs"].as_object().unwrap().values();
    let steps: Vec<_> = jobs.flat_map(|job| job["steps"].as_array().unwrap()).collect();
    for target in ["bench-instructions", "clients-check", "fuzz", "mutants", "contract-mutants", "advisories"] {
        let command = format!("make {target}");
        assert!(steps.iter().any(|step| step["run"] == command.as_str()), "no job of {WORKFLOW} runs `{command}`");
    }
}

#[test]
fn every_job_ends_by_itself_and_may_only_read() {
    let workflow = yaml(WORKFLOW);
    assert_eq!(workflow["permissions"], serde_json::json!({"contents": "read"}));
    for (name, job) in workflow["jobs"].as_object().unwrap() {
        assert!(job["timeout-minutes"].is_u64(), "the job {name} has no timeout-minutes");
        assert_eq!(job.get("permissions"), None::<&Value>, "the job {name} may do more than the others");
    }
}

#[test]
fn the_image_is_built_by_the_compiler_that_tests_it() {
    let toolchain = text("rust-toolchain.toml");
    let channel = line(&toolchain, "channel =").trim_matches('"').to_owned();
    let image = instructions().into_iter().find(|instruction| instruction.name == "FROM").unwrap().rest;
    assert!(image.starts_with(&format!("rust:{channel}-")), "deploy/Dockerfile builds with {image}");
}
