//! The same restore from a terminal.

use recovery::plan::{Capacity, Existing, Plan, Way};
use recovery::request::{PlanRequest, key_argument};

/// The command that plans and runs the same restore: the request, over the plan's copy.
pub(super) fn command(plan: &Plan, request: &PlanRequest) -> String {
    let mut words = vec![
        "data-restore".to_owned(),
        "restore".to_owned(),
        quoted(&format!("s3://{}/{}", plan.copy.bucket, plan.copy.prefix)),
        "--region".to_owned(),
        plan.copy.region.to_string(),
        "--target-region".to_owned(),
        plan.target_region.to_string(),
    ];
    for table in &request.tables {
        let key = key_argument(&table.partition, table.sort.as_deref(), table.synthetic);
        words.push("--table".to_owned());
        words.push(quoted(&format!("{}={}:{key}", table.source, table.target)));
        for (column, treat_as) in &table.treat_as {
            words.push("--treat-as".to_owned());
            words.push(quoted(&format!("{}.{column}={}", table.source, treat_as.name())));
        }
    }
    if let Some(Capacity::Provisioned {
        read_units,
        write_units,
    }) = request.tables.first().map(|table| table.capacity)
    {
        words.push("--provisioned".to_owned());
        words.push(format!("{read_units}:{write_units}"));
    }
    if let Some(table) = request.tables.first().filter(|table| !table.existing.is_refuse()) {
        words.push("--existing".to_owned());
        words.push(table.existing.name().replace('_', "-"));
    }
    for table in &plan.tables {
        if table.existing == Existing::Overwrite {
            words.push("--confirm-overwrite".to_owned());
            words.push(table.target.to_string());
        }
    }
    if let Some(units) = request
        .tables
        .first()
        .and_then(|table| table.pace.max_write_units)
    {
        words.push("--max-write-units".to_owned());
        words.push(units.to_string());
    }
    if let Some(Way::Import { bucket, prefix }) = request.tables.first().map(|table| &table.way) {
        words.extend(["--way", "import", "--work"].map(str::to_owned));
        words.push(quoted(&format!("s3://{bucket}/{prefix}")));
    }
    words.join(" ")
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&b));
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_change_are_quoted() {
        assert_eq!(quoted("shop.orders=orders:id,line"), "shop.orders=orders:id,line");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("a b"), "'a b'");
    }
}
