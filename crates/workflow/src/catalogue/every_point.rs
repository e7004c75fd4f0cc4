//! Every recovery point that is asked for, however many: by source, the newest of each first.

use std::collections::VecDeque;

use futures::{Stream, TryStreamExt, stream};
use recovery::ids::SourceId;
use recovery::point::RecoveryPoint;

use super::wanted::Wanted;
use crate::Workflow;
use crate::error::{Error, Result};
use crate::query::PointQuery;

/// Recovery points that are in memory at a time.
const READ_AT_A_TIME: usize = 100;

/// How far it is.
struct Walk {
    workflow: Workflow,
    wanted: Wanted,
    /// Sources that are left, the current one first.
    left: VecDeque<SourceId>,
    after: Option<String>,
}

impl Workflow {
    /// Everything that `query` asks for, some at a time; its order, cursor and limit count for nothing. What is written
    /// meanwhile may be in it or not.
    pub async fn every_recovery_point(
        &self,
        query: &PointQuery,
    ) -> Result<impl Stream<Item = Result<RecoveryPoint>> + Send + use<>> {
        let wanted = self.wanted(query).await?;
        let walk = Walk {
            workflow: self.clone(),
            left: wanted.sources.iter().cloned().collect(),
            wanted,
            after: None,
        };
        let chunks = stream::try_unfold(walk, |mut walk| async move {
            let chunk = walk.next().await?;
            Ok::<_, Error>(chunk.map(|chunk| (stream::iter(chunk.into_iter().map(Ok)), walk)))
        });
        Ok(chunks.try_flatten())
    }
}

impl Walk {
    async fn next(&mut self) -> Result<Option<Vec<RecoveryPoint>>> {
        let Some(source) = self.left.front() else {
            return Ok(None);
        };
        let catalogue = &self.workflow.shared.catalogue;
        let (from, to) = (self.wanted.from, self.wanted.to);
        let page = catalogue
            .page(source, from, to, self.after.as_deref(), READ_AT_A_TIME)
            .await?;
        self.after = page.next();
        let mut points = Vec::new();
        for (_, entry) in page.items {
            points.extend(self.wanted.take(catalogue, entry).await?);
        }
        if self.after.is_none() {
            self.left.pop_front();
        }
        Ok(Some(points))
    }
}
