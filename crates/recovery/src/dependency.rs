//! What the server depends on, and when each last answered.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, Region};

/// A failure's words are cut off behind so many characters.
const WORDS_MAX: usize = 300;

/// What this process has seen of one service in one Region and account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    /// When it last answered what it was asked. That there is no such thing is an answer as well.
    pub last_success: Option<Timestamp>,
    /// When it last did not.
    pub last_failure: Option<Failed>,
    /// Since when every call has failed, while every call does.
    pub failing_since: Option<Timestamp>,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = FailedContact))]
pub struct Failed {
    /// When.
    pub at: Timestamp,
    /// The operation, and what the service or the transport said.
    pub words: String,
    /// Whether nothing came back: no connection, or no answer in time.
    pub unreachable: bool,
}

/// A service in one Region and account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dependency {
    /// `S3`, `DynamoDB`, …
    pub service: String,
    /// The Region.
    pub region: Region,
    /// The account; `None`: the one of the SDK's own credentials.
    pub account: Option<AccountId>,
    /// What was seen of it.
    #[serde(flatten)]
    pub contact: Contact,
}

/// How a dependency stands. The order is that of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The last call was answered.
    Answers,
    /// No call was made yet: nothing is known.
    NotCalled,
    /// The last calls were refused or failed, or there were no credentials for them.
    Refuses,
    /// The last calls were not answered.
    Unreachable,
}

impl Contact {
    /// A call was answered.
    pub fn succeeded(&mut self, at: Timestamp) {
        self.last_success = Some(at);
        self.failing_since = None;
    }

    /// A call failed.
    pub fn failed(&mut self, at: Timestamp, words: &str, unreachable: bool) {
        self.failing_since.get_or_insert(at);
        self.last_failure = Some(Failed {
            at,
            words: words.chars().take(WORDS_MAX).collect(),
            unreachable,
        });
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        match (self.failing_since, &self.last_failure, self.last_success) {
            (Some(_), Some(failed), _) if failed.unreachable => Standing::Unreachable,
            (Some(_), _, _) => Standing::Refuses,
            (None, _, Some(_)) => Standing::Answers,
            (None, _, None) => Standing::NotCalled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_fails_since_its_first_failure_after_its_last_answer() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let mut contact = Contact::default();
        assert_eq!(
            contact.standing(),
            Standing::NotCalled,
            "what is not known is not well"
        );
        contact.succeeded(at(1));
        assert_eq!(contact.standing(), Standing::Answers);
        contact.failed(at(2), "ListBuckets: connection refused", true);
        contact.failed(at(3), &"é".repeat(WORDS_MAX + 1), true);
        assert_eq!(contact.standing(), Standing::Unreachable);
        assert_eq!(contact.failing_since, Some(at(2)));
        assert_eq!(contact.last_success, Some(at(1)));
        let words = &contact.last_failure.as_ref().unwrap().words;
        assert_eq!(words.chars().count(), WORDS_MAX);
        contact.failed(at(4), "HeadBucket: AccessDenied", false);
        assert_eq!(contact.standing(), Standing::Refuses);
        contact.succeeded(at(5));
        assert_eq!(contact.standing(), Standing::Answers);
        assert_eq!(contact.last_failure.unwrap().at, at(4), "it stays known");
    }
}
