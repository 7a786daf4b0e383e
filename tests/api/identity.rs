//! Identity, where Gherkin says it badly: what the contract has, for each operation; and what a caller could learn of others.

use serde_json::{Value, json};
use test_support::{Answer, Client, Service, tokens};

const METADATA: &str = "/.well-known/oauth-protected-resource";
const OWNER: &str = "bakery";
const STRANGER: &str = "mill";
const ALL: &str = "payments:read payments:write admin";

async fn start(flags: &[&str]) -> Service {
    let auth = tokens::flags();
    let auth: Vec<&str> = auth.iter().map(String::as_str).collect();
    Service::start_with(&[&["--admin"], auth.as_slice(), flags].concat()).await
}

fn bearer(token: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {token}"))
}

/// Sends a request with a token, and with a body that would do if there is one.
async fn send(client: &Client, token: &str, method: &str, path: &str) -> Answer {
    let organisation = if token == tokens_of(OWNER) { OWNER } else { STRANGER };
    let payment = json!({"data": {
        "type": "Payment", "organisation_id": organisation, "version": 0, "attributes": {"amount": "1.00"},
    }});
    let (media_type, body) = match method {
        "POST" | "PUT" => ("application/json", payment.to_string()),
        "PATCH" => ("application/merge-patch+json", json!({"data": {"attributes": {"note": "x"}}}).to_string()),
        _ => ("", String::new()),
    };
    let (name, value) = bearer(token);
    let mut headers = vec![(name, value.as_str()), ("x-request-id", "r-1")];
    if !media_type.is_empty() {
        headers.push(("content-type", media_type));
    }
    client.send(method, path, &headers, body).await
}

/// One token for each organisation, so that all of its requests carry the same.
fn tokens_of(organisation: &str) -> String {
    static TOKENS: std::sync::Mutex<Vec<(String, String)>> = std::sync::Mutex::new(Vec::new());
    let mut tokens = TOKENS.lock().unwrap();
    if let Some((_, token)) = tokens.iter().find(|(of, _)| of == organisation) {
        return token.clone();
    }
    let token = tokens::token(organisation, ALL);
    tokens.push((organisation.to_owned(), token.clone()));
    token
}

/// The operations of the contract: method, path and scope.
fn operations(contract: &Value) -> Vec<(String, String, Option<String>)> {
    let mut operations = Vec::new();
    for (path, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(_, operation)| operation.is_object()) {
            let scope = operation["security"].as_array().unwrap().iter().find_map(|one| one["issuer"][0].as_str());
            operations.push((method.to_uppercase(), path.clone(), scope.map(str::to_owned)));
        }
    }
    operations
}

/// All that a client sees of an answer, but for the time of day and the id in the path.
fn seen(answer: &Answer, id: &str) -> String {
    let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| *name != "date").collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    format!("{} {headers:?}\n{}", answer.status, answer.text().replace(id, "{id}"))
}

/// What somebody else has, and what nobody has, must look the same: for every operation on one payment that the contract has.
#[tokio::test]
async fn nobody_learns_whether_others_have_a_payment() {
    let service = start(&[]).await;
    let contract: Value = serde_json::from_str(service.get("/openapi.json").await.expect_status(200).text()).unwrap();
    let (owner, stranger) = (tokens_of(OWNER), tokens_of(STRANGER));
    for (id, is_deleted) in [("theirs", false), ("erased", true)] {
        let body = json!({"data": {
            "id": id, "type": "Payment", "organisation_id": OWNER, "attributes": {"amount": "1.00"},
        }});
        let (name, value) = bearer(&owner);
        let headers = [(name, value.as_str()), ("content-type", "application/json")];
        service.send("POST", "/v1/payments", &headers, body.to_string()).await.expect_status(201);
        if is_deleted {
            send(&service, &owner, "DELETE", &format!("/v1/payments/{id}?version=0")).await.expect_status(204);
        }
    }
    let mut compared = 0;
    for (method, path, _) in operations(&contract).into_iter().filter(|(_, path, _)| path.contains("{id}")) {
        for query in ["", "?version=0", "?version=1"] {
            let ask = async |id: &str| {
                let answer =
                    send(&service, &stranger, &method, &(path.replace("{id}", id).replace("{version}", "0") + query))
                        .await;
                seen(&answer, id)
            };
            let never = ask("no-one").await;
            for id in ["theirs", "erased"] {
                assert_eq!(ask(id).await, never, "{method} {path}{query}: {id} can be told from what never was");
            }
            compared += 1;
        }
    }
    assert!(compared >= 12, "only {compared} requests were compared: has the contract no operations on one payment?");
    let first = send(&service, &owner, "GET", "/v1/payments/theirs").await.expect_status(200);
    assert_eq!(first.json()["data"]["version"], 0, "{first}");
}

/// 401 and 403 depend on the token alone: whatever else is wrong with a request, and whatever the store has.
#[tokio::test]
async fn every_operation_asks_for_the_scope_that_the_contract_names() {
    let service = start(&["--metrics"]).await;
    let contract: Value = serde_json::from_str(service.get("/openapi.json").await.expect_status(200).text()).unwrap();
    let mut asked = 0;
    for (method, path, scope) in operations(&contract) {
        let path = path.replace("{id}", "a").replace("{version}", "0");
        let Some(scope) = scope else {
            assert_eq!(service.send(&method, &path, &[], "").await.status, 200, "{method} {path} is open");
            continue;
        };
        let others = ALL.split(' ').filter(|other| *other != scope).collect::<Vec<_>>().join(" ");
        let lacking = tokens::token(OWNER, &others);
        let refused = send(&service, &lacking, &method, &format!("{path}?colour=red")).await;
        let problem = refused.expect_problem(403, "insufficient-scope");
        assert!(
            problem["detail"].as_str().is_some_and(|detail| detail.contains(&scope)),
            "{method} {path}: {problem:#}"
        );
        service.send(&method, &format!("{path}?colour=red"), &[], "{").await.expect_problem(401, "unauthenticated");
        // The body of a stream has no end.
        let method = if path.ends_with("/stream") { "HEAD" } else { &*method };
        let granted = send(&service, &tokens::token(OWNER, &scope), method, &path).await;
        assert!(![401, 403].contains(&granted.status), "{method} {path} with {scope}: {granted}");
        asked += 1;
    }
    assert!(asked >= 9, "only {asked} operations ask for a scope");
}

/// A client may be anywhere, and an address may have many clients.
#[tokio::test]
async fn callers_have_limits_of_their_own_and_an_address_pays_for_tokens_that_are_not_valid() {
    let service = start(&["--limit", "3-D"]).await;
    let list = async |token: &str| send(&service, token, "GET", "/v1/payments").await.status;
    let of = |client: &str| {
        tokens::token_with(&json!({"organisation_id": OWNER, "scope": ALL, "client_id": client, "jti": client}))
    };
    let (till, phone) = (of("till"), of("phone"));
    // The first one is verified: that counts against the address, which all clients here share.
    assert_eq!([list(&till).await, list(&till).await, list(&till).await, list(&till).await], [200, 200, 200, 429]);
    assert_eq!([list(&phone).await, list(&phone).await], [200, 200], "another client has a limit of its own");
    assert_eq!([list("x").await, list("y").await, list("z").await], [401, 429, 429], "two verifications came before");
    assert_eq!(
        list(&of("new")).await,
        429,
        "what is not remembered is not verified for an address that is over its limit"
    );
    assert_eq!(list(&phone).await, 200, "and who is remembered goes on");
}

#[tokio::test]
async fn web_pages_can_read_why_they_are_refused() {
    let service = start(&["--cors=https://shop.example"]).await;
    let refused = service.send("GET", "/v1/payments", &[("origin", "https://shop.example")], "").await;
    assert_eq!(refused.headers["access-control-allow-origin"], "https://shop.example", "{refused}");
    let exposed = refused.headers["access-control-expose-headers"].to_str().unwrap();
    assert!(exposed.contains("www-authenticate"), "a page cannot read where tokens come from: {refused}");
    let metadata = service.send("GET", METADATA, &[("origin", "https://shop.example")], "").await;
    assert_eq!(metadata.headers["access-control-allow-origin"], "https://shop.example", "{metadata}");
    assert_eq!(metadata.json()["authorization_servers"], json!([tokens::ISSUER]));
    refused.expect_problem(401, "unauthenticated");
    let (name, value) = bearer(&tokens_of(OWNER));
    let allowed = service.send("GET", "/v1/payments", &[("origin", "https://shop.example"), (name, &value)], "").await;
    allowed.expect_status(200);
}
