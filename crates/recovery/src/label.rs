//! Labels name an export: source, time of the recovery point, short hash of its ARN.
//!
//! A label is also the RDS export task identifier and a folder in S3, so it keeps the rules of both: at most 60
//! characters, letters, digits and single hyphens, starting with a letter, no trailing hyphen, no colon.
//! RDS uses an identifier once, so a further attempt carries its number: `…-3f9a2c-2`.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::ids::{RecoveryPointArn, RecoveryPointId};

/// Length limit of an RDS export task identifier (StartExportTask).
pub const LABEL_LENGTH_MAX: usize = 60;

/// `-20261120t080000z` + `-3f9a2c`, and room for an attempt's `-99`.
const SUFFIX_LENGTH: usize = 17 + 7 + 3;

/// The label of the recovery point `arn` of `source`, created at `created_at`.
///
/// The time keeps seconds; two recovery points of one second differ in the hash. A long source name is cut,
/// never the time or the hash.
pub fn label(source: &str, created_at: Timestamp, arn: &RecoveryPointArn) -> RecoveryPointId {
    let mut name = String::new();
    for c in source.chars() {
        let c = if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        };
        if !(c == '-' && (name.is_empty() || name.ends_with('-'))) {
            name.push(c);
        }
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.insert(0, 's');
    }
    name.truncate(LABEL_LENGTH_MAX - SUFFIX_LENGTH);
    let name = name.trim_end_matches('-');
    let time = created_at.strftime("%Y%m%dt%H%M%Sz");
    let hash = hex::encode(Sha256::digest(arn.as_str()));
    let text = format!("{name}-{time}-{}", &hash[..6]);
    RecoveryPointId::try_from(text)
        .unwrap_or_else(|_| unreachable!("a label is built from what labels allow"))
}

/// The export task identifier of attempt `attempt` (1 is the first and carries no number).
pub fn task_identifier(label: &RecoveryPointId, attempt: u32) -> String {
    if attempt <= 1 {
        label.to_string()
    } else {
        format!("{label}-{attempt}")
    }
}

/// Whether `text` keeps the rules of a label.
pub fn is_valid(text: &str) -> bool {
    text.len() <= LABEL_LENGTH_MAX
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arn(id: &str) -> RecoveryPointArn {
        format!("arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-{id}")
            .parse()
            .unwrap()
    }

    #[test]
    fn a_label_names_source_time_and_arn() {
        let at: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let label = label("tvshows", at, &arn("1"));
        assert!(label.as_str().starts_with("tvshows-20261120t080000z-"), "{label}");
        assert_eq!(task_identifier(&label, 1), label.as_str());
        assert_eq!(task_identifier(&label, 2), format!("{label}-2"));
    }

    proptest! {
        #[test]
        fn every_label_keeps_rds_rules_and_differs_by_arn(source in ".{0,120}", seconds in 0_i64..4_000_000_000) {
            let at = Timestamp::from_second(seconds).unwrap();
            let one = label(&source, at, &arn("1"));
            let other = label(&source, at, &arn("2"));
            prop_assert!(is_valid(&task_identifier(&one, 99)), "{one}");
            prop_assert_ne!(one, other);
        }
    }
}
