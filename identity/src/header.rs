//! The outside of a token: its three parts, and the header that says how it was signed.

use crate::{InvalidToken, algorithm::Algorithm, members::Members};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The longest token. Those of real issuers have 1 to 2 KiB, and some 4 KiB where a user is in many groups.
const LONGEST: usize = 8 << 10;

/// A token whose signature was not looked at. Nothing in it can be believed.
#[derive(Debug)]
pub(crate) struct UnverifiedToken<'a> {
    pub(crate) header: Header,
    /// What was signed: header and claims, as the token has them.
    pub(crate) signed: &'a str,
    pub(crate) signature: Vec<u8>,
    claims: &'a str,
}

/// What of a header matters.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) algorithm: Algorithm,
    /// The name of the key.
    pub(crate) key: Option<Box<str>>,
    /// Whether the token says that it is an access token, rather than any JWT.
    pub(crate) is_typed: bool,
}

impl<'a> UnverifiedToken<'a> {
    pub(crate) fn read(token: &'a str) -> Result<Self, InvalidToken> {
        if token.len() > LONGEST {
            return Err(InvalidToken::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(InvalidToken::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(InvalidToken::Malformed)?;
        if claims.contains('.') {
            return Err(InvalidToken::Malformed);
        }
        let header = Header::read(&decode(header)?)?;
        Ok(Self { header, signed, signature: decode(signature)?, claims })
    }

    /// The claims as JSON. Call it when the signature is known to be right.
    pub(crate) fn claims(&self) -> Result<Vec<u8>, InvalidToken> {
        decode(self.claims)
    }
}

impl Header {
    fn read(json: &[u8]) -> Result<Self, InvalidToken> {
        let members = Members::read(json).ok_or(InvalidToken::Malformed)?;
        let text = |name| members.text(name).map_err(|_| InvalidToken::Malformed);
        let is_typed = match text("typ")?.as_deref() {
            None => false,
            Some(name) => is_access_token(name).ok_or(InvalidToken::Type)?,
        };
        if members.get("crit").is_some() {
            return Err(InvalidToken::Critical);
        }
        let algorithm = text("alg")?.as_deref().and_then(Algorithm::named).ok_or(InvalidToken::Algorithm)?;
        Ok(Self { algorithm, key: text("kid")?.map(Into::into), is_typed })
    }
}

/// Whether a type is that of access tokens, rather than that of any JWT; nothing if it is another one. It is a media type, of
/// which `application/` can be left out, and whose case does not matter (RFC 7515, section 4.1.9).
fn is_access_token(typ: &str) -> Option<bool> {
    let lower = typ.to_ascii_lowercase();
    match lower.strip_prefix("application/").unwrap_or(&lower) {
        "at+jwt" => Some(true),
        "jwt" => Some(false),
        _ => None,
    }
}

/// Decodes base64url without padding, in which each text has one spelling.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, InvalidToken> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidToken::Malformed)
}

#[cfg(test)]
mod tests {
    use super::{URL_SAFE_NO_PAD, UnverifiedToken};
    use crate::InvalidToken::{self, Algorithm, Critical, Malformed, TooLong, Type};
    use base64::Engine;

    fn token(header: &str) -> String {
        format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header))
    }

    fn refusal(token: &str) -> Option<InvalidToken> {
        UnverifiedToken::read(token).err()
    }

    #[test]
    fn a_token_has_three_parts_in_base64url_without_padding() {
        let good = token(r#"{"alg":"RS256"}"#);
        assert_eq!(refusal(&good), None);
        let (header, _) = good.split_once('.').unwrap();
        for bad in [
            "",
            ".",
            "..",
            "...",
            header,
            &format!("{header}.e30"),
            &format!("{header}.e30.c2ln.c2ln.c2ln"),
            &format!("{header}.e30.c2ln="),
            &format!("{header}.e30.c2l+"),
            &format!("{header}.e30.c2ln\n"),
            &format!(" {header}.e30.c2ln"),
            &format!("{header}.e30.c2l"), // bits beyond the last byte
            &format!("{header}=.e30.c2ln"),
        ] {
            // The claims are decoded when the signature is right.
            assert_eq!(refusal(bad), Some(Malformed), "{bad:?}");
        }
        for bad in ["e30=", "e3.0", "", "e 30", "e31"] {
            let token = format!("{header}.{bad}.c2ln");
            let claims = UnverifiedToken::read(&token).and_then(|token| token.claims());
            assert!(claims.as_ref().is_ok_and(Vec::is_empty) || claims == Err(Malformed), "{bad:?}: {claims:?}");
        }
    }

    #[test]
    fn a_long_token_is_refused_before_it_is_decoded() {
        let header = token(r#"{"alg":"RS256"}"#);
        let longest = header.clone() + &"A".repeat((super::LONGEST - header.len()) / 4 * 4);
        assert_eq!(refusal(&longest), None);
        assert_eq!(refusal(&(longest + "AAAA")), Some(TooLong));
        assert_eq!(refusal(&"é".repeat(1 << 20)), Some(TooLong));
    }

    #[test]
    fn a_header_names_a_known_algorithm_and_no_extension() {
        for (header, expected) in [
            (r#"{"alg":"RS256"}"#, None),
            (r#"{"alg":"EdDSA","kid":"1","jku":"https://evil.example","jwk":{},"x5u":1,"x5c":[]}"#, None),
            (r#"{"alg":"none"}"#, Some(Algorithm)),
            (r#"{"alg":"None"}"#, Some(Algorithm)),
            (r#"{"alg":"HS256"}"#, Some(Algorithm)),
            (r#"{"alg":"rs256"}"#, Some(Algorithm)),
            (r#"{"alg":"RS256 "}"#, Some(Algorithm)),
            (r#"{"alg":""}"#, Some(Algorithm)),
            (r#"{}"#, Some(Algorithm)),
            (r#"{"alg":null}"#, Some(Malformed)),
            (r#"{"alg":["RS256"]}"#, Some(Malformed)),
            (r#"{"alg":"RS256","alg":"none"}"#, Some(Malformed)),
            (r#"{"alg":"RS256","kid":7}"#, Some(Malformed)),
            (r#"{"alg":"RS256","crit":["b64"],"b64":false}"#, Some(Critical)),
            (r#"{"alg":"RS256","crit":[]}"#, Some(Critical)),
            (r#"{"alg":"RS256","crit":"exp"}"#, Some(Critical)),
            (r#"["RS256"]"#, Some(Malformed)),
            ("RS256", Some(Malformed)),
        ] {
            assert_eq!(refusal(&token(header)), expected, "{header}");
        }
    }

    #[test]
    fn a_type_is_that_of_an_access_token_or_of_any() {
        for (typ, expected) in [
            ("at+jwt", Ok(true)),
            ("application/at+jwt", Ok(true)),
            ("AT+JWT", Ok(true)),
            ("JWT", Ok(false)),
            ("jwt", Ok(false)),
            ("application/jwt", Ok(false)),
            ("", Err(Type)),
            ("dpop+jwt", Err(Type)),
            ("logout+jwt", Err(Type)),
            ("secevent+jwt", Err(Type)),
            ("text/at+jwt", Err(Type)),
            ("application/application/at+jwt", Err(Type)),
            ("JOSE", Err(Type)),
        ] {
            let token = token(&format!(r#"{{"alg":"RS256","typ":"{typ}"}}"#));
            assert_eq!(UnverifiedToken::read(&token).map(|token| token.header.is_typed), expected, "{typ:?}");
        }
    }
}
