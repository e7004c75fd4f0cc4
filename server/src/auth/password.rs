//! Passwords: argon2id, in the PHC string form.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2};

use crate::failure::{Failure, Result};

/// Shorter passwords are refused when they are hashed (NIST SP 800-63B asks for at least 8; 12 without a second factor).
const LENGTH_MIN: usize = 12;
/// Longer ones are refused everywhere, before any work is done on them.
pub const LENGTH_MAX: usize = 1024;

/// Verified against when no such user exists, so that the answer takes as long as for one who does.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

/// The argon2id hash of a password with a fresh salt.
pub fn hash(password: &str) -> Result<String> {
    if password.chars().count() < LENGTH_MIN || password.len() > LENGTH_MAX {
        return Err(Failure::new(
            "refused",
            format!("The password is not {LENGTH_MIN} to {LENGTH_MAX} characters long"),
        )
        .hint("Use a password manager's generated password or a phrase of several words."));
    }
    // 128 random bits, as RFC 9106 recommends.
    SaltString::encode_b64(&rand::random::<[u8; 16]>())
        .and_then(|salt| {
            let hash = Argon2::default().hash_password(password.as_bytes(), &salt)?;
            Ok(hash.to_string())
        })
        .map_err(|error| Failure::new("failed", format!("Hashing the password failed: {error}")))
}

/// Whether `text` is a hash that [`verify`] understands.
pub fn is_valid_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| {
        hash.algorithm == Algorithm::Argon2id.ident() && hash.hash.is_some() && hash.salt.is_some()
    })
}

/// Whether `password` is the one that was hashed; takes the same work when there is no hash.
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let known = hash.is_some();
    let Ok(hash) = PasswordHash::new(hash.unwrap_or(&NOBODY)) else {
        return false;
    };
    password.len() <= LENGTH_MAX
        && Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
        && known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_that_was_hashed_is_accepted() {
        let hash = hash("correct horse battery").unwrap();
        assert!(is_valid_hash(&hash));
        assert!(verify("correct horse battery", Some(&hash)));
        assert!(!verify("correct horse batterY", Some(&hash)));
        assert!(
            !verify("nobody has this password", None),
            "the stand-in opens nothing"
        );
        assert!(super::hash("short").is_err());
        assert!(!is_valid_hash("plain"));
    }
}
