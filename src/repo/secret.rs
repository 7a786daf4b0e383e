//! What stores have in common about their [`Secret`]: how it is made, and read.

use crate::payments::Secret;
use ring::rand::{SecureRandom, SystemRandom};
use std::error::Error;

/// The name of the secret in its table, by what it was made for first.
pub(super) const CURSORS: &str = "cursors";

/// A new secret.
///
/// # Errors
/// When the system has no random numbers.
pub(super) fn random() -> Result<Secret, Box<dyn Error + Send + Sync>> {
    let mut bytes = [0; Secret::LENGTH];
    SystemRandom::new().fill(&mut bytes).map_err(|_| "the system gives no random numbers")?;
    Ok(Secret::new(bytes))
}

/// The secret that a store has.
///
/// # Errors
/// When it has another length: another program wrote it.
pub(super) fn stored(bytes: &[u8]) -> Result<Secret, Box<dyn Error + Send + Sync>> {
    let bytes =
        bytes.try_into().map_err(|_| format!("it has {} bytes, and must have {}", bytes.len(), Secret::LENGTH))?;
    Ok(Secret::new(bytes))
}
