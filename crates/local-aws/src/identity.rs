//! The accounts of a data folder and the file that tells scripts how to reach the cloud.

use std::io::Write;
use std::path::Path;

use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::{Account, Error, Options};

/// The accounts that exist when none are asked for, home first.
const DEFAULT_ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

/// The file in the data folder that scripts read.
const FILE: &str = "local-aws.json";

/// What scripts need to use the cloud.
#[derive(Serialize, Deserialize)]
struct Published {
    endpoint: String,
    regions: Vec<String>,
    accounts: Vec<Account>,
}

/// The accounts to serve: those asked for, or those of the data folder, or new ones.
pub(crate) fn accounts(options: &Options, folder: &Path) -> Result<Vec<Account>, Error> {
    if !options.accounts.is_empty() {
        for account in &options.accounts {
            if account.id.len() != 12 || !account.id.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Error::Options(format!(
                    "account {:?} isn't twelve digits",
                    account.id
                )));
            }
        }
        return Ok(options.accounts.clone());
    }
    let path = folder.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => {
            let published: Published = serde_json::from_slice(&bytes).map_err(|error| {
                Error::Options(format!(
                    "{} cannot be read ({error}); remove it to get new keys",
                    path.display()
                ))
            })?;
            Ok(published.accounts)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(DEFAULT_ACCOUNTS.map(generate).to_vec())
        }
        Err(error) => Err(Error::folder("read", path)(error)),
    }
}

/// Writes `local-aws.json`, readable by its owner alone, in one step.
pub(crate) fn publish(
    folder: &Path,
    endpoint: &str,
    regions: &[String],
    accounts: &[Account],
) -> Result<(), Error> {
    let published = Published {
        endpoint: endpoint.to_owned(),
        regions: regions.to_vec(),
        accounts: accounts.to_vec(),
    };
    let path = folder.join(FILE);
    let json = serde_json::to_vec_pretty(&published).map_err(|error| Error::Options(error.to_string()))?;
    // A temporary file of `tempfile` has mode 0600, which the rename keeps.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(Error::folder("write", &path))?;
    file.write_all(&json).map_err(Error::folder("write", &path))?;
    file.persist(&path)
        .map_err(|error| Error::folder("write", &path)(error.error))?;
    Ok(())
}

fn generate(id: &str) -> Account {
    Account {
        id: id.to_owned(),
        access_key_id: random_key("AKIA", 16),
        secret_access_key: random_key("", 40),
        role: None,
    }
}

/// A key or a secret: `prefix` and so many letters and digits after it.
pub(crate) fn random_key(prefix: &str, length: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut random = rand::rng();
    let mut key = prefix.to_owned();
    key.extend((0..length).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])));
    key
}
