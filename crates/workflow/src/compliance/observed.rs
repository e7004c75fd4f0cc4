//! What plans and vaults showed of each policy's controls, kept for each day on which they were looked at.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use recovery::compliance::{DAYS_MAX, Settings, settings};
use recovery::ids::SourceId;

use crate::Workflow;
use crate::control::{Change, Key, Listing};
use crate::error::Result;
use crate::policies::policy_name;

/// Tries of one record that another process changes at the same time.
const TRIES_MAX: usize = 5;

impl Workflow {
    /// Looks at every policy's plan and vaults, and keeps for today what they show: the worst of the day. Gives how many
    /// policies were looked at.
    pub async fn observe_policies(&self) -> Result<usize> {
        let checks = self.policies().await?;
        for check in checks.iter() {
            let key = Key::observed(&check.name, day(check.checked_at));
            self.keep_worst(key, settings(check)).await?;
        }
        Ok(checks.len())
    }

    async fn keep_worst(&self, key: Key, now: Settings) -> Result<()> {
        let control = &self.shared.control;
        for attempt in 1.. {
            let change = match control.get::<Settings>(&key).await? {
                None => Change::create(key.clone(), &now)?,
                Some(before) => {
                    Change::replace(key.clone(), &before.value.with(now.clone()), before.version)?
                }
            };
            match control.write(vec![change]).await {
                Err(error) if error.is_precondition() && attempt < TRIES_MAX => {}
                done => return done,
            }
        }
        Ok(())
    }

    /// What was kept of the policy of a source, by day.
    pub(super) async fn observed(
        &self,
        source: &SourceId,
        first: Date,
        last: Date,
    ) -> Result<BTreeMap<Date, Settings>> {
        let policy = policy_name(self.settings(), source);
        let listing = Listing::all(Key::observations(&policy)).between(first.to_string(), last.to_string());
        let rows = self.shared.control.list(&listing, DAYS_MAX).await?;
        let mut observed = BTreeMap::new();
        for row in rows {
            if let Ok(day) = row.sk.parse() {
                observed.insert(day, row.value()?);
            }
        }
        Ok(observed)
    }
}

/// The day (UTC) of a time.
pub(super) fn day(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
}
