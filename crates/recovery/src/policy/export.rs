//! Which recovery points are exported, and which of their tables.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Which recovery points of a source are exported, and what of them. Those that are not stay in the catalogue and say
/// why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ExportPolicy {
    /// Whether any is exported.
    pub enabled: bool,
    /// Only these tables (`db.table`) and databases (`db`); empty means all.
    pub tables: Vec<String>,
    /// Only recovery points made at or after this time.
    pub since: Option<Timestamp>,
    /// Only recovery points that are at most this old when their export would start.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub max_age: Option<SignedDuration>,
    /// Whether recovery points that AWS Backup copied from another vault are exported too. Their originals are, so
    /// that each would be exported twice.
    pub copied: bool,
}

impl Default for ExportPolicy {
    fn default() -> Self {
        Self {
            enabled: true,
            tables: Vec::new(),
            since: None,
            max_age: None,
            copied: false,
        }
    }
}

impl ExportPolicy {
    /// Why a recovery point is not exported; `None` where it is wanted.
    pub fn refuses(&self, created_at: Timestamp, is_copied: bool, now: Timestamp) -> Option<String> {
        if !self.enabled {
            return Some("the source's policy exports none".to_owned());
        }
        if is_copied && !self.copied {
            return Some("it is a copy of another recovery point, which is exported itself".to_owned());
        }
        if let Some(since) = self.since.filter(|since| created_at < *since) {
            return Some(format!("the source's policy exports what was made since {since}"));
        }
        if let Some(max_age) = self.max_age
            && now.duration_since(created_at) > max_age
        {
            return Some(format!(
                "it is older than the {max_age:#} that the source's policy exports"
            ));
        }
        None
    }

    /// What is wrong with it, in words.
    pub(super) fn fault(&self) -> Option<String> {
        let table = self
            .tables
            .iter()
            .find(|table| table.is_empty() || table.contains(char::is_whitespace) || table.len() > 260)?;
        Some(format!(
            "export.tables: {table:?} is no table; write db.table, or db for all tables of a database"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_exported_says_why() {
        let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let day = SignedDuration::from_hours(24);
        let all = ExportPolicy::default();
        let policy = |change: fn(&mut ExportPolicy)| {
            let mut policy = ExportPolicy::default();
            change(&mut policy);
            policy
        };
        let aged = ExportPolicy {
            max_age: Some(day),
            ..ExportPolicy::default()
        };
        let since = ExportPolicy {
            since: Some(now),
            ..ExportPolicy::default()
        };
        for (policy, made, copied, expected) in [
            (all.clone(), now, false, None),
            (all, now, true, Some("copy of another")),
            (policy(|p| p.copied = true), now, true, None),
            (policy(|p| p.enabled = false), now, false, Some("exports none")),
            (since.clone(), now, false, None),
            (since, now - day, false, Some("made since")),
            (aged.clone(), now - day, false, None),
            (aged, now - day - day, false, Some("older than")),
        ] {
            let refusal = policy.refuses(made, copied, now);
            assert_eq!(refusal.is_some(), expected.is_some(), "{refusal:?}");
            assert!(refusal.unwrap_or_default().contains(expected.unwrap_or_default()));
        }
    }
}
