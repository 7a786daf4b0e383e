//! Steps about histories, events, and streams of events.

use super::ids;
use crate::{client::Request, expect::table_rows, world::World};
use cucumber::{gherkin::Step, given, then, when};

#[when(expr = "the history of payment {string} is listed")]
async fn history_is_listed(world: &mut World, id: String) {
    let target = world.path_of(&id).await + "/history";
    world.send(Request::new("GET", target)).await;
}

#[given(expr = "the history of payment {string} was listed with {string}")]
#[when(expr = "the history of payment {string} is listed with {string}")]
async fn history_is_listed_with(world: &mut World, id: String, query: String) {
    let target = format!("{}/history?{query}", world.path_of(&id).await);
    world.send(Request::new("GET", target)).await;
}

#[when(expr = "version {int} of payment {string} is read")]
async fn version_is_read(world: &mut World, version: u64, id: String) {
    let target = format!("{}/history/{version}", world.path_of(&id).await);
    world.send(Request::new("GET", target)).await;
}

/// The versions, as in `payment.updated 1, payment.created 0`.
#[then(expr = "the history shows {string}")]
async fn history_shows(world: &mut World, versions: String) {
    let (kinds, numbers): (Vec<_>, Vec<u64>) = ids(&versions)
        .iter()
        .map(|version| {
            let (kind, number) = version.split_once(' ').expect("a version is a type and a number");
            (kind.to_owned(), number.parse::<u64>().expect("a version is a number"))
        })
        .unzip();
    world.expect().status(200).at("$.data[*].type").is(kinds).at("$.data[*].version").is(numbers);
}

#[when(expr = "the events are listed")]
async fn are_listed(world: &mut World) {
    let target = world.events_path().await;
    world.send(Request::new("GET", target)).await;
}

#[given(expr = "the events were listed with {string}")]
#[when(expr = "the events are listed with {string}")]
async fn are_listed_with(world: &mut World, query: String) {
    let target = format!("{}?{query}", world.events_path().await);
    world.send(Request::new("GET", target)).await;
}

/// The answer may be a refusal; `the client asks for the link it kept` expects a page.
#[when(expr = "the link that the client kept is tried")]
async fn saved_link_is_tried(world: &mut World) {
    let link = world.saved_link.clone();
    let target = world.target_of(&link).await;
    world.send(Request::new("GET", target)).await;
}

/// The page shows just these events, in this order.
#[then(expr = "these events are told:")]
async fn are_told(world: &mut World, step: &Step) {
    let rows = table_rows(step, ["event", "payment", "version"]);
    let column = |at: usize| rows.iter().map(|row| row[at].to_owned()).collect::<Vec<_>>();
    let versions: Vec<u64> = column(2).iter().map(|version| version.parse().expect("a version is a number")).collect();
    let page = world.expect().status(200).at("$.data[*].type").is(column(0));
    page.at("$.data[*].data.payment_id").is(column(1)).at("$.data[*].data.version").is(versions);
}

#[then(expr = "no events are told")]
async fn none_are_told(world: &mut World) {
    world.expect().status(200).at("$.data").is(Vec::<String>::new());
}

#[given(expr = "a client follows the events")]
#[when(expr = "a client follows the events")]
async fn follows(world: &mut World) {
    let target = world.events_path().await + "/stream";
    world.open_stream(Request::new("GET", target)).await;
}

#[given(expr = "a client follows the events with {string}")]
#[when(expr = "a client follows the events with {string}")]
async fn follows_with(world: &mut World, query: String) {
    let target = format!("{}/stream?{query}", world.events_path().await);
    world.open_stream(Request::new("GET", target)).await;
}

/// From behind the last event that a stream has told.
#[when(expr = "the client follows the events again")]
async fn follows_again(world: &mut World) {
    let target = world.events_path().await + "/stream";
    let last = world.last_event_id.clone();
    world.open_stream(Request::new("GET", target).header("Last-Event-ID", last)).await;
}

#[when(expr = "the client loses its connection")]
async fn loses_connection(world: &mut World) {
    world.stream = None;
}

/// The next events of the stream are these, in this order.
#[given(expr = "the stream tells:")]
#[then(expr = "the stream tells:")]
async fn tells(world: &mut World, step: &Step) {
    for [event, payment, version] in table_rows(step, ["event", "payment", "version"]) {
        let stream = world.stream.as_mut().expect("a step that follows the events comes first");
        let told = stream.next().await.unwrap_or_else(|reason| panic!("expected {event} of {payment}: {reason}"));
        let data = &told.data["data"];
        let text = format!("{} {} {}", told.event, data["payment_id"], data["version"]);
        assert_eq!(text, format!("{event} \"{payment}\" {version}"), "{:#}", told.data);
        world.last_event_id = told.id;
    }
}
