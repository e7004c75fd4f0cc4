//! The databases behind the embedded RDS.

use std::time::Duration;

use local_aws::database::{BuiltIn, Database};
use local_aws::rds::Instance;
use recovery::ids::SourceId;
use url::Url;

use super::cloud::{EmbeddedCloud, VAULT};
use crate::failure::{Failure, Result};

/// The DB instances that are backed up.
pub struct Sources {
    instances: Vec<Instance>,
}

impl Sources {
    /// The built-in databases, or a real one.
    pub fn new(mysql: Option<&Url>) -> Result<Self> {
        let instance = |id: &str, engine: &str, version: &str, database: Database| Instance {
            id: id.to_owned(),
            engine: engine.to_owned(),
            engine_version: version.to_owned(),
            class: "db.r6g.large".to_owned(),
            database,
        };
        let instances = match mysql {
            None => vec![
                instance("tvshows", "mysql", "8.4.3", Database::BuiltIn(BuiltIn::TvShows)),
                instance(
                    "securecart",
                    "mysql",
                    "8.4.3",
                    Database::BuiltIn(BuiltIn::SecureCart),
                ),
            ],
            Some(url) => {
                if url.scheme() != "mysql" || url.host_str().is_none() {
                    return Err(Failure::usage("--mysql is not a MySQL URL")
                        .hint("Write it like mysql://user:password@127.0.0.1:3306/database."));
                }
                let id = instance_id(url.path().trim_matches('/'));
                vec![instance(&id, "mysql", "8.0", Database::MySql(url.to_string()))]
            }
        };
        Ok(Self { instances })
    }

    /// Their DB instance identifiers.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.instances.iter().map(|instance| instance.id.as_str())
    }

    /// The first one, as the catalogue names it.
    pub fn first(&self) -> Result<SourceId> {
        let id = self.ids().next().unwrap_or_default();
        id.parse()
            .map_err(|error| Failure::new("local_aws", format!("A DB instance cannot be named: {error}")))
    }

    /// Puts them into the embedded RDS, which does not keep what is behind an instance.
    pub async fn add_to(&self, embedded: &EmbeddedCloud) -> Result<()> {
        for instance in &self.instances {
            embedded
                .aws()
                .control()
                .add_instance(
                    embedded.home().as_str(),
                    embedded.regions()[0].as_str(),
                    instance.clone(),
                )
                .await
                .map_err(|error| {
                    Failure::new(
                        "local_aws",
                        format!("Adding DB instance {} failed: {error}", instance.id),
                    )
                })?;
        }
        Ok(())
    }

    /// Backs them up every so often from now on; at once too when `at_once`.
    pub fn back_up(&self, embedded: &EmbeddedCloud, every: Duration, at_once: bool) -> Result<()> {
        let home = embedded.home().as_str();
        let region = embedded.regions()[0].as_str();
        for id in self.ids() {
            let backup = embedded.aws().control().backup();
            backup.back_up_every(home, region, id, VAULT, Some(every));
            if at_once {
                backup.back_up_now(home, region, id, VAULT).map_err(|error| {
                    Failure::new(
                        "local_aws",
                        format!("Starting the first backup of {id} failed: {error}"),
                    )
                })?;
            }
        }
        Ok(())
    }
}

/// A DB instance identifier for a database: letters, digits and single hyphens, beginning with a letter.
fn instance_id(database: &str) -> String {
    let mut id = String::new();
    for c in database.chars() {
        let c = if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        };
        if !(c == '-' && (id.is_empty() || id.ends_with('-'))) {
            id.push(c);
        }
    }
    id.truncate(63);
    let id = id.trim_end_matches('-');
    match id.chars().next() {
        Some(first) if first.is_ascii_lowercase() => id.to_owned(),
        Some(_) => format!("db-{id}"),
        None => "mysql".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_real_database_names_its_instance() {
        for (database, expected) in [
            ("shop", "shop"),
            ("My_Shop", "my-shop"),
            ("2024_sales", "db-2024-sales"),
            ("", "mysql"),
            ("__", "mysql"),
        ] {
            assert_eq!(instance_id(database), expected);
        }
        let url = "http://127.0.0.1/shop".parse().unwrap();
        assert_eq!(Sources::new(Some(&url)).err().unwrap().exit_code, 2);
    }
}
