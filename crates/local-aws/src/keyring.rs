//! The keys that may sign: each account's own, and those that STS has lent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::Account;
use crate::identity::random_key;

/// Lent keys that are known at once; those that expire first are forgotten first.
const LENT_MAX: usize = 10_000;

/// Every key of one embedded cloud. Lent ones live as long as the process: whoever has one asks for another.
#[derive(Debug)]
pub(crate) struct Keyring {
    accounts: Vec<Account>,
    lent: Mutex<HashMap<String, Lent>>,
}

/// A key that was lent for some time.
#[derive(Clone, Debug)]
pub(crate) struct Lent {
    pub(crate) key: Account,
    pub(crate) session_token: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) principal: Principal,
}

/// Whom a key speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// `arn:aws:iam::ACCOUNT:root`, or `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub arn: String,
    /// The account's id, or the role's and the session's: `AROA…:SESSION`.
    pub user_id: String,
}

/// Why a key says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unaccepted {
    /// There is no such key, or its session token is another.
    Unknown,
    /// It was lent for a time that is over.
    Expired,
}

impl Keyring {
    pub(crate) fn new(accounts: &[Account]) -> Arc<Self> {
        Arc::new(Self {
            accounts: accounts.to_vec(),
            lent: Mutex::default(),
        })
    }

    /// Whose a key is, with the session token that came with it.
    pub(crate) fn identify(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
        now: Timestamp,
    ) -> Result<(Account, Principal), Unaccepted> {
        let own = self
            .accounts
            .iter()
            .find(|account| account.access_key_id == access_key_id);
        if let Some(account) = own {
            let principal = Principal {
                arn: account.arn(),
                user_id: account.id.clone(),
            };
            return Ok((account.clone(), principal));
        }
        let lent = self.lent();
        let lent = lent.get(access_key_id).ok_or(Unaccepted::Unknown)?;
        if session_token != Some(&lent.session_token) {
            return Err(Unaccepted::Unknown);
        }
        if now >= lent.expires_at {
            return Err(Unaccepted::Expired);
        }
        Ok((lent.key.clone(), lent.principal.clone()))
    }

    /// A key's secret, whatever it may be used for.
    pub(crate) fn secret(&self, access_key_id: &str) -> Option<String> {
        let own = self
            .accounts
            .iter()
            .find(|account| account.access_key_id == access_key_id)
            .map(|account| account.secret_access_key.clone());
        own.or_else(|| {
            let lent = self.lent();
            lent.get(access_key_id)
                .map(|lent| lent.key.secret_access_key.clone())
        })
    }

    /// Lends a new key of a role of `account` to a principal.
    pub(crate) fn lend(
        &self,
        account: &str,
        role: &str,
        principal: Principal,
        lasts: SignedDuration,
        now: Timestamp,
    ) -> Lent {
        let made = Lent {
            key: Account {
                id: account.to_owned(),
                access_key_id: random_key("ASIA", 16),
                secret_access_key: random_key("", 40),
                role: Some(role.to_owned()),
            },
            session_token: random_key("FwoGZXIvYXdzE", 256),
            expires_at: now + lasts,
            principal,
        };
        let mut lent = self.lent();
        if lent.len() >= LENT_MAX
            && let Some(first) = lent
                .iter()
                .min_by_key(|(_, lent)| lent.expires_at)
                .map(|(id, _)| id.clone())
        {
            lent.remove(&first);
        }
        lent.insert(made.key.access_key_id.clone(), made.clone());
        made
    }

    fn lent(&self) -> MutexGuard<'_, HashMap<String, Lent>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lent_key_speaks_with_its_token_and_until_it_expires() {
        let keyring = Keyring::new(&[]);
        let principal = Principal {
            arn: "arn:aws:sts::444455556666:assumed-role/reader/me".to_owned(),
            user_id: "AROA:me".to_owned(),
        };
        let now = Timestamp::UNIX_EPOCH;
        let hour = SignedDuration::from_hours(1);
        let lent = keyring.lend("444455556666", "reader", principal.clone(), hour, now);
        let (id, token) = (lent.key.access_key_id.as_str(), lent.session_token.as_str());
        let identify = |token, now| keyring.identify(id, token, now).map(|(_, principal)| principal);
        assert_eq!(identify(Some(token), now), Ok(principal));
        assert_eq!(identify(None, now), Err(Unaccepted::Unknown));
        assert_eq!(identify(Some("another"), now), Err(Unaccepted::Unknown));
        assert_eq!(identify(Some(token), now + hour), Err(Unaccepted::Expired));
        assert_eq!(keyring.secret(id), Some(lent.key.secret_access_key));
        assert_eq!(keyring.secret("AKIA"), None);
    }
}
