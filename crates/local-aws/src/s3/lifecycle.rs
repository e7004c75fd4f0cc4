//! Lifecycle rules: objects that move to another storage class, or end, some days after they came.
//!
//! S3 looks once a day, at midnight UTC, and rounds ages up to it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{OptionalExtension, Transaction, params};
use s3s::dto::{
    BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleAndOperator, LifecycleRuleFilter, Tag, Transition, TransitionStorageClass,
};

use super::buckets::{Asker, Bucket, Setting};
use super::versions::{COLUMNS, NewVersion, Version};
use super::{S3Failure, S3Store, archive};

/// What is smaller stays where it is, as S3 has it by default since September 2024.
const TRANSITION_BYTES_MIN: u64 = 128 * 1024;

/// Versions looked at in one transaction, so that requests come between.
const BATCH: usize = 500;

/// What a rule asks for of a version.
#[derive(Debug, PartialEq, Eq)]
enum Due {
    /// Another storage class.
    Transition(String),
    /// A delete marker over it, or its end where the bucket is not versioned.
    Expiration,
    /// The end of a noncurrent version, or of a delete marker with nothing below it.
    Removal,
}

/// Rules that act on what is tagged, the day after it came.
#[derive(Clone, Debug)]
pub struct TagRules {
    /// The tag's name.
    pub tag: String,
    /// The value that moves an object, and the storage class it moves to.
    pub transition: (String, String),
    /// The value that ends it.
    pub expiration: String,
}

/// Checks a configuration as PutBucketLifecycleConfiguration does.
pub(super) fn validate(configuration: &mut BucketLifecycleConfiguration) -> Result<(), S3Failure> {
    if configuration.rules.is_empty() {
        return Err(S3Failure::InvalidRequest(
            "At least one rule must be specified in a lifecycle configuration".to_owned(),
        ));
    }
    for rule in &mut configuration.rules {
        rule.id.get_or_insert_with(|| uuid::Uuid::new_v4().to_string());
        let acts = rule.expiration.is_some()
            || rule.noncurrent_version_expiration.is_some()
            || rule.abort_incomplete_multipart_upload.is_some()
            || rule.transitions.as_ref().is_some_and(|all| !all.is_empty())
            || rule
                .noncurrent_version_transitions
                .as_ref()
                .is_some_and(|all| !all.is_empty());
        if !acts {
            return Err(S3Failure::InvalidRequest(
                "At least one action needs to be specified in a rule".to_owned(),
            ));
        }
    }
    Ok(())
}

impl S3Store {
    /// Looks at every bucket's rules where the clock's day is another one than when it last looked.
    pub(super) async fn lifecycle_of_today(&self, looked_on: &mut Option<Date>) -> Result<(), S3Failure> {
        let today = self.inner.clock.now().to_zoned(TimeZone::UTC).date();
        if *looked_on != Some(today) {
            self.run_lifecycles().await?;
            *looked_on = Some(today);
        }
        Ok(())
    }

    /// Gives a bucket rules that move and end what is tagged, whatever its size.
    pub async fn put_tag_rules(
        &self,
        account: &str,
        region: &str,
        bucket: &str,
        rules: &TagRules,
    ) -> Result<(), S3Failure> {
        let rule = |id: &str, value: &str| LifecycleRule {
            id: Some(id.to_owned()),
            filter: Some(LifecycleRuleFilter {
                and: Some(LifecycleRuleAndOperator {
                    object_size_greater_than: Some(0),
                    tags: Some(vec![Tag {
                        key: Some(rules.tag.clone()),
                        value: Some(value.to_owned()),
                    }]),
                    ..LifecycleRuleAndOperator::default()
                }),
                ..LifecycleRuleFilter::default()
            }),
            status: ExpirationStatus::from_static(ExpirationStatus::ENABLED),
            abort_incomplete_multipart_upload: None,
            expiration: None,
            noncurrent_version_expiration: None,
            noncurrent_version_transitions: None,
            prefix: None,
            transitions: None,
        };
        let mut moves = rule("transition", &rules.transition.0);
        moves.transitions = Some(vec![Transition {
            days: Some(1),
            storage_class: Some(TransitionStorageClass::from(rules.transition.1.clone())),
            ..Transition::default()
        }]);
        let mut ends = rule("expiration", &rules.expiration);
        ends.expiration = Some(LifecycleExpiration {
            days: Some(1),
            ..LifecycleExpiration::default()
        });
        let configuration = BucketLifecycleConfiguration {
            rules: vec![moves, ends],
        };
        let asker = Asker {
            account: account.to_owned(),
            region: region.to_owned(),
        };
        let (bucket, json) = (bucket.to_owned(), serde_json::to_string(&configuration)?);
        self.inner
            .database
            .change(move |transaction| {
                let bucket = Bucket::open(transaction, &asker, &bucket, "PutLifecycleConfiguration", None)?;
                bucket.set(transaction, Setting::Lifecycle, Some(&json))
            })
            .await
    }

    /// Does what every bucket's lifecycle rules ask for at the clock's now. For a held clock: under a running one S3 does
    /// it by itself every midnight UTC.
    pub async fn run_lifecycles(&self) -> Result<(), S3Failure> {
        let buckets = self
            .inner
            .database
            .ask(|transaction| {
                let kept = transaction
                    .prepare_cached("SELECT bucket FROM bucket_settings WHERE kind = ?1")?
                    .query_map([Setting::Lifecycle.as_str()], |row| row.get(0))?
                    .collect::<Result<Vec<String>, _>>()?;
                Ok(kept)
            })
            .await?;
        for bucket in buckets {
            let mut after = Some(0);
            while let Some(seq) = after {
                let (bucket, now) = (bucket.clone(), self.inner.clock.now());
                let (next, unnamed) = self
                    .inner
                    .database
                    .change(move |transaction| run_batch(transaction, &bucket, seq, now))
                    .await?;
                self.inner.blobs.remove(unnamed).await;
                after = next;
            }
        }
        Ok(())
    }
}

/// Does what is due of a bucket's versions behind `after`. Gives where to go on, and the blobs that nothing names any more.
fn run_batch(
    transaction: &Transaction<'_>,
    bucket: &str,
    after: i64,
    now: Timestamp,
) -> Result<(Option<i64>, Vec<String>), S3Failure> {
    let Some(bucket) = Bucket::find(transaction, bucket)? else {
        return Ok((None, Vec::new()));
    };
    let Some(json) = bucket.setting(transaction, Setting::Lifecycle)? else {
        return Ok((None, Vec::new()));
    };
    let configuration: BucketLifecycleConfiguration = serde_json::from_str(&json)?;
    let sql =
        format!("SELECT {COLUMNS} FROM versions WHERE bucket = ?1 AND seq > ?2 ORDER BY seq LIMIT {BATCH}");
    let versions = transaction
        .prepare_cached(&sql)?
        .query_map(params![bucket.name, after], Version::from_row)?
        .collect::<Result<Vec<_>, _>>()?;
    let mut unnamed = Vec::new();
    for version in &versions {
        match due(transaction, &configuration, version, now)? {
            None => {}
            Some(Due::Transition(class)) => {
                let mut attributes = version.attributes.clone();
                attributes.storage_class = Some(class);
                attributes.thaw = None;
                version.set_attributes(transaction, &attributes)?;
            }
            // S3 does not replicate what its lifecycle does.
            Some(Due::Expiration) if bucket.versioning.is_some() => {
                unnamed.extend(
                    Version::add(
                        transaction,
                        &bucket,
                        &NewVersion::delete_marker(version.key.clone(), now),
                    )?
                    .1,
                );
            }
            Some(Due::Expiration | Due::Removal) => unnamed.extend(version.remove(transaction)?),
        }
    }
    let next = (versions.len() == BATCH).then(|| versions.last().map(|version| version.seq));
    Ok((next.flatten(), unnamed))
}

/// What the rules ask for of a version now. What ends a version comes before what moves it.
fn due(
    transaction: &Transaction<'_>,
    configuration: &BucketLifecycleConfiguration,
    version: &Version,
    now: Timestamp,
) -> Result<Option<Due>, S3Failure> {
    let rules: Vec<&LifecycleRule> = configuration
        .rules
        .iter()
        .filter(|rule| rule.status.as_str() == "Enabled" && covers(rule, version))
        .collect();
    let has_come = |from: Timestamp, days: Option<i32>| {
        days.is_some_and(|days| archive::midnight_after(from, days) <= now)
    };
    if !version.latest {
        if version.attributes.lock.permit_removal(now, false).is_err() {
            return Ok(None);
        }
        let since = noncurrent_since(transaction, version)?;
        let newer = newer_noncurrent(transaction, version)?;
        let ends = rules
            .iter()
            .filter_map(|rule| rule.noncurrent_version_expiration.as_ref())
            .any(|end| {
                has_come(since, end.noncurrent_days) && newer >= end.newer_noncurrent_versions.unwrap_or(0)
            });
        return Ok(ends.then_some(Due::Removal));
    }
    let expirations = || rules.iter().filter_map(|rule| rule.expiration.as_ref());
    if version.delete_marker {
        let is_swept = expirations().any(|end| end.expired_object_delete_marker == Some(true));
        return Ok((is_swept && is_alone(transaction, version)?).then_some(Due::Removal));
    }
    if expirations().any(|end| has_come(version.modified, end.days)) {
        return Ok(Some(Due::Expiration));
    }
    let class = rules
        .iter()
        .filter(|rule| version.size >= size_min(rule))
        .flat_map(|rule| rule.transitions.iter().flatten())
        .filter(|transition| has_come(version.modified, transition.days))
        .max_by_key(|transition| transition.days)
        .and_then(|transition| transition.storage_class.as_ref())
        .map(|class| class.as_str().to_owned());
    let has = version.attributes.storage_class.as_deref();
    Ok(class.filter(|class| has != Some(class)).map(Due::Transition))
}

/// The size from which a rule moves objects: its own, or the default.
fn size_min(rule: &LifecycleRule) -> u64 {
    let filter = rule.filter.as_ref();
    let own = filter.and_then(|filter| {
        let and = filter.and.as_ref().and_then(|and| and.object_size_greater_than);
        filter.object_size_greater_than.or(and)
    });
    own.map_or(TRANSITION_BYTES_MIN, |size| u64::try_from(size).unwrap_or(0) + 1)
}

fn covers(rule: &LifecycleRule, version: &Version) -> bool {
    let mut prefixes: Vec<&str> = rule.prefix.as_deref().into_iter().collect();
    let mut tags: Vec<&Tag> = Vec::new();
    if let Some(filter) = &rule.filter {
        prefixes.extend(filter.prefix.as_deref());
        tags.extend(&filter.tag);
        if let Some(and) = &filter.and {
            prefixes.extend(and.prefix.as_deref());
            tags.extend(and.tags.iter().flatten());
        }
    }
    version.is_below(&prefixes) && version.is_tagged(&tags)
}

/// When a version stopped being the newest: when the next one came.
fn noncurrent_since(transaction: &Transaction<'_>, version: &Version) -> Result<Timestamp, S3Failure> {
    let next: Option<i64> = transaction
        .prepare_cached(
            "SELECT modified FROM versions WHERE bucket = ?1 AND key = ?2 AND seq > ?3 ORDER BY seq LIMIT 1",
        )?
        .query_row(params![version.bucket, version.key, version.seq], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(next
        .and_then(|second| Timestamp::from_second(second).ok())
        .unwrap_or(version.modified))
}

fn newer_noncurrent(transaction: &Transaction<'_>, version: &Version) -> Result<i32, S3Failure> {
    Ok(transaction
        .prepare_cached(
            "SELECT COUNT(*) FROM versions WHERE bucket = ?1 AND key = ?2 AND seq > ?3 AND latest = 0",
        )?
        .query_row(params![version.bucket, version.key, version.seq], |row| {
            row.get(0)
        })?)
}

fn is_alone(transaction: &Transaction<'_>, version: &Version) -> Result<bool, S3Failure> {
    Ok(transaction
        .prepare_cached(
            "SELECT NOT EXISTS (SELECT 1 FROM versions WHERE bucket = ?1 AND key = ?2 AND seq <> ?3)",
        )?
        .query_row(params![version.bucket, version.key, version.seq], |row| {
            row.get(0)
        })?)
}
