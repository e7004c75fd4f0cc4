"""Restores into tables that hold items, against our own DynamoDB and two that nobody here wrote."""

import pytest

import exports
from product import CommandLine, HttpError, items_of
from waiting import wait_for

REGION = "us-west-2"
ROWS = list(range(400))

# Rows that the table lacks, rows that somebody has changed, and an item that the copy does not know.
GONE, CHANGED, FOREIGN = set(range(100, 130)), set(range(10)), 70_000


class Live:
    """A DynamoDB, and our command line against it."""

    def __init__(self, name, s3, dynamodb, cli):
        self.dynamodb, self.cli = dynamodb, cli
        bucket = f"conformance-live-{name}"
        exports.create_bucket(s3, bucket, REGION)
        exports.put(s3, bucket, exports.LABEL, exports.objects(ROWS))
        self.copy = f"s3://{bucket}/{exports.LABEL}"

    def restore(self, target, *more, code=0):
        answer = self.cli.run(
            "restore", self.copy, "--region", REGION, "--target-region", REGION, "--table", f"shop.orders={target}:id",
            "--state-dir", self.cli.folder / "state", *more,
        )  # fmt: skip
        assert answer.code == code, answer
        return answer.document

    def fill(self, target):
        """A table with the copy's rows, which has lived since."""
        self.restore(target)
        for row in GONE:
            self.dynamodb.delete_item(TableName=target, Key={"id": {"N": str(row)}})
        for row in [*CHANGED, FOREIGN]:
            self.dynamodb.put_item(TableName=target, Item={"id": {"N": str(row)}, "state": {"S": "of today"}})

    def items(self, target):
        return {int(item["id"]["N"]): item for item in items_of(self.dynamodb, target)}


@pytest.fixture(scope="module", params=["embedded", "ministack", "dynamodb-local"])
def live(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "embedded":
        cloud = request.getfixturevalue("cloud")
        s3, dynamodb = cloud.client("s3", REGION), cloud.client("dynamodb", REGION)
        return Live(request.param, s3, dynamodb, cloud.command_line(folder))
    # DynamoDB Local has no S3.
    ministack = request.getfixturevalue("ministack")
    peer = request.getfixturevalue(request.param.replace("-", "_"))
    cli = CommandLine(folder, **(ministack.variables("S3") | peer.variables("DYNAMODB")))
    return Live(request.param, ministack.client("s3", REGION), peer.client("dynamodb", REGION), cli)


def is_row(item, row):
    return exports.comparable(item) == exports.comparable(exports.expected_item(row))


def test_only_what_is_missing_is_written(live):
    live.fill("live_missing")
    run = live.restore("live_missing", "--existing", "only-missing")
    (table,) = run["tables"]
    assert run["outcome"] == "proven"
    assert table["held_before"] == {"equal": len(ROWS) - len(GONE) - len(CHANGED), "different": len(CHANGED)}
    assert (table["items_written"], table["items_kept"]) == (len(GONE), len(ROWS) - len(GONE))
    items = live.items("live_missing")
    assert items.keys() == {*ROWS, FOREIGN}
    for row in ROWS:
        assert is_row(items[row], row) != (row in CHANGED)
    assert items[FOREIGN]["state"] == items[3]["state"] == {"S": "of today"}


def test_items_are_overwritten_when_their_table_is_named(live):
    live.fill("live_overwritten")
    refused = live.restore("live_overwritten", "--existing", "overwrite", code=1)
    assert refused["error"]["code"] == "unconfirmed_overwrite"
    assert "--confirm-overwrite live_overwritten" in refused["error"]["hint"]
    refused = live.restore("live_overwritten", "--existing", "overwrite", "--confirm-overwrite", "other", code=1)
    assert refused["error"]["code"] == "unconfirmed_overwrite"
    assert live.items("live_overwritten")[3]["state"] == {"S": "of today"}, "nothing was written"
    confirmed = ["--existing", "overwrite", "--confirm-overwrite", "live_overwritten"]
    run = live.restore("live_overwritten", *confirmed, "--max-write-units", "2000")
    (table,) = run["tables"]
    assert run["outcome"] == "proven"
    assert table["held_before"] == {"equal": len(ROWS) - len(GONE) - len(CHANGED), "different": len(CHANGED)}
    assert (table["items_written"], table["items_kept"]) == (len(ROWS), 0)
    items = live.items("live_overwritten")
    assert all(is_row(items[row], row) for row in ROWS)
    assert items[FOREIGN]["state"] == {"S": "of today"}


def test_a_server_refuses_what_is_not_confirmed_and_names_the_other_copies(server):
    point, copy = wait_for("a copy is verified", lambda: server.restorable(REGION, "tvshows"), 300)
    request = {
        "recovery_point": point["id"], "region": REGION, "target_region": REGION,
        "tables": [{"source": "tvshows.shows", "target": "live-by-api", "partition": "id", "existing": "overwrite"}],
    }  # fmt: skip
    plan = server.post("/plans", request)["plan"]
    verified = {other["region"] for other in point["copies"] if other["verdict"] == "Verified"}
    assert {other["region"] for other in plan["fallbacks"]} == verified - {REGION}
    for confirmed in [], ["another-table"]:
        with pytest.raises(HttpError) as refused:
            server.post("/restores", {"plan": plan, "overwrite": confirmed})
        assert refused.value.status == 409
        assert "live-by-api" in refused.value.problem["detail"]
    run = server.post("/restores", {"plan": plan, "overwrite": ["live-by-api"], "reason": "a drill"})
    run = server.ended(run["run_id"])
    assert (run["outcome"], run["went_on_from"]) == ("proven", [])
    assert run["tables"][0]["held_before"] == {"equal": 0, "different": 0}
