"""Exports whose files pyarrow, DuckDB and Spark wrote, in every layout that exports have had: inspected, restored, compared."""

import json

import pytest

import exports
import things
import writers
from product import items_of

BUCKET = "conformance-other-writers"
EXPORT = "shop-20261120t080000z-77aa11"
TABLES_PER_PAGE = 4
PARTS = [0, 7, 31]  # part numbers have gaps


@pytest.fixture(scope="module")
def region(cloud):
    """The Region that everything here lies in."""
    return cloud.regions[1]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """`{table: files}` of every writer."""
    made = {f"pyarrow_{variant}": files for variant, files in writers.pyarrow_files().items()}
    made |= {f"duckdb_{variant}": files for variant, files in writers.duckdb_files(tmp_path_factory.mktemp("duckdb")).items()}
    made |= {f"spark_{variant}": files for variant, files in writers.spark_files().items()}
    return made


@pytest.fixture(scope="module")
def export(cloud, region, tables):
    """The export with all of them, an empty table and tables of nested columns; where it lies."""
    objects = {}
    for number, (table, files) in enumerate((tables | {"empty": []} | writers.nested_files()).items()):
        # Newer exports have batch folders with a marker in each, older ones neither. Spark leaves checksums beside its files.
        has_batches = number % 3 != 2 or not files
        folder = f"shop/shop.{table}"
        if not files:
            objects[f"{folder}/1/_SUCCESS"] = b""
        for part, file in zip(PARTS, files, strict=False):
            batch = f"{folder}/{part + 1}" if has_batches else folder
            objects[f"{batch}/part-{part:05}-0a1b2c3d-0000-4000-8000-000000000000-c000.parquet"] = file
            if has_batches:
                objects[f"{batch}/_SUCCESS"] = b""
                objects[f"{batch}/.part-{part:05}-0a1b2c3d.parquet.crc"] = b"crc"
    statuses = [status(table) for table in [*tables, "empty", *writers.NESTED]]
    for begin in range(0, len(statuses), TABLES_PER_PAGE):
        page = statuses[begin : begin + TABLES_PER_PAGE]
        name = f"export_tables_info_{EXPORT}_from_{begin + 1}_to_{begin + len(page)}.json"
        objects[name] = json.dumps({"perTableStatus": page}).encode()
    objects[f"export_info_{EXPORT}.json"] = json.dumps(
        {"exportTaskIdentifier": EXPORT, "status": "complete", "percentProgress": "100", "totalExportedDataInGB": "0.01"}
    ).encode()
    s3 = cloud.client("s3", region)
    exports.create_bucket(s3, BUCKET, region)
    exports.put(s3, BUCKET, f"exports/{EXPORT}", objects)
    return f"s3://{BUCKET}/exports/{EXPORT}"


def status(table):
    """What RDS says of a table, whole numbers as strings."""
    mappings = [
        {
            "columnName": column.name,
            "originalType": column.original,
            "originalCharMaxLength": "30",
            "originalNumPrecision": "38",
            "originalDateTimePrecision": "6",
        }
        for column in things.COLUMNS
    ]
    return {
        "target": f"shop.shop.{table}",
        "status": "COMPLETE",
        "tableStatistics": {"partitioningInfo": {"numberOfPartitions": "3", "numberOfCompletedPartitions": "3"}},
        "schemaMetadata": {"originalTypeMappings": mappings},
    }


@pytest.fixture(scope="module")
def restored(cloud, export, region, tables, tmp_path_factory):
    """Every table of flat columns, restored by one command."""
    cli = cloud.command_line(tmp_path_factory.mktemp("cli"))
    wanted = [part for table in [*tables, "empty"] for part in ("--table", f"shop.{table}=writers_{table}:id")]
    run = cli.done("restore", export, "--region", region, *wanted, "--state-dir", cli.folder / "state")
    assert run["outcome"] == "proven", run
    return run


def test_every_table_is_found_with_its_rows(cli, export, region, tables):
    answer = cli.run("inspect", export, "--region", region)
    found = {table["name"]: table for table in answer.document["tables"]}
    assert set(found) == {f"shop.{table}" for table in [*tables, "empty", *writers.NESTED]}
    for table, files in tables.items():
        told = found[f"shop.{table}"]
        assert (told["rows"], told["objects"], told["problems"]) == (things.ROWS, len(files), []), table
        assert [column["name"] for column in told["columns"]] == [column.name for column in things.COLUMNS], table
    assert (found["shop.empty"]["rows"], found["shop.empty"]["problems"]) == (0, [])


def test_each_writer_is_there(tables):
    for writer, count in (("pyarrow", len(writers.PYARROW)), ("duckdb", len(writers.DUCKDB)), ("spark", 6)):
        assert sum(table.startswith(writer) for table in tables) == count


def test_every_value_of_every_writer_is_restored(cloud, restored, region, tables):
    dynamodb = cloud.client("dynamodb", region)
    expected = things.expected()
    for table in tables:
        held = things.held(items_of(dynamodb, f"writers_{table}"))
        assert held.keys() == expected.keys(), table
        for row, wanted in expected.items():
            assert held[row] == wanted, f"row {row} of {table}"
    assert items_of(dynamodb, "writers_empty") == []


@pytest.mark.parametrize("column", writers.NESTED)
def test_a_nested_column_is_refused_by_name(column, cli, export, region):
    answer = cli.run("plan", export, "--region", region, "--table", f"shop.{column}=refused:id")
    assert answer.code == 1
    assert answer.document["plan"] is None
    (found,) = [entry for entry in answer.document["preflight"]["findings"] if entry["code"] == "unsupported_column"]
    assert found["severity"] == "blocks" and "nested" in found["message"]
