//! Every type of MySQL's, with its boundary values, written and read back: footers and values.

use parquet::basic::{Compression, LogicalType, TimeUnit, Type as Physical};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use super::{TableError, TableWriter, Written};
use crate::database::{Column, Row, Table};

/// A table of one column of a declared type, filled with `values`.
fn write(declaration: &str, values: &[Option<&[u8]>]) -> Result<(tempfile::TempDir, Written), TableError> {
    let folder = tempfile::tempdir().unwrap();
    let table = Table {
        schema: "db".to_owned(),
        name: "t".to_owned(),
        columns: vec![Column::declare("c", declaration, true)],
    };
    let mut writer = TableWriter::new(&table, None, folder.path())?;
    let mut row = Row::default();
    for value in values {
        row.clear();
        match value {
            Some(value) => row.bytes(value),
            None => row.null(),
        }
        writer.push(&row)?;
    }
    let written = writer.finish()?;
    drop(table.columns);
    Ok((folder, written))
}

struct Check {
    declaration: &'static str,
    physical: Physical,
    length: i32,
    logical: Option<LogicalType>,
    /// As MySQL shows them.
    values: &'static [&'static [u8]],
    /// As a reader of Parquet shows them.
    shown: &'static [&'static str],
}

fn checks() -> Vec<Check> {
    let check = |declaration, physical, logical, values, shown| Check {
        declaration,
        physical,
        length: -1,
        logical,
        values,
        shown,
    };
    let text = || Some(LogicalType::String);
    let micros = || Some(LogicalType::timestamp(true, TimeUnit::MICROS));
    let decimal = |scale, precision| Some(LogicalType::decimal(scale, precision));
    vec![
        check(
            "TINYINT",
            Physical::INT32,
            None,
            &[b"-128", b"127"],
            &["-128", "127"],
        ),
        check(
            "TINYINT UNSIGNED",
            Physical::INT32,
            Some(LogicalType::integer(16, true)),
            &[b"0", b"255"],
            &["0", "255"],
        ),
        check(
            "SMALLINT",
            Physical::INT32,
            None,
            &[b"-32768", b"32767"],
            &["-32768", "32767"],
        ),
        check(
            "SMALLINT UNSIGNED",
            Physical::INT32,
            None,
            &[b"65535"],
            &["65535"],
        ),
        check(
            "MEDIUMINT",
            Physical::INT32,
            None,
            &[b"-8388608", b"8388607"],
            &["-8388608", "8388607"],
        ),
        check(
            "MEDIUMINT UNSIGNED",
            Physical::INT64,
            None,
            &[b"16777215"],
            &["16777215"],
        ),
        check(
            "INT",
            Physical::INT32,
            None,
            &[b"-2147483648", b"2147483647"],
            &["-2147483648", "2147483647"],
        ),
        check(
            "INT UNSIGNED",
            Physical::INT64,
            None,
            &[b"0000000042", b"4294967295"],
            &["42", "4294967295"],
        ),
        check(
            "BIGINT",
            Physical::INT64,
            None,
            &[b"-9223372036854775808", b"9223372036854775807"],
            &["-9223372036854775808", "9223372036854775807"],
        ),
        Check {
            length: 9,
            ..check(
                "BIGINT UNSIGNED",
                Physical::FIXED_LEN_BYTE_ARRAY,
                decimal(0, 20),
                &[b"0", b"18446744073709551615"],
                &["0", "18446744073709551615"],
            )
        },
        check(
            "YEAR",
            Physical::INT32,
            None,
            &[b"0000", b"1901", b"2155"],
            &["0", "1901", "2155"],
        ),
        check(
            "DECIMAL(9,2)",
            Physical::INT32,
            decimal(2, 9),
            &[b"-9999999.99", b"0.01"],
            &["-9999999.99", "0.01"],
        ),
        check(
            "DECIMAL(18,4)",
            Physical::INT64,
            decimal(4, 18),
            &[b"99999999999999.9999", b"-0.0001"],
            &["99999999999999.9999", "-0.0001"],
        ),
        Check {
            length: 16,
            ..check(
                "DECIMAL(38,10)",
                Physical::FIXED_LEN_BYTE_ARRAY,
                decimal(10, 38),
                &[b"-9999999999999999999999999999.9999999999", b"1.0000000000"],
                &["-9999999999999999999999999999.9999999999", "1.0000000000"],
            )
        },
        check(
            "DECIMAL(65,30)",
            Physical::BYTE_ARRAY,
            text(),
            &[b"-99999999999999999999999999999999999.999999999999999999999999999999"],
            &["\"-99999999999999999999999999999999999.999999999999999999999999999999\""],
        ),
        check(
            "FLOAT",
            Physical::DOUBLE,
            None,
            &[b"1.100000023841858"],
            &["1.100000023841858"],
        ),
        check(
            "DOUBLE",
            Physical::DOUBLE,
            None,
            &[b"-1.7976931348623157e308", b"2.2250738585072014e-308"],
            &["-1.7976931348623157E308", "2.2250738585072014E-308"],
        ),
        check(
            "DATE",
            Physical::BYTE_ARRAY,
            text(),
            &[b"0000-00-00", b"9999-12-31"],
            &["\"0000-00-00\"", "\"9999-12-31\""],
        ),
        check(
            "TIME(6)",
            Physical::BYTE_ARRAY,
            text(),
            &[b"-838:59:59.000000"],
            &["\"-838:59:59.000000\""],
        ),
        check(
            "DATETIME(6)",
            Physical::INT64,
            micros(),
            &[b"1000-01-01 00:00:00.000000", b"9999-12-31 23:59:59.999999"],
            &[
                "1000-01-01 00:00:00.000000 +00:00", "9999-12-31 23:59:59.999999 +00:00",
            ],
        ),
        check(
            "TIMESTAMP",
            Physical::INT64,
            micros(),
            &[b"1970-01-01 00:00:01", b"2038-01-19 03:14:07"],
            &[
                "1970-01-01 00:00:01.000000 +00:00", "2038-01-19 03:14:07.000000 +00:00",
            ],
        ),
        check(
            "CHAR(4)",
            Physical::BYTE_ARRAY,
            None,
            &[b"n\xC3\xA9", b""],
            &["[110, 195, 169]", "[]"],
        ),
        check(
            "VARCHAR(9)",
            Physical::BYTE_ARRAY,
            text(),
            &[b"\xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x8E\xAC"],
            &["\"日本 🎬\""],
        ),
        check(
            "ENUM('a','b')",
            Physical::BYTE_ARRAY,
            text(),
            &[b"a", b""],
            &["\"a\"", "\"\""],
        ),
        check(
            "SET('a','b')",
            Physical::BYTE_ARRAY,
            text(),
            &[b"a,b"],
            &["\"a,b\""],
        ),
        check(
            "JSON",
            Physical::BYTE_ARRAY,
            text(),
            &[b"{\"a\": 1}"],
            &["\"{\"a\": 1}\""],
        ),
        check(
            "LONGTEXT",
            Physical::BYTE_ARRAY,
            text(),
            &[b"x\ny"],
            &["\"x\ny\""],
        ),
        check(
            "BINARY(2)",
            Physical::BYTE_ARRAY,
            None,
            &[&[0, 255]],
            &["[0, 255]"],
        ),
        check("VARBINARY(9)", Physical::BYTE_ARRAY, None, &[&[]], &["[]"]),
        check(
            "BLOB",
            Physical::BYTE_ARRAY,
            None,
            &[&[0xC3, 0x28]],
            &["[195, 40]"],
        ),
        check("BIT(9)", Physical::BYTE_ARRAY, None, &[&[1, 255]], &["[1, 255]"]),
        check(
            "POINT",
            Physical::BYTE_ARRAY,
            None,
            &[&[0, 0, 0, 0, 1]],
            &["[0, 0, 0, 0, 1]"],
        ),
    ]
}

#[test]
fn every_type_stands_in_the_file_as_rds_writes_it() {
    for check in checks() {
        let declaration = check.declaration;
        let mut values: Vec<Option<&[u8]>> = check.values.iter().map(|value| Some(*value)).collect();
        values.push(None);
        let (_folder, written) =
            write(declaration, &values).unwrap_or_else(|error| panic!("{declaration}: {error}"));
        let [part] = written.parts.as_slice() else {
            panic!("{declaration}: {written:?}")
        };
        let reader = SerializedFileReader::new(std::fs::File::open(&part.path).unwrap()).unwrap();
        let metadata = reader.metadata();
        let column = metadata.file_metadata().schema_descr().column(0);
        assert_eq!(column.physical_type(), check.physical, "{declaration}");
        assert_eq!(column.type_length(), check.length, "{declaration}");
        assert_eq!(column.logical_type_ref(), check.logical.as_ref(), "{declaration}");
        assert_eq!(column.max_def_level(), 1, "{declaration} is optional");
        let chunk = metadata.row_group(0).column(0);
        assert!(
            matches!(chunk.compression(), Compression::GZIP(_)),
            "{declaration}: {:?}",
            chunk.compression()
        );
        let shown: Vec<String> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| show(row.unwrap().get_column_iter().next().unwrap().1))
            .collect();
        let mut expected: Vec<&str> = check.shown.to_vec();
        expected.push("null");
        assert_eq!(shown, expected, "{declaration}");
    }
}

fn show(field: &Field) -> String {
    match field {
        Field::Bytes(bytes) => format!("{:?}", bytes.data()),
        // The reader shows a decimal without fraction as `7.`.
        Field::Decimal(_) => field.to_string().trim_end_matches('.').to_owned(),
        field => field.to_string(),
    }
}

#[test]
fn a_value_that_the_type_cannot_hold_is_refused_and_never_altered() {
    for (declaration, value) in [
        ("DATETIME", "0000-00-00 00:00:00"),
        ("TIMESTAMP", "0000-00-00 00:00:00"),
        ("DATETIME(6)", "2026-00-10 00:00:00.000000"),
        ("DATETIME", "2026-02-31 00:00:00"),
        ("DECIMAL(5,2)", "1.234"),
        ("INT", "2147483648"),
    ] {
        match write(declaration, &[Some(value.as_bytes())]) {
            Err(TableError::Unrepresentable {
                column,
                value: refused,
            }) => {
                assert_eq!((column.as_str(), refused.value.as_str()), ("c", value));
            }
            other => panic!("{declaration} {value}: {other:?}"),
        }
    }
}

#[test]
fn a_large_table_becomes_even_parts_of_several_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table {
        schema: "db".to_owned(),
        name: "t".to_owned(),
        columns: vec![Column::declare("id", "INT", false)],
    };
    let mut writer = TableWriter::new(&table, Some(100_871), folder.path()).unwrap();
    let mut row = Row::default();
    for id in 1..=100_871 {
        row.clear();
        row.show(id);
        writer.push(&row).unwrap();
    }
    let written = writer.finish().unwrap();
    let rows: Vec<u64> = written.parts.iter().map(|part| part.rows).collect();
    assert_eq!(rows, [25_218, 25_218, 25_218, 25_217]);
    let reader = SerializedFileReader::new(std::fs::File::open(&written.parts[0].path).unwrap()).unwrap();
    assert_eq!(reader.num_row_groups(), 3);
}

#[test]
fn a_table_without_rows_has_no_part() {
    let (_folder, written) = write("INT", &[]).unwrap();
    assert_eq!(written, Written::default());
}
