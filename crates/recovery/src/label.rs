//! Labels name an export: source, time of the recovery point, short hash of its ARN.
//!
//! A label is also the RDS export task identifier and a folder in S3, so it keeps the rules of both: at most 60
//! characters, letters, digits and single hyphens, starting with a letter, no trailing hyphen, no colon.
//! RDS uses an identifier once, so a further attempt carries its number: `…-3f9a2c-2`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
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

/// The label and the attempt of an export task identifier; `None` where it is none of ours.
pub fn read_task_identifier(text: &str) -> Option<(RecoveryPointId, u32)> {
    let is_attempt = |last: &str| (1..=2).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_digit());
    let (label, attempt) = match text.rsplit_once('-') {
        Some((label, last)) if is_attempt(last) => (label, last.parse().ok()?),
        _ => (text, 1),
    };
    let label: RecoveryPointId = label.parse().ok()?;
    made_at(&label)?;
    Some((label, attempt))
}

/// When the recovery point of that label was made, to the second.
pub fn made_at(label: &RecoveryPointId) -> Option<Timestamp> {
    let (name, hash) = label.as_str().rsplit_once('-')?;
    let (_, time) = name.rsplit_once('-')?;
    let is_hash = hash.len() == 6 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hash || time.len() != 16 {
        return None;
    }
    let time = DateTime::strptime("%Y%m%dt%H%M%Sz", time).ok()?;
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Whether a label names the recovery point `arn` that was made at `created_at`, whatever its source is called.
pub fn names(label: &RecoveryPointId, created_at: Timestamp, arn: &RecoveryPointArn) -> bool {
    let ours = self::label("any", created_at, arn);
    ours.as_str()
        .strip_prefix("any")
        .is_some_and(|suffix| label.as_str().ends_with(suffix))
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

    #[test]
    fn a_task_identifier_tells_its_label_its_attempt_and_its_time() {
        let at: Timestamp = "2026-11-20T08:00:00.25Z".parse().unwrap();
        let label = label("tv-shows-2", at, &arn("1"));
        for attempt in [1, 2, 99] {
            let read = read_task_identifier(&task_identifier(&label, attempt));
            assert_eq!(read, Some((label.clone(), attempt)));
        }
        assert_eq!(made_at(&label), "2026-11-20T08:00:00Z".parse().ok());
        assert!(names(&label, at, &arn("1")));
        assert!(!names(&label, at, &arn("2")), "another recovery point");
        assert!(!names(&label, "2026-11-20T08:00:01Z".parse().unwrap(), &arn("1")));
        for other in [
            "", "notes", "shop-20261120t080000z", "shop-20261120t080000z-3f9a2g",
            "shop-20261399t080000z-3f9a2c",
        ] {
            assert_eq!(read_task_identifier(other), None, "{other}");
        }
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
