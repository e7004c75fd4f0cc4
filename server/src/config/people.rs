//! `[[users]]` and `[[tokens]]`.

use std::collections::BTreeSet;

use recovery::actor::{Permission, Role};
use recovery::ids::SourceId;
use recovery::scope::Scope;
use serde::Deserialize;

use crate::auth::directory::{Directory, Token, User};
use crate::auth::{password, token};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserEntry {
    name: String,
    role: Role,
    password_hash: String,
    #[serde(default)]
    sources: BTreeSet<SourceId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenEntry {
    name: String,
    role: Role,
    sha256: String,
    #[serde(default)]
    sources: BTreeSet<SourceId>,
}

/// Checks the entries. A value that is no hash may be the secret itself, so messages never repeat one.
pub(super) fn directory(users: Vec<UserEntry>, tokens: Vec<TokenEntry>) -> Result<Directory, String> {
    let mut directory = Directory::default();
    for UserEntry {
        name,
        role,
        password_hash,
        sources,
    } in users
    {
        check_name("users", &name)?;
        let scope = scope("users", &name, role, sources)?;
        if directory.user(&name).is_some() {
            return Err(format!("[[users]] names {name:?} twice"));
        }
        if !password::is_valid_hash(&password_hash) {
            return Err(format!("[[users]] {name:?}: password_hash is no argon2id hash"));
        }
        directory.users.push(User {
            name,
            role,
            scope,
            password_hash,
        });
    }
    for TokenEntry {
        name,
        role,
        sha256,
        sources,
    } in tokens
    {
        check_name("tokens", &name)?;
        let scope = scope("tokens", &name, role, sources)?;
        if directory.tokens.iter().any(|known| known.name == name) {
            return Err(format!("[[tokens]] names {name:?} twice"));
        }
        let sha256 = sha256.to_ascii_lowercase();
        if !token::is_valid_hash(&sha256) {
            return Err(format!(
                "[[tokens]] {name:?}: sha256 is no SHA-256 hash (64 hex digits)"
            ));
        }
        directory.tokens.push(Token {
            name,
            role,
            scope,
            sha256,
        });
    }
    Ok(directory)
}

/// A customer's sources are named; every other role is for all of them, and naming some would promise a limit that there is
/// not.
fn scope(section: &str, name: &str, role: Role, sources: BTreeSet<SourceId>) -> Result<Scope, String> {
    match (role.may(Permission::Read), sources.is_empty()) {
        (true, true) => Ok(Scope::All),
        (true, false) => Err(format!(
            "[[{section}]] {name:?}: sources are for customers alone; the {} role is for every source",
            role.name()
        )),
        (false, true) => Err(format!(
            "[[{section}]] {name:?}: a customer needs sources, such as sources = [\"tvshows\"]"
        )),
        (false, false) => Ok(Scope::Only(sources)),
    }
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
