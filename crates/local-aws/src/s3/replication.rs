//! Replication between buckets, of any Region and account: a new version of a matching object is queued, and copied when it is due.
//!
//! The queue is part of the metadata, so a restart goes on where it was; a copy and the end of its queue entry are
//! one transaction, so nothing is copied twice. Bytes aren't copied at all: a replica names its source's blobs.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnt-replicated.html>

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};
use s3s::dto::{ReplicationConfiguration, ReplicationRule};

use super::buckets::{Bucket, Setting, Versioning};
use super::versions::{COLUMNS, NewVersion, Version};
use super::{S3Failure, archive, replica_grants};

/// Copies made in one transaction at most, so that requests come between.
const BATCH: usize = 64;

/// Queues `version` for every destination that a rule of its bucket names. Gives whether there is any.
pub(super) fn enqueue(
    transaction: &Transaction<'_>,
    bucket: &Bucket,
    version: &mut Version,
    now: Timestamp,
    delay: SignedDuration,
) -> Result<bool, S3Failure> {
    let is_replica = version.replication_status.is_some();
    if bucket.versioning != Some(Versioning::Enabled) || is_replica {
        return Ok(false);
    }
    let Some(json) = bucket.setting(transaction, Setting::Replication)? else {
        return Ok(false);
    };
    let configuration: ReplicationConfiguration = serde_json::from_str(&json)?;
    let destinations = destinations(&configuration, version);
    if destinations.is_empty() {
        return Ok(false);
    }
    let due = now
        .saturating_add(delay)
        .unwrap_or(Timestamp::MAX)
        .as_microsecond();
    for (destination, rule) in destinations {
        let kms_key_id = rule
            .destination
            .encryption_configuration
            .as_ref()
            .and_then(|encryption| encryption.replica_kms_key_id.clone())
            .filter(|_| version.attributes.kms_key_id.is_some());
        transaction
            .prepare_cached(
                "INSERT INTO replication_queue (version, destination, storage_class, kms_key_id, due) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                version.seq,
                destination,
                rule.destination
                    .storage_class
                    .as_ref()
                    .map(s3s::dto::StorageClass::as_str),
                kms_key_id,
                due
            ])?;
    }
    set_status(transaction, version.seq, "PENDING")?;
    version.replication_status = Some("PENDING".to_owned());
    Ok(true)
}

/// The buckets that a version is replicated to.
pub(super) fn destinations_of(
    transaction: &Transaction<'_>,
    bucket: &Bucket,
    version: &Version,
) -> Result<Vec<String>, S3Failure> {
    let Some(json) = bucket.setting(transaction, Setting::Replication)? else {
        return Ok(Vec::new());
    };
    let configuration: ReplicationConfiguration = serde_json::from_str(&json)?;
    Ok(destinations(&configuration, version).into_keys().collect())
}

/// The destination buckets of a version, each with the rule of the highest priority that matches.
fn destinations<'a>(
    configuration: &'a ReplicationConfiguration,
    version: &Version,
) -> BTreeMap<String, &'a ReplicationRule> {
    let archived = version
        .attributes
        .storage_class
        .as_deref()
        .is_some_and(|class| archive::CLASSES.contains(&class));
    let mut destinations: BTreeMap<String, &ReplicationRule> = BTreeMap::new();
    if archived {
        return destinations;
    }
    for rule in &configuration.rules {
        if rule.status.as_str() == "Enabled" && filter_matches(rule, version) {
            let bucket = bucket_of_arn(&rule.destination.bucket).to_owned();
            let winner = destinations.entry(bucket).or_insert(rule);
            if rule.priority > winner.priority {
                *winner = rule;
            }
        }
    }
    destinations.retain(|_, rule| {
        if version.delete_marker {
            replicates_delete_markers(rule)
        } else {
            version.attributes.kms_key_id.is_none() || replicates_kms(rule)
        }
    });
    destinations
}

/// The name in `arn:aws:s3:::name`.
pub(super) fn bucket_of_arn(arn: &str) -> &str {
    arn.strip_prefix("arn:aws:s3:::").unwrap_or(arn)
}

fn filter_matches(rule: &ReplicationRule, version: &Version) -> bool {
    let mut prefixes: Vec<&str> = rule.prefix.as_deref().into_iter().collect();
    let mut tags = Vec::new();
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

/// Rules of the first version of the configuration (without a Filter) always replicate delete markers.
fn replicates_delete_markers(rule: &ReplicationRule) -> bool {
    match &rule.delete_marker_replication {
        Some(setting) => setting
            .status
            .as_ref()
            .is_some_and(|status| status.as_str() == "Enabled"),
        None => rule.filter.is_none(),
    }
}

fn replicates_kms(rule: &ReplicationRule) -> bool {
    rule.source_selection_criteria
        .as_ref()
        .and_then(|criteria| criteria.sse_kms_encrypted_objects.as_ref())
        .is_some_and(|objects| objects.status.as_str() == "Enabled")
}

/// Checks a configuration as PutBucketReplication does.
pub(super) fn validate(
    transaction: &Transaction<'_>,
    bucket: &Bucket,
    configuration: &ReplicationConfiguration,
) -> Result<(), S3Failure> {
    let invalid = |message: &str| Err(S3Failure::InvalidRequest(message.to_owned()));
    if bucket.versioning != Some(Versioning::Enabled) {
        return invalid("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
    }
    if configuration.rules.is_empty() || configuration.rules.len() > 1000 {
        return invalid("A replication configuration has between 1 and 1000 rules");
    }
    let mut priorities = std::collections::BTreeSet::new();
    for rule in &configuration.rules {
        if rule.filter.is_some() && rule.priority.is_none() {
            return invalid(
                "Priority must be specified for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.",
            );
        }
        if rule.priority.is_some_and(|priority| !priorities.insert(priority)) {
            return invalid("Found duplicate priority. Priority must be unique.");
        }
        let Some(destination) = Bucket::find(transaction, bucket_of_arn(&rule.destination.bucket))? else {
            return invalid("Destination bucket must exist.");
        };
        if destination.versioning != Some(Versioning::Enabled) {
            return invalid("Destination bucket must have versioning enabled.");
        }
        replica_grants::validate(&rule.destination, &destination)?;
    }
    Ok(())
}

/// Makes up to [`BATCH`] of the copies that are due. Gives how many it handled and the blobs that nothing names
/// any more.
pub(super) fn run_due(
    transaction: &Transaction<'_>,
    now: Timestamp,
) -> Result<(usize, Vec<String>), S3Failure> {
    let mut statement = transaction.prepare_cached(
        "SELECT queue.id, queue.version, queue.destination, queue.storage_class, queue.kms_key_id \
         FROM replication_queue AS queue LEFT JOIN buckets ON buckets.name = queue.destination \
         WHERE queue.due <= ?1 AND NOT EXISTS (SELECT 1 FROM outages WHERE outages.region = buckets.region) \
         ORDER BY queue.due, queue.id LIMIT ?2",
    )?;
    let entries = statement
        .query_map(params![now.as_microsecond(), BATCH], |row| {
            Ok(Entry {
                id: row.get(0)?,
                version: row.get(1)?,
                destination: row.get(2)?,
                storage_class: row.get(3)?,
                kms_key_id: row.get(4)?,
            })
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut unnamed = Vec::new();
    for entry in &entries {
        unnamed.extend(entry.run(transaction)?);
    }
    Ok((entries.len(), unnamed))
}

/// When the next copy is due; `None` for an empty queue.
pub(super) fn next_due(transaction: &Transaction<'_>) -> Result<Option<Timestamp>, S3Failure> {
    let due: Option<i64> = transaction
        .prepare_cached("SELECT min(due) FROM replication_queue")?
        .query_row([], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(due.map(|due| Timestamp::from_microsecond(due).unwrap_or(Timestamp::MAX)))
}

struct Entry {
    id: i64,
    version: i64,
    destination: String,
    storage_class: Option<String>,
    kms_key_id: Option<String>,
}

impl Entry {
    fn run(&self, transaction: &Transaction<'_>) -> Result<Vec<String>, S3Failure> {
        transaction
            .prepare_cached("DELETE FROM replication_queue WHERE id = ?1")?
            .execute([self.id])?;
        let sql = format!("SELECT {COLUMNS} FROM versions WHERE seq = ?1");
        let source = transaction
            .prepare_cached(&sql)?
            .query_row([self.version], Version::from_row)?;
        let destination = Bucket::find(transaction, &self.destination)?
            .filter(|bucket| bucket.versioning == Some(Versioning::Enabled));
        let Some(destination) = destination else {
            tracing::warn!(
                bucket = source.bucket,
                key = source.key,
                destination = self.destination,
                "replication failed: the destination bucket is missing or unversioned"
            );
            set_status(transaction, self.version, "FAILED")?;
            return Ok(Vec::new());
        };
        if let Some(code) = replica_grants::refusal(transaction, &source, &destination)? {
            tracing::warn!(
                bucket = source.bucket,
                key = source.key,
                destination = self.destination,
                code,
                "replication failed: the destination does not let the replication role write"
            );
            set_status(transaction, self.version, "FAILED")?;
            return Ok(Vec::new());
        }
        let unnamed = self.copy(transaction, &source, &destination)?;
        // COMPLETED means every destination; a destination that failed before has the last word.
        transaction
            .prepare_cached(
                "UPDATE versions SET replication_status = 'COMPLETED' WHERE seq = ?1 \
                 AND replication_status = 'PENDING' \
                 AND NOT EXISTS (SELECT 1 FROM replication_queue WHERE version = ?1)",
            )?
            .execute([self.version])?;
        Ok(unnamed)
    }

    fn copy(
        &self,
        transaction: &Transaction<'_>,
        source: &Version,
        destination: &Bucket,
    ) -> Result<Vec<String>, S3Failure> {
        if Version::by_id(transaction, &destination.name, &source.key, &source.version_id)?.is_some() {
            return Ok(Vec::new());
        }
        let mut attributes = source.attributes.clone();
        // What was thawed is a copy of the source alone.
        attributes.thaw = None;
        if self.storage_class.is_some() {
            attributes.storage_class.clone_from(&self.storage_class);
        }
        if self.kms_key_id.is_some() {
            attributes.kms_key_id.clone_from(&self.kms_key_id);
        }
        let replica = NewVersion {
            key: source.key.clone(),
            delete_marker: source.delete_marker,
            etag: source.etag.clone(),
            // S3 keeps the time at which the original was created.
            modified: source.modified,
            checksum: source.checksum.clone(),
            attributes,
            segments: source.segments(transaction)?,
            replica_of: Some(source.version_id.clone()),
        };
        let (_, unnamed) = Version::add(transaction, destination, &replica)?;
        Ok(unnamed)
    }
}

fn set_status(transaction: &Transaction<'_>, version: i64, status: &str) -> Result<(), S3Failure> {
    transaction
        .prepare_cached("UPDATE versions SET replication_status = ?2 WHERE seq = ?1")?
        .execute(params![version, status])?;
    Ok(())
}
