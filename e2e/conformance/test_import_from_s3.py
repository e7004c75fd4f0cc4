"""DynamoDB's import from S3 as boto3 sees it."""

import gzip
import json

import botocore.exceptions
import pytest

from product import items_of, uri
from waiting import wait_for

BUCKET = "conformance-imports"


@pytest.fixture(scope="module")
def region(cloud):
    """A Region with two objects to import: 300 items, of which 100 share their keys with others."""
    region = cloud.regions[1]
    s3 = cloud.client("s3", region)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
    for name, numbers in {"a": range(200), "b": range(100, 200)}.items():
        items = [{"Item": {"id": {"N": str(number)}, "from": {"S": name}, "none": {"NULL": True}}} for number in numbers]
        body = "".join(json.dumps(item) + "\n" for item in items)
        s3.put_object(Bucket=BUCKET, Key=f"in/{name}.json.gz", Body=gzip.compress(body.encode()))
    return region


def request(table, token, prefix="in/"):
    return {
        "ClientToken": token,
        "S3BucketSource": {"S3Bucket": BUCKET, "S3KeyPrefix": prefix},
        "InputFormat": "DYNAMODB_JSON",
        "InputCompressionType": "GZIP",
        "TableCreationParameters": {
            "TableName": table,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    }


def ended(dynamodb, arn):
    def look():
        found = dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"]
        return found if found["ImportStatus"] != "IN_PROGRESS" else None

    return wait_for("the import ends", look, 60)


def test_a_table_is_imported_followed_and_listed(cloud, region):
    dynamodb = cloud.client("dynamodb", region)
    begun = dynamodb.import_table(**request("imported", "one"))["ImportTableDescription"]
    assert begun["ImportStatus"] == "IN_PROGRESS"
    again = dynamodb.import_table(**request("imported", "one"))["ImportTableDescription"]
    assert again["ImportArn"] == begun["ImportArn"]
    with pytest.raises(dynamodb.exceptions.ImportConflictException):
        dynamodb.import_table(**request("imported", "one", prefix="other/"))
    done = ended(dynamodb, begun["ImportArn"])
    assert done["ImportStatus"] == "COMPLETED"
    assert (done["ProcessedItemCount"], done["ImportedItemCount"], done["ErrorCount"]) == (300, 300, 0)
    assert done["TableId"] == dynamodb.describe_table(TableName="imported")["Table"]["TableId"]
    items = {int(item["id"]["N"]): item for item in items_of(dynamodb, "imported")}
    assert sorted(items) == list(range(200))
    assert items[150]["from"] == {"S": "b"}, "items of one key overwrite each other in silence"
    assert items[7] == {"id": {"N": "7"}, "from": {"S": "a"}, "none": {"NULL": True}}
    listed = dynamodb.list_imports(TableArn=begun["TableArn"])["ImportSummaryList"]
    assert [found["ImportArn"] for found in listed] == [begun["ImportArn"]]


def test_what_aws_refuses_is_refused(cloud, region):
    dynamodb = cloud.client("dynamodb", region)
    first = dynamodb.import_table(**request("taken", "two"))["ImportTableDescription"]
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.scan(TableName="taken")
    assert dynamodb.describe_table(TableName="taken")["Table"]["TableStatus"] == "CREATING"
    ended(dynamodb, first["ImportArn"])
    with pytest.raises(dynamodb.exceptions.ResourceInUseException):
        dynamodb.import_table(**request("taken", "three"))
    with pytest.raises(dynamodb.exceptions.ImportNotFoundException):
        dynamodb.describe_import(ImportArn=first["ImportArn"] + "0")
    elsewhere = request("elsewhere", "four")
    elsewhere["S3BucketSource"]["S3Bucket"] = "conformance-no-such-bucket"
    failed = ended(dynamodb, dynamodb.import_table(**elsewhere)["ImportTableDescription"]["ImportArn"])
    assert (failed["ImportStatus"], failed["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    wrong = request("wrong", "five")
    wrong["TableCreationParameters"]["KeySchema"][0]["AttributeName"] = "other"
    with pytest.raises(botocore.exceptions.ClientError, match="ValidationException"):
        dynamodb.import_table(**wrong)


def test_a_copy_is_restored_by_import(server, cloud, region, cli):
    point, copy = wait_for("a copy is verified", lambda: server.restorable(region, "tvshows"), 300)
    rows = next(table["rows"] for table in point["tables"] if table["name"] == "tvshows.shows")
    arguments = [uri(copy), "--region", region, "--target-region", region, "--table", "tvshows.shows=shows_imported:id"]
    work = ["--way", "import", "--work", f"s3://{BUCKET}/restores"]
    planned = cli.done("plan", *arguments, *work)
    (table,) = planned["plan"]["tables"]
    assert table["way"] == {"by": "import", "bucket": BUCKET, "prefix": "restores"}
    run = cli.done("restore", *arguments, *work, "--state-dir", cli.folder / "state")
    assert run["outcome"] == "proven"
    (table,) = run["tables"]
    assert table["rows_read"] == table["items_written"] == rows
    left = cloud.client("s3", region).list_objects_v2(Bucket=BUCKET, Prefix="restores/")
    assert "Contents" not in left, "the work objects are removed"

    refused = cli.run("plan", *arguments, *work)
    assert refused.code == 1
    blocking = [finding["code"] for finding in refused.document["preflight"]["findings"] if finding["severity"] == "blocks"]
    assert blocking == ["target_exists"]
    assert cli.run("plan", *arguments, "--way", "import").code == 2
    assert cli.run("plan", *arguments, "--work", f"s3://{BUCKET}").code == 2
