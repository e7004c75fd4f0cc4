"""The product against emulators that nobody here wrote: what it says of AWS must not only be true of our own."""

import pytest

import exports
from product import CommandLine, items_of, table_names

HOME, REPLICA = "us-east-1", "us-west-2"
HOME_BUCKET, REPLICA_BUCKET = "conformance-exports-home", "conformance-exports-replica"
PREFIX = f"exports/{exports.LABEL}"
PARQUET = "shop/shop.orders/1/part-00001-6b1f9c1e-0000-4000-8000-000000000001-c000.gz.parquet"


@pytest.fixture(scope="module")
def copies(ministack):
    """An export in one Region's bucket and its replica in another's."""
    made = exports.objects()
    for bucket, region in ((HOME_BUCKET, HOME), (REPLICA_BUCKET, REPLICA)):
        s3 = ministack.client("s3", region)
        exports.create_bucket(s3, bucket, region)
        exports.put(s3, bucket, PREFIX, made)
    return made


def verify(cli):
    """Compares the replica with the original."""
    return cli.run(
        "verify-copy",
        "--from", f"s3://{HOME_BUCKET}/{PREFIX}", "--from-region", HOME,
        "--to", f"s3://{REPLICA_BUCKET}/{PREFIX}", "--to-region", REPLICA,
    )  # fmt: skip


def restore(cli, target, **variables):
    """Restores the replica into a new table."""
    return cli.run(
        "restore", f"s3://{REPLICA_BUCKET}/{PREFIX}", "--region", REPLICA, "--target-region", REPLICA,
        "--table", f"shop.orders={target}:id", "--state-dir", cli.folder / "state", **variables,
    )  # fmt: skip


def check_restored(dynamodb, target):
    """Every row is there with every value."""
    items = {int(item["id"]["N"]): item for item in items_of(dynamodb, target)}
    assert len(items) == exports.ROWS
    for row in range(exports.ROWS):
        assert exports.comparable(items[row]) == exports.comparable(exports.expected_item(row))


def test_a_foreign_export_is_inspected(copies, peer_cli):
    found = peer_cli.done("inspect", f"s3://{REPLICA_BUCKET}/{PREFIX}", "--region", REPLICA)
    table = next(table for table in found["tables"] if table["name"] == "shop.orders")
    assert table["rows"] == exports.ROWS
    assert [column["name"] for column in table["columns"]] == [column.name for column in exports.ORDERS]
    kinds = {column["name"]: column["kind"] for column in table["columns"]}
    assert kinds["country"] == "text", "CHAR is text although Parquet does not say so"
    assert kinds["token"] == "binary"


def test_equal_copies_are_verified(copies, peer_cli):
    answer = verify(peer_cli)
    assert answer.code == 0, answer
    assert answer.document["verdict"] == "Verified"


def test_a_missing_object_is_named(copies, ministack, peer_cli):
    s3 = ministack.client("s3", REPLICA)
    s3.delete_object(Bucket=REPLICA_BUCKET, Key=f"{PREFIX}/{PARQUET}")
    try:
        answer = verify(peer_cli)
        assert answer.code == 1, answer
        assert answer.document["verdict"] == "Incomplete"
        assert answer.document["missing"] == [PARQUET]
    finally:
        exports.put(s3, REPLICA_BUCKET, PREFIX, {PARQUET: copies[PARQUET]})


def test_a_different_object_of_equal_size_is_named(copies, ministack, peer_cli):
    s3 = ministack.client("s3", REPLICA)
    altered = bytearray(copies[PARQUET])
    altered[len(altered) // 2] ^= 1
    exports.put(s3, REPLICA_BUCKET, PREFIX, {PARQUET: bytes(altered)})
    try:
        answer = verify(peer_cli)
        assert answer.code == 1, answer
        assert answer.document["verdict"] == "Incomplete"
        assert answer.document["different"] == [PARQUET]
    finally:
        exports.put(s3, REPLICA_BUCKET, PREFIX, {PARQUET: copies[PARQUET]})


def test_a_copy_is_restored_into_ministack(copies, ministack, peer_cli):
    answer = restore(peer_cli, "orders_restored")
    assert answer.code == 0, answer
    run = answer.document
    assert run["outcome"] == "proven"
    (table,) = run["tables"]
    assert table["rows_read"] == table["items_written"] == exports.ROWS
    assert table["digest_source"] == table["digest_target"]
    check_restored(ministack.client("dynamodb", REPLICA), "orders_restored")


def test_an_import_that_puts_nothing_is_not_proven(copies, ministack, peer_cli):
    # MiniStack answers that it imported, and leaves the table empty.
    s3 = ministack.client("s3", REPLICA)
    exports.create_bucket(s3, "conformance-work", REPLICA)
    answer = peer_cli.run(
        "restore", f"s3://{REPLICA_BUCKET}/{PREFIX}", "--region", REPLICA, "--target-region", REPLICA,
        "--table", "shop.orders=orders_imported:id", "--state-dir", peer_cli.folder / "state",
        "--way", "import", "--work", "s3://conformance-work/restores",
    )  # fmt: skip
    assert answer.code == 1, answer
    run = answer.document
    assert run["outcome"] == "failed"
    (table,) = run["tables"]
    assert (table["rows_read"], table["items_written"]) == (exports.ROWS, 0)
    assert table["digest_source"] != table["digest_target"]
    assert "Contents" not in s3.list_objects_v2(Bucket="conformance-work")


def test_a_copy_is_restored_into_dynamodb_local(copies, ministack, dynamodb_local, tmp_path):
    cli = CommandLine(tmp_path, **(ministack.variables("S3") | dynamodb_local.variables("DYNAMODB")))
    answer = restore(cli, "orders_restored")
    assert answer.code == 0, answer
    assert answer.document["outcome"] == "proven"
    check_restored(dynamodb_local.client("dynamodb", REPLICA), "orders_restored")
    assert table_names(dynamodb_local.client("dynamodb", HOME)) == [], "only the named Region was written to"


def test_a_changed_item_is_not_proven(copies, ministack, peer_cli):
    plan = peer_cli.folder / "plan.json"
    peer_cli.done(
        "plan", f"s3://{REPLICA_BUCKET}/{PREFIX}", "--region", REPLICA, "--target-region", REPLICA,
        "--table", "shop.orders=orders_changed:id", "--out", plan,
    )  # fmt: skip
    dynamodb = ministack.client("dynamodb", REPLICA)
    assert "orders_changed" not in table_names(dynamodb), "planning writes nothing"
    peer_cli.done("restore", "--plan", plan, "--state-dir", peer_cli.folder / "state")
    peer_cli.done("prove", "--plan", plan)
    dynamodb.update_item(
        TableName="orders_changed",
        Key={"id": {"N": "77"}},
        UpdateExpression="SET note = :note",
        ExpressionAttributeValues={":note": {"S": "somebody was here"}},
    )
    answer = peer_cli.run("prove", "--plan", plan)
    assert answer.code == 1, answer
