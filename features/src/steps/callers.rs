//! Steps about identity: whether the service asks for tokens, and who sends the requests.

use super::doc_string;
use crate::world::World;
use cucumber::{gherkin::Step, given, when};
use test_support::tokens;

/// Comes before every request. Such scenarios are tagged `@started`.
#[given(expr = "a service that asks for tokens")]
fn asks_for_tokens(world: &mut World) {
    world.service_options().flags.extend(tokens::flags());
}

/// Every request from here on carries the token, unless `the next request carries` another one. The fixtures are of
/// "harbour-lane-bakery".
#[given(expr = "the caller is of {string} and may {string}")]
#[when(expr = "the caller is of {string} and may {string}")]
fn is_of(world: &mut World, organisation: String, scopes: String) {
    world.token = Some(tokens::token(&organisation, &scopes));
}

/// Claims in place of the usual ones, as JSON; one that is null is left out.
#[given(expr = "the caller has a token with the claims:")]
#[when(expr = "the caller has a token with the claims:")]
fn has_claims(world: &mut World, step: &Step) {
    let claims = serde_json::from_str(doc_string(step)).expect("the claims are JSON");
    world.token = Some(tokens::token_with(&claims));
}

#[given(expr = "the caller has no token")]
#[when(expr = "the caller has no token")]
fn has_none(world: &mut World) {
    world.token = None;
}
