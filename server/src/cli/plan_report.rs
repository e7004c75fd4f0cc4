//! A plan and its preflight as text.

use std::fmt::Write as _;

use recovery::estimate::{By, Estimate, Recommendation, TableEstimate};
use recovery::plan::Plan;
use recovery::preflight::{Choice, Depth, Finding, Preflight, Severity};
use recovery::request::{Planned, key_argument};

use super::output::{self, bytes, count};

/// Everything that a person needs to decide.
pub fn text(planned: &Planned) -> String {
    let Planned { plan, preflight } = planned;
    let mut text = String::new();
    if let Some(plan) = plan {
        what(&mut text, plan);
    }
    if !preflight.estimate.tables.is_empty() {
        estimate(&mut text, &preflight.estimate);
    }
    for finding in &preflight.findings {
        this(&mut text, finding);
    }
    text.push_str(ending(preflight));
    text
}

fn ending(preflight: &Preflight) -> &'static str {
    match (preflight.is_blocked(), preflight.depth) {
        (true, _) => "\nA restore of this plan is refused.",
        (false, Depth::Exact) => "\nNothing speaks against it.",
        (false, Depth::Quick) => {
            "\nFooters do not speak against it. Every row is checked before a restore writes anything."
        }
    }
}

fn what(text: &mut String, plan: &Plan) {
    let rows: Vec<[String; 5]> = plan
        .tables
        .iter()
        .map(|table| {
            let sort = table.key.sort.as_ref().map(|sort| sort.column.as_str());
            [
                table.source.to_string(),
                table.target.to_string(),
                key_argument(&table.key.partition.column, sort, table.key.synthetic),
                count(table.rows),
                bytes(table.objects.iter().map(|object| object.size).sum()),
            ]
        })
        .collect();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "From s3://{}/{} in {} to DynamoDB in {}, plan {}\n",
        plan.copy.bucket,
        plan.copy.prefix,
        plan.copy.region,
        plan.target_region,
        &plan.digest()[..12]
    );
    text.push_str(&output::table(["table", "target", "key", "rows", "bytes"], &rows));
    for place in restore::work_prefixes(plan) {
        let _ = writeln!(
            text,
            "\nBy import from S3, with objects below {place} until it has ended"
        );
    }
    text.push('\n');
}

fn estimate(text: &mut String, estimate: &Estimate) {
    let about = |table: &TableEstimate| if table.is_exact { "" } else { "about " };
    let rows: Vec<[String; 6]> = estimate
        .tables
        .iter()
        .flat_map(|table| table.ways.iter().map(move |way| (table, way)))
        .map(|(table, way)| {
            [
                match way.way {
                    By::Write => table.target.to_string(),
                    By::Import => format!("{} (import)", table.target),
                },
                format!("{}{}", about(table), bytes(table.bytes)),
                format!("{}{}", about(table), count(way.write_units)),
                way.write_seconds.map_or_else(|| "unknown".to_owned(), duration),
                duration(way.read_seconds),
                way.cost
                    .map_or_else(|| "unknown".to_owned(), |cost| cost.total().to_string()),
            ]
        })
        .collect();
    let money = match &estimate.prices {
        Some(prices) => prices.currency.as_str(),
        None => "money",
    };
    text.push_str(&output::table(
        ["target", "items", "write units", "writing", "reading back", money],
        &rows,
    ));
    let mut bases: Vec<&str> = Vec::new();
    for way in estimate.tables.iter().flat_map(|table| &table.ways) {
        if !bases.contains(&way.basis.as_str()) {
            bases.push(&way.basis);
        }
    }
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "Times are the least that DynamoDB allows: {}.",
        bases.join("; ")
    );
    for table in &estimate.tables {
        if let Some(Recommendation { way, because }) = &table.recommended {
            let way = match way {
                By::Write => "write",
                By::Import => "import",
            };
            let _ = writeln!(text, "Better for {}: --way {way}, for {because}.", table.target);
        }
    }
    let _ = match (&estimate.prices, estimate.cost()) {
        (Some(prices), Some(total)) => writeln!(
            text,
            "Together {} write units and {total} {} at the prices of {} in {}, without free tier and storage.\n",
            count(estimate.write_units()),
            prices.currency,
            prices.as_of,
            prices.region
        ),
        _ => writeln!(
            text,
            "Together {} write units. No price of this Region is known: give some with --prices FILE.\n",
            count(estimate.write_units())
        ),
    };
}

fn this(text: &mut String, finding: &Finding) {
    let mark = match finding.severity {
        Severity::Blocks => "BLOCKS     ",
        Severity::Warning => "warning    ",
        Severity::Note => "note       ",
        Severity::NotChecked => "not checked",
        Severity::Passed => "passed     ",
    };
    let place = finding
        .table
        .as_ref()
        .map(|table| format!("{table}: "))
        .unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{mark}  {place}{}", finding.message);
    if matches!(finding.severity, Severity::NotChecked | Severity::Passed) {
        return;
    }
    for example in &finding.examples {
        let values = example.values_text();
        let space = if values.is_empty() { "" } else { "  " };
        let _ = writeln!(text, "             {values}{space}{}", example.places_text());
    }
    if let Some(hint) = &finding.hint {
        let _ = writeln!(text, "             {hint}");
    }
    for choice in &finding.choices {
        let _ = writeln!(text, "             - {}{}", choice.sentence(), flag(choice));
    }
}

/// The flag that makes the choice, where it is one.
fn flag(choice: &Choice) -> String {
    match choice {
        Choice::TreatAs {
            table,
            column,
            treat_as,
        } => format!(": --treat-as {table}.{column}={}", treat_as.name()),
        Choice::UseKey {
            table,
            partition,
            sort,
            synthetic,
            ..
        } => {
            let key = key_argument(partition, sort.as_deref(), *synthetic);
            format!(": --table {table}=…:{key}")
        }
        Choice::TreatExisting { existing, .. } => {
            format!(": --existing {}", existing.name().replace('_', "-"))
        }
        Choice::UseTarget { table, target } => format!(": --table {table}={target}:…"),
        Choice::UseCopy { region: Some(region) } => format!(": --region {region}, with that copy's address"),
        Choice::CheckExactly => ": --preflight exact".to_owned(),
        Choice::AgreeToThaw(option) => format!(": restore … --thaw {}", option.tier.name()),
        Choice::LeaveOut { .. } | Choice::UseCopy { region: None } => String::new(),
    }
}

/// `26 s`, `4 min`, `2 h 5 min`.
fn duration(seconds: u64) -> String {
    match (seconds / 3_600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_as_people_say_them() {
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(59), "59 s");
        assert_eq!(duration(61), "1 min 1 s");
        assert_eq!(duration(7_500), "2 h 5 min");
    }
}
