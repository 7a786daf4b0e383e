//! Fuzz targets: functions that take any bytes, and panic when this crate is wrong about them. `make fuzz` calls them with
//! inputs that libFuzzer makes up; the tests call them with those that were kept in `fuzz/corpora`.
//!
//! They stand in the crate, so that nothing is made public for them. Nothing of them is compiled into the service.

mod json;
mod keys;
#[cfg(test)]
mod tests;
mod tokens;

pub use {keys::key_set, tokens::access_token};

/// Decodes base64url without padding, bit by bit.
fn decoded(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bits = Vec::new();
    for character in text.chars() {
        let digit = ALPHABET.find(character)?;
        bits.extend((0..6).rev().map(|bit| digit >> bit & 1 == 1));
    }
    let rest = bits.split_off(bits.len() / 8 * 8);
    let is_spelled_alone = rest.len() < 6 && !rest.contains(&true);
    let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    is_spelled_alone.then(|| bits.chunks(8).map(byte).collect())
}
