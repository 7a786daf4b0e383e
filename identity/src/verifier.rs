//! Judges tokens.

use crate::{
    Caller, FetchError, InvalidToken, KeySource, Pace, Settings, SettingsError, Statistics, VerifyError,
    claims::Rules,
    clock::Clock,
    fetch::{Fetch, FromFile, FromIssuer},
    header::UnverifiedToken,
    keys::KeySet,
    memory::Memory,
    refresh::{Keys, Refresher},
    statistics::Counters,
};
use std::{sync::Arc, time::Duration};

/// Verifies the tokens of one issuer. Clones share the keys, and what is remembered.
#[derive(Debug, Clone)]
pub struct Verifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    rules: Rules,
    clock: Clock,
    keys: Refresher,
    memory: Arc<Memory>,
    verifications: Counters,
}

impl Verifier {
    /// A verifier, and a task that fetches keys until the last clone is dropped. An issuer that does not answer delays
    /// nothing: until it does, [`has_keys`](Self::has_keys) is false and tokens cannot be judged.
    ///
    /// With TLS, a provider of cryptography for rustls has to be installed by then.
    ///
    /// # Errors
    ///
    /// If a setting cannot be used, or a file with keys has none.
    pub async fn start(settings: Settings) -> Result<Self, SettingsError> {
        let issuer = settings.issuer_url()?;
        let user_agent = &settings.user_agent;
        match settings.keys.clone() {
            KeySource::Discovery => {
                let source = FromIssuer::new(&settings.issuer, &issuer, settings.pace.timeout, user_agent)?;
                Self::start_with(settings, source, None)
            }
            KeySource::File(path) => {
                let source = FromFile::new(path);
                let keys = source.fetch().await.map_err(SettingsError::Keys)?;
                if keys.is_empty() {
                    return Err(SettingsError::Keys(FetchError::NoKeys));
                }
                // A file stays valid without being written again.
                let pace = Pace { max_age: Duration::MAX, ..settings.pace };
                Self::start_with(Settings { pace, ..settings }, source, Some(keys))
            }
        }
    }

    /// A verifier whose keys come from `source`, and are `keys` at first.
    pub(crate) fn start_with(
        settings: Settings,
        source: impl Fetch,
        keys: Option<KeySet>,
    ) -> Result<Self, SettingsError> {
        let rules = settings.rules()?;
        let memory = Arc::new(Memory::new());
        let forget = Arc::clone(&memory);
        let keys = Refresher::start(settings.pace, settings.random, source, keys, move || forget.clear());
        let verifications = Counters::of_verifications();
        Ok(Self(Arc::new(Inner { rules, clock: settings.clock, keys, memory, verifications })))
    }

    /// The holder of a token that was verified a short time ago, and is still valid. Try this first: it is one look into a
    /// map. Nothing means nothing: [`verify`](Self::verify) then judges the token.
    pub fn recall(&self, token: &str) -> Option<Arc<Caller>> {
        let inner = &*self.0;
        let caller = inner.memory.recall(token, inner.keys.generation(), inner.clock.unix_time())?;
        inner.verifications.count("recalled");
        Some(caller)
    }

    /// Verifies a token, and remembers it. Waits for the issuer only if the token names a key that is not known, and then for
    /// two of its timeouts at most.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Invalid`] if the token is refused, [`VerifyError::NoKeys`] if it cannot be judged.
    pub async fn verify(&self, token: &str) -> Result<Arc<Caller>, VerifyError> {
        let judged = self.0.verify(token).await;
        self.0.verifications.count(match &judged {
            Ok(_) => "verified",
            Err(VerifyError::Invalid(reason)) => reason.label(),
            Err(VerifyError::NoKeys { .. }) => "no_keys",
        });
        judged
    }

    /// Whether tokens can be judged.
    pub fn has_keys(&self) -> bool {
        !self.0.keys.current().keys.is_empty()
    }

    /// What has happened so far.
    pub fn statistics(&self) -> Statistics {
        let keys = self.0.keys.current();
        Statistics {
            fetches: self.0.keys.fetches(),
            verifications: self.0.verifications.read(),
            keys: keys.keys.len(),
            keys_age: keys.fetched_at.map(|fetched_at| fetched_at.elapsed()),
            remembered: self.0.memory.len(),
        }
    }
}

impl Inner {
    async fn verify(&self, token: &str) -> Result<Arc<Caller>, VerifyError> {
        let parts = UnverifiedToken::read(token)?;
        let keys = self.keys_for(&parts).await?;
        let now = self.clock.unix_time();
        let caller = Arc::new(judge(&parts, &keys.keys, &self.rules, now)?);
        self.memory.insert(token, &caller, keys.generation, now, self.rules.ends(caller.expires_at));
        Ok(caller)
    }

    /// The keys as they are, or as they are after a fetch if none of them is the token's.
    async fn keys_for(&self, parts: &UnverifiedToken<'_>) -> Result<Keys, VerifyError> {
        let keys = self.keys.current();
        if keys.keys.is_empty() {
            return Err(VerifyError::NoKeys { retry_after: self.keys.retry_after() });
        }
        let (id, algorithm) = (parts.header.key.as_deref(), parts.header.algorithm);
        match keys.keys.candidates(id, algorithm) {
            Err(InvalidToken::UnknownKey) => self.keys.fetch_for(id, algorithm).await,
            Ok(_) | Err(_) => Ok(keys),
        }
    }
}

/// Judges a token by the keys of its issuer, at the time `now` in seconds since 1970.
pub(crate) fn judge(
    token: &UnverifiedToken<'_>,
    keys: &KeySet,
    rules: &Rules,
    now: i64,
) -> Result<Caller, InvalidToken> {
    let header = &token.header;
    let candidates = keys.candidates(header.key.as_deref(), header.algorithm)?;
    if !candidates.iter().any(|key| key.verify(header.algorithm, token.signed.as_bytes(), &token.signature)) {
        return Err(InvalidToken::Signature);
    }
    rules.judge(&token.claims()?, header.is_typed, now)
}

#[cfg(test)]
mod tests;
