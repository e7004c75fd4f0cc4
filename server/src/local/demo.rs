//! The people and tokens of a data folder, made at its first start.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use recovery::actor::Role;
use recovery::ids::SourceId;
use recovery::scope::Scope;
use serde::{Deserialize, Serialize};

use super::cloud::EmbeddedCloud;
use crate::auth::directory::{Directory, Token, User};
use crate::auth::{password, token};
use crate::failure::{Failure, Result};
use crate::folders;

/// What `demo.json` holds, so that a script can use the demo at once.
#[derive(Clone, Serialize, Deserialize)]
struct Published {
    url: String,
    users: Vec<Person>,
    operator_token: String,
    viewer_token: String,
    /// Of a customer who owns what the person of that role owns. A folder of an earlier version has none.
    #[serde(default)]
    customer_token: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Person {
    name: String,
    password: String,
    role: Role,
    /// Of a customer, the databases that are theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sources: Option<BTreeSet<SourceId>>,
}

/// The people and tokens of a data folder.
pub struct Demo {
    path: PathBuf,
    published: Published,
}

/// What is said on stdout once everything is ready.
#[derive(Serialize)]
pub struct Welcome {
    url: String,
    users: Vec<Person>,
    /// `AWS_ENDPOINT_URL` for the AWS CLI and SDKs.
    aws_endpoint_url: String,
    /// Where the tokens and the embedded AWS' credentials are.
    data_dir: PathBuf,
}

impl Demo {
    /// Those of the data folder, or new ones; the customer's database is `owned`.
    pub fn open(data_dir: &Path, owned: &SourceId) -> Result<Self> {
        let path = data_dir.join("demo.json");
        let mut published: Published = match std::fs::read(&path) {
            Ok(json) => serde_json::from_slice(&json).map_err(|error| {
                Failure::new("file", format!("Reading {} failed: {error}", path.display()))
                    .hint("Remove the file to get new passwords and tokens.")
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Published {
                url: String::new(),
                users: vec![
                    Person::new("operator", Role::Operator),
                    Person::new("viewer", Role::Viewer),
                ],
                operator_token: token::generate(),
                viewer_token: token::generate(),
                customer_token: None,
            },
            Err(error) => return Err(Failure::file("Reading", &path, &error)),
        };
        published.customer_token.get_or_insert_with(token::generate);
        if published.users.iter().all(|person| person.role != Role::Customer) {
            published.users.push(Person::new("customer", Role::Customer));
        }
        for person in &mut published.users {
            if person.role == Role::Customer {
                person.sources = Some(BTreeSet::from([owned.clone()]));
            }
        }
        Ok(Self { path, published })
    }

    /// `configured` and these.
    pub fn directory(&self, configured: Directory) -> Result<Directory> {
        let mut directory = configured;
        for person in &self.published.users {
            directory.users.retain(|user| user.name != person.name);
            directory.users.push(User {
                name: person.name.clone(),
                role: person.role,
                scope: person.scope(),
                password_hash: password::hash(&person.password)?,
            });
        }
        let published = &self.published;
        for (role, secret) in [
            (Role::Operator, Some(&published.operator_token)),
            (Role::Viewer, Some(&published.viewer_token)),
            (Role::Customer, published.customer_token.as_ref()),
        ] {
            let person = published.users.iter().find(|person| person.role == role);
            if let (Some(secret), Some(person)) = (secret, person) {
                directory.tokens.push(Token {
                    name: format!("{} token", role.name()),
                    role,
                    scope: person.scope(),
                    sha256: token::hash(secret),
                });
            }
        }
        Ok(directory)
    }

    /// Writes `demo.json`, for its owner alone.
    pub fn publish(&self, url: &str) -> Result<()> {
        let published = Published {
            url: url.to_owned(),
            ..self.published.clone()
        };
        let json = serde_json::to_vec_pretty(&published).unwrap_or_default();
        folders::write_private(&self.path, &json)
    }

    /// What is said once everything is ready.
    pub fn welcome(&self, url: &str, embedded: &EmbeddedCloud) -> Welcome {
        Welcome {
            url: url.to_owned(),
            users: self.published.users.clone(),
            aws_endpoint_url: embedded.endpoint().to_owned(),
            data_dir: self.path.parent().unwrap_or_else(|| Path::new(".")).to_owned(),
        }
    }
}

impl Person {
    fn new(name: &str, role: Role) -> Self {
        Self {
            name: name.to_owned(),
            password: readable_password(),
            role,
            sources: None,
        }
    }

    fn scope(&self) -> Scope {
        self.sources.clone().map_or(Scope::All, Scope::Only)
    }
}

impl Welcome {
    /// As people read it.
    pub fn text(&self) -> String {
        let mut text = format!("Data Restore is ready: {}\n", self.url);
        for person in &self.users {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "  sign in as {:<8}  password {}",
                person.name, person.password
            );
        }
        let _ = write!(
            text,
            "Embedded AWS: AWS_ENDPOINT_URL={}\nCredentials and tokens: {} and {}",
            self.aws_endpoint_url,
            self.data_dir.join("local-aws.json").display(),
            self.data_dir.join("demo.json").display()
        );
        text
    }
}

/// 75 random bits in groups of five letters that are not mistaken for each other: to be typed from a terminal.
fn readable_password() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters: Vec<char> = (0..15)
        .map(|_| char::from(ALPHABET[usize::from(rand::random::<u8>() % 32)]))
        .collect();
    letters
        .chunks(5)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_tokens_survive_a_restart_and_open_what_they_should() {
        let folder = tempfile::tempdir().unwrap();
        let owned: SourceId = "tvshows".parse().unwrap();
        let demo = Demo::open(folder.path(), &owned).unwrap();
        demo.publish("http://127.0.0.1:8080").unwrap();
        let again = Demo::open(folder.path(), &owned).unwrap();
        let directory = again.directory(Directory::default()).unwrap();
        let viewer = &demo.published.users[1];
        let user = directory.sign_in(&viewer.name, &viewer.password).unwrap();
        assert_eq!(user.role, Role::Viewer);
        let bearer = directory.bearer(&demo.published.operator_token).unwrap();
        assert_eq!(bearer.actor.role, Role::Operator);
        assert_eq!(viewer.password.len(), 17);
        let customer = &demo.published.users[2];
        let user = directory.sign_in(&customer.name, &customer.password).unwrap();
        assert_eq!(user.scope, Scope::Only(BTreeSet::from([owned])));
        let bearer = directory.bearer(demo.published.customer_token.as_ref().unwrap());
        assert_eq!(bearer.unwrap().scope, user.scope);
    }
}
