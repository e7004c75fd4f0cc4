//! Addresses in the AWS console. Each partition has a console of its own, and each Region a host in it.

use std::fmt::Write as _;

use crate::ids::{RecoveryPointArn, Region};

/// A backup vault.
pub fn vault(region: &Region, name: &str) -> String {
    format!(
        "{}#/backupvaults/details/{}",
        service(region, "backup"),
        encoded(name)
    )
}

/// A recovery point in its vault.
pub fn recovery_point(region: &Region, vault: &str, arn: &RecoveryPointArn) -> String {
    format!("{}/{}", self::vault(region, vault), encoded(arn.as_str()))
}

/// An export of a snapshot to S3, by its task's identifier.
pub fn export_task(region: &Region, identifier: &str) -> String {
    let identifier = encoded(identifier);
    format!(
        "{}#export-task:id={identifier};source-location=exports-in-s3",
        service(region, "rds")
    )
}

/// A DB instance.
pub fn database(region: &Region, name: &str) -> String {
    format!(
        "{}#database:id={};is-cluster=false",
        service(region, "rds"),
        encoded(name)
    )
}

/// What lies in a bucket below a prefix.
pub fn prefix(region: &Region, bucket: &str, prefix: &str) -> String {
    format!(
        "https://{}/s3/buckets/{}?region={region}&prefix={}/&showversions=false",
        host(region),
        encoded(bucket),
        encoded(prefix.trim_end_matches('/')),
    )
}

/// A DynamoDB table.
pub fn table(region: &Region, name: &str) -> String {
    format!("{}#table?name={}", service(region, "dynamodbv2"), encoded(name))
}

/// A KMS key, by its id or its ARN; `None` for an alias, which has no page.
pub fn key(region: &Region, key: &str) -> Option<String> {
    let id = key.rsplit_once(":key/").map_or(key, |(_, id)| id);
    let is_id = !id.is_empty() && !id.contains([':', '/']);
    is_id.then(|| format!("{}#/kms/keys/{}", service(region, "kms"), encoded(id)))
}

fn service(region: &Region, service: &str) -> String {
    format!("https://{}/{service}/home?region={region}", host(region))
}

/// <https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/console-help-gsg.html>, and of the other partitions
/// <https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/getting-started-sign-in.html>,
/// <https://docs.amazonaws.cn/en_us/aws/latest/userguide/console.html>.
fn host(region: &Region) -> String {
    let domain = match region.partition() {
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => "console.aws.amazon.com",
    };
    format!("{region}.{domain}")
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'/') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    #[test]
    fn every_partition_has_its_own_console() {
        let of = |name: &str| table(&region(name), "shows");
        assert_eq!(
            of("us-east-1"),
            "https://us-east-1.console.aws.amazon.com/dynamodbv2/home?region=us-east-1#table?name=shows"
        );
        assert_eq!(
            of("us-gov-west-1"),
            "https://us-gov-west-1.console.amazonaws-us-gov.com/dynamodbv2/home?region=us-gov-west-1#table?name=shows"
        );
        assert_eq!(
            of("cn-north-1"),
            "https://cn-north-1.console.amazonaws.cn/dynamodbv2/home?region=cn-north-1#table?name=shows"
        );
    }

    #[test]
    fn every_resource_has_its_page() {
        let here = region("eu-west-1");
        let home = "https://eu-west-1.console.aws.amazon.com";
        let arn = "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:job-1"
            .parse()
            .unwrap();
        for (address, path) in [
            (
                vault(&here, "hourly"),
                "/backup/home?region=eu-west-1#/backupvaults/details/hourly",
            ),
            (
                recovery_point(&here, "hourly", &arn),
                "/backup/home?region=eu-west-1#/backupvaults/details/hourly/\
                 arn%3Aaws%3Ards%3Aeu-west-1%3A111122223333%3Asnapshot%3Aawsbackup%3Ajob-1",
            ),
            (
                export_task(&here, "tvshows-20261120t080000z-3f9a2c-2"),
                "/rds/home?region=eu-west-1#export-task:id=tvshows-20261120t080000z-3f9a2c-2;source-location=exports-in-s3",
            ),
            (
                database(&here, "tvshows"),
                "/rds/home?region=eu-west-1#database:id=tvshows;is-cluster=false",
            ),
            (
                prefix(&here, "acme-euw1", "exports/a b"),
                "/s3/buckets/acme-euw1?region=eu-west-1&prefix=exports/a%20b/&showversions=false",
            ),
            (
                key(&here, "arn:aws:kms:eu-west-1:111122223333:key/1234abcd").unwrap(),
                "/kms/home?region=eu-west-1#/kms/keys/1234abcd",
            ),
            (
                key(&here, "1234abcd").unwrap(),
                "/kms/home?region=eu-west-1#/kms/keys/1234abcd",
            ),
        ] {
            assert_eq!(address, format!("{home}{path}"));
        }
        assert_eq!(key(&here, "alias/exports"), None);
    }
}
