//! What a request will read or write, as far as its throttle needs to know.

use serde_json::{Map, Value};

use super::item_size;

/// Reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Read,
    Write,
}

/// A request's demand on its tables.
#[derive(Debug, PartialEq)]
pub(super) enum Traffic {
    /// One item put: its size is known.
    Put { table: String, units: f64 },
    /// Whatever it costs is known afterwards.
    Unknown {
        tables: Vec<String>,
        direction: Direction,
    },
    /// Item by item: what doesn't pass comes back unprocessed.
    BatchWrite,
    /// Table by table: what doesn't pass comes back unprocessed.
    BatchGet,
    /// Nothing that is throttled.
    Free,
}

/// The demand of an operation with this request.
pub(super) fn of(operation: &str, request: &Map<String, Value>) -> Traffic {
    let table = || table_name(request.get("TableName"));
    let direction = match operation {
        "PutItem" => {
            return match (table(), request.get("Item").and_then(Value::as_object)) {
                (Some(table), Some(item)) => Traffic::Put {
                    table,
                    units: item_size::write_units(item_size::item(item)),
                },
                // The database words the refusal.
                _ => Traffic::Free,
            };
        }
        "BatchWriteItem" => return Traffic::BatchWrite,
        "BatchGetItem" => return Traffic::BatchGet,
        "TransactWriteItems" | "TransactGetItems" => {
            let direction = if operation == "TransactGetItems" {
                Direction::Read
            } else {
                Direction::Write
            };
            return Traffic::Unknown {
                tables: transaction_tables(request),
                direction,
            };
        }
        "UpdateItem" | "DeleteItem" => Direction::Write,
        "GetItem" | "Query" | "Scan" => Direction::Read,
        _ => return Traffic::Free,
    };
    match table() {
        Some(table) => Traffic::Unknown {
            tables: vec![table],
            direction,
        },
        None => Traffic::Free,
    }
}

/// A table's name, given as such or as an ARN.
fn table_name(value: Option<&Value>) -> Option<String> {
    let name = value?.as_str()?;
    Some(match name.split_once(":table/") {
        Some((_, table)) => table.to_owned(),
        None => name.to_owned(),
    })
}

/// Every table that a request names.
pub(super) fn tables(request: &Map<String, Value>) -> Vec<String> {
    let mut tables = transaction_tables(request);
    tables.extend(table_name(request.get("TableName")));
    let of_batch = request.get("RequestItems").and_then(Value::as_object);
    tables.extend(of_batch.into_iter().flat_map(Map::keys).cloned());
    tables
}

fn transaction_tables(request: &Map<String, Value>) -> Vec<String> {
    let actions = request
        .get("TransactItems")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut tables: Vec<String> = actions
        .filter_map(Value::as_object)
        .flat_map(Map::values)
        .filter_map(|action| table_name(action.get("TableName")))
        .collect();
    tables.sort_unstable();
    tables.dedup();
    tables
}

/// The write units of one entry of a BatchWriteItem; a deletion costs at least one.
pub(super) fn batch_write_units(entry: &Value) -> f64 {
    let item = entry.pointer("/PutRequest/Item").and_then(Value::as_object);
    item_size::write_units(item.map_or(0, item_size::item))
}

/// `(table, units)` of a response's ConsumedCapacity, one object or a list of them.
pub(super) fn consumed(response: &Map<String, Value>) -> Vec<(String, f64)> {
    let entries = match response.get("ConsumedCapacity") {
        Some(Value::Array(entries)) => entries.iter().collect(),
        Some(entry) => vec![entry],
        None => Vec::new(),
    };
    entries
        .into_iter()
        .filter_map(|entry| {
            let units = entry.get("CapacityUnits").and_then(Value::as_f64)?;
            Some((table_name(entry.get("TableName"))?, units))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(json: &str) -> Map<String, Value> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn demands() {
        let put = request(
            r#"{"TableName":"arn:aws:dynamodb:us-east-1:111122223333:table/t","Item":{"a":{"S":"b"}}}"#,
        );
        assert_eq!(
            of("PutItem", &put),
            Traffic::Put {
                table: "t".to_owned(),
                units: 1.0
            }
        );
        let transaction = request(
            r#"{"TransactItems":[{"Put":{"TableName":"b"}},{"Delete":{"TableName":"a"}},{"Put":{"TableName":"b"}}]}"#,
        );
        let tables = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(
            of("TransactWriteItems", &transaction),
            Traffic::Unknown {
                tables,
                direction: Direction::Write
            }
        );
        assert_eq!(of("ListTables", &Map::new()), Traffic::Free);
    }

    #[test]
    fn consumed_capacity_of_one_table_and_of_many() {
        let one = request(r#"{"ConsumedCapacity":{"TableName":"t","CapacityUnits":2.5}}"#);
        assert_eq!(consumed(&one), [("t".to_owned(), 2.5)]);
        let many = request(r#"{"ConsumedCapacity":[{"TableName":"t","CapacityUnits":1}]}"#);
        assert_eq!(consumed(&many), [("t".to_owned(), 1.0)]);
    }
}
