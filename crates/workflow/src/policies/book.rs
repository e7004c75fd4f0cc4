//! What this process keeps of policies: each source's, resolved once, and what was last seen of accounts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use recovery::ids::SourceId;
use recovery::policy::{Policy, PolicyCheck};

use crate::Workflow;
use crate::settings::Settings;

/// What this process keeps of policies. Settings do not change while it lives.
#[derive(Debug, Default)]
pub(crate) struct PolicyBook {
    /// By source; as many as there are sources.
    resolved: Mutex<HashMap<SourceId, Arc<Policy>>>,
    /// What was last seen. Whoever looks holds it, so that two who ask at once look once.
    pub(super) checks: tokio::sync::Mutex<Option<Arc<Vec<PolicyCheck>>>>,
}

impl PolicyBook {
    /// What is expected of a source.
    pub(crate) fn of(&self, source: &SourceId, settings: &Settings) -> Arc<Policy> {
        let mut resolved = self.resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(policy) = resolved.get(source) {
            return Arc::clone(policy);
        }
        let (region, account) = settings.place_of(source);
        let policy = Arc::new(settings.policy_of(source, &region, &account));
        resolved.insert(source.clone(), Arc::clone(&policy));
        policy
    }
}

impl Workflow {
    /// What is expected of a source.
    pub fn policy_of(&self, source: &SourceId) -> Arc<Policy> {
        self.shared.policies.of(source, self.settings())
    }
}
