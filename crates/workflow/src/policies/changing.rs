//! Policies applied by a server: what is needed is shown, and nothing else than what was shown is done.

use recovery::actor::Permission;
use recovery::audit::Phase;
use recovery::ids::SourceId;
use recovery::policy::{Applied, PoliciesApplied, PolicyChanges, PolicyCheck};

use super::{apply, check_policies};
use crate::Workflow;
use crate::audit::Happened;
use crate::ctx::Ctx;
use crate::error::{Error, Result};

/// The subject of what concerns every policy, in the audit log.
const EVERY_POLICY: &str = "policies";

impl Workflow {
    /// What the policies, or the one of a source, need of AWS Backup, looked at anew. Changes nothing.
    pub async fn policy_changes(&self, of: Option<&SourceId>) -> Result<PolicyChanges> {
        let policies = self.look_at_policies(of).await?;
        Ok(PolicyChanges::of(&policies, self.now()))
    }

    /// Makes the changes whose digest was agreed to. Where anything else is needed by now, nothing is done. Nothing is ever
    /// removed.
    pub async fn apply_policies(
        &self,
        ctx: &Ctx,
        of: Option<&SourceId>,
        digest: &str,
    ) -> Result<PoliciesApplied> {
        let subject = of.map_or(EVERY_POLICY, SourceId::as_str);
        self.permit(ctx, Permission::ApplyPolicies, subject).await?;
        // One at a time here; AWS Backup's versions of a plan keep two servers apart.
        let mut seen = self.shared.policies.checks.lock().await;
        let needed = PolicyChanges::of(&self.look_at_policies(of).await?, self.now());
        if needed.digest != digest {
            let error = Error::Conflict(
                "what the policies need is not what was looked at any more; look at it again and agree to that".to_owned(),
            );
            self.record(
                Happened::new(ctx, Permission::ApplyPolicies, subject, Phase::Refused)
                    .detail(error.to_string()),
            )
            .await?;
            return Err(error);
        }
        let stated = format!("changes {digest}: {}", needed.diff.join("; "));
        self.record(Happened::new(ctx, Permission::ApplyPolicies, subject, Phase::Started).detail(stated))
            .await?;
        *seen = None;
        let mut applied: Vec<Applied> = Vec::new();
        for change in &needed.changes {
            match apply(&self.shared.cloud, change).await {
                Ok(done) => applied.push(done),
                Err(error) => {
                    let said = format!(
                        "{} of {} changes were made; {change}: {error}",
                        applied.len(),
                        needed.changes.len()
                    );
                    self.record(
                        Happened::new(ctx, Permission::ApplyPolicies, subject, Phase::Failed).detail(said),
                    )
                    .await?;
                    return Err(error);
                }
            }
        }
        let said = format!("{} changes were made", applied.len());
        self.record(Happened::new(ctx, Permission::ApplyPolicies, subject, Phase::Succeeded).detail(said))
            .await?;
        let policies = self.look_at_policies(of).await?;
        Ok(PoliciesApplied {
            applied,
            holds: policies.iter().all(|policy| policy.holds),
            policies,
        })
    }

    async fn look_at_policies(&self, of: Option<&SourceId>) -> Result<Vec<PolicyCheck>> {
        if let Some(source) = of
            && !self.settings().policies.contains_key(source)
        {
            self.shared.catalogue.source(source).await?;
        }
        let sources = self.shared.catalogue.sources().await?;
        let known: Vec<SourceId> = sources.into_iter().map(|source| source.id).collect();
        check_policies(&self.shared.cloud, self.settings(), &known, of, self.now()).await
    }
}
