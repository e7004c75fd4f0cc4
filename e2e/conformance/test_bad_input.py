"""Bad input: a clear message, exit status 1, and nothing written anywhere."""

import re

import pytest

import exports
from product import HttpError, items_of, table_names
from waiting import wait_for

BUCKET = "conformance-bad-input"
PREFIX = f"exports/{exports.LABEL}"
TARGET = "bad_input_target"
ROWS = list(range(300))


@pytest.fixture(scope="module")
def region(cloud):
    """The Region that everything here lies in."""
    return cloud.regions[1]


@pytest.fixture(scope="module")
def bucket(cloud, region):
    """A bucket for spoilt exports."""
    exports.create_bucket(cloud.client("s3", region), BUCKET, region)
    return BUCKET


@pytest.fixture
def spoilt(request, bucket, cloud, region):
    """Puts an export under a prefix of this test's own, and gives its address."""

    def put(made, **replaced):
        prefix = f"{re.sub('[^a-z]+', '-', request.node.name)}/{exports.LABEL}"
        exports.put(cloud.client("s3", region), bucket, prefix, made | replaced)
        return f"s3://{bucket}/{prefix}"

    return put


@pytest.fixture
def refused(cli, cloud, region):
    """Checks that a restore is refused with these words, whether planned first or not, and that nothing was written."""
    dynamodb = cloud.client("dynamodb", region)

    def check(copy, *words, key="id", target=TARGET, cli=cli, region=region, target_region=region):
        before = {table: items_of(dynamodb, table) for table in table_names(dynamodb) if table == target}
        names = table_names(dynamodb)
        arguments = (copy, "--region", region, "--target-region", target_region, "--table", f"shop.orders={target}:{key}")
        for command in (("plan", *arguments), ("restore", *arguments, "--state-dir", cli.folder / "state")):
            answer = cli.run(*command)
            assert answer.code == 1, answer
            said = answer.stdout
            for word in words:
                assert re.search(word, said, re.IGNORECASE), f"{word!r} is not said: {answer}"
            assert "panicked" not in answer.stderr and "Traceback" not in answer.stderr, answer
        assert table_names(dynamodb) == names
        assert {table: items_of(dynamodb, table) for table in before} == before

    return check


def test_an_unknown_bucket(refused):
    refused("s3://there-is-no-such-bucket-here/exports/x", "there-is-no-such-bucket-here", "not exist|not found|no such")


def test_an_unknown_export(refused, bucket):
    refused(f"s3://{bucket}/exports/never-made", "never-made")


def test_no_permission(refused, spoilt, cloud, tmp_path):
    stranger = cloud.command_line(tmp_path, account=1)
    refused(spoilt(exports.objects(ROWS)), "denied|not allowed|permission", BUCKET, cli=stranger)


def test_an_export_without_success(refused, spoilt):
    made = exports.objects(ROWS)
    del made["shop/shop.orders/1/_SUCCESS"]
    refused(spoilt(made), "_SUCCESS", "shop.orders")


def test_a_truncated_parquet_file(refused, spoilt):
    made = exports.objects(ROWS)
    path = next(path for path in made if path.endswith(".parquet"))
    made[path] = made[path][: len(made[path]) * 2 // 3]
    refused(spoilt(made), "parquet", re.escape(path.rsplit("/", 1)[1]))


def test_a_key_with_duplicates(refused, spoilt):
    refused(spoilt(exports.objects(ROWS)), "country", "duplicate|more than once|not unique|same key", key="country")


def test_a_key_with_nulls(refused, spoilt):
    refused(spoilt(exports.objects(ROWS)), "note", "null", key="note")


def test_a_key_of_empty_text(refused, spoilt):
    refused(spoilt(exports.objects(ROWS)), "state", "empty|duplicate", key="id,state")


def test_an_unknown_column(refused, spoilt):
    refused(spoilt(exports.objects(ROWS)), "no_such_column", key="no_such_column")


def test_a_target_that_is_not_empty(refused, spoilt, cloud, region):
    dynamodb = cloud.client("dynamodb", region)
    dynamodb.create_table(
        TableName="bad_input_taken",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "N"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName="bad_input_taken")
    dynamodb.put_item(TableName="bad_input_taken", Item={"id": {"N": "1"}, "note": {"S": "somebody's"}})
    refused(spoilt(exports.objects(ROWS)), "bad_input_taken", "not empty|empty", target="bad_input_taken")


def test_a_target_region_that_is_not_there(refused, spoilt):
    refused(spoilt(exports.objects(ROWS)), "eu-central-1", target_region="eu-central-1")


def test_a_copy_region_that_is_not_there(refused, spoilt):
    refused(spoilt(exports.objects(ROWS)), "eu-central-1", region="eu-central-1", target_region="eu-central-1")


@pytest.fixture(scope="module")
def unverified(server):
    """A copy of the catalogue that a check found incomplete: the demo's history has some."""

    def look():
        for point in server.recovery_points("tvshows"):
            for copy in point["copies"]:
                if copy["verdict"] == "Incomplete":
                    return point, copy
        return None

    return wait_for("the history has an incomplete copy", look, 120)


def request_for(point, region, target_region):
    return {
        "recovery_point": point["id"],
        "region": region,
        "target_region": target_region,
        "tables": [{"source": "tvshows.shows", "target": TARGET, "partition": "id"}],
    }


def test_a_copy_that_is_not_verified(server, unverified, cloud):
    point, copy = unverified
    dynamodb = cloud.client("dynamodb", copy["region"])
    before = table_names(dynamodb)
    runs = server.get("/restores")["items"]
    with pytest.raises(HttpError, match="(?i)verified|incomplete") as refusal:
        server.post("/restores", request_for(point, copy["region"], copy["region"]))
    assert 400 <= refusal.value.status < 500
    assert refusal.value.problem["request_id"]
    assert table_names(dynamodb) == before
    assert server.get("/restores")["items"] == runs


def test_a_region_that_is_not_configured(server, cloud):
    point, _ = server.restorable(cloud.regions[1], "tvshows")
    for region, target in (("ap-south-1", cloud.regions[1]), (cloud.regions[1], "ap-south-1")):
        with pytest.raises(HttpError, match="ap-south-1") as refusal:
            server.post("/restores", request_for(point, region, target))
        assert 400 <= refusal.value.status < 500


def test_a_viewer_cannot_restore(server, cloud):
    region = cloud.regions[1]
    point, _ = server.restorable(region, "tvshows")
    runs = server.get("/restores")["items"]
    for path in ("/plans", "/restores"):
        with pytest.raises(HttpError) as refusal:
            server.post(path, request_for(point, region, region), token="viewer_token")
        assert refusal.value.status == 403
        with pytest.raises(HttpError) as refusal:
            server.post(path, request_for(point, region, region), token=None)
        assert refusal.value.status == 401
    assert server.get("/restores")["items"] == runs


def test_a_viewer_cannot_restore_by_command_line(server, cli, cloud):
    region = cloud.regions[1]
    point, copy = server.restorable(region, "tvshows")
    answer = cli.run(
        "restore", f"s3://{copy['bucket']}/{copy['prefix']}", "--region", region, "--target-region", region,
        "--table", f"tvshows.shows={TARGET}:id", "--server", server.url, DATA_RESTORE_TOKEN=server.demo["viewer_token"],
    )  # fmt: skip
    assert answer.code == 1, answer
    assert re.search("operator|permission|not allowed", answer.error, re.IGNORECASE), answer
    assert TARGET not in table_names(cloud.client("dynamodb", region))
