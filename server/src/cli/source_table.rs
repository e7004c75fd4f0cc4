//! `--table DB.TABLE=TARGET:PK[,SK]`: one table to restore, its target and its key, which may be one that is added:
//! `@row-digest` or `@row-place`.

use std::str::FromStr;

use recovery::ids::{TableName, TargetName};
use recovery::plan::Capacity;
use recovery::request::{TableRequest, TreatAs};
use recovery::synthetic_key::SyntheticKey;

/// A table as it is written on the command line. The key may be left out; then candidates are suggested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceTable {
    /// The table in the copy.
    pub source: TableName,
    /// The DynamoDB table.
    pub target: TargetName,
    /// The key, where it was named.
    pub key: Option<KeyArgument>,
}

/// A key as it is written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyArgument {
    /// The column of the partition key, or the name of an added one.
    pub partition: String,
    /// The column of the sort key.
    pub sort: Option<String>,
    /// What the key is, where it is added.
    pub synthetic: Option<SyntheticKey>,
}

impl SourceTable {
    /// The request for this table, when its key was named.
    pub fn request(&self, treat_as: &[ColumnChoice]) -> Option<TableRequest> {
        let key = self.key.clone()?;
        Some(TableRequest {
            sort: key.sort,
            synthetic: key.synthetic,
            treat_as: treat_as
                .iter()
                .filter_map(|choice| Some((choice.column_of(&self.source)?.to_owned(), choice.treat_as)))
                .collect(),
            ..TableRequest::new(self.source.clone(), self.target.clone(), key.partition)
        })
    }
}

const FORM: &str = "a table is written DB.TABLE=TARGET:PARTITION_KEY[,SORT_KEY], or with @row-digest or @row-place as the key";

impl FromStr for SourceTable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A MySQL table's name may hold `=`, a DynamoDB table's may not: the first `=` with a valid target behind
        // it is the separator.
        let mut reason = format!("the target is missing: {FORM}");
        for (position, _) in text.match_indices('=') {
            let (source, rest) = (&text[..position], &text[position + 1..]);
            let (target, key) = match rest.split_once(':') {
                Some((target, key)) => (target, Some(key)),
                None => (rest, None),
            };
            let target = match target.parse::<TargetName>() {
                Ok(target) => target,
                Err(error) => {
                    reason = error.to_string();
                    continue;
                }
            };
            let source = source.parse().map_err(|error| format!("{error}: {FORM}"))?;
            let key = key.map(str::parse).transpose()?;
            return Ok(Self { source, target, key });
        }
        Err(reason)
    }
}

impl FromStr for KeyArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((kind, name)) = SyntheticKey::of_argument(text) {
            return Ok(Self {
                partition: name.to_owned(),
                sort: None,
                synthetic: Some(kind),
            });
        }
        let (partition, sort) = parse_columns(text)?;
        Ok(Self {
            partition,
            sort,
            synthetic: None,
        })
    }
}

fn parse_columns(text: &str) -> Result<(String, Option<String>), String> {
    let (partition, sort) = match text.split_once(',') {
        Some((partition, sort)) => (partition, Some(sort)),
        None => (text, None),
    };
    if partition.is_empty() || sort == Some("") {
        return Err(format!("a key column is empty: {FORM}"));
    }
    if sort.is_some_and(|sort| sort.contains(',')) {
        return Err(format!(
            "a DynamoDB key has at most two columns, a partition and a sort key: {FORM}"
        ));
    }
    if sort == Some(partition) {
        return Err(format!("the partition and the sort key are both {partition:?}"));
    }
    Ok((partition.to_owned(), sort.map(str::to_owned)))
}

/// `--treat-as DB.TABLE.COLUMN=text|binary`: a column that is taken as text or as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnChoice {
    /// Table and column as they were written. Both may hold dots, so only a table's name tells where the column begins.
    pub column: String,
    /// As what.
    pub treat_as: TreatAs,
}

impl ColumnChoice {
    /// The column, where it is one of this table.
    pub fn column_of(&self, table: &TableName) -> Option<&str> {
        let column = self.column.strip_prefix(&table.to_string())?.strip_prefix('.')?;
        (!column.is_empty()).then_some(column)
    }
}

impl FromStr for ColumnChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "a choice is written DB.TABLE.COLUMN=text or DB.TABLE.COLUMN=binary";
        let (column, wish) = text.rsplit_once('=').ok_or(FORM)?;
        let treat_as = match wish {
            "text" => TreatAs::Text,
            "binary" => TreatAs::Binary,
            _ => return Err(FORM.to_owned()),
        };
        Ok(Self {
            column: column.to_owned(),
            treat_as,
        })
    }
}

/// `--provisioned R:W`.
pub fn parse_provisioned(text: &str) -> Result<Capacity, String> {
    let units = |text: &str| {
        text.parse::<u64>()
            .ok()
            .filter(|units| (1..=40_000).contains(units))
    };
    let (read, write) = text
        .split_once(':')
        .ok_or("capacity is written READ_UNITS:WRITE_UNITS, such as 100:2000")?;
    match (units(read), units(write)) {
        (Some(read_units), Some(write_units)) => Ok(Capacity::Provisioned {
            read_units,
            write_units,
        }),
        // 40,000 units a table is DynamoDB's default quota.
        _ => Err("both are numbers from 1 to 40000, such as 100:2000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use recovery::request::key_argument;

    #[test]
    fn a_table_names_source_target_and_key() {
        let check = |text: &str, source: &str, target: &str, key: Option<&str>| {
            let table: SourceTable = text.parse().unwrap();
            assert_eq!(table.source.to_string(), source);
            assert_eq!(table.target.as_str(), target);
            let found = table
                .key
                .map(|key| key_argument(&key.partition, key.sort.as_deref(), key.synthetic));
            assert_eq!(found.as_deref(), key);
        };
        check("tvshows.shows=shows:id", "tvshows.shows", "shows", Some("id"));
        check(
            "shop.order_items=items:order_id,line",
            "shop.order_items",
            "items",
            Some("order_id,line"),
        );
        check("shop.a=b=target:id", "shop.a=b", "target", Some("id"));
        check("shop.orders=orders", "shop.orders", "orders", None);
        for key in ["@row-digest", "@row-place", "@row-place=pk"] {
            check(&format!("shop.log=log:{key}"), "shop.log", "log", Some(key));
        }
    }

    #[test]
    fn a_choice_names_a_column_of_a_table() {
        let choice: ColumnChoice = "shop.orders.v2.no=te=binary".parse().unwrap();
        assert_eq!(choice.treat_as, TreatAs::Binary);
        assert_eq!(
            choice.column_of(&"shop.orders.v2".parse().unwrap()),
            Some("no=te")
        );
        assert_eq!(
            choice.column_of(&"shop.orders".parse().unwrap()),
            Some("v2.no=te")
        );
        assert_eq!(choice.column_of(&"shop.order".parse().unwrap()), None);
        assert!("shop.orders.note".parse::<ColumnChoice>().is_err());
        assert!("shop.orders.note=bytes".parse::<ColumnChoice>().is_err());
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, expected) in [
            ("shows", "target is missing"),
            ("tvshows.shows", "target is missing"),
            ("shows=target:id", "database.table"),
            ("a.b=x:id", "3 to 255"),
            ("a.b=target:", "key column is empty"),
            ("a.b=target:id,", "key column is empty"),
            ("a.b=target:a,b,c", "at most two"),
            ("a.b=target:a,a", "both"),
        ] {
            let error = text.parse::<SourceTable>().unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert!(parse_provisioned("5").is_err());
        assert!(parse_provisioned("0:5").is_err());
        assert!(parse_provisioned("5:50000").is_err());
        assert_eq!(
            parse_provisioned("5:10"),
            Ok(Capacity::Provisioned {
                read_units: 5,
                write_units: 10
            })
        );
    }
}
