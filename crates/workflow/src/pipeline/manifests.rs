//! Giving out evidence manifests.

use bytes::Bytes;
use recovery::ids::{RecoveryPointId, Region};
use recovery::point::RecoveryPoint;

use super::looks::location;
use crate::Workflow;
use crate::error::{Error, Result};
use crate::replication::manifest;

impl Workflow {
    /// The manifest of the last check of a copy that was written down: the very bytes that are stored, held against their
    /// own digest and the recorded one. Where the copy's own bucket cannot be read, another Region's is.
    pub async fn manifest(&self, id: &RecoveryPointId, region: &Region) -> Result<Bytes> {
        let point = self
            .shared
            .catalogue
            .entry(id)
            .await?
            .ok_or_else(|| Error::no_point(id))?
            .value
            .point;
        self.manifest_of(&point, region).await
    }

    /// The same of a recovery point that was read already.
    pub(crate) async fn manifest_of(&self, point: &RecoveryPoint, region: &Region) -> Result<Bytes> {
        let id = &point.id;
        let none = || Error::NotFound {
            kind: "evidence manifest",
            id: format!("of {id} in {region}"),
        };
        let copy = point.copy_in(region).ok_or_else(none)?;
        let reference = copy.manifest.as_ref().ok_or_else(none)?;
        let mut first_error = None;
        let elsewhere = point.copies.iter().filter(|other| other.region != *region);
        for at in std::iter::once(copy).chain(elsewhere) {
            match manifest::load(&self.shared.cloud, &location(at), reference).await {
                Ok(json) => return Ok(json),
                Err(error) => {
                    tracing::warn!(region = %at.region, key = reference.key, %error, "a manifest cannot be read");
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or_else(none))
    }
}
