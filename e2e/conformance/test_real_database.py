"""A real database, all the way: loaded into MariaDB, backed up, exported, replicated, restored, and compared with SELECT."""

import decimal
import io
import os
import pathlib

import pyarrow.parquet
import pytest

import digest
import mariadb
from exports import comparable
from product import Server, items_of, uri
from waiting import wait_for

# The sample database is not ours to ship: it lies beside the checkout, or where this variable says.
SAKILA = pathlib.Path(
    os.environ.get("DATA_RESTORE_SAKILA", pathlib.Path(__file__).resolve().parents[3] / "shared/data/sakila")
)
DATABASE = "sakila"
SAMPLE_ROWS = 40

INTEGERS = {"tinyint", "smallint", "mediumint", "int", "bigint", "year"}
NUMBERS = INTEGERS | {"decimal", "float", "double"}
BYTES = {"bit", "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point"}


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """MariaDB with the sample database in it."""
    if not SAKILA.is_dir():
        pytest.skip(f"the sample database is not there: no folder {SAKILA} (DATA_RESTORE_SAKILA may name another)")
    with mariadb.mariadb(tmp_path_factory.mktemp("mariadb")) as server:
        server.load(SAKILA / "sakila-schema.sql")
        server.load(SAKILA / "sakila-data.sql")
        yield server


@pytest.fixture(scope="module")
def sakila_server(database, tmp_path_factory):
    """The product, with that database behind the embedded RDS."""
    server = Server(tmp_path_factory.mktemp("sakila"), "--mysql", database.url(DATABASE), "--history-hours", "3")
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def tables(database):
    """Every base table with its primary key."""
    keys = {}
    for table, column in database.rows(
        "SELECT table_name, column_name FROM information_schema.key_column_usage "
        f"WHERE table_schema = '{DATABASE}' AND constraint_name = 'PRIMARY' ORDER BY table_name, ordinal_position"
    ):
        keys.setdefault(table, []).append(column)
    return keys


@pytest.fixture(scope="module")
def restored(sakila_server, tables):
    """Every table, restored from a replica Region's copy into that Region."""
    region = sakila_server.cloud.regions[1]
    point, copy = wait_for("a copy in a replica Region is verified", lambda: sakila_server.restorable(region), 300)
    assert {table["name"] for table in point["tables"]} == {f"{DATABASE}.{table}" for table in tables}
    run = sakila_server.post(
        "/restores",
        {
            "recovery_point": point["id"],
            "region": region,
            "target_region": region,
            "tables": [
                {"source": f"{DATABASE}.{table}", "target": f"sakila_{table}", "partition": key[0], "sort": key[1] if key[1:] else None}
                for table, key in tables.items()
            ],
            "reason": "conformance",
        },
    )
    run = sakila_server.ended(run["run_id"])
    assert run["outcome"] == "proven", run["failure"]
    return region, copy, run


def test_every_row_is_restored_and_proven(database, restored, tables):
    _, _, run = restored
    counts = {table["source"]: table for table in run["tables"]}
    for table in tables:
        ((rows,),) = database.rows(f"SELECT COUNT(*) FROM {DATABASE}.{table}")
        ours = counts[f"{DATABASE}.{table}"]
        assert ours["rows_read"] == ours["items_written"] == ours["items_read_back"] == int(rows), table
        assert ours["digest_source"] == ours["digest_target"], table


def test_values_are_what_select_says(database, restored, tables, sakila_server):
    region, _, _ = restored
    dynamodb = sakila_server.cloud.client("dynamodb", region)
    for table, key in tables.items():
        columns = database.rows(
            "SELECT column_name, data_type FROM information_schema.columns "
            f"WHERE table_schema = '{DATABASE}' AND table_name = '{table}' ORDER BY ordinal_position"
        )
        selected = ", ".join(hexadecimal(name, kind) for name, kind in columns)
        rows = database.rows(f"SELECT {selected} FROM {DATABASE}.{table} ORDER BY CRC32(CONCAT_WS(',', {', '.join(key)})) LIMIT {SAMPLE_ROWS}")
        items = {tuple(comparable(item)[column] for column in key): comparable(item) for item in items_of(dynamodb, f"sakila_{table}")}
        assert rows
        for row in rows:
            wanted = {name: attribute(kind, value) for (name, kind), value in zip(columns, row, strict=True)}
            assert items[tuple(wanted[column] for column in key)] == wanted, table


def test_another_program_reckons_the_same_digests_on_both_sides(restored, sakila_server):
    region, copy, run = restored
    cloud = sakila_server.cloud
    s3, dynamodb = cloud.client("s3", region), cloud.client("dynamodb", region)
    planned = {table["source"]: table for table in sakila_server.get(f"/restores/{run['run_id']}/plan")["tables"]}
    for table in run["tables"]:
        plan = planned[table["source"]]
        exported = (
            row
            for found in plan["objects"]
            for row in pyarrow.parquet.read_table(
                io.BytesIO(s3.get_object(Bucket=copy["bucket"], Key=found["key"])["Body"].read())
            ).to_pylist()
        )
        assert digest.digest(plan["columns"], exported) == table["digest_source"], table["source"]
        held = (
            {column["name"]: digest.of_attribute(column, item[column["name"]]) for column in plan["columns"]}
            for item in items_of(dynamodb, table["target"])
        )
        assert digest.digest(plan["columns"], held) == table["digest_target"], table["source"]


def test_the_copy_is_inspected_and_read_back_by_the_command_line(restored, tables, sakila_server, tmp_path):
    region, copy, _ = restored
    cli = sakila_server.cloud.command_line(tmp_path)
    found = cli.done("inspect", uri(copy), "--region", region)
    assert {table["name"] for table in found["tables"]} == {f"{DATABASE}.{table}" for table in tables}
    plan = tmp_path / "plan.json"
    target = ("--table", "sakila.rental=sakila_rental_again:rental_id")
    cli.done("plan", uri(copy), "--region", region, "--target-region", region, *target, "--out", plan)
    run = cli.done("restore", "--plan", plan, "--state-dir", tmp_path / "state")
    assert run["outcome"] == "proven"
    cli.done("prove", "--plan", plan)


def test_every_primary_key_is_found_and_the_preflight_agrees(database, restored, tables, sakila_server, tmp_path):
    region, copy, run = restored
    point = run["recovery_point"]
    draft = sakila_server.get(f"/recovery-points/{point}/draft?region={region}")
    for table in draft["tables"]:
        name = table["summary"]["name"].split(".", 1)[1]
        # A film has one category in this data, so film_id alone is a key: a proven one is the primary key or a part of it.
        proven = [{key["partition"], key["sort"]} - {None} for key in table["candidates"] if key["proven"]]
        assert any(key <= set(tables[name]) for key in proven), (name, proven, table["refused"])
    cli = sakila_server.cloud.command_line(tmp_path)
    for table in cli.done("inspect", uri(copy), "--region", region)["tables"]:
        assert 1 <= len(table["key_candidates"]) <= 3, table["name"]

    arguments = ["plan", uri(copy), "--region", region, "--target-region", region]
    for table, key in tables.items():
        arguments += ["--table", f"{DATABASE}.{table}=sakila_preflight_{table}:{','.join(key)}"]
    planned = cli.done(*arguments)
    severities = {(finding["table"], finding["code"]): finding["severity"] for finding in planned["preflight"]["findings"]}
    for table, estimate in zip(tables, planned["preflight"]["estimate"]["tables"], strict=True):
        ((rows,),) = database.rows(f"SELECT COUNT(*) FROM {DATABASE}.{table}")
        for code in ("rows_readable", "key_unique", "values_representable", "item_sizes", "target_free"):
            assert severities[f"{DATABASE}.{table}", code] == "passed", (table, code)
        assert (estimate["source"], estimate["items"], estimate["is_exact"]) == (f"{DATABASE}.{table}", int(rows), True)
        assert estimate["ways"][0]["write_units"] >= int(rows)
    quick = cli.done(*arguments, "--preflight", "quick")
    assert not [finding for finding in quick["preflight"]["findings"] if finding["severity"] == "blocks"]
    assert all(finding["severity"] != "passed" for finding in quick["preflight"]["findings"] if finding["code"] == "key_unique")

    # 5,462 rows of 200 actors: one column is no key, and the pair that is one is among the choices.
    actors = ("plan", uri(copy), "--region", region, "--target-region", region, "--table", "sakila.film_actor=actors:actor_id")
    for depth in ("quick", "exact"):
        answer = cli.run(*actors, "--preflight", depth)
        assert answer.code == 1, answer
        (refused,) = [finding for finding in answer.document["preflight"]["findings"] if finding["severity"] == "blocks"]
        assert refused["code"] == "duplicate_key"
    assert refused["count"] == 5_462 - 200
    pair = {"change": "use_key", "table": "sakila.film_actor", "partition": "actor_id", "sort": "film_id", "proven": True}
    assert pair in refused["choices"]


def hexadecimal(name, kind):
    """A column as the hexadecimal of its bytes or of its text."""
    if kind in BYTES:
        return f"HEX(`{name}`)"
    return f"HEX(CONVERT(CAST(`{name}` AS CHAR) USING utf8mb4))"


def attribute(kind, value):
    """What DynamoDB has to hold for a selected value."""
    if value == "NULL":
        return ("NULL", True)
    value = bytes.fromhex(value)
    if kind in BYTES:
        return ("B", value)
    value = value.decode()
    if kind in NUMBERS:
        return ("N", decimal.Decimal(value))
    if kind in {"datetime", "timestamp"}:
        return ("S", value.replace(" ", "T") + ("Z" if kind == "timestamp" else ""))
    return ("S", value)
