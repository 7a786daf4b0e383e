//! The target of access tokens.

use super::json::{Members, Plain};
use crate::{Caller, InvalidToken, Settings, claims::Rules, header::UnverifiedToken, keys::KeySet, verifier::judge};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;
use std::sync::OnceLock;

const ISSUER: &str = "https://issuer.example";
const NOW: i64 = 1_800_000_000;
const LEEWAY: i64 = 30;
/// The example of RFC 7515, appendix A.3: a key of another kind.
const P256: (&str, &str) =
    ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");

/// The issuer: a pair of keys that is the same in every run, a stranger's, and the verifier's side.
struct Issuer {
    pair: Ed25519KeyPair,
    stranger: Ed25519KeyPair,
    keys: KeySet,
    rules: Rules,
}

impl Issuer {
    fn get() -> Option<&'static Self> {
        static ISSUER: OnceLock<Option<Issuer>> = OnceLock::new();
        ISSUER.get_or_init(Self::new).as_ref()
    }

    fn new() -> Option<Self> {
        let pair = |seed| Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).ok();
        let (pair, stranger) = (pair(1)?, pair(2)?);
        let x = URL_SAFE_NO_PAD.encode(pair.public_key());
        let keys = json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": x},
            {"kty": "EC", "crv": "P-256", "kid": "2", "x": P256.0, "y": P256.1},
        ]});
        let keys = KeySet::read(keys.to_string().as_bytes()).ok()?;
        let settings = Settings { organisation_claim: "/org/id".to_owned(), ..Settings::new(ISSUER, ["pay", "shop"]) };
        Some(Self { pair, stranger, keys, rules: settings.rules().ok()? })
    }

    fn judge(&self, token: &str) -> Result<Caller, InvalidToken> {
        judge(&UnverifiedToken::read(token)?, &self.keys, &self.rules, NOW)
    }
}

/// Judges a token that a plain verifier judges too. The first line of the input is the header, the second the claims. What comes
/// after is changed in the token: two bytes for a place, and the character that is put there instead, or nothing for a zero.
pub fn access_token(bytes: &[u8]) {
    let Some(issuer) = Issuer::get() else { unreachable!("the keys of the target can be used") };
    let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (header, claims, changes) = (line(), line(), line());
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let by = |pair: &Ed25519KeyPair| format!("{signed}.{}", URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes())));

    let token = by(&issuer.pair);
    let (judged, expected) = (issuer.judge(&token), plain_caller(header, claims));
    assert_eq!(judged.as_ref().ok(), expected.as_ref(), "{token}: {judged:?}");
    let forged = by(&issuer.stranger);
    assert!(issuer.judge(&forged).is_err(), "a stranger has signed {forged}");
    let changed = changed(&token, changes);
    let judged = issuer.judge(&changed);
    assert!(changed == token || judged.is_err(), "{changed} was accepted, and {token} was signed: {judged:?}");
}

fn changed(token: &str, changes: &[u8]) -> String {
    let mut characters: Vec<char> = token.chars().collect();
    for change in changes.chunks_exact(3) {
        let &[high, low, new] = change else { continue };
        let place = usize::from(u16::from_be_bytes([high, low])) % characters.len().max(1);
        let old = characters.splice(place..characters.len().min(place + 1), (new != 0).then_some(char::from(new)));
        drop(old);
    }
    characters.into_iter().collect()
}

/// The caller that a token of this header and these claims names, if the issuer has signed it and it has to be accepted.
fn plain_caller(header: &[u8], claims: &[u8]) -> Option<Caller> {
    let header = Plain::read(header)?;
    let header = header.members()?;
    let typ = header.text("typ").ok()?.map(str::to_ascii_lowercase);
    let is_typed = matches!(typ.as_deref(), Some("at+jwt" | "application/at+jwt"));
    let is_other = !is_typed && !matches!(typ.as_deref(), None | Some("jwt" | "application/jwt"));
    let is_signed = matches!(header.text("alg").ok()?, Some("EdDSA" | "Ed25519"));
    if is_other || !is_signed || header.get("crit").is_some() || !matches!(header.text("kid").ok()?, None | Some("1")) {
        return None;
    }
    let claims = Plain::read(claims)?;
    let claims = claims.members()?;
    let is_ours = claims.text("iss").ok()? == Some(ISSUER)
        && claims.get("aud")?.texts()?.iter().any(|audience| ["pay", "shop"].contains(audience));
    if !is_ours || (!is_typed && is_no_access_token(claims)) {
        return None;
    }
    let expires_at = seconds(claims, "exp")??;
    let begins = [seconds(claims, "nbf")?, seconds(claims, "iat")?];
    if expires_at.saturating_add(LEEWAY) <= NOW || begins.into_iter().flatten().any(|begin| begin > NOW + LEEWAY) {
        return None;
    }
    let client = match name(claims, "client_id")? {
        Some(client) => Some(client),
        None => name(claims, "azp")?,
    };
    let subject = name(claims, "sub")?.or(client)?;
    let organisation = match claims.get("org") {
        Some(organisation) => name(organisation.members()?, "id")?,
        None => None,
    };
    let scopes = claims.get("scope").or_else(|| claims.get("scp"));
    let scopes = scopes.map_or(Some(Vec::new()), Plain::texts)?.join(" ");
    let caller = Caller::new(subject, client, organisation, &scopes);
    Some(Caller { expires_at, ..caller })
}

/// What is told from an access token by its claims: an ID token, an event, and what Keycloak gives names to.
fn is_no_access_token(claims: Members<'_>) -> bool {
    ["at_hash", "c_hash", "events"].iter().any(|claim| claims.get(claim).is_some())
        || matches!(claims.text("typ"), Ok(Some("ID" | "Refresh" | "Offline" | "Logout")))
}

/// A claim that names somebody; nothing if it must not.
fn name<'a>(claims: Members<'a>, claim: &str) -> Option<Option<&'a str>> {
    match claims.text(claim).ok()? {
        Some(name) => (!name.is_empty() && !name.chars().any(char::is_control)).then_some(Some(name)),
        None => Some(None),
    }
}

/// A number of whole seconds, at the most the largest integer; nothing if it is no number.
fn seconds(claims: Members<'_>, claim: &str) -> Option<Option<i64>> {
    let number = match claims.get(claim) {
        None => return Some(None),
        Some(Plain::Number(number)) => number,
        Some(Plain::Text(_) | Plain::List(_) | Plain::Object(_) | Plain::Word) => return None,
    };
    let exact = number.parse::<i64>().ok();
    exact.or_else(|| number.parse::<f64>().ok().map(|seconds| seconds as i64)).map(Some)
}
