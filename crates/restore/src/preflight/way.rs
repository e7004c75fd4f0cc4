//! Whether an import can be made at all.

use aws::Cloud;
use aws::s3::BucketRef;
use recovery::plan::{Plan, TablePlan, Way};
use recovery::preflight::{Finding, Severity};

use super::findings::Of;
use crate::Error;
use crate::import::{OBJECTS_MAX, is_imported};

/// What is found of the place that an import's objects are put into; nothing of a table that is written.
pub(super) async fn look(cloud: &Cloud, plan: &Plan, table: &TablePlan) -> Result<Vec<Finding>, Error> {
    let Way::Import { bucket, .. } = &table.way else {
        return Ok(Vec::new());
    };
    if !is_imported(table) {
        return Ok(Vec::new());
    }
    let blocks = |code: &str, message: String, hint: &str| {
        let finding = Of(table).finding(Severity::Blocks, code, message).hint(hint);
        Ok(vec![finding.choices([Of(table).leave_out()])])
    };
    // At least an object for each.
    let units = plan
        .units()
        .iter()
        .filter(|unit| plan.tables[unit.table as usize].source == table.source)
        .count();
    if units > OBJECTS_MAX {
        return blocks(
            "too_many_objects",
            format!("Its import would need {units} objects; DynamoDB takes {OBJECTS_MAX}."),
            "Restore the table by write.",
        );
    }
    let work = BucketRef::new(plan.target_region.clone(), bucket);
    match cloud.bucket_region(&work).await {
        Ok(region) if region == plan.target_region => {
            let message = format!("{work} takes the objects of its import.");
            Ok(vec![Of(table).finding(Severity::Passed, "work_bucket", message)])
        }
        Ok(region) => blocks(
            "work_bucket_elsewhere",
            format!(
                "Bucket {bucket} for its import lies in {region} and not in {}.",
                plan.target_region
            ),
            "Name a bucket of the target Region.",
        ),
        Err(error) if error.is_transient() => Err(error.into()),
        Err(error) => blocks(
            "work_bucket_unreachable",
            format!("Bucket {bucket} for its import cannot be used: {error}."),
            "Name a bucket of the target Region that may be listed, read and written.",
        ),
    }
}
