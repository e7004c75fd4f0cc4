//! What a source's newest recovery points took.

use recovery::ids::SourceId;
use recovery::timings::{Timings, timings};

use crate::Workflow;
use crate::error::Result;

/// Recovery points that figures rest on: eight days of hourly ones.
const EXAMINED_MAX: usize = 200;

impl Workflow {
    /// How long the newest recovery points of a source took to become verified copies, and when exports under way are
    /// likely to end; [`crate::Error::NotFound`].
    pub async fn timings(&self, id: &SourceId) -> Result<Timings> {
        let catalogue = &self.shared.catalogue;
        let source = catalogue.source(id).await?;
        let mut points = Vec::new();
        let mut after: Option<String> = None;
        while points.len() < EXAMINED_MAX {
            let left = EXAMINED_MAX - points.len();
            let page = catalogue
                .page(&source.id, None, None, after.as_deref(), left)
                .await?;
            after = page.next();
            points.extend(page.items.into_iter().map(|(_, entry)| entry.point));
            if after.is_none() {
                break;
            }
        }
        points.truncate(EXAMINED_MAX);
        Ok(timings(&points))
    }
}
