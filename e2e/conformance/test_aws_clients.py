"""The embedded AWS as boto3 sees it: the product's own clients are not the only ones that understand it."""

import io

import botocore.exceptions
import pyarrow.parquet
import pytest

from exports import comparable
from product import items_of, uri
from waiting import wait_for


@pytest.fixture(scope="module")
def verified(server, cloud):
    """A recovery point whose every copy is verified."""

    def look():
        for point in server.recovery_points("tvshows"):
            verdicts = [copy["verdict"] for copy in point["copies"]]
            if point["state"] == "verified" and verdicts == ["Verified"] * len(cloud.regions):
                return server.get(f"/recovery-points/{point['id']}")
        return None

    return wait_for("a recovery point is verified in every Region", look, 300)


def copy_in(point, region):
    return next(copy for copy in point["copies"] if copy["region"] == region)


def keys_below(s3, copy):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=copy["bucket"], Prefix=f"{copy['prefix']}/")
    return {entry["Key"].removeprefix(copy["prefix"]): entry["Key"] for page in pages for entry in page.get("Contents", [])}


def test_buckets_are_listed_in_three_regions(verified, cloud):
    assert len(cloud.regions) >= 3
    for region in cloud.regions:
        s3 = cloud.client("s3", region)
        bucket = copy_in(verified, region)["bucket"]
        assert bucket in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        location = s3.get_bucket_location(Bucket=bucket)["LocationConstraint"]
        assert (location or "us-east-1") == region


def test_checksums_are_equal_on_both_sides(verified, cloud):
    original = next(copy for copy in verified["copies"] if copy["is_export"])
    origin = cloud.client("s3", original["region"])
    originals = keys_below(origin, original)
    assert any(path.endswith(".parquet") for path in originals)
    for replica in verified["copies"]:
        if replica is original:
            continue
        s3 = cloud.client("s3", replica["region"])
        replicas = keys_below(s3, replica)
        assert replicas.keys() == originals.keys()
        for path, key in originals.items():
            wanted = {"ObjectAttributes": ["Checksum", "ObjectSize"]}
            one = origin.get_object_attributes(Bucket=original["bucket"], Key=key, **wanted)
            other = s3.get_object_attributes(Bucket=replica["bucket"], Key=replicas[path], **wanted)
            assert one["ObjectSize"] == other["ObjectSize"]
            assert one["Checksum"] == other["Checksum"]
            assert one["Checksum"]["ChecksumType"] == "FULL_OBJECT"
            assert origin.head_object(Bucket=original["bucket"], Key=key)["ReplicationStatus"] == "COMPLETED"
            assert s3.head_object(Bucket=replica["bucket"], Key=replicas[path])["ReplicationStatus"] == "REPLICA"


def test_the_export_task_is_described(verified, cloud):
    original = next(copy for copy in verified["copies"] if copy["is_export"])
    rds = cloud.client("rds", original["region"])
    tasks = rds.describe_export_tasks(SourceArn=verified["arn"])["ExportTasks"]
    task = next(task for task in tasks if task["Status"] == "COMPLETE")
    assert task["S3Bucket"] == original["bucket"]
    assert task["PercentProgress"] == 100
    assert original["prefix"].endswith(task["ExportTaskIdentifier"])
    assert ":snapshot:awsbackup:job-" in task["SourceArn"]


def test_the_recovery_point_is_in_its_vault(verified, cloud):
    backup = cloud.client("backup", verified["region"])
    pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=verified["vault"])
    points = {point["RecoveryPointArn"]: point for page in pages for point in page["RecoveryPoints"]}
    assert points[verified["arn"]]["Status"] in {"COMPLETED", "AVAILABLE"}


def test_signatures_are_verified(cloud):
    caller = cloud.client("sts").get_caller_identity()
    assert caller["Account"] == cloud.accounts[0]["id"]
    stranger = dict(cloud.accounts[0], secret_access_key="not the secret")
    cloud.accounts.append(stranger)
    try:
        with pytest.raises(botocore.exceptions.ClientError, match="SignatureDoesNotMatch|InvalidSignature"):
            cloud.client("sts", account=len(cloud.accounts) - 1).get_caller_identity()
    finally:
        cloud.accounts.pop()


def test_a_restored_table_is_scanned(verified, cloud, cli):
    region = cloud.regions[1]
    copy = copy_in(verified, region)
    run = cli.done(
        "restore", uri(copy), "--region", region, "--target-region", region,
        "--table", "tvshows.shows=conformance_shows:id", "--state-dir", cli.folder / "state",
    )  # fmt: skip
    assert run["outcome"] == "proven"
    s3 = cloud.client("s3", region)
    rows = {}
    for path, key in keys_below(s3, copy).items():
        if "/tvshows.shows/" in path and path.endswith(".parquet"):
            body = s3.get_object(Bucket=copy["bucket"], Key=key)["Body"].read()
            rows |= {row["id"]: row for row in pyarrow.parquet.read_table(io.BytesIO(body)).to_pylist()}
    items = {int(item["id"]["N"]): item for item in items_of(cloud.client("dynamodb", region), "conformance_shows")}
    assert len(rows) == run["tables"][0]["rows_read"]
    assert items.keys() == rows.keys()
    for id, row in list(rows.items())[::97]:
        item = comparable(items[id])
        assert item.keys() == row.keys()
        for name, value in row.items():
            kind, held = item[name]
            if value is None:
                assert (kind, held) == ("NULL", True)
            elif kind == "S":
                assert held == (value.decode() if isinstance(value, bytes) else value)
            else:
                assert (kind, float(held)) == ("N", float(value))


def test_rules_and_tags_of_a_lifecycle_are_kept_and_a_replicas_tags_follow(verified, cloud):
    home = cloud.regions[0]
    s3, bucket = cloud.client("s3", home), "conformance-lifecycle"
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert refused.value.response["Error"]["Code"] == "NoSuchLifecycleConfiguration"
    rule = {
        "ID": "ended", "Status": "Enabled", "Filter": {"And": {"Prefix": "exports/", "Tags": [{"Key": "end", "Value": "yes"}]}},
        "Expiration": {"Days": 1}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
    }  # fmt: skip
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]
    for rules in ([], [{"ID": "idle", "Status": "Enabled", "Filter": {"Prefix": ""}}]):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with pytest.raises(botocore.exceptions.ClientError):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)

    export = next(copy for copy in verified["copies"] if copy["is_export"])
    replica = next(copy for copy in verified["copies"] if not copy["is_export"])
    origin, other = cloud.client("s3", export["region"]), cloud.client("s3", replica["region"])
    path = next(path for path in keys_below(origin, export) if path.endswith("_SUCCESS"))
    here = {"Bucket": export["bucket"], "Key": export["prefix"] + path}
    there = {"Bucket": replica["bucket"], "Key": replica["prefix"] + path}
    tags = [{"Key": "a", "Value": "1 & 2"}, {"Key": "b", "Value": ""}]
    origin.put_object_tagging(**here, Tagging={"TagSet": tags})
    assert origin.get_object_tagging(**here)["TagSet"] == tags
    assert other.get_object_tagging(**there)["TagSet"] == tags, "S3 replicates tags"
    assert origin.get_object(**here)["TagCount"] == 2
    other.delete_object_tagging(**there)
    assert other.get_object_tagging(**there)["TagSet"] == []
    assert origin.get_object_tagging(**here)["TagSet"] == tags, "and nothing goes back"
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        origin.put_object_tagging(**here, Tagging={"TagSet": [{"Key": str(number), "Value": ""} for number in range(11)]})
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    origin.delete_object_tagging(**here)
