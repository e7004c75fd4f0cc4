//! What kind of resource an ARN names.
//!
//! The embedded AWS Backup takes DB instances' snapshots. Of other resources, DB clusters among them, it makes recovery points that are listed
//! and described, and hold nothing: it restores none of either kind.

use crate::control::{Arn, Place};

/// ResourceType of a resource that AWS Backup knows; `RDS` where nothing else is meant.
pub(super) fn resource_type(arn: &str) -> &'static str {
    kind(arn).unwrap_or("RDS")
}

/// ResourceName.
pub(super) fn resource_name(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or_default()
}

/// Whether a resource lies in a place and can be backed up there. A bucket's ARN names neither Region nor account.
pub(super) fn is_of(arn: &str, place: &Place) -> bool {
    kind(arn) == Some("S3") || Arn::parse(arn).is_some_and(|arn| arn.place() == *place)
}

/// ResourceType by ARN; `None`: no type that can be backed up here.
pub(super) fn kind(arn: &str) -> Option<&'static str> {
    let arn = Arn::parse(arn)?;
    match arn.service {
        "rds" if arn.resource.starts_with("db:") => Some("RDS"),
        "rds" if arn.resource.starts_with("cluster:") => Some("Aurora"),
        "dynamodb" if arn.resource.starts_with("table/") => Some("DynamoDB"),
        "s3" if arn.region.is_empty() && !arn.resource.contains('/') => Some("S3"),
        "ec2" if arn.resource.starts_with("volume/") => Some("EBS"),
        "ec2" if arn.resource.starts_with("instance/") => Some("EC2"),
        "elasticfilesystem" if arn.resource.starts_with("file-system/") => Some("EFS"),
        _ => None,
    }
}
