//! Bearer tokens and session ids: random text that is kept as its SHA-256 alone. What has 256 random bits needs no
//! slow hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What every bearer token begins with, so that secret scanners find one that leaked.
const PREFIX: &str = "drt_";

/// 32 random bytes as text.
pub fn random() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// A new bearer token.
pub fn generate() -> String {
    format!("{PREFIX}{}", random())
}

/// The SHA-256 (hex) of a token.
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// Whether `text` has the form of a [`hash`].
pub fn is_valid_hash(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Compares two hashes in a time that does not depend on where they differ.
pub fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}
