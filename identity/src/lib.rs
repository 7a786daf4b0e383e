//! Access tokens of an OpenID Connect issuer: is a token genuine, is it meant for this service, and who holds it?
//!
//! A [`Verifier`] holds the public keys of one issuer, and fetches them anew while it lives. A token is a JSON Web Token
//! (RFC 7519) that the issuer signed. What becomes of it is a [`Caller`], or a [`VerifyError`].
//!
//! ```no_run
//! # async fn check(token: &str) -> Result<(), Box<dyn std::error::Error>> {
//! use identity::{Settings, Verifier};
//!
//! let verifier = Verifier::start(Settings::new("https://login.example.com/", ["https://pay.example.com"])).await?;
//! let caller = match verifier.recall(token) {
//!     Some(caller) => caller,                 // seen within the last minutes: some 150 ns
//!     None => verifier.verify(token).await?,  // a signature to check: 30 to 80 µs, ES384 0.8 ms
//! };
//! println!("{} may read: {}", caller.subject(), caller.scopes().contains("payments:read"));
//! # Ok(())
//! # }
//! ```
//!
//! # What is a valid token
//!
//! The rules are those of RFC 9068 (access tokens as JWT) and of RFC 8725 (how JWTs were broken), with the latitude that
//! Keycloak, Auth0 and Entra ID need.
//!
//! | part | rule |
//! |---|---|
//! | the text | at most 8 KiB; three parts in base64url without padding; JSON objects in which no name stands twice |
//! | `alg` | RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA or Ed25519; the key must be of that kind, and if it names an algorithm, name the same. Neither `none` nor HS256 exists here |
//! | `typ` | `at+jwt` or `JWT`, with or without `application/`, or absent. An ID token is refused where it can be told from an access token |
//! | `crit` | refused, because no extension is supported |
//! | `jku`, `jwk`, `x5u`, `x5c` | ignored: a token does not bring its own key |
//! | `kid` | names a key of the issuer; without it exactly one key must fit `alg` |
//! | `iss`, `aud` | required; the issuer, letter for letter; one of our audiences among theirs |
//! | `exp` | required; `nbf` and `iat` are judged if they are there; clocks may differ by [`Settings::leeway`] |
//! | `sub` | required, unless `client_id` or `azp` names the client, which is then its own subject |
//! | `scope`, `scp` | a text with spaces, or a list of texts |
//! | the organisation | the claim that [`Settings::organisation_claim`] names: a text, if it is there |
//!
//! # Where keys come from
//!
//! The issuer's discovery document names its key set. Both are fetched at the start, every 10 minutes, and when a token names
//! a key that is not known. [`Pace`] says how often that can happen at most. A key that the issuer removes is not trusted
//! after the next fetch, and neither are tokens that were verified with it.

mod algorithm;
mod caller;
mod claims;
mod clock;
mod error;
mod fetch;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod header;
mod jwk;
mod keys;
mod members;
mod memory;
mod refresh;
mod settings;
mod statistics;
#[cfg(test)]
mod testing;
mod verifier;

pub use {
    caller::{Caller, Scopes},
    clock::{Clock, Random},
    error::{Claim, InvalidToken, VerifyError},
    fetch::FetchError,
    refresh::Pace,
    settings::{KeySource, Settings, SettingsError},
    statistics::Statistics,
    verifier::Verifier,
};
