//! Findings about what cannot be planned at all: tables that RDS skipped, exports that are not whole, damaged objects. And
//! what RDS warns of, of tables that can.

use recovery::ids::TableName;
use recovery::preflight::{Choice, Finding, Severity};

use crate::inspect::Inspection;
use crate::{Refusal, TableInspection};

/// Tables that are told although nobody asked for them.
const SKIPPED_MAX: usize = 20;

/// What speaks against a table, as findings.
pub(super) fn of_table(table: &TableInspection) -> Vec<Finding> {
    let name = &table.summary.name;
    let found = table.problems.iter();
    found.map(|problem| of_refusal(Some(name), problem)).collect()
}

/// What RDS warned of when it exported the table all the same.
pub(super) fn warned_of(table: &TableInspection) -> Option<Finding> {
    let warning = table.summary.warning()?;
    let message = format!("RDS exported this table with a warning: {warning}");
    let finding = Finding::new(Severity::Warning, "exported_with_warning", message);
    let hint = "Nothing tells here what of the table is concerned. Compare it with the database, or take another recovery point.";
    Some(finding.of(&table.summary.name).hint(hint))
}

/// A refusal as a finding that blocks.
pub(super) fn of_refusal(table: Option<&TableName>, refusal: &Refusal) -> Finding {
    let finding = Finding::new(Severity::Blocks, refusal.code, format!("{refusal}."));
    let mut finding = finding.hint(refusal.hint.clone());
    // Another copy may be whole; what RDS did not write is in none.
    if !matches!(refusal.code, "table_not_exported" | "unsupported_column") {
        finding.choices.push(Choice::UseCopy { region: None });
    }
    if let Some(table) = table {
        finding.choices.push(Choice::LeaveOut { table: table.clone() });
        finding.table = Some(table.clone());
    }
    finding
}

/// Notes about tables that RDS skipped and that the request leaves out, knowingly or not.
pub(super) fn skipped_besides(inspection: &Inspection, asked: &[&TableName]) -> Vec<Finding> {
    let skipped: Vec<_> = inspection
        .tables
        .iter()
        .filter(|table| !asked.contains(&&table.summary.name))
        .filter_map(|table| Some((&table.summary.name, table.summary.skipped.as_ref()?)))
        .collect();
    let mut found: Vec<Finding> = skipped
        .iter()
        .take(SKIPPED_MAX)
        .map(|(name, why)| {
            let message = format!("The copy lacks {name}, for RDS did not export it: {why}.");
            Finding::new(Severity::Note, "table_skipped", message).of(name)
        })
        .collect();
    if let Some(more) = skipped.len().checked_sub(SKIPPED_MAX).filter(|more| *more > 0) {
        let message = format!("RDS did not export {more} more tables, which are not in this plan either.");
        found.push(Finding::new(Severity::Note, "table_skipped", message).count(more as u64));
    }
    found
}
