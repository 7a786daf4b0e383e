//! Steps about answers.

use super::{Refusal, Success, ids, payments::attributes_text};
use crate::{
    client::Request,
    expect::{Expect, Matcher, expect, table_rows},
    world::World,
};
use cucumber::{gherkin::Step, then, when};

#[then(expr = "the payment is {success}")]
async fn is(world: &mut World, outcome: Success) {
    world.expect().status(outcome.status());
}

#[then(expr = "the request succeeds")]
async fn succeeds(world: &mut World) {
    let status = world.expect().answer().status;
    if !(200..300).contains(&status) {
        world.expect().fail("success", status);
    }
}

#[then(expr = "the request is refused as {refusal}")]
async fn is_refused(world: &mut World, refusal: Refusal) {
    let path = world.last().request.path().to_owned();
    world.expect().refused(refusal, &path);
}

/// The answer to a HEAD, whose status alone says why.
#[then(expr = "the request is refused as {refusal}, without a body")]
async fn is_refused_without_a_body(world: &mut World, refusal: Refusal) {
    let (status, _) = refusal.problem();
    world.expect().status(status).empty();
}

/// The answer names this fault only.
#[then(expr = "the fault is at {string}")]
async fn fault_is_at(world: &mut World, pointer: String) {
    world.expect().at("$.errors[*].pointer").is(vec![pointer]);
}

/// The answer names these faults only, in this order.
#[then(expr = "the faults are at:")]
async fn faults_are_at(world: &mut World, step: &Step) {
    let pointers: Vec<&str> = table_rows(step, ["pointer"]).into_iter().map(|[pointer]| pointer).collect();
    world.expect().at("$.errors[*].pointer").is(pointers);
}

/// For scenarios about many outcomes; the words of the other steps say more.
#[then(expr = "the status is {int}")]
async fn status_is(world: &mut World, status: u16) {
    world.expect().status(status);
}

#[then(expr = "the answer has:")]
async fn has(world: &mut World, step: &Step) {
    world.expect().table(step);
}

/// The header Allow lists just these, in any order.
#[then(expr = "the methods there are {string}")]
async fn methods_are(world: &mut World, methods: String) {
    let sorted = |list: &str| {
        let mut methods = ids(list);
        methods.sort_unstable();
        methods
    };
    let allow = world.expect().header("allow").text();
    if sorted(&allow) != sorted(&methods) {
        world.expect().fail(&format!("the header Allow to list {methods}"), allow);
    }
}

#[then(expr = "the answer is empty")]
async fn is_empty(world: &mut World) {
    world.expect().empty();
}

/// Both the body and the entity tag show the version.
#[then(expr = "the payment is at version {int}")]
async fn is_at_version(world: &mut World, version: u64) {
    world.expect().version(version);
}

#[then(expr = "the attributes are, byte for byte:")]
async fn attributes_are(world: &mut World, step: &Step) {
    world.expect().containing(&attributes_text(step));
}

#[then(expr = "the address in {string} is that of payment {string}")]
async fn address_is(world: &mut World, path: String, id: String) {
    let expected = world.service().await.external_url.clone() + &world.path_of(&id).await;
    world.expect().part(&path).is(expected);
}

#[when(expr = "the address in {string} is read")]
async fn address_is_read(world: &mut World, path: String) {
    let address = world.expect().part(&path).text();
    let target = world.target_of(&address).await;
    world.send(Request::new("GET", target)).await;
}

/// Strictly later: times have microseconds, and a change takes longer than one.
#[then(expr = "the payment was changed after it was created")]
async fn changed_after_created(world: &mut World) {
    let created = world.expect().at("$.data.created_on").text().into();
    let changed = world.expect().at("$.data.modified_on");
    changed.clone().satisfies(Matcher::IsAtLeast, &created);
    changed.satisfies(Matcher::IsNot, &created);
}

#[then(expr = "the payment was last changed when it was created")]
async fn changed_when_created(world: &mut World) {
    let created = world.expect().at("$.data.created_on").text();
    world.expect().at("$.data.modified_on").is(created);
}

/// The time equals the one in the answer to the creation.
#[then(expr = "the payment was created when it was")]
async fn created_when_it_was(world: &mut World) {
    let id = world.expect().at("$.data.id").text();
    let created_on = world.created_on.get(&id).cloned();
    let created_on = created_on.unwrap_or_else(|| panic!("a step that creates payment {id:?} comes first"));
    world.expect().at("$.data.created_on").is(created_on);
}

#[then(expr = "the answer is the contract, byte for byte but for its address and version")]
async fn is_the_contract(world: &mut World) {
    let service = world.service().await;
    let contract = include_str!("../../../api/openapi.yml").replace("http://localhost:8080", &service.external_url);
    let contract = contract.replace("/v1/", &format!("/{}/", service.version));
    let contract = contract.replace("`v1`", &format!("`{}`", service.version));
    if world.expect().status(200).answer().text() != contract {
        world.expect().fail("api/openapi.yml", "another text");
    }
}

/// No answer to a table of requests contains one of these words, which are separated by commas. Case does not count.
#[then(expr = "no answer mentions {string}")]
async fn no_answer_mentions(world: &mut World, words: String) {
    for exchange in world.concurrent() {
        for word in words.split(',') {
            expect(exchange).without(word.trim());
        }
    }
}

#[then(expr = "the server refuses what was sent, and serves on")]
async fn serves_on(world: &mut World) {
    if let Ok(answer) = &world.last().outcome
        && !(400..500).contains(&answer.status)
    {
        world.expect().fail("a refusal, or a closed connection", answer.status);
    }
    world.send(Request::new("GET", "/health")).await.status(200);
}

impl Expect<'_> {
    /// Asserts the version in the body and in the entity tag.
    #[track_caller]
    pub(crate) fn version(self, version: u64) -> Self {
        self.at("$.data.version").is(version).header("etag").is(format!("\"{version}\""))
    }
}
