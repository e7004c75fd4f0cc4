"""The type mapping against a real MariaDB: every type and its boundary values, all the way, both ways of looking at it."""

import io
import json
import pathlib
import re

import pyarrow.parquet
import pytest

import mariadb
from every_type import MODE, ROWS, TYPES, statements
from product import Server, items_of, uri
from waiting import wait_for

DATABASE = "types"

# Tables whose key is of another type than an integer: key columns, and rows that a careless key would merge.
KEYS = {
    "by_bigint_unsigned": ("k BIGINT UNSIGNED", ["0", "9223372036854775808", "18446744073709551615", "18446744073709551614"]),
    "by_decimal": ("k DECIMAL(38,10)", ["1.5", "-1.5", "0", "9" * 28 + "." + "9" * 10, "9" * 28 + ".9999999998"]),
    "by_long_decimal": ("k DECIMAL(65,30)", ["1.5", "-1.5", "0", "0.000000000000000000000000000001"]),
    "by_char": ("k CHAR(8) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", ["'a'", "'A'", "'ä'", "'🎬'"]),
    "by_varchar": ("k VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin", ["'1'", "'01'", "'1.0'", "'€'"]),
    "by_binary": ("k BINARY(3)", ["X'00'", "X'C32800'", "X'FFFFFF'"]),
    "by_bit": ("k BIT(64)", ["b'0'", "b'1'", f"b'{'1' * 64}'"]),
    "by_date": ("k DATE", ["'0000-00-00'", "'2026-02-00'", "'2026-02-28'"]),
    "by_datetime": ("k DATETIME(6)", ["'2026-01-01'", "'2026-01-01 00:00:00.000001'", "'9999-12-31 23:59:59.999999'"]),
    "by_timestamp": ("k TIMESTAMP(3) NOT NULL DEFAULT NOW(3)", ["'2026-01-01'", "'2026-01-01 00:00:00.001'"]),
    "by_time": ("k TIME", ["'-838:59:59'", "'838:59:59'", "'00:00:00'"]),
    "by_enum": ("k ENUM('a','b')", ["'a'", "'b'"]),
    "by_uuid": ("k UUID", ["'00000000-0000-0000-0000-000000000000'", "'f47ac10b-58cc-4372-a567-0e02b2c3d479'"]),
}

# TIMESTAMP_MICROS has no form for these, and no other moment may stand in for them.
NO_MOMENTS = {
    "zero_datetime": ("DATETIME", "0000-00-00 00:00:00"),
    "partial_datetime": ("DATETIME(6)", "2026-02-00 10:00:00"),
    "invalid_datetime": ("DATETIME", "2026-02-31 00:00:00"),
    "zero_timestamp": ("TIMESTAMP NULL", "0000-00-00 00:00:00"),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """MariaDB with every type in it."""
    with mariadb.mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        folder = tmp_path_factory.mktemp("statements")
        script = [f"SET NAMES utf8mb4; CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4; USE {DATABASE};", *statements("every_type"), MODE]
        for table, (column, values) in KEYS.items():
            script.append(f"CREATE TABLE {table} ({column}, v INT, PRIMARY KEY (k));")
            script.extend(f"INSERT INTO {table} VALUES ({value}, {number});" for number, value in enumerate(values))
        for table, (declaration, value) in NO_MOMENTS.items():
            script.append(f"CREATE TABLE {table} (id INT PRIMARY KEY, moment {declaration});")
            script.append(f"INSERT INTO {table} VALUES (1, '2026-01-01'), (2, '{value}');")
        (folder / "types.sql").write_text("\n".join(script))
        server.load(folder / "types.sql")
        yield server


@pytest.fixture(scope="module")
def types_server(database, tmp_path_factory):
    """The product, with that database behind the embedded RDS."""
    server = Server(tmp_path_factory.mktemp("types"), "--mysql", database.url(DATABASE), "--history-hours", "1")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def copy(types_server):
    """A replica Region's verified copy: its Region and address."""
    region = types_server.cloud.regions[1]
    _, copy = wait_for("a copy in a replica Region is verified", lambda: types_server.restorable(region), 300)
    return region, copy


@pytest.fixture(scope="module")
def types_cli(types_server, tmp_path_factory):
    """The command line."""
    return types_server.cloud.command_line(tmp_path_factory.mktemp("cli"))


@pytest.fixture(scope="module")
def restored(copy, types_cli):
    """Every table that there is no reason to refuse, restored and proven."""
    region, where = copy
    keys = {"every_type": "id"} | dict.fromkeys(KEYS, "k")
    tables = [part for table, key in keys.items() for part in ("--table", f"{DATABASE}.{table}=types_{table}:{key}")]
    state = types_cli.folder / "state"
    run = types_cli.done("restore", uri(where), "--region", region, "--target-region", region, *tables, "--state-dir", state)
    assert run["outcome"] == "proven", run
    return run


@pytest.fixture(scope="module")
def parquet(copy, types_server):
    """The Parquet files of a table of the copy, as pyarrow opens them."""
    region, where = copy
    s3 = types_server.cloud.client("s3", region)

    def files(table):
        prefix = f"{where['prefix']}/{DATABASE}/{DATABASE}.{table}/"
        listed = s3.list_objects_v2(Bucket=where["bucket"], Prefix=prefix)["Contents"]
        keys = [entry["Key"] for entry in listed if entry["Key"].endswith(".parquet")]
        bodies = [s3.get_object(Bucket=where["bucket"], Key=key)["Body"].read() for key in keys]
        return [pyarrow.parquet.ParquetFile(io.BytesIO(body)) for body in bodies]

    return files


def test_the_export_holds_each_type_as_aws_documents_it(copy, types_cli, parquet):
    region, where = copy
    found = types_cli.run("inspect", uri(where), "--region", region).document
    (table,) = [table for table in found["tables"] if table["name"] == f"{DATABASE}.every_type"]
    told = {column["name"]: column["parquet_type"] for column in table["columns"]}
    assert told == {"id": "INT32"} | {type.name: type.parquet for type in TYPES}
    # Another reader says the same of the very files.
    for file in parquet("every_type"):
        assert {column.name: in_words(column) for column in file.schema} == told


def in_words(column):
    """pyarrow's description of a column as ours has it."""
    physical = column.physical_type
    if physical == "FIXED_LEN_BYTE_ARRAY":
        physical += f"({column.length})"
    logical = str(column.logical_type)
    if match := re.fullmatch(r"Decimal\(precision=(\d+), scale=(\d+)\)", logical):
        return f"{physical} DECIMAL({match[1]},{match[2]})"
    if match := re.fullmatch(r"Int\(bitWidth=(\d+), isSigned=(\w+)\)", logical):
        return f"{physical} INT({match[1]},{match[2]})"
    if logical.startswith("Timestamp(isAdjustedToUTC=true, timeUnit=microseconds"):
        return f"{physical} TIMESTAMP_MICROS"
    return physical if logical == "None" else f"{physical} {logical.upper()}"


def test_every_value_of_every_type_is_what_select_says(database, restored, types_server, copy):
    region, _ = copy
    selected = ", ".join(type.family.select.format(f"`{type.name}`") for type in TYPES)
    rows = database.rows(f"SELECT id, {selected} FROM {DATABASE}.every_type ORDER BY id")
    items = {item.pop("id")["N"]: item for item in items_of(types_server.cloud.client("dynamodb", region), "types_every_type")}
    assert len(rows) == len(items) == ROWS
    for row_id, *row in rows:
        item = items[row_id]
        assert item.keys() == {type.name for type in TYPES}
        for type, value in zip(TYPES, row, strict=True):
            wanted = {"NULL": True} if value == "NULL" else type.family.attribute(bytes.fromhex(value))
            held = item[type.name]
            assert (held if "NULL" in held else type.family.comparable(held)) == wanted, f"{type.declaration} of row {row_id}"


def test_the_table_holds_what_was_meant_to_be_tried(database):
    """What the database made of a value is what the list says: otherwise the tests above compare less than they seem to."""
    for type in TYPES:
        ((held, nulls),) = database.rows(f"SELECT COUNT(`{type.name}`), SUM(`{type.name}` IS NULL) FROM {DATABASE}.every_type")
        assert int(held) == len(type.values) + (type.name == "enum_latin1"), type.declaration
        assert int(nulls) >= 1, f"{type.declaration}: no NULL"
    ((least, greatest, bits),) = database.rows(
        f"SELECT MIN(`bigint`), MAX(bigint_unsigned), HEX(MAX(bit_64)) FROM {DATABASE}.every_type"
    )
    assert (least, greatest, bits) == ("-9223372036854775808", "18446744073709551615", "F" * 16)
    extremes = "SELECT COUNT(*) FROM {}.every_type WHERE `double` IN (4.9406564584124654e-324, 1.7976931348623157e308)"
    assert database.rows(extremes.format(DATABASE)) == [["2"]]


def test_geometry_is_its_reference_system_and_its_shape(database, restored, types_server, copy):
    region, _ = copy
    held = {item["id"]["N"]: item["geometry"] for item in items_of(types_server.cloud.client("dynamodb", region), "types_every_type")}
    rows = database.rows(
        f"SELECT id, ST_SRID(`geometry`), HEX(ST_AsWKB(`geometry`)) FROM {DATABASE}.every_type WHERE `geometry` IS NOT NULL"
    )
    assert {row[1] for row in rows} == {"0", "4326"}
    for row_id, system, shape in rows:
        assert held[row_id] == {"B": int(system).to_bytes(4, "little") + bytes.fromhex(shape)}


@pytest.mark.parametrize("table", KEYS)
def test_a_key_of_this_type_keeps_every_row_apart(table, database, restored, types_server, copy):
    region, _ = copy
    ((rows,),) = database.rows(f"SELECT COUNT(*) FROM {DATABASE}.{table}")
    items = items_of(types_server.cloud.client("dynamodb", region), f"types_{table}")
    (written,) = [entry["items_written"] for entry in restored["tables"] if entry["source"] == f"{DATABASE}.{table}"]
    assert len(items) == int(rows) == written
    assert sorted(int(item["v"]["N"]) for item in items) == list(range(int(rows)))


def test_restored_tables_become_the_files_that_they_were(restored, types_cli, parquet):
    record = json.loads(pathlib.Path(restored["schema_record"]).read_text())
    out = types_cli.folder / "rows"
    exported = types_cli.done("export-rows", "--schema", restored["schema_record"], "--out", out)
    assert {table["source"]: table["digest"] for table in exported["tables"]} == {
        table["source"]: table["digest_source"] for table in restored["tables"]
    }
    for table in record["tables"]:
        name, key = table["source"].partition(".")[2], table["key"]["partition"]["column"]
        (was,) = parquet(name)
        (path,) = out.glob(f"{DATABASE}/{DATABASE}.{name}/1/part-*.parquet")
        again = pyarrow.parquet.ParquetFile(path)
        assert again.schema.equals(was.schema), name
        assert again.read().sort_by(key).equals(was.read().sort_by(key)), name
    answer = types_cli.run("export-rows", "--schema", restored["schema_record"], "--out", out)
    assert answer.code == 1 and answer.document["error"]["code"] == "folder_not_empty"


def test_a_table_that_a_server_restored_is_exported_by_its_run(copy, types_server, types_cli):
    region, _ = copy
    point, _ = types_server.restorable(region)
    table = {"source": f"{DATABASE}.by_decimal", "target": "types_of_a_run", "partition": "k"}
    request = {"recovery_point": point["id"], "region": region, "target_region": region, "tables": [table]}
    run = types_server.ended(types_server.post("/restores", request)["run_id"])
    assert run["outcome"] == "proven", run
    out = types_cli.folder / "rows-of-a-run"
    exported = types_cli.done(
        "export-rows", "--run", run["run_id"], "--server", types_server.url, "--table", table["source"], "--out", out,
        DATA_RESTORE_TOKEN=types_server.demo["viewer_token"],
    )  # fmt: skip
    assert [entry["digest"] for entry in exported["tables"]] == [run["tables"][0]["digest_source"]]
    answer = types_cli.run(
        "export-rows", "--run", run["run_id"], "--server", types_server.url, "--table", "types.none", "--out", out,
        DATA_RESTORE_TOKEN=types_server.demo["viewer_token"],
    )  # fmt: skip
    assert answer.code == 1 and "by_decimal" in answer.error


@pytest.mark.parametrize("table", NO_MOMENTS)
def test_a_moment_that_is_none_is_refused_and_never_another_one(table, copy, types_cli):
    region, where = copy
    _, value = NO_MOMENTS[table]
    found = types_cli.run("inspect", uri(where), "--region", region)
    assert found.code == 1
    (said,) = [entry for entry in found.document["tables"] if entry["name"] == f"{DATABASE}.{table}"]
    assert "column moment" in said["skipped"] and value in said["skipped"]
    answer = types_cli.run(
        "plan", uri(where), "--region", region, "--target-region", region, "--table", f"{DATABASE}.{table}=refused:id"
    )  # fmt: skip
    assert answer.code == 1
    assert answer.document["plan"] is None
    said = {finding["code"]: finding["message"] for finding in answer.document["preflight"]["findings"]}
    assert value in said["table_not_exported"] and "column moment" in said["table_not_exported"]
