//! StartExportTask and CancelExportTask: what RDS checks before it begins.

use super::snapshots::{invalid_identifier, is_identifier};
use super::{ExportTask, Rds, TaskStatus, lock};
use crate::control::query::{Fault, Parameters, Xml};
use crate::control::{Arn, Place};
use crate::export::{Contents, Scope};
use crate::s3::S3Failure;

/// Exports in progress per account and Region.
const RUNNING_MAX: usize = 5;

/// Characters of an ExportTaskIdentifier.
const IDENTIFIER_MAX: usize = 60;

impl Rds {
    pub(super) async fn start_export(&self, place: &Place, parameters: &Parameters) -> Result<Xml, Fault> {
        let id = parameters.require("ExportTaskIdentifier")?;
        if !is_identifier(id, IDENTIFIER_MAX) {
            return Err(invalid_identifier("ExportTaskIdentifier"));
        }
        let source_arn = parameters.require("SourceArn")?;
        let bucket = parameters.require("S3BucketName")?;
        let prefix = parameters.get("S3Prefix").unwrap_or_default();
        if prefix.contains(':') {
            return Err(Fault::new(
                "InvalidParameterValue",
                format!("The S3 prefix {prefix} is invalid: it must not contain a colon (:)."),
            ));
        }
        let role_arn = role(parameters.require("IamRoleArn")?)?;
        let kms_key_id = key(parameters.require("KmsKeyId")?, place)?;
        let scope = Scope::new(parameters.list("ExportOnly"));

        let not_found = || Fault::not_found("DBSnapshotNotFound", format!("{source_arn} not found."));
        let arn = Arn::parse(source_arn)
            .ok_or_else(|| Fault::new("InvalidParameterValue", format!("Invalid ARN: {source_arn}")))?;
        let snapshot_id = arn.resource.strip_prefix("snapshot:").ok_or_else(not_found)?;
        // The source, the request and the bucket are all in one Region and account.
        if arn.service != "rds" || arn.place() != *place {
            return Err(not_found());
        }
        let snapshot = self.snapshot(place, snapshot_id)?.ok_or_else(not_found)?;
        let Some(content) = &snapshot.content else {
            return Err(Fault::new(
                "InvalidExportSourceState",
                format!(
                    "The state of the snapshot {snapshot_id} is {}; it must be available.",
                    snapshot.status()
                ),
            ));
        };
        let contents =
            Contents::open(content, &self.plane.snapshots()).map_err(|error| Fault::internal(&error))?;
        for only in scope.export_only() {
            let one = Scope::new(vec![only.clone()]);
            if !contents.tables().any(|table| one.covers(table)) {
                return Err(Fault::new(
                    "InvalidExportOnly",
                    format!(
                        "The export is invalid: {only} is neither a database nor a table of the snapshot."
                    ),
                ));
            }
        }
        self.check_bucket(place, bucket).await?;

        let now = self.plane.clock.now();
        let task = {
            let _admission = lock(&self.admission);
            let tasks: Vec<ExportTask> = self.plane.records.list(place)?;
            if tasks.iter().any(|task| task.id == id) {
                return Err(Fault::new(
                    "ExportTaskAlreadyExists",
                    format!("The export task with the ID {id} already exists."),
                ));
            }
            let running = || tasks.iter().filter(|task| task.status.is_running());
            if running().any(|task| task.source_arn == source_arn) {
                return Err(Fault::new(
                    "InvalidExportSourceState",
                    format!("The snapshot {snapshot_id} is already being exported."),
                ));
            }
            if running().count() >= RUNNING_MAX {
                return Err(Fault::new(
                    "ExportTaskLimitReachedFault",
                    format!("You have reached the limit of {RUNNING_MAX} concurrent export tasks."),
                ));
            }
            let task = ExportTask {
                place: place.clone(),
                id: id.to_owned(),
                source_arn: source_arn.to_owned(),
                snapshot_time: snapshot.created_at,
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
                role_arn,
                kms_key_id,
                scope,
                status: TaskStatus::Starting,
                requested_at: now,
                started_at: None,
                ended_at: None,
                held_until: self.plane.faults.holds_export(&snapshot.instance, now),
                table_warnings: self.plane.faults.warnings_of_export(&snapshot.instance),
                extracted_bytes: 0,
                failure_cause: None,
                warning: None,
            };
            self.plane.records.put(&task)?;
            task
        };
        lock(&self.unfinished).insert((task.place.clone(), task.id.clone()));
        let mut xml = Xml::default();
        task.fields(&mut xml, now, self.export_duration);
        Ok(xml)
    }

    pub(super) fn cancel_export(&self, place: &Place, parameters: &Parameters) -> Result<Xml, Fault> {
        let id = parameters.require("ExportTaskIdentifier")?;
        let mut refused = None;
        let task = self.plane.records.change(place, id, |task: &mut ExportTask| {
            if task.status.is_running() {
                task.status = TaskStatus::Canceling;
            } else {
                refused = Some(task.status.name());
            }
        })?;
        let task = task.ok_or_else(|| {
            Fault::not_found(
                "ExportTaskNotFound",
                format!("The export task {id} was not found."),
            )
        })?;
        if let Some(status) = refused {
            return Err(Fault::new(
                "InvalidExportTaskStateFault",
                format!("You can't cancel the export task {id}: it is {status}."),
            ));
        }
        let mut xml = Xml::default();
        task.fields(&mut xml, self.plane.clock.now(), self.export_duration);
        Ok(xml)
    }

    async fn check_bucket(&self, place: &Place, bucket: &str) -> Result<(), Fault> {
        // The key of an object that nobody has: the answer is about the bucket.
        match self
            .s3
            .head(&place.account, &place.region, bucket, "export-task-check")
            .await
        {
            Ok(_) | Err(S3Failure::NoSuchKey { .. } | S3Failure::DeleteMarker { .. }) => Ok(()),
            Err(cause) => Err(Fault::new(
                "InvalidS3BucketFault",
                format!(
                    "The S3 bucket {bucket} can't be exported to from {}: {cause}.",
                    place.region
                ),
            )),
        }
    }
}

/// A role's ARN. The embedded cloud has no IAM: any role of a real form exists.
fn role(text: &str) -> Result<String, Fault> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "iam" && arn.region.is_empty());
    match arn.and_then(|arn| arn.resource.strip_prefix("role/")) {
        Some(name) if !name.is_empty() => Ok(text.to_owned()),
        _ => Err(Fault::not_found(
            "IamRoleNotFound",
            format!(
                "The IAM role {text} doesn't exist; it must be the ARN of a role that export.rds.amazonaws.com may assume."
            ),
        )),
    }
}

/// A key's ARN or identifier, or an alias. The embedded cloud has no KMS: any key of a real form in the export's
/// Region exists.
fn key(text: &str, place: &Place) -> Result<String, Fault> {
    let resource = match Arn::parse(text) {
        Some(arn) if arn.service == "kms" && arn.region == place.region => arn.resource,
        Some(_) => "",
        None if text.starts_with("alias/") => text,
        None => {
            let bare = format!("key/{text}");
            return if is_key(&bare) {
                Ok(crate::control::kms_arn(place, &bare))
            } else {
                Err(unreachable_key(text))
            };
        }
    };
    let is_alias = resource
        .strip_prefix("alias/")
        .is_some_and(|alias| !alias.is_empty());
    if is_key(resource) || is_alias {
        Ok(text.to_owned())
    } else {
        Err(unreachable_key(text))
    }
}

fn is_key(resource: &str) -> bool {
    let id = resource.strip_prefix("key/").unwrap_or_default();
    id.len() >= 4 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn unreachable_key(text: &str) -> Fault {
    Fault::new(
        "KMSKeyNotAccessibleFault",
        format!("The KMS key {text} can't be accessed; it must be a symmetric key of the snapshot's Region."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_roles_are_taken_in_every_form_that_aws_takes() {
        let place = Place::new("111122223333", "us-east-1");
        for good in [
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:us-east-1:111122223333:alias/exports",
            "alias/exports",
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-1234abcd12ab34cd56ef1234567890ab",
        ] {
            assert!(key(good, &place).is_ok(), "{good}");
        }
        for bad in [
            "arn:aws:kms:eu-west-1:111122223333:key/1234abcd",
            "arn:aws:s3:::bucket",
            "alias/",
            "no key",
        ] {
            assert!(key(bad, &place).is_err(), "{bad}");
        }
        assert!(role("arn:aws:iam::111122223333:role/service-role/export").is_ok());
        assert_eq!(role("export").unwrap_err().code, "IamRoleNotFound");
    }
}
