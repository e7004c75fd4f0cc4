//! What a server shows of policies: what it saw a moment ago. Many readers cost as many calls of AWS as one.

use std::sync::Arc;

use jiff::SignedDuration;
use recovery::ids::SourceId;
use recovery::policy::PolicyCheck;

use super::{check_policies, policy_name};
use crate::Workflow;
use crate::error::{Error, Result};

/// What was seen is shown again for this long.
const SHOWN_FOR: SignedDuration = SignedDuration::from_secs(60);

impl Workflow {
    /// Every policy with what accounts hold and what contradicts it, at most a minute old: the general one first, of
    /// each place that it is of, then those of sources by name.
    pub async fn policies(&self) -> Result<Arc<Vec<PolicyCheck>>> {
        let mut seen = self.shared.policies.checks.lock().await;
        let now = self.now();
        if let Some(checks) = seen.as_ref()
            && checks
                .first()
                .is_some_and(|check| now.duration_since(check.checked_at).abs() < SHOWN_FOR)
        {
            return Ok(Arc::clone(checks));
        }
        let sources = self.shared.catalogue.sources().await?;
        let known: Vec<SourceId> = sources.into_iter().map(|source| source.id).collect();
        let checks = check_policies(&self.shared.cloud, self.settings(), &known, None, now).await?;
        let checks = Arc::new(checks);
        *seen = Some(Arc::clone(&checks));
        Ok(checks)
    }

    /// The policy of one source, likewise; [`Error::NotFound`] for a source that neither the catalogue nor the settings
    /// know.
    pub async fn policy(&self, source: &SourceId) -> Result<PolicyCheck> {
        if !self.settings().policies.contains_key(source) {
            self.shared.catalogue.source(source).await?;
        }
        let name = policy_name(self.settings(), source);
        let checks = self.policies().await?;
        let found = checks.iter().find(|check| check.name == name);
        let mut check = found.cloned().ok_or_else(|| Error::no_source(source))?;
        // The plan is the general one's; what is expected depends on where the source is.
        check.policy = (*self.policy_of(source)).clone();
        Ok(check)
    }
}
