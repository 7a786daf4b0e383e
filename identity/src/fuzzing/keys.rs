//! The target of key sets.

use super::{
    decoded,
    json::{Members, Plain},
};
use crate::{algorithm::Algorithm, keys::KeySet};

/// What fits into no input is written short: each `~` stands for so many digits of base64url, 2040 bits that are all set.
const RUN: usize = 340;
/// The most usable keys of a set.
const MOST: usize = 32;
/// The members of a private or shared key (RFC 7518, section 6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const ALGORITHMS: [(&str, &str); 10] = [
    ("RS256", "RSA"),
    ("RS384", "RSA"),
    ("RS512", "RSA"),
    ("PS256", "RSA"),
    ("PS384", "RSA"),
    ("PS512", "RSA"),
    ("ES256", "P-256"),
    ("ES384", "P-384"),
    ("EdDSA", "Ed25519"),
    ("Ed25519", "Ed25519"),
];

/// A key that a set has to have.
#[derive(Debug, PartialEq)]
struct PlainKey {
    id: Option<String>,
    /// The kind, as [`ALGORITHMS`] has it.
    kind: &'static str,
    algorithm: Option<String>,
}

impl PlainKey {
    fn fits(&self, algorithm: &str, kind: &str) -> bool {
        let both_names = |name: &str| if name == "EdDSA" { "Ed25519".to_owned() } else { name.to_owned() };
        self.kind == kind && self.algorithm.as_deref().is_none_or(|only| both_names(only) == both_names(algorithm))
    }
}

/// Reads a key set. It has to have the keys that a plain reader finds usable, and no other: none with a private part, and no RSA
/// key that can be broken.
pub fn key_set(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).replace('~', &"_".repeat(RUN));
    let (read, expected) = (KeySet::read(text.as_bytes()), plain_set(&text));
    assert_eq!(read.as_ref().ok().map(KeySet::len), expected.as_ref().map(Vec::len), "{text}: {read:?}");
    let (Ok(set), Some(expected)) = (read, expected) else { return };
    let ids = expected.iter().map(|key| key.id.as_deref()).chain([None, Some(""), Some("?")]);
    for id in ids {
        for (name, kind) in ALGORITHMS {
            let Some(algorithm) = Algorithm::named(name) else { unreachable!("{name} is supported") };
            let named = expected.iter().filter(|key| id.is_none() || key.id.as_deref() == id);
            let fitting = named.filter(|key| key.fits(name, kind)).count();
            let is_ambiguous = id.is_none() && fitting > 1;
            let found = set.candidates(id, algorithm);
            let count = found.as_ref().map_or(0, Vec::len);
            assert_eq!(count, if is_ambiguous { 0 } else { fitting }, "{name} of {id:?} in {text}: {found:?}");
            for key in found.into_iter().flatten() {
                // A signature that nobody made.
                assert!(!key.verify(algorithm, b"message", &[1; 64]), "{key:?}");
            }
        }
    }
}

/// The usable keys; nothing if the text is no key set.
fn plain_set(text: &str) -> Option<Vec<PlainKey>> {
    let set = Plain::read(text.as_bytes())?;
    let Plain::List(list) = set.members()?.get("keys")? else { return None };
    let keys: Vec<_> = list.iter().filter_map(plain_key).collect();
    (keys.len() <= MOST).then_some(keys)
}

fn plain_key(key: &Plain) -> Option<PlainKey> {
    let key = key.members()?;
    let text = |name: &str| key.text(name);
    let is_for_signatures = matches!(text("use"), Ok(None | Some("sig")))
        && key.get("key_ops").is_none_or(|all| all.texts().is_some_and(|all| all.contains(&"verify")));
    if !is_for_signatures || PRIVATE.iter().any(|name| key.get(name).is_some()) {
        return None;
    }
    let kind = match (text("kty").ok()??, text("crv").ok().flatten()) {
        ("RSA", _) => is_rsa(key).then_some("RSA"),
        ("EC", Some("P-256")) => (length(key, "x") == Some(32) && length(key, "y") == Some(32)).then_some("P-256"),
        ("EC", Some("P-384")) => (length(key, "x") == Some(48) && length(key, "y") == Some(48)).then_some("P-384"),
        ("OKP", Some("Ed25519")) => (length(key, "x") == Some(32)).then_some("Ed25519"),
        _ => None,
    }?;
    let (id, algorithm) = (text("kid").ok()?.map(str::to_owned), text("alg").ok()?.map(str::to_owned));
    let is_known = |name: &String| ALGORITHMS.contains(&(name, kind));
    algorithm.iter().all(is_known).then_some(PlainKey { id, kind, algorithm })
}

fn number(key: Members<'_>, name: &str) -> Option<Vec<u8>> {
    decoded(key.text(name).ok()??)
}

fn length(key: Members<'_>, name: &str) -> Option<usize> {
    number(key, name).map(|bytes| bytes.len())
}

/// A modulus of 2048 to 8192 bits and an exponent of at most 33, both odd, and the exponent not 1.
fn is_rsa(key: Members<'_>) -> bool {
    let bits = |name| -> Option<Vec<bool>> {
        let bytes = number(key, name)?;
        let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
        Some(bits.skip_while(|bit| !bit).collect())
    };
    let (Some(modulus), Some(exponent)) = (bits("n"), bits("e")) else { return false };
    let are_odd = modulus.last() == Some(&true) && exponent.last() == Some(&true);
    are_odd && (2048..=8192).contains(&modulus.len()) && (2..=33).contains(&exponent.len())
}
