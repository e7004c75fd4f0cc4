//! What an event says, as far as the pipeline cares. Pure.
//!
//! Events come as EventBridge writes them into SQS, or in an SNS envelope. Fields are read leniently: AWS Backup sends
//! numbers as strings and empty objects for absent ones, and an event decides nothing but when to look.

use jiff::Timestamp;
use serde_json::Value;

/// An event of AWS Backup or RDS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// EventBridge's id, the same for every delivery of one event.
    pub(super) id: Option<String>,
    /// When it happened.
    pub(super) at: Option<Timestamp>,
    /// What it is about.
    pub(super) kind: Kind,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Backup Job State Change.
    BackupJob,
    /// Recovery Point State Change.
    RecoveryPoint,
    /// Copy Job State Change.
    CopyJob,
    /// RDS-EVENT-0159 to 0162: an export failed, was cancelled, completed.
    ExportTask,
    /// Any other event of a DB snapshot.
    Snapshot,
    /// Nothing that concerns us.
    Unknown,
}

impl Kind {
    /// The name in metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::BackupJob => "backup_job",
            Self::RecoveryPoint => "recovery_point",
            Self::CopyJob => "copy_job",
            Self::ExportTask => "export_task",
            Self::Snapshot => "snapshot",
            Self::Unknown => "unknown",
        }
    }
}

/// The event in a message's body; `None` where it is no event at all.
pub(super) fn parse(body: &str) -> Option<Event> {
    let value: Value = serde_json::from_str(body).ok()?;
    let fields = value.as_object()?;
    if let (Some("Notification"), Some(message)) = (
        fields.get("Type").and_then(Value::as_str),
        fields.get("Message").and_then(Value::as_str),
    ) {
        // An envelope holds an event, never another envelope.
        let inner: Value = serde_json::from_str(message).ok()?;
        return event(&inner);
    }
    event(&value)
}

fn event(value: &Value) -> Option<Event> {
    let fields = value.as_object()?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let detail_type = text("detail-type")?;
    let detail = fields.get("detail")?.as_object()?;
    let kind = match (text("source").unwrap_or_default(), detail_type) {
        ("aws.backup", "Backup Job State Change") => Kind::BackupJob,
        ("aws.backup", "Recovery Point State Change") => Kind::RecoveryPoint,
        ("aws.backup", "Copy Job State Change") => Kind::CopyJob,
        ("aws.rds", _) => match detail.get("EventID").and_then(Value::as_str).unwrap_or_default() {
            "RDS-EVENT-0159" | "RDS-EVENT-0160" | "RDS-EVENT-0161" | "RDS-EVENT-0162" | "RDS-EVENT-0163"
            | "RDS-EVENT-0164" => Kind::ExportTask,
            _ if detail_type.contains("Snapshot") => Kind::Snapshot,
            _ => Kind::Unknown,
        },
        _ => Kind::Unknown,
    };
    Some(Event {
        id: text("id").filter(|id| !id.is_empty()).map(str::to_owned),
        at: text("time").and_then(|time| time.parse().ok()),
        kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETED: &str = r#"{"version":"0","id":"dafac799-9b88-0134-26b7-fef4d54a134f",
        "detail-type":"Backup Job State Change","source":"aws.backup","account":"111122223333",
        "time":"2026-11-20T08:03:21Z","region":"us-east-1","resources":["arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-1"],
        "detail":{"state":"COMPLETED","bytesTransferred":"0","backupSizeInBytes":"21474836480"}}"#;

    #[test]
    fn every_shape_is_read_for_what_it_is() {
        let enveloped = serde_json::json!({"Type": "Notification", "Message": COMPLETED}).to_string();
        let nested = serde_json::json!({"Type": "Notification", "Message": enveloped}).to_string();
        let rds = |id: &str| {
            format!(
                r#"{{"source":"aws.rds","detail-type":"RDS DB Snapshot Event","detail":{{"EventID":"{id}"}}}}"#
            )
        };
        let cases = [
            (COMPLETED.to_owned(), Some(Kind::BackupJob)),
            (enveloped, Some(Kind::BackupJob)),
            (nested, None),
            (COMPLETED.replace("Backup Job", "Copy Job"), Some(Kind::CopyJob)),
            (COMPLETED.replace("aws.backup", "aws.ec2"), Some(Kind::Unknown)),
            (rds("RDS-EVENT-0161"), Some(Kind::ExportTask)),
            (rds("RDS-EVENT-0042"), Some(Kind::Snapshot)),
            (
                r#"{"detail-type":"x","detail":{}}"#.to_owned(),
                Some(Kind::Unknown),
            ),
            (r#"{"detail-type":"x","detail":"y"}"#.to_owned(), None),
            (r#"{"detail":{}}"#.to_owned(), None),
            ("[]".to_owned(), None),
            ("\u{0}".to_owned(), None),
            (String::new(), None),
        ];
        for (body, kind) in cases {
            assert_eq!(parse(&body).map(|event| event.kind), kind, "{body}");
        }
        let event = parse(COMPLETED).unwrap();
        assert_eq!(event.id.as_deref(), Some("dafac799-9b88-0134-26b7-fef4d54a134f"));
        assert_eq!(event.at, Some("2026-11-20T08:03:21Z".parse().unwrap()));
        assert_eq!(parse(&COMPLETED.replace("2026-11-20T", "")).unwrap().at, None);
    }
    /// What is said of a kind of event, as AWS's pages show it.
    fn documented(source: &str, detail_type: &str, resources: &str, detail: &str) -> Option<Kind> {
        let body = format!(
            r#"{{"version":"0","id":"710b0398-d48e-f3c3-afca-cfeb2fdaa656","detail-type":"{detail_type}",
                "source":"{source}","account":"496821122410","time":"2019-07-29T20:15:26Z","region":"us-west-2",
                "resources":{resources},"detail":{detail}}}"#
        );
        parse(&body).map(|event| event.kind)
    }

    /// <https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html>: numbers as strings, a boolean as a string, and
    /// empty objects for ARNs that are not there.
    #[test]
    fn events_of_aws_backup() {
        let job = r#"{"backupJobId":"34176239-e96d-4e4c-9fad-529dbb3c3556",
            "backupVaultArn":"arn:aws:backup:us-west-2:496821122410:backup-vault:9ab3e749","backupVaultName":"9ab3e749",
            "bytesTransferred":"0","creationDate":"2019-07-29T20:13:07.392Z","iamRoleArn":"arn:aws:iam::1:role/r",
            "resourceArn":"arn:aws:rds:us-west-2:496821122410:db:shop","resourceType":"RDS","state":"FAILED",
            "statusMessage":"\"Backup job failed because backup vault does not exist.\"","startBy":"2019-07-30T04:13:07.392Z",
            "percentDone":"0","createdBy":{"backupPlanId":"faae70fe"},"completionDate":{"seconds":1564431326}}"#;
        let point = |arn: &str, status: &str| {
            let detail = format!(
                r#"{{"backupVaultName":"9ab3e749","backupVaultArn":{{}},"recoveryPointArn":{{}},
                    "creationDate":"2019-07-26T22:06:07.159Z","status":"{status}","resourceType":"RDS",
                    "resourceArn":"arn:aws:rds:us-west-2:496821122410:db:shop","iamRoleArn":{{}},
                    "isEncrypted":"false","storageClass":"WARM","backupSizeInBytes":"0",
                    "calculatedLifeCycle":{{}},"lifeCycle":{{"deleteAfterDays":"35"}}}}"#
            );
            documented(
                "aws.backup",
                "Recovery Point State Change",
                &format!("[\"{arn}\"]"),
                &detail,
            )
        };
        let copy = r#"{"copyJobId":"47C8EF56","backupSizeInBytes":22548578304,"creationDate":"2020-06-15T20:32:53.044Z",
            "resourceArn":"arn:aws:rds:us-west-2:496821122410:db:shop","resourceType":"RDS","state":"CREATED",
            "sourceBackupVaultArn":"arn:aws:backup:us-west-2:496821122410:backup-vault:a","iamRoleArn":{},
            "destinationBackupVaultArn":"arn:aws:backup:us-east-1:496821122410:backup-vault:b",
            "destinationRecoveryPointArn":{}}"#;
        assert_eq!(
            documented("aws.backup", "Backup Job State Change", "[]", job),
            Some(Kind::BackupJob)
        );
        let arns = [
            "arn:aws:rds:us-west-2:496821122410:snapshot:awsbackup:job-8f0b7a4e",
            "arn:aws:rds:us-west-2:496821122410:cluster-snapshot:awsbackup:job-8f0b7a4e",
            "arn:aws:backup:us-west-2:496821122410:recovery-point:1EB3B5E7-9EB0-435A-A80B-108B488B0D45",
        ];
        for (arn, status) in arns.iter().zip(["COMPLETED", "PARTIAL", "EXPIRED"]) {
            assert_eq!(point(arn, status), Some(Kind::RecoveryPoint), "{arn}");
        }
        assert_eq!(
            documented("aws.backup", "Copy Job State Change", "[\"arn\"]", copy),
            Some(Kind::CopyJob)
        );
        for other in [
            "Backup Vault State Change", "Region Setting State Change", "Restore Job State Change",
        ] {
            assert_eq!(
                documented("aws.backup", other, "[]", "{}"),
                Some(Kind::Unknown),
                "{other}"
            );
        }
    }

    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html> and
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-cloud-watch-events.sample.html>.
    #[test]
    fn events_of_rds() {
        for (detail_type, id, kind) in [
            ("RDS DB Snapshot Event", "RDS-EVENT-0161", Kind::ExportTask),
            ("RDS DB Snapshot Event", "RDS-EVENT-0159", Kind::ExportTask),
            ("RDS DB Snapshot Event", "RDS-EVENT-0160", Kind::ExportTask),
            (
                "RDS DB Cluster Snapshot Event",
                "RDS-EVENT-0164",
                Kind::ExportTask,
            ),
            ("RDS DB Snapshot Event", "RDS-EVENT-0042", Kind::Snapshot),
            ("RDS DB Snapshot Event", "RDS-EVENT-0197", Kind::Snapshot),
            ("RDS DB Cluster Snapshot Event", "RDS-EVENT-0075", Kind::Snapshot),
            ("RDS DB Instance Event", "RDS-EVENT-0006", Kind::Unknown),
        ] {
            let detail = format!(
                r#"{{"EventCategories":["backup"],"SourceType":"SNAPSHOT","Date":"2018-10-06T12:26:13.882Z","Tags":{{}},
                    "SourceArn":"arn:aws:rds:us-east-1:123456789012:snapshot:rds:my-db-2018-10-06",
                    "SourceIdentifier":"rds:my-db-2018-10-06","Message":"","EventID":"{id}"}}"#
            );
            let resources = r#"["arn:aws:rds:us-east-1:123456789012:snapshot:rds:my-db-2018-10-06"]"#;
            assert_eq!(
                documented("aws.rds", detail_type, resources, &detail),
                Some(kind),
                "{id}"
            );
        }
    }
}
