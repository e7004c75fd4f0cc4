//! The users and tokens that exist.

use recovery::actor::{Actor, Role, Via};
use recovery::scope::Scope;

use super::{password, token};

/// Somebody who signs in with a password.
#[derive(Clone)]
pub struct User {
    /// The name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Which sources they may do it with.
    pub scope: Scope,
    /// argon2id, in the PHC string form.
    pub password_hash: String,
}

/// A script's token.
#[derive(Clone)]
pub struct Token {
    /// The name, for the audit log.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Which sources it may do it with.
    pub scope: Scope,
    /// SHA-256 of the token, hex.
    pub sha256: String,
}

/// Somebody who is known, and the sources that exist for them.
#[derive(Clone, Debug)]
pub struct Person {
    /// Who it is.
    pub actor: Actor,
    /// The sources.
    pub scope: Scope,
}

/// Users and tokens.
#[derive(Clone, Default)]
pub struct Directory {
    /// The users.
    pub users: Vec<User>,
    /// The tokens.
    pub tokens: Vec<Token>,
}

impl Directory {
    /// The user of that name.
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| user.name == name)
    }

    /// The user whose name and password these are. Takes as long for an unknown name as for a wrong password.
    pub fn sign_in(&self, name: &str, given: &str) -> Option<&User> {
        let user = self.user(name);
        password::verify(given, user.map(|user| user.password_hash.as_str()))
            .then_some(user)
            .flatten()
    }

    /// Who bears `given`. Every token is compared, whichever matches.
    pub fn bearer(&self, given: &str) -> Option<Person> {
        let hash = token::hash(given);
        let mut found = None;
        for known in &self.tokens {
            if token::equal(&known.sha256, &hash) {
                found = Some(known);
            }
        }
        found.map(|known| Person {
            actor: Actor {
                name: known.name.clone(),
                role: known.role,
                via: Via::Token,
            },
            scope: known.scope.clone(),
        })
    }
}

impl User {
    /// The user as somebody with a session.
    pub fn person(&self) -> Person {
        Person {
            actor: Actor {
                name: self.name.clone(),
                role: self.role,
                via: Via::Session,
            },
            scope: self.scope.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_bearer_and_nothing_else_does() {
        let secret = token::generate();
        let directory = Directory {
            users: Vec::new(),
            tokens: vec![Token {
                name: "ci".into(),
                role: Role::Viewer,
                scope: Scope::All,
                sha256: token::hash(&secret),
            }],
        };
        assert_eq!(directory.bearer(&secret).unwrap().actor.name, "ci");
        assert!(directory.bearer(&token::generate()).is_none());
        assert!(directory.bearer("").is_none());
        assert!(
            directory.bearer(&token::hash(&secret)).is_none(),
            "who reads the configuration file cannot use what is in it"
        );
    }
}
