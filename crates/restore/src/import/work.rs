//! The work prefix of a table: what lies there before its import, and that nothing does afterwards.

use std::fmt::Write as _;

use aws::Cloud;
use aws::dynamodb::TableStatus;
use aws::s3::{BucketRef, ObjectEntry};
use futures::{StreamExt as _, TryStreamExt as _};
use recovery::plan::{Plan, TablePlan, Way};
use tokio_util::sync::CancellationToken;

use super::is_imported;
use crate::targets::table_ref;
use crate::{Checkpoints, Error, Refusal, retry};

/// DynamoDB takes at most so many objects in one import.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Validation.html>
pub(crate) const OBJECTS_MAX: usize = 50_000;

/// Objects deleted at once.
const DELETED_AT_ONCE: usize = 16;

/// Where the objects of one table lie.
#[derive(Clone, Debug)]
pub(crate) struct WorkPlace {
    pub(crate) bucket: BucketRef,
    /// With its trailing slash.
    pub(crate) prefix: String,
}

impl WorkPlace {
    /// The key of a unit's object. The rows are in the name, so that a listing tells whether all are there.
    pub(super) fn key(&self, unit: u32, part: u32, rows: u64) -> String {
        format!("{}{unit:08}-{part:04}-{rows}.json.gz", self.prefix)
    }

    /// `s3://bucket/prefix/`.
    pub(crate) fn uri(&self) -> String {
        self.bucket.uri(&self.prefix)
    }

    /// The rows of an object of this place; `None` of one that no unit makes.
    fn rows(&self, key: &str) -> Option<u64> {
        let name = key.strip_prefix(&self.prefix)?.strip_suffix(".json.gz")?;
        let mut parts = name.split('-');
        let (unit, part, rows) = (parts.next()?, parts.next()?, parts.next()?);
        let (unit, part, rows) = (unit.parse().ok()?, part.parse().ok()?, rows.parse().ok()?);
        (self.key(unit, part, rows) == key).then_some(rows)
    }
}

/// Where the objects of a table of the plan lie: below the place that the plan names, by the plan's digest, so that no
/// two plans meet.
pub(crate) fn work_place(plan: &Plan, table: u32) -> WorkPlace {
    let (bucket, prefix) = match plan.tables.get(table as usize).map(|table| &table.way) {
        Some(Way::Import { bucket, prefix }) => (bucket.as_str(), prefix.trim_matches('/')),
        Some(Way::Write) | None => ("", ""),
    };
    let digest = plan.digest();
    let own = format!("{}/{table:04}/", digest.get(..16).unwrap_or(&digest));
    WorkPlace {
        bucket: BucketRef::new(plan.target_region.clone(), bucket),
        prefix: if prefix.is_empty() {
            own
        } else {
            format!("{prefix}/{own}")
        },
    }
}

/// Refuses to import what is not exactly the table's rows: DynamoDB would overwrite and add in silence.
pub(super) async fn check(
    cloud: &Cloud,
    plan: &Plan,
    table: u32,
    cancel: &CancellationToken,
) -> Result<(), Error> {
    let place = work_place(plan, table);
    let objects = listed(cloud, &place, cancel).await?;
    let differs = |cause: String| {
        Refusal::new(
            "work_differs",
            place.uri(),
            cause,
            "Something else writes or deletes below the work prefix. Begin a new run with a prefix of its own.",
        )
    };
    let mut rows = 0;
    for object in &objects {
        rows += place
            .rows(&object.key)
            .ok_or_else(|| differs(format!("{} is none of its objects", object.key)))?;
    }
    let planned = plan.tables[table as usize].rows;
    if rows != planned {
        return Err(differs(format!(
            "its objects hold {rows} rows where the plan counts {planned}"
        ))
        .into());
    }
    Ok(())
}

async fn listed(
    cloud: &Cloud,
    place: &WorkPlace,
    cancel: &CancellationToken,
) -> Result<Vec<ObjectEntry>, Error> {
    retry::transient(cancel, || {
        cloud.list_objects_up_to(&place.bucket, &place.prefix, OBJECTS_MAX)
    })
    .await
}

/// Removes the objects of a table that was imported. What cannot be removed is logged, with its place: the table does not
/// depend on it.
pub(crate) async fn clear(cloud: &Cloud, plan: &Plan, table: u32) {
    let place = work_place(plan, table);
    if let Err(error) = remove(cloud, &place).await {
        tracing::warn!(place = place.uri(), %error, "an import's objects could not be removed; delete them");
    }
}

async fn remove(cloud: &Cloud, place: &WorkPlace) -> Result<(), aws::Error> {
    cloud
        .list_objects(&place.bucket, &place.prefix)
        .map(|entry| async { cloud.delete_object(&place.bucket, &entry?.key).await })
        .buffer_unordered(DELETED_AT_ONCE)
        .try_for_each(|()| async { Ok(()) })
        .await
}

/// Where the plan's imports put objects, as `s3://bucket/prefix/`.
pub fn work_prefixes(plan: &Plan) -> Vec<String> {
    (0_u32..)
        .zip(&plan.tables)
        .filter(|(_, table)| is_imported(table))
        .map(|(index, _)| work_place(plan, index).uri())
        .collect()
}

/// Removes what a run that will not be gone on with has put below its work prefixes.
///
/// Objects that DynamoDB still reads from stay. What is left, and where, is the answer; `None` when it is nothing.
pub async fn leave_work(cloud: &Cloud, plan: &Plan, checkpoints: &dyn Checkpoints) -> Option<String> {
    let imported: Vec<(u32, &TablePlan)> = (0_u32..)
        .zip(&plan.tables)
        .filter(|(_, table)| is_imported(table))
        .collect();
    if imported.is_empty() {
        return None;
    }
    let recorded = match checkpoints.load().await {
        Ok(recorded) => recorded,
        Err(error) => {
            let places = work_prefixes(plan).join(", ");
            return Some(format!("Objects may be left below {places}: {error}."));
        }
    };
    let mut left = String::new();
    for (index, table) in imported {
        let (target, place) = (table_ref(plan, table), work_place(plan, index));
        // A table is CREATING as long as its import lasts, whether its ARN came to be recorded or not.
        let is_read = recorded.imports.contains_key(&index)
            && match cloud.describe_table(&target).await {
                Ok(found) => found.status == TableStatus::Creating,
                Err(error) => !error.is_not_found(),
            };
        // Writing to a String cannot fail.
        if is_read {
            let _ = write!(
                left,
                "DynamoDB goes on importing {target}, and may read {}: delete both when it has ended. ",
                place.uri()
            );
        } else if let Err(error) = remove(cloud, &place).await {
            let _ = write!(left, "Objects are left below {}: {error}. ", place.uri());
        }
    }
    (!left.is_empty()).then(|| left.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_tells_the_rows_of_each_object_and_which_are_strange() {
        let place = WorkPlace {
            bucket: BucketRef::new("us-east-1".parse().unwrap(), "work"),
            prefix: "a/b/0001/".to_owned(),
        };
        let key = place.key(12, 3, 456);
        assert_eq!(key, "a/b/0001/00000012-0003-456.json.gz");
        assert_eq!(place.rows(&key), Some(456));
        for strange in [
            "a/b/0001/", "a/b/0001/00000012-0003-456.json", "a/b/0001/12-3-456.json.gz",
            "a/b/0001/00000012-0003-0456.json.gz", "a/b/0001/x/00000012-0003-456.json.gz",
            "a/b/0002/00000012-0003-456.json.gz",
        ] {
            assert_eq!(place.rows(strange), None, "{strange}");
        }
    }
}
