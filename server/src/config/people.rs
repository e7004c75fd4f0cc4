//! `[[users]]` and `[[tokens]]`.

use recovery::actor::Role;
use serde::Deserialize;

use crate::auth::directory::{Directory, Token, User};
use crate::auth::{password, token};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserEntry {
    name: String,
    role: Role,
    password_hash: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenEntry {
    name: String,
    role: Role,
    sha256: String,
}

/// Checks the entries. A value that is no hash may be the secret itself, so messages never repeat one.
pub(super) fn directory(users: Vec<UserEntry>, tokens: Vec<TokenEntry>) -> Result<Directory, String> {
    let mut directory = Directory::default();
    for UserEntry {
        name,
        role,
        password_hash,
    } in users
    {
        check_name("users", &name)?;
        if directory.user(&name).is_some() {
            return Err(format!("[[users]] names {name:?} twice"));
        }
        if !password::is_valid_hash(&password_hash) {
            return Err(format!("[[users]] {name:?}: password_hash is no argon2id hash"));
        }
        directory.users.push(User {
            name,
            role,
            password_hash,
        });
    }
    for TokenEntry { name, role, sha256 } in tokens {
        check_name("tokens", &name)?;
        if directory.tokens.iter().any(|known| known.name == name) {
            return Err(format!("[[tokens]] names {name:?} twice"));
        }
        let sha256 = sha256.to_ascii_lowercase();
        if !token::is_valid_hash(&sha256) {
            return Err(format!(
                "[[tokens]] {name:?}: sha256 is no SHA-256 hash (64 hex digits)"
            ));
        }
        directory.tokens.push(Token { name, role, sha256 });
    }
    Ok(directory)
}

fn check_name(section: &str, name: &str) -> Result<(), String> {
    // Names stand in the audit log and on pages.
    let plain = (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if plain && name.trim() == name {
        Ok(())
    } else {
        Err(format!(
            "[[{section}]]: name {name:?} must have 1 to 64 characters and no spaces at its ends"
        ))
    }
}
