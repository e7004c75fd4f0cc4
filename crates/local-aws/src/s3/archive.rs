//! Archived objects: they are there, and cannot be read before they are thawed.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html>

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::buckets::{Asker, Bucket};
use super::versions::Version;
use super::{S3Failure, S3Store};

/// The storage classes whose objects cannot be read at once, and are not replicated.
pub(super) const CLASSES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];

/// A thaw of an object: a readable copy of it for some days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Thaw {
    ready_at: Timestamp,
    expires_at: Timestamp,
}

/// What asking for a thaw did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// It has begun.
    Begun,
    /// The object is thawed already; it stays so for as long as was asked now.
    Prolonged,
}

/// What is asked of a thaw.
#[derive(Clone, Debug)]
pub(super) struct ThawRequest {
    pub(super) days: i32,
    pub(super) tier: Option<String>,
}

/// Where a version stands at a time.
enum State {
    Readable,
    Archived,
    Thawing,
    Thawed(Timestamp),
}

fn state(version: &Version, now: Timestamp) -> State {
    let is_archived = version
        .attributes
        .storage_class
        .as_deref()
        .is_some_and(|class| CLASSES.contains(&class));
    match &version.attributes.thaw {
        _ if !is_archived => State::Readable,
        Some(thaw) if now < thaw.ready_at => State::Thawing,
        Some(thaw) if now < thaw.expires_at => State::Thawed(thaw.expires_at),
        _ => State::Archived,
    }
}

/// Refuses to give out the bytes of an archived version.
pub(super) fn permit_reading(version: &Version, now: Timestamp) -> Result<(), S3Failure> {
    match state(version, now) {
        State::Readable | State::Thawed(_) => Ok(()),
        State::Archived | State::Thawing => Err(S3Failure::InvalidObjectState(
            "The operation is not valid for the object's storage class",
        )),
    }
}

/// `x-amz-restore`, where a thaw was asked for and has not run out.
pub(super) fn header(version: &Version, now: Timestamp) -> Option<String> {
    match state(version, now) {
        State::Thawing => Some("ongoing-request=\"true\"".to_owned()),
        State::Thawed(until) => Some(format!(
            "ongoing-request=\"false\", expiry-date=\"{}\"",
            until.strftime("%a, %d %b %Y %H:%M:%S GMT")
        )),
        State::Readable | State::Archived => None,
    }
}

/// Midnight UTC after so many days, as S3 rounds the end of a thaw and what a lifecycle rule waits for.
pub(super) fn midnight_after(from: Timestamp, days: i32) -> Timestamp {
    let later = from
        .saturating_add(SignedDuration::from_hours(24 * (i64::from(days) + 1)))
        .unwrap_or(Timestamp::MAX);
    let midnight = later
        .to_zoned(TimeZone::UTC)
        .with()
        .time(Time::midnight())
        .build();
    midnight.map_or(later, |midnight| midnight.timestamp())
}

impl S3Store {
    /// Moves an object's current version into another storage class in place, as a lifecycle rule of S3 does.
    pub async fn transition(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
        key: &str,
        storage_class: &str,
    ) -> Result<(), S3Failure> {
        let asker = Asker {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let storage_class = storage_class.to_owned();
        self.inner
            .database
            .change(move |transaction| {
                Bucket::open(transaction, &asker, &bucket, "PutObject", Some(&key))?;
                let version = Version::readable(transaction, &bucket, &key, None)?;
                let mut attributes = version.attributes.clone();
                attributes.storage_class = Some(storage_class).filter(|class| class != "STANDARD");
                attributes.thaw = None;
                version.set_attributes(transaction, &attributes)
            })
            .await
    }

    /// Asks for a readable copy of an archived object.
    pub(super) async fn thaw(
        &self,
        asker: &Asker,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        request: ThawRequest,
    ) -> Result<Asked, S3Failure> {
        let (asker, bucket, key) = (asker.clone(), bucket.to_owned(), key.to_owned());
        let version_id = version_id.map(str::to_owned);
        let (now, takes) = (self.inner.clock.now(), self.thaw_duration());
        self.inner
            .database
            .change(move |transaction| {
                Bucket::open(transaction, &asker, &bucket, "RestoreObject", Some(&key))?;
                let version = Version::readable(transaction, &bucket, &key, version_id.as_deref())?;
                let is_deep = version.attributes.storage_class.as_deref() == Some("DEEP_ARCHIVE");
                if is_deep && request.tier.as_deref() == Some("Expedited") {
                    return Err(S3Failure::InvalidArgument(
                        "Retrieval option is not supported by this storage class".to_owned(),
                    ));
                }
                let (ready_at, asked) = match state(&version, now) {
                    State::Readable => {
                        return Err(S3Failure::InvalidObjectState(
                            "Restore is not allowed for the object's current storage class",
                        ));
                    }
                    State::Thawing => return Err(S3Failure::RestoreAlreadyInProgress),
                    State::Thawed(_) => (now, Asked::Prolonged),
                    State::Archived => (now.saturating_add(takes).unwrap_or(Timestamp::MAX), Asked::Begun),
                };
                let mut attributes = version.attributes.clone();
                attributes.thaw = Some(Thaw {
                    ready_at,
                    expires_at: midnight_after(ready_at, request.days),
                });
                version.set_attributes(transaction, &attributes)?;
                Ok(asked)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thaw_ends_at_midnight_after_its_days() {
        let ready_at: Timestamp = "2026-11-20T09:30:00Z".parse().unwrap();
        assert_eq!(midnight_after(ready_at, 1).to_string(), "2026-11-22T00:00:00Z");
    }
}
