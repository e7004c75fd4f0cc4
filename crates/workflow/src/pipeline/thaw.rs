//! Thawing a copy because somebody asked for it. How far it is, passes see.

use recovery::actor::Permission;
use recovery::archive::{ThawOption, Tier};
use recovery::audit::Phase;
use recovery::awaited_thaw::days_fault;
use recovery::ids::{RecoveryPointId, Region};
use recovery::point::{Copy, RecoveryPoint};

use super::looks::location;
use super::pass::Pass;
use crate::Workflow;
use crate::audit::Happened;
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::replication::thaw::thaw;

/// Tries against a reconciler that works on the same recovery point.
const TRIES_MAX: u32 = 3;

impl Workflow {
    /// What it takes and costs to thaw a copy; nothing where it can be read at once.
    pub fn thaw_options(&self, copy: &Copy) -> Vec<ThawOption> {
        let prices = &self.settings().copies.thaw_prices;
        copy.archived
            .as_ref()
            .filter(|archived| archived.needs_thaw())
            .map(|archived| archived.thaws(&copy.region, prices))
            .unwrap_or_default()
    }

    /// Asks S3 to make every archived object of a copy readable for some days. The copy tells how far that is; asking
    /// again changes nothing while S3 works on it.
    pub async fn thaw(
        &self,
        ctx: &Ctx,
        id: &RecoveryPointId,
        region: &Region,
        tier: Tier,
        days: u32,
    ) -> Result<RecoveryPoint> {
        self.permit(ctx, Permission::Thaw, id.as_str()).await?;
        let point = self
            .shared
            .catalogue
            .entry(id)
            .await?
            .ok_or_else(|| Error::no_point(id))?
            .value
            .point;
        let copy = point.copy_in(region).ok_or_else(|| Error::NotFound {
            kind: "copy",
            id: format!("of {id} in {region}"),
        })?;
        let Some(archived) = &copy.archived else {
            return Err(Error::Conflict(format!(
                "the copy of {id} in {region} lies in no archive and can be read at once"
            )));
        };
        if let Some(fault) = days_fault(days) {
            return Err(Error::Invalid(fault));
        }
        if tier.takes(&archived.class).is_none() {
            return Err(Error::Invalid(format!(
                "{} has no {} thaw; take standard or bulk",
                archived.class,
                tier.name()
            )));
        }
        let asked = format!("{region}: {} for {days} days", tier.name());
        self.record(Happened::new(ctx, Permission::Thaw, id, Phase::Started).detail(asked.clone()))
            .await?;
        let outcome = thaw(&self.shared.cloud, &location(copy), tier, days).await;
        let happened = match &outcome {
            Ok(objects) => Happened::new(ctx, Permission::Thaw, id, Phase::Succeeded)
                .detail(format!("{asked}, {objects} objects asked for")),
            Err(error) => {
                Happened::new(ctx, Permission::Thaw, id, Phase::Failed).detail(format!("{asked}: {error}"))
            }
        };
        self.record(happened).await?;
        outcome?;
        self.look_again(id, region).await
    }

    /// Sees how far a thaw is.
    pub(crate) async fn look_again(&self, id: &RecoveryPointId, region: &Region) -> Result<RecoveryPoint> {
        let pass = Pass::new(self);
        for _ in 0..TRIES_MAX {
            let mut record = self
                .shared
                .catalogue
                .entry(id)
                .await?
                .ok_or_else(|| Error::no_point(id))?;
            let regions = std::slice::from_ref(region);
            if pass.check_copies(&mut record, regions, false).await? {
                return self.shared.catalogue.whole(record.value).await;
            }
        }
        Err(Error::Contended {
            subject: format!("recovery point {id}"),
        })
    }
}
