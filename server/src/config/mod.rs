//! The configuration file: `data-restore.toml`.
//!
//! It is read once, checked whole, and what is wrong is said with the place and the way out. Secrets are not in it:
//! passwords and tokens stand there as hashes, AWS credentials come from the SDK's ordinary chain.

mod people;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use recovery::ids::Region;
use serde::Deserialize;

use crate::auth::directory::Directory;
use crate::auth::origin::PublicUrl;
use crate::failure::{Failure, Result};
use crate::folders;

/// The environment variable that holds the file's text, where there is no file: in a container, from a secret.
const TEXT: &str = "DATA_RESTORE_CONFIG_TEXT";

/// The file's name.
const NAME: &str = "data-restore.toml";

/// A session ends after this long, unless the file says otherwise: a working day.
const SESSION_AGE_MAX: Duration = Duration::from_hours(12);

/// What the file says, checked. Without a file, everything is unset.
#[derive(Clone, Default)]
pub struct Config {
    /// Where it was read from.
    pub path: Option<PathBuf>,
    /// `[server]`.
    pub server: Server,
    /// `[command]`: defaults of the commands' flags.
    pub command: CommandDefaults,
    /// `[[users]]` and `[[tokens]]`.
    pub directory: Directory,
    /// `[workflow]`: what is backed up and where copies must be.
    pub workflow: Option<workflow::Settings>,
}

/// How the server is run.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// Where it listens.
    pub listen: Option<std::net::SocketAddr>,
    /// Where it keeps sessions (and, with `--local`, the embedded AWS).
    pub data_dir: Option<PathBuf>,
    /// How browsers reach it, when a proxy stands in front.
    pub public_url: Option<PublicUrl>,
    /// The folder of the pages' scripts and styles.
    pub site_root: Option<PathBuf>,
    /// When a session ends.
    pub session_age_max: Option<Duration>,
    /// With `--local`: how often a recovery point is made.
    #[cfg_attr(
        not(feature = "local"),
        expect(dead_code, reason = "a file for both builds is checked by both")
    )]
    pub backup_every: Option<Duration>,
}

/// Defaults of the commands' flags.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CommandDefaults {
    /// `--region`.
    pub region: Option<Region>,
    /// `--target-region`.
    pub target_region: Option<Region>,
    /// `--state-dir`.
    pub state_dir: Option<PathBuf>,
    /// `--server`.
    pub server: Option<String>,
    /// `--prices`.
    pub prices: Option<PathBuf>,
}

/// The file as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    server: ServerSection,
    command: CommandDefaults,
    users: Vec<people::UserEntry>,
    tokens: Vec<people::TokenEntry>,
    workflow: Option<workflow::Settings>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ServerSection {
    listen: Option<std::net::SocketAddr>,
    data_dir: Option<PathBuf>,
    public_url: Option<String>,
    site_root: Option<PathBuf>,
    session_age_max: Option<SignedDuration>,
    backup_every: Option<SignedDuration>,
}

impl Config {
    /// Reads the named file; else the text in `DATA_RESTORE_CONFIG_TEXT`; else `./data-restore.toml`; else the one in the
    /// user's configuration folder; else nothing is configured. A named file must exist.
    pub fn find(named: Option<&Path>) -> Result<Self> {
        if let Some(path) = named {
            return Self::read(path);
        }
        if let Some(text) = std::env::var_os(TEXT).filter(|text| !text.is_empty()) {
            let text = text.into_string().map_err(|_| {
                Failure::new(
                    "configuration",
                    format!("The configuration in {TEXT} is no UTF-8 text"),
                )
            })?;
            return Self::parse(&text).map_err(|failure| Failure {
                message: format!("The configuration in {TEXT} is wrong: {}", failure.message),
                ..failure
            });
        }
        let places = [
            Some(PathBuf::from(NAME)),
            folders::configuration().map(|folder| folder.join(NAME)),
        ];
        match places.into_iter().flatten().find(|path| path.is_file()) {
            Some(path) => Self::read(&path),
            None => Ok(Self::default()),
        }
    }

    /// Where it was read from, in words.
    pub fn place(&self) -> String {
        match &self.path {
            Some(path) => path.display().to_string(),
            None if std::env::var_os(TEXT).is_some_and(|text| !text.is_empty()) => {
                format!("the environment variable {TEXT}")
            }
            None => "the demo's own settings".to_owned(),
        }
    }

    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::file("Reading the configuration file", path, &error))?;
        let mut config = Self::parse(&text).map_err(|failure| Failure {
            message: format!(
                "The configuration file {} is wrong: {}",
                path.display(),
                failure.message
            ),
            ..failure
        })?;
        config.path = Some(path.to_owned());
        Ok(config)
    }

    /// Checks the text of a configuration file.
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| {
            Failure::new("configuration", error.to_string().trim_end().to_owned())
                .hint("docs/OPERATIONS.md shows a whole configuration file.")
        })?;
        let wrong = |message: String| Failure::new("configuration", message);
        if let Some(settings) = &file.workflow {
            settings.validate().map_err(|error| {
                let failure = wrong(format!("[workflow]: {error}"));
                match error.hint() {
                    Some(hint) => failure.hint(hint),
                    None => failure,
                }
            })?;
        }
        let positive = |name: &str, duration: SignedDuration| {
            Duration::try_from(duration)
                .ok()
                .filter(|duration| *duration >= Duration::from_secs(1))
                .ok_or_else(|| wrong(format!("server.{name} must be at least a second")))
        };
        let ServerSection {
            listen,
            data_dir,
            public_url,
            site_root,
            session_age_max,
            backup_every,
        } = file.server;
        Ok(Self {
            path: None,
            server: Server {
                listen,
                data_dir,
                public_url: public_url
                    .map(|url| PublicUrl::parse(&url))
                    .transpose()
                    .map_err(|error| wrong(format!("server.public_url: {error}")))?,
                site_root,
                session_age_max: session_age_max
                    .map(|duration| positive("session_age_max", duration))
                    .transpose()?,
                backup_every: backup_every
                    .map(|duration| positive("backup_every", duration))
                    .transpose()?,
            },
            command: file.command,
            directory: people::directory(file.users, file.tokens).map_err(|message| {
                wrong(message).hint(
                    "Make hashes with `data-restore hash-password` and tokens with `data-restore new-token`.",
                )
            })?,
            workflow: file.workflow,
        })
    }
}

impl Server {
    /// When a session ends.
    pub fn session_age_max(&self) -> Duration {
        self.session_age_max.unwrap_or(SESSION_AGE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recovery::actor::Role;

    const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
                        Kq2m0CyJ3pS1xhUJgzzWfF4ITlW8l9HH0OBR2pL9Qd0";

    fn check(text: &str, expected: &str) {
        let text = text.replace("HASH", HASH);
        let Err(failure) = Config::parse(&text) else {
            panic!("accepted: {text}");
        };
        assert!(
            failure.message.contains(expected),
            "{text}\nsaid: {}",
            failure.message
        );
        assert_eq!(failure.exit_code, 1);
    }

    #[test]
    fn a_whole_file_is_read() {
        let text = include_str!("example.toml");
        let config = Config::parse(text).unwrap();
        assert_eq!(config.directory.users.len(), 3);
        assert_eq!(config.directory.users[2].role, Role::Customer);
        assert_eq!(config.directory.users[0].role, Role::Operator);
        assert_eq!(config.directory.tokens.len(), 1);
        assert!(config.server.public_url.unwrap().is_https());
        assert_eq!(config.workflow.unwrap().regions.len(), 3);
        assert!(Config::parse("").unwrap().workflow.is_none());
    }

    #[test]
    fn what_is_wrong_is_named() {
        check("[servr]", "servr");
        check("[server]\nlisten = \"localhost\"", "listen");
        check(
            "[server]\npublic_url = \"restore.example.com\"",
            "server.public_url",
        );
        check("[server]\nsession_age_max = \"0s\"", "session_age_max");
        check("[server]\nsession_age_max = \"soon\"", "session_age_max");
        check(
            "[[users]]\nname = \"a\"\nrole = \"admin\"\npassword_hash = \"HASH\"",
            "admin",
        );
        check(
            "[[users]]\nname = \"a\"\nrole = \"viewer\"\npassword_hash = \"secret\"",
            "argon2id",
        );
        check(
            "[[users]]\nname = \"\"\nrole = \"viewer\"\npassword_hash = \"HASH\"",
            "name",
        );
        check(
            "[[users]]\nname = \"a\"\nrole = \"viewer\"\npassword_hash = \"HASH\"\n\
             [[users]]\nname = \"a\"\nrole = \"operator\"\npassword_hash = \"HASH\"",
            "twice",
        );
        check(
            "[[users]]\nname = \"a\"\nrole = \"customer\"\npassword_hash = \"HASH\"",
            "a customer needs sources",
        );
        check(
            "[[users]]\nname = \"a\"\nrole = \"viewer\"\nsources = [\"tvshows\"]\npassword_hash = \"HASH\"",
            "for customers alone",
        );
        check(
            "[[tokens]]\nname = \"ci\"\nrole = \"viewer\"\nsha256 = \"drt_abc\"",
            "SHA-256",
        );
        check("[workflow]\nhome_region = \"us-east-1\"", "control_region");
        check("[command]\nregion = \"US East\"", "Region");
    }

    #[test]
    fn no_secret_that_was_mistaken_for_a_hash_is_repeated() {
        let text = "[[users]]\nname = \"a\"\nrole = \"viewer\"\npassword_hash = \"my secret password\"";
        let failure = Config::parse(text).err().unwrap();
        assert!(!failure.message.contains("my secret"), "{}", failure.message);
    }
}
