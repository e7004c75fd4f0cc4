//! Catalogues that an earlier version wrote: what stands beside records today is written for those that lack it.

use recovery::ids::SourceId;

use super::PointEntry;
use super::brief::Brief;
use super::days::on_its_day;
use super::store::Catalogue;
use crate::control::{Change, Key, Listing};
use crate::error::Result;

/// Records that are read at a time.
const READ_AT_A_TIME: usize = 100;

impl Catalogue {
    /// Writes the briefs and days of a source's records that have none. How many records had none.
    ///
    /// That is done from the newest to the oldest, so whether the oldest record has its own tells whether all have.
    pub(crate) async fn complete(&self, source: &SourceId) -> Result<u64> {
        let oldest = Listing::all(Key::points(source)).limit(1);
        let (rows, _) = self.control.page(&oldest, None).await?;
        let Some(row) = rows.first() else {
            return Ok(0);
        };
        let point = row.value::<PointEntry>()?.point;
        let day = Key::day(point.created_at).sk;
        let named = Key::on_day(&day, point.created_at, &point.id);
        if self.control.get::<SourceId>(&named).await?.is_some() {
            return Ok(0);
        }
        let mut count = 0;
        let mut after: Option<String> = None;
        loop {
            let page = self
                .page(source, None, None, after.as_deref(), READ_AT_A_TIME)
                .await?;
            for (_, entry) in &page.items {
                self.complete_one(entry).await?;
                count += 1;
            }
            after = page.next();
            if after.is_none() {
                return Ok(count);
            }
        }
    }

    async fn complete_one(&self, entry: &PointEntry) -> Result<()> {
        let point = &entry.point;
        let key = Key::brief(&point.source, point.created_at, &point.id);
        let written = self
            .control
            .write(vec![Change::create(key, &Brief::of(entry))?])
            .await;
        match written {
            Ok(()) => {}
            // One that is there is as new as its record.
            Err(error) if error.is_precondition() => {}
            Err(error) => return Err(error),
        }
        self.control.write(on_its_day(&entry.point)?.into()).await
    }
}
