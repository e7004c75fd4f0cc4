"""Tables without a key: the command line adds one, and another program reckons the same."""

import collections
import io

import blake3
import pyarrow.parquet
import pytest

import digest
import exports
from product import items_of

BUCKET = "conformance-added-keys"


@pytest.fixture(scope="module")
def region(cloud):
    """The Region that everything here lies in."""
    region = cloud.regions[1]
    exports.create_bucket(cloud.client("s3", region), BUCKET, region)
    return region


@pytest.fixture
def restore(cli, cloud, region):
    """Restores rows under an added key, and gives the command's answer and the table's items."""

    def run(name, rows, key, code=0):
        s3 = cloud.client("s3", region)
        exports.put(s3, BUCKET, f"{name}/{exports.LABEL}", exports.objects(rows))
        answer = cli.run(
            "restore", f"s3://{BUCKET}/{name}/{exports.LABEL}", "--region", region, "--target-region", region,
            "--table", f"shop.orders={name}:{key}", "--state-dir", cli.folder / name,
        )  # fmt: skip
        assert answer.code == code, answer
        return answer.document, items_of(cloud.client("dynamodb", region), name) if code == 0 else []

    return run


def test_a_digest_is_what_another_program_reckons_of_the_row(restore, cli, region):
    copy = f"s3://{BUCKET}/added-digests/{exports.LABEL}"
    rows = list(range(50))
    run, items = restore("added-digests", rows, "@row-digest")
    assert run["outcome"] == "proven"
    planned = cli.done("plan", copy, "--region", region, "--table", "shop.orders=unused-digests:@row-digest")
    (table,) = planned["plan"]["tables"]
    assert table["key"] == {"partition": {"column": "_row", "attribute_type": "S"}, "sort": None, "synthetic": "row_digest"}
    read = pyarrow.parquet.read_table(io.BytesIO(exports.parquet(rows))).to_pylist()
    forms = [b"".join(digest.form(column, row[column["name"]]) for column in table["columns"]) for row in read]
    assert {item["_row"]["S"] for item in items} == {blake3.blake3(form).hexdigest() for form in forms}


def test_identical_rows_are_refused_by_digest_and_kept_by_place(restore):
    rows = [1, 2, 2, 3, 2]
    refused, _ = restore("added-twins", rows, "@row-digest", code=1)
    assert refused["error"]["code"] == "blocked"
    (finding,) = (found for found in refused["error"]["detail"]["findings"] if found["severity"] == "blocks")
    assert (finding["code"], finding["count"]) == ("identical_rows", 2)
    assert finding["choices"][0]["synthetic"] == "row_place"
    run, items = restore("added-places", rows, "@row-place=place")
    assert run["outcome"] == "proven"
    assert sorted(item["place"]["S"] for item in items) == [f"0000001-{row:011}" for row in range(1, 6)]
    assert collections.Counter(item["id"]["N"] for item in items) == {"1": 1, "2": 3, "3": 1}
