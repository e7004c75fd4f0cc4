//! The JSON that RDS writes beside an export. Numbers may be strings, fields may be missing, and new ones may come.

use recovery::ids::TableName;
use recovery::table::{OriginalNumbers, TableExport, forbidden_name};
use recovery::types::base_type;
use serde::{Deserialize, Deserializer};

/// `export_info_<task>.json`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ExportInfo {
    /// The export task.
    pub export_task_identifier: Option<String>,
    /// `COMPLETE` when everything is there.
    pub status: Option<String>,
    /// 0 to 100.
    #[serde(deserialize_with = "number")]
    pub percent_progress: Option<f64>,
    /// What was exported.
    pub source_arn: Option<String>,
    /// When it began, as RDS writes it.
    pub task_start_time: Option<String>,
    /// When it ended, likewise.
    pub task_end_time: Option<String>,
    /// GB of extracted data.
    #[serde(alias = "totalExtractedDataInGB", deserialize_with = "number")]
    pub total_exported_data_in_gb: Option<f64>,
}

impl ExportInfo {
    /// Whether it says that everything was exported.
    pub fn is_complete(&self) -> bool {
        self.status
            .as_deref()
            .is_some_and(|status| status.eq_ignore_ascii_case("complete"))
    }
}

/// A page of `export_tables_info_<task>_from_<a>_to_<b>.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TablesInfo {
    pub(crate) per_table_status: Vec<TableStatus>,
}

/// What RDS says of one table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TableStatus {
    pub(crate) target: String,
    pub(crate) status: Option<String>,
    pub(crate) warning_message: Option<String>,
    pub(crate) failure_cause: Option<String>,
    #[serde(alias = "sizeGB", deserialize_with = "number")]
    pub(crate) size_gb: Option<f64>,
    #[serde(alias = "TableStatistics")]
    pub(crate) table_statistics: TableStatistics,
    pub(crate) schema_metadata: SchemaMetadata,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TableStatistics {
    extraction_start_time: Option<String>,
    extraction_end_time: Option<String>,
    partitioning_info: PartitioningInfo,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PartitioningInfo {
    #[serde(deserialize_with = "number")]
    number_of_partitions: Option<f64>,
    #[serde(deserialize_with = "number")]
    number_of_completed_partitions: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SchemaMetadata {
    pub(crate) original_type_mappings: Vec<TypeMapping>,
}

/// What RDS says of one column.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct TypeMapping {
    pub(crate) column_name: String,
    pub(crate) original_type: Option<String>,
    #[serde(deserialize_with = "number")]
    pub(crate) original_char_max_length: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(crate) original_num_precision: Option<f64>,
    #[serde(deserialize_with = "number")]
    pub(crate) original_date_time_precision: Option<f64>,
}

impl TypeMapping {
    /// What the mapping says in numbers. RDS writes 0 where a number means nothing for the type; of a fraction's digits
    /// 0 means none only for types that have a time.
    pub(crate) fn numbers(&self) -> OriginalNumbers {
        let has_time = self.original_type.as_deref().is_some_and(|original| {
            matches!(base_type(original).as_str(), "time" | "datetime" | "timestamp")
        });
        OriginalNumbers {
            char_max_length: whole(self.original_char_max_length).filter(|length| *length > 0),
            num_precision: whole(self.original_num_precision).filter(|digits| *digits > 0),
            date_time_precision: whole(self.original_date_time_precision).filter(|_| has_time),
        }
    }
}

/// The whole number that it is, or begins with.
fn whole(number: Option<f64>) -> Option<u64> {
    const MAX: f64 = 9e15;
    let number = number.filter(|number| (0.0..=MAX).contains(number))?;
    // A fraction would be no length and no count.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 9e15"
    )]
    Some(number as u64)
}

/// Longest text that is kept of what RDS says.
const SAID_CHARS_MAX: usize = 4_000;

impl TableStatus {
    /// What is kept of it.
    pub(crate) fn kept(&self) -> TableExport {
        let said = |text: &Option<String>| {
            let text = text.as_deref().filter(|text| !text.trim().is_empty())?;
            Some(text.chars().take(SAID_CHARS_MAX).collect())
        };
        let statistics = &self.table_statistics;
        let partitions = &statistics.partitioning_info;
        TableExport {
            status: said(&self.status),
            warning: said(&self.warning_message),
            failure_cause: said(&self.failure_cause),
            extracted_bytes: whole(self.size_gb.map(|size| size * f64::from(1 << 30))),
            partitions: whole(partitions.number_of_partitions),
            partitions_completed: whole(partitions.number_of_completed_partitions),
            extraction_start_time: said(&statistics.extraction_start_time),
            extraction_end_time: said(&statistics.extraction_end_time),
        }
    }

    /// Whether RDS says that the whole table is there. A missing status says nothing against it.
    pub(crate) fn is_complete(&self) -> bool {
        self.status
            .as_deref()
            .is_none_or(|status| status.eq_ignore_ascii_case("complete"))
    }

    /// Why the table is not, or not wholly, there: what RDS says, or a name that it is known not to export.
    pub(crate) fn complaint(&self, table: &TableName) -> Option<String> {
        let said = self.failure_cause.as_deref().or(self.warning_message.as_deref());
        match (self.is_complete(), said) {
            (_, Some(said)) if !said.trim().is_empty() => Some(said.to_owned()),
            (true, _) => None,
            (false, _) => {
                let status = format!("status {}", self.status.as_deref().unwrap_or("unknown"));
                let mappings = &self.schema_metadata.original_type_mappings;
                let columns = mappings.iter().map(|mapping| mapping.column_name.as_str());
                Some(match forbidden_name(table, columns) {
                    Some(name) => format!("{status}; {name}"),
                    None => status,
                })
            }
        }
    }

    /// The mapping of a column.
    pub(crate) fn column(&self, name: &str) -> Option<&TypeMapping> {
        self.schema_metadata
            .original_type_mappings
            .iter()
            .find(|mapping| mapping.column_name == name)
    }

    /// The table that it means: the first reading of its target for which there is a folder, else the first reading.
    pub(crate) fn table(&self, has_folder: impl Fn(&TableName) -> bool) -> Option<TableName> {
        let names = super::layout::target_names(&self.target);
        names
            .iter()
            .find(|name| has_folder(name))
            .or(names.first())
            .cloned()
    }
}

/// A number, or a string that holds one. Anything else counts as absent: no decision rests on it.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(match &value {
        serde_json::Value::Number(number) => number.as_f64(),
        serde_json::Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_strings_and_letter_case_does_not_matter() {
        let info: ExportInfo = serde_json::from_str(
            r#"{"exportTaskIdentifier":"x","status":"complete","percentProgress":"100","totalExtractedDataInGB":"0.5","new":1}"#,
        )
        .unwrap();
        assert!(info.is_complete());
        assert_eq!(
            (info.percent_progress, info.total_exported_data_in_gb),
            (Some(100.0), Some(0.5))
        );
    }

    #[test]
    fn what_rds_says_of_a_table_is_kept_in_its_own_words() {
        let page: TablesInfo = serde_json::from_str(
            r#"{"perTableStatus":[{"target":"shop.orders","status":"COMPLETE","sizeGB":"0.5","warningMessage":"beware",
               "tableStatistics":{"extractionStartTime":"2026-11-20 08:00:00.000 UTC","partitioningInfo":
               {"numberOfPartitions":"3","numberOfCompletedPartitions":2}}}]}"#,
        )
        .unwrap();
        let kept = page.per_table_status[0].kept();
        let expected = TableExport {
            status: Some("COMPLETE".to_owned()),
            warning: Some("beware".to_owned()),
            extracted_bytes: Some(1 << 29),
            partitions: Some(3),
            partitions_completed: Some(2),
            extraction_start_time: Some("2026-11-20 08:00:00.000 UTC".to_owned()),
            ..TableExport::default()
        };
        assert_eq!(kept, expected);
    }

    #[test]
    fn a_skipped_table_keeps_its_warning_verbatim() {
        let page: TablesInfo = serde_json::from_str(
            r#"{"perTableStatus":[{"target":"shop.shop.a,b","status":"SKIPPED","warningMessage":"bad name"},
               {"target":"shop.orders","status":"COMPLETE","schemaMetadata":{"originalTypeMappings":[
                 {"columnName":"c","originalType":"char(2)","originalNumPrecision":"20"}]}}]}"#,
        )
        .unwrap();
        let [skipped, orders] = page.per_table_status.as_slice() else {
            panic!("two tables");
        };
        let name: TableName = "shop.in/out".parse().unwrap();
        assert_eq!(skipped.complaint(&name).as_deref(), Some("bad name"));
        assert_eq!(orders.complaint(&name), None);
        let silent = TableStatus {
            status: Some("SKIPPED".to_owned()),
            ..TableStatus::default()
        };
        assert_eq!(
            silent.complaint(&name).as_deref(),
            Some("status SKIPPED; the table's name holds a slash, which RDS does not export")
        );
        assert_eq!(orders.column("c").unwrap().original_num_precision, Some(20.0));
        assert_eq!(skipped.table(|_| false).unwrap().to_string(), "shop.a,b");
    }
}
