//! What AWS Backup has: new recovery points, changed ones, ended ones; and the sources they are of.

use std::collections::HashSet;

use aws::backup::{BackedUp, Made, PointStatus};
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use recovery::glance::Glance;
use recovery::ids::{AccountId, RecoveryPointArn, RecoveryPointId, Region, SourceId};
use recovery::label::label;
use recovery::point::{RecoveryPoint, State};
use recovery::policy::{expected, in_force};
use recovery::source::Source;

use super::known::{ArnDigest, Known};
use super::pass::{Pass, lock};
use super::windows::lies_within;
use crate::catalogue::{Backup, PointEntry};
use crate::control::Record;
use crate::databases::databases;
use crate::error::{Error, Result};
use crate::settings::Vault;

/// AWS Backup may end a recovery point this much before the time that it tells: its days have no fixed end.
const EXPIRY_SLACK: SignedDuration = SignedDuration::from_hours(1);

/// Listed recovery points that are written down at once.
const OBSERVED_AT_ONCE: usize = 8;

impl Pass<'_> {
    /// Lists one vault, as much of it as is due, and writes down what is new.
    pub(super) async fn list_vault(&self, vault: &Vault) {
        let key = (vault.region.clone(), vault.account.clone(), vault.name.clone());
        for window in self.windows(&key) {
            if self.is_down(&vault.region).is_some() {
                return;
            }
            self.list_window(vault, window).await;
        }
    }

    async fn list_window(&self, vault: &Vault, window: Made) {
        let subject = &format!("vault {} ({})", vault.name, vault.region);
        let observed = self
            .shared()
            .cloud
            .list_recovery_points(&vault.region, &vault.account, &vault.name, window)
            .map(|point| async move {
                let point = point.map_err(|error| {
                    self.note_down(&vault.region, &error);
                    self.report.error(subject, &error);
                })?;
                self.report.count(|report| report.listed += 1);
                self.observe(vault, &point)
                    .await
                    .map_err(|error| self.report.error(&point.arn, &error))
            })
            .buffer_unordered(OBSERVED_AT_ONCE);
        let mut observed = std::pin::pin!(observed);
        let mut listed: HashSet<ArnDigest> = HashSet::new();
        let mut is_whole = true;
        while let Some(outcome) = observed.next().await {
            match outcome {
                Ok(Some(arn)) => {
                    listed.insert(arn);
                }
                Ok(None) => {}
                Err(()) => is_whole = false,
            }
        }
        if is_whole {
            self.end_missing(vault, &window, &listed).await;
        }
    }

    /// Writes down what is new about one listed recovery point. `None`: it is of something that we don't export.
    async fn observe(&self, vault: &Vault, point: &BackedUp) -> Result<Option<ArnDigest>> {
        let arn: RecoveryPointArn = point
            .arn
            .parse()
            .map_err(|error| Error::Invalid(format!("recovery point {:?}: {error}", point.arn)))?;
        let digest = ArnDigest::of(&arn);
        if !matches!(point.resource_type.as_str(), "RDS" | "Aurora") {
            return Ok(None);
        }
        let backup = match point.status {
            PointStatus::Creating => Backup::Creating,
            PointStatus::Completed | PointStatus::Stopped => Backup::Completed,
            PointStatus::Partial => Backup::Partial,
            PointStatus::Expired => Backup::Expired,
            PointStatus::Deleting => how_it_ended(point.delete_at, self.now),
            // What we do not understand is looked at again in the next pass.
            PointStatus::Other => return Ok(Some(digest)),
        };
        let known = self.shared().pipeline.memory().points.get(&digest).cloned();
        // What is over stays as it ended.
        let is_news = |known: &Known| {
            !known.backup.is_over() && (known.backup != backup || known.expires_at != point.delete_at)
        };
        if known.as_ref().is_some_and(|known| !is_news(known)) {
            return Ok(Some(digest));
        }
        let Some(resource) = Resource::of(&point.resource_arn) else {
            return Err(Error::Invalid(format!(
                "{:?} is no ARN of a DB instance or cluster",
                point.resource_arn
            )));
        };
        let settings = &self.shared().settings;
        let source = settings.source_id(&resource.name, &resource.region, &resource.account)?;
        self.ensure_source(&source, &resource, &point.resource_arn, None)
            .await?;
        // Once named, it keeps its name, whatever AWS Backup later says of its time.
        let id = known.map_or_else(
            || label(source.as_str(), point.created_at, &arn),
            |known| known.id,
        );
        let catalogue = &self.shared().catalogue;
        let entry = match catalogue.entry(&id).await? {
            Some(record)
                if record.value.pipeline.backup.is_over()
                    || (record.value.pipeline.backup == backup
                        && record.value.point.expires_at == point.delete_at) =>
            {
                record.value
            }
            Some(record) => {
                let mut entry = record.value;
                entry.point.expires_at = point.delete_at;
                if entry.pipeline.backup == Backup::Adopted {
                    self.recognise(&mut entry, vault)?;
                }
                if backup.is_over() {
                    entry.end(backup, self.now);
                    self.count_ended(&entry);
                } else {
                    entry.pipeline.backup = backup;
                }
                entry.pipeline.backed_up_at = entry.pipeline.backed_up_at.or(point.completed_at);
                entry.refresh();
                if !catalogue.replace(&entry, record.version).await? {
                    return Err(Error::Contended {
                        subject: format!("recovery point {id}"),
                    });
                }
                entry
            }
            None => {
                let discovered = RecoveryPoint {
                    id,
                    source,
                    arn: arn.clone(),
                    vault: vault.name.clone(),
                    region: vault.region.clone(),
                    account: vault.account.clone(),
                    created_at: point.created_at,
                    late_by_seconds: None,
                    expires_at: point.delete_at,
                    ended_at: None,
                    copied_from: point.copied_from.clone(),
                    adopted_at: None,
                    state: State::Creating,
                    steps: Vec::new(),
                    copies: Vec::new(),
                    tables: Vec::new(),
                };
                let completed_at = point.completed_at.filter(|_| backup != Backup::Creating);
                let mut entry = PointEntry::discovered(discovered, backup, completed_at);
                entry.pipeline.looks_late = entry.point.copied_from.is_none()
                    && self
                        .policy(&entry.point.source)
                        .schedule
                        .late_by(point.created_at)
                        .is_some();
                if backup.is_over() {
                    entry.end(backup, self.now);
                }
                self.note_oldest(&entry.point.source, &Glance::of(&entry.point));
                if catalogue.create(&entry).await? {
                    self.report.count(|report| report.discovered += 1);
                    tracing::info!(recovery_point = %entry.point.id, source = %entry.point.source, "discovered");
                }
                entry
            }
        };
        self.remember(&entry);
        Ok(Some(digest))
    }

    /// Ends recovery points that the vault no longer lists. A listing may lag, so each is asked for by itself.
    async fn end_missing(&self, vault: &Vault, window: &Made, listed: &HashSet<ArnDigest>) {
        let missing: Vec<RecoveryPointId> = {
            let memory = self.shared().pipeline.memory();
            let key = (vault.region.clone(), vault.account.clone(), vault.name.clone());
            let number = memory.vaults.known(&key);
            memory
                .points
                .iter()
                .filter(|(arn, known)| {
                    Some(known.vault) == number
                        && !known.backup.is_over()
                        && lies_within(window, known.created_at)
                        && !listed.contains(*arn)
                })
                .map(|(_, known)| known.id.clone())
                .collect()
        };
        for id in missing {
            if let Err(error) = self.end(vault, &id).await {
                self.report.error(&id, &error);
            }
        }
    }

    async fn end(&self, vault: &Vault, id: &RecoveryPointId) -> Result<()> {
        let Some(record) = self.shared().catalogue.entry(id).await? else {
            return Ok(());
        };
        let found = self
            .shared()
            .cloud
            .describe_recovery_point(
                &vault.region, &vault.account, &vault.name, &record.value.point.arn,
            )
            .await?;
        let is_there = found
            .as_ref()
            .is_some_and(|point| !matches!(point.status, PointStatus::Expired | PointStatus::Deleting));
        if is_there {
            return Ok(());
        }
        let mut entry = record.value;
        if !entry.pipeline.backup.is_over() {
            let expires_at = found
                .as_ref()
                .map_or(entry.point.expires_at, |point| point.delete_at);
            let how = match found.map(|point| point.status) {
                Some(PointStatus::Expired) => Backup::Expired,
                _ => how_it_ended(expires_at, self.now),
            };
            entry.end(how, self.now);
            entry.refresh();
            if !self.shared().catalogue.replace(&entry, record.version).await? {
                return Err(Error::Contended {
                    subject: format!("recovery point {id}"),
                });
            }
            self.count_ended(&entry);
        }
        self.remember(&entry);
        Ok(())
    }

    /// Keeps in mind the oldest recovery point of each source: nothing is expected before it. What is
    /// known from evidence alone is left out: it says nothing of what is backed up now.
    pub(super) fn note_oldest(&self, source: &SourceId, glance: &Glance) {
        if !glance.is_copied {
            let mut oldest = lock(&self.oldest);
            let oldest = oldest.entry(source.clone()).or_insert(glance.created_at);
            *oldest = glance.created_at.min(*oldest);
        }
    }

    fn count_ended(&self, entry: &PointEntry) {
        let id = &entry.point.id;
        if entry.pipeline.backup == Backup::Deleted {
            tracing::warn!(recovery_point = %id, "somebody deleted it before its lifecycle would have ended it");
            self.report.count(|report| report.deleted += 1);
        } else {
            tracing::info!(recovery_point = %id, "its lifecycle has ended it");
            self.report.count(|report| report.expired += 1);
        }
    }

    /// Looks up whether a recovery point that looks late answered its due time, or whether an earlier one had.
    pub(super) async fn judge_lateness(&self, record: &mut Record<PointEntry>) -> Result<()> {
        let point = &record.value.point;
        let source = self
            .shared()
            .pipeline
            .memory()
            .sources
            .get(&point.source)
            .cloned();
        let held = source.map(|source| source.expected).unwrap_or_default();
        let schedule = in_force(&held, point.created_at).unwrap_or(self.policy(&point.source).schedule);
        let due = schedule.answered_by(point.created_at);
        let is_expected = held.first().is_some_and(|first| first.since <= due);
        let late_by = match schedule.late_by(point.created_at) {
            Some(late_by) if is_expected => {
                let from = schedule.answers_from(due);
                let catalogue = &self.shared().catalogue;
                let answered = catalogue
                    .is_made_between(&point.source, from, point.created_at)
                    .await?;
                (!answered).then_some(late_by)
            }
            _ => None,
        };
        record.value.point.late_by_seconds = late_by;
        record.value.pipeline.looks_late = false;
        self.save(record).await?;
        Ok(())
    }

    /// Writes down since when which schedule holds for each source.
    pub(super) async fn hold_against_policies(&self) {
        let sources: Vec<Source> = self
            .shared()
            .pipeline
            .memory()
            .sources
            .values()
            .cloned()
            .collect();
        for source in sources {
            let oldest = lock(&self.oldest).get(&source.id).copied();
            let policy = self.policy(&source.id);
            let held = Source {
                interval_seconds: policy.schedule.interval_seconds,
                rpo_target_seconds: policy.rpo_target(&source.region).as_secs(),
                expected: expected(&source.expected, policy.schedule, oldest, self.now),
                ..source.clone()
            };
            if let Err(error) = self.put_source(held, Some(&source)).await {
                self.report.error(&source.id, &error);
            }
        }
    }

    /// Writes a source down where it is new.
    pub(super) async fn ensure_source(
        &self,
        id: &SourceId,
        resource: &Resource,
        arn: &str,
        engine: Option<&String>,
    ) -> Result<()> {
        let known = self.shared().pipeline.memory().sources.get(id).cloned();
        let policy = self.policy(id);
        let of = known.as_ref();
        let source = Source {
            id: id.clone(),
            arn: arn.to_owned(),
            region: resource.region.clone(),
            account: resource.account.clone(),
            engine: of
                .and_then(|known| known.engine.clone())
                .or_else(|| engine.cloned()),
            class: of.and_then(|known| known.class.clone()),
            interval_seconds: policy.schedule.interval_seconds,
            rpo_target_seconds: policy.rpo_target(&resource.region).as_secs(),
            expected: of.map(|known| known.expected.clone()).unwrap_or_default(),
        };
        self.put_source(source, known.as_ref()).await
    }

    async fn put_source(&self, source: Source, known: Option<&Source>) -> Result<()> {
        if known != Some(&source) {
            self.shared().catalogue.put_source(&source).await?;
            self.shared()
                .pipeline
                .memory()
                .sources
                .insert(source.id.clone(), source);
        }
        Ok(())
    }

    /// Reads engine and class of the databases of one account and Region.
    pub(super) async fn describe_databases(&self, region: &Region, account: &AccountId) -> Result<()> {
        let known: Vec<Source> = self
            .shared()
            .pipeline
            .memory()
            .sources
            .values()
            .filter(|source| source.region == *region && source.account == *account)
            .cloned()
            .collect();
        if known.is_empty() {
            return Ok(());
        }
        let databases = databases(&self.shared().cloud, region, account).await?;
        for source in known {
            let Some(database) = databases.iter().find(|database| database.arn == source.arn) else {
                continue;
            };
            let described = Source {
                engine: database.engine.clone().or_else(|| source.engine.clone()),
                class: database.class.clone().or_else(|| source.class.clone()),
                ..source.clone()
            };
            self.put_source(described, Some(&source)).await?;
        }
        Ok(())
    }
}

/// How a recovery point ended that is no longer there: by its lifecycle, or before.
fn how_it_ended(expires_at: Option<Timestamp>, now: Timestamp) -> Backup {
    match expires_at {
        Some(at) if at <= now.saturating_add(EXPIRY_SLACK).unwrap_or(now) => Backup::Expired,
        _ => Backup::Deleted,
    }
}

/// The DB instance or cluster that a recovery point is of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) region: Region,
    pub(super) account: AccountId,
    pub(super) name: String,
}

impl Resource {
    /// From `arn:aws:rds:REGION:ACCOUNT:db:NAME`, or `…:cluster:NAME`.
    pub(super) fn of(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.splitn(7, ':').collect();
        let ["arn", _, "rds", region, account, "db" | "cluster", name] = parts.as_slice() else {
            return None;
        };
        Some(Self {
            region: region.parse().ok()?,
            account: account.parse().ok()?,
            name: (!name.is_empty()).then(|| (*name).to_owned())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_read_from_its_arn() {
        let found = Resource::of("arn:aws:rds:eu-west-1:444455556666:db:shop-1").unwrap();
        assert_eq!(
            (found.region.as_str(), found.name.as_str()),
            ("eu-west-1", "shop-1")
        );
        assert!(Resource::of("arn:aws:rds:eu-west-1:444455556666:cluster:shop").is_some());
        for other in [
            "arn:aws:ec2:eu-west-1:444455556666:volume/v",
            "arn:aws:rds:eu-west-1:4:db:x",
            "",
            "arn",
        ] {
            assert_eq!(Resource::of(other), None, "{other}");
        }
    }
}
