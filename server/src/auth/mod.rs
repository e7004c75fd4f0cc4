//! Who somebody is: users with passwords and sessions, tokens for scripts, and what a browser may be made to send.

pub mod directory;
pub mod identity;
pub mod limiter;
pub mod next;
pub mod origin;
pub mod password;
pub mod sessions;
pub mod sign_in;
pub mod token;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use directory::Directory;
use jiff::Timestamp;
use limiter::Limiter;
use origin::PublicUrl;
use recovery::access::{Entry, Kind};
use sessions::Sessions;

use crate::failure::Result;

/// Everything that knows who somebody is. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    /// Users and tokens.
    pub directory: Arc<Directory>,
    /// Who is signed in.
    pub sessions: Arc<Sessions>,
    /// Failed sign-ins.
    pub limiter: Arc<Limiter>,
    /// How browsers reach this server.
    pub public_url: Option<PublicUrl>,
    /// At most this many passwords are being checked at once: each takes 19 MiB and a core.
    checks: Arc<tokio::sync::Semaphore>,
}

/// Passwords checked at once.
const CHECKS_MAX: usize = 2;

impl Auth {
    /// Opens the sessions kept in `data_dir`.
    pub fn open(
        directory: Directory,
        data_dir: &Path,
        session_age_max: Duration,
        public_url: Option<PublicUrl>,
    ) -> Result<Self> {
        Ok(Self {
            directory: Arc::new(directory),
            sessions: Arc::new(Sessions::open(&data_dir.join("sessions.json"), session_age_max)?),
            limiter: Arc::default(),
            public_url,
            checks: Arc::new(tokio::sync::Semaphore::new(CHECKS_MAX)),
        })
    }

    /// People and tokens, by name.
    pub fn entries(&self) -> Vec<Entry> {
        let now = Timestamp::now();
        let Directory { users, tokens } = &*self.directory;
        let people = users.iter().map(|user| {
            let signed_in_at = self.sessions.newest_of(&user.name, now);
            Entry::new(&user.name, Kind::Person, user.role, &user.scope, signed_in_at)
        });
        let tokens = tokens
            .iter()
            .map(|token| Entry::new(&token.name, Kind::Token, token.role, &token.scope, None));
        let mut entries: Vec<Entry> = people.chain(tokens).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries
    }

    /// Whether cookies are sent over https alone.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }
}
