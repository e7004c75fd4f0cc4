//! Who is signed in. A session's id is random and is known to the browser alone; this server keeps its hash, in
//! memory and in a file of the data folder, so that a restart signs nobody out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::token;
use crate::failure::{Failure, Result};
use crate::folders;

/// Sessions kept; the oldest go first.
const SESSIONS_MAX: usize = 10_000;
/// Sessions of one user; the oldest go first, so that nobody can push others out.
const SESSIONS_PER_USER_MAX: usize = 50;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Session {
    user: String,
    created_at: Timestamp,
    expires_at: Timestamp,
}

/// Signed-in browsers.
#[derive(Debug)]
pub struct Sessions {
    path: PathBuf,
    age_max: SignedDuration,
    by_hash: Mutex<HashMap<String, Session>>,
    /// Held while the file is written, so that an older state never replaces a newer one.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl Sessions {
    /// Opens the sessions kept at `path`; none if it does not exist.
    pub fn open(path: &Path, age_max: Duration) -> Result<Self> {
        let by_hash = match std::fs::read(path) {
            Ok(json) => serde_json::from_slice(&json).map_err(|error| {
                Failure::new(
                    "file",
                    format!("Reading sessions from {} failed: {error}", path.display()),
                )
                .hint("Remove the file; everybody then signs in again.")
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => HashMap::new(),
            Err(error) => return Err(Failure::file("Reading", path, &error)),
        };
        Ok(Self {
            path: path.to_owned(),
            age_max: SignedDuration::try_from(age_max).unwrap_or(SignedDuration::from_hours(12)),
            by_hash: Mutex::new(by_hash),
            writing: Arc::default(),
        })
    }

    /// Begins a session and answers its id, which is kept nowhere here.
    pub async fn begin(&self, user: &str, now: Timestamp) -> Result<String> {
        let id = token::random();
        {
            let mut sessions = self.by_hash.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.retain(|_, session| session.expires_at > now);
            evict(&mut sessions, SESSIONS_PER_USER_MAX, |session| {
                session.user == user
            });
            evict(&mut sessions, SESSIONS_MAX, |_| true);
            sessions.insert(
                token::hash(&id),
                Session {
                    user: user.to_owned(),
                    created_at: now,
                    expires_at: now + self.age_max,
                },
            );
        }
        self.save().await?;
        Ok(id)
    }

    /// The user whose session has this id, unless it has expired.
    pub fn user(&self, id: &str, now: Timestamp) -> Option<String> {
        let sessions = self.by_hash.lock().unwrap_or_else(PoisonError::into_inner);
        sessions
            .get(&token::hash(id))
            .filter(|session| session.expires_at > now)
            .map(|session| session.user.clone())
    }

    /// When the newest session of `user` began that is still open.
    pub fn newest_of(&self, user: &str, now: Timestamp) -> Option<Timestamp> {
        let sessions = self.by_hash.lock().unwrap_or_else(PoisonError::into_inner);
        sessions
            .values()
            .filter(|session| session.user == user && session.expires_at > now)
            .map(|session| session.created_at)
            .max()
    }

    /// Ends a session.
    pub async fn end(&self, id: &str) -> Result<()> {
        let known = {
            let mut sessions = self.by_hash.lock().unwrap_or_else(PoisonError::into_inner);
            sessions.remove(&token::hash(id)).is_some()
        };
        if known { self.save().await } else { Ok(()) }
    }

    async fn save(&self) -> Result<()> {
        let writing = Arc::clone(&self.writing).lock_owned().await;
        let json = {
            let sessions = self.by_hash.lock().unwrap_or_else(PoisonError::into_inner);
            serde_json::to_vec(&*sessions)
                .map_err(|error| Failure::new("failed", format!("Writing the sessions failed: {error}")))?
        };
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || {
            let _writing = writing;
            folders::write_private(&path, &json)
        })
        .await
        .map_err(|error| Failure::new("failed", format!("Writing the sessions failed: {error}")))?
    }
}

/// Removes the oldest sessions of `which` until one more fits.
fn evict(sessions: &mut HashMap<String, Session>, max: usize, which: impl Fn(&Session) -> bool) {
    let mut found: Vec<(Timestamp, String)> = sessions
        .iter()
        .filter(|(_, session)| which(session))
        .map(|(hash, session)| (session.created_at, hash.clone()))
        .collect();
    let over = (found.len() + 1).saturating_sub(max);
    if over > 0 {
        found.sort();
        for (_, hash) in found.into_iter().take(over) {
            sessions.remove(&hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn a_session_survives_a_restart_and_its_id_is_not_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.json");
        let now = Timestamp::UNIX_EPOCH;
        let id = Sessions::open(&path, HOUR)
            .unwrap()
            .begin("ann", now)
            .await
            .unwrap();

        let again = Sessions::open(&path, HOUR).unwrap();
        assert_eq!(again.user(&id, now).as_deref(), Some("ann"));
        assert_eq!(
            again.user(&id, now + SignedDuration::from_hours(1)),
            None,
            "expired"
        );
        assert_eq!(again.user("guess", now), None);
        assert_eq!(again.newest_of("ann", now), Some(now));
        assert_eq!(again.newest_of("ann", now + SignedDuration::from_hours(1)), None);
        assert!(!std::fs::read_to_string(&path).unwrap().contains(&id));

        again.end(&id).await.unwrap();
        assert_eq!(again.user(&id, now), None);
        assert_eq!(Sessions::open(&path, HOUR).unwrap().user(&id, now), None);
    }

    #[tokio::test]
    async fn one_user_cannot_fill_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Sessions::open(&folder.path().join("s"), HOUR).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let bob = sessions.begin("bob", now).await.unwrap();
        let mut last = String::new();
        for second in 0..60 {
            let at = now + SignedDuration::from_secs(second);
            last = sessions.begin("ann", at).await.unwrap();
        }
        assert_eq!(sessions.by_hash.lock().unwrap().len(), SESSIONS_PER_USER_MAX + 1);
        assert!(sessions.user(&bob, now).is_some() && sessions.user(&last, now).is_some());
    }
}
