"""Tables. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/"""

import gzip
import json

from waiting import wait_for

NONE = ("ResourceNotFoundException", 400)
INVALID = ("ValidationException", 400)
BY_ID = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
}


def table(at, **more):
    """A table by a number, that can be written."""
    dynamodb = at.client("dynamodb")
    made = dynamodb.create_table(**({"TableName": at.name, "BillingMode": "PAY_PER_REQUEST"} | BY_ID | more))["TableDescription"]
    dynamodb.get_waiter("table_exists").wait(TableName=at.name, WaiterConfig={"Delay": 1})
    return dynamodb, made


def create_table(at):
    dynamodb, made = table(at, BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 7})
    assert (made["TableName"], made["KeySchema"], made["AttributeDefinitions"]) == (
        at.name,
        BY_ID["KeySchema"],
        BY_ID["AttributeDefinitions"],
    )
    assert made["TableArn"] == f"arn:aws:dynamodb:{at.cloud.regions[0]}:{at.cloud.accounts[0]['id']}:table/{at.name}"
    assert made["TableStatus"] in {"CREATING", "ACTIVE"}
    assert made["ProvisionedThroughput"]["WriteCapacityUnits"] == 7
    other = {"TableName": f"{at.name}-2", "BillingMode": "PAY_PER_REQUEST"} | BY_ID
    at.refused(dynamodb.create_table, "ResourceInUseException", 400, **(other | {"TableName": at.name}))
    at.refused(dynamodb.create_table, *INVALID, **(other | {"TableName": "a table"}))
    at.refused(dynamodb.create_table, *INVALID, **(other | {"AttributeDefinitions": [{"AttributeName": "other", "AttributeType": "N"}]}))
    at.refused(dynamodb.create_table, *INVALID, **(other | {"BillingMode": "PROVISIONED"}))


def describe_table(at):
    dynamodb, made = table(at)
    found = dynamodb.describe_table(TableName=at.name)["Table"]
    assert (found["TableStatus"], found["ItemCount"], found["TableId"]) == ("ACTIVE", 0, made["TableId"])
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    at.refused(dynamodb.describe_table, *NONE, TableName="none")


def list_tables(at):
    dynamodb, _ = table(at)
    assert at.name in {
        name for page in dynamodb.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 1}) for name in page["TableNames"]
    }
    assert at.name not in at.client("dynamodb", at.cloud.regions[1]).list_tables()["TableNames"]
    at.refused(dynamodb.list_tables, *INVALID, Limit=101)


def update_table(at):
    dynamodb, _ = table(at)
    changed = dynamodb.update_table(
        TableName=at.name, BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}
    )["TableDescription"]
    assert changed["TableName"] == at.name
    found = dynamodb.describe_table(TableName=at.name)["Table"]
    assert found["ProvisionedThroughput"]["WriteCapacityUnits"] == 2
    at.refused(dynamodb.update_table, *NONE, TableName="none", BillingMode="PAY_PER_REQUEST")
    at.refused(dynamodb.update_table, *INVALID, TableName=at.name)


def delete_table(at):
    dynamodb, _ = table(at)
    assert dynamodb.delete_table(TableName=at.name)["TableDescription"]["TableStatus"] == "DELETING"
    dynamodb.get_waiter("table_not_exists").wait(TableName=at.name, WaiterConfig={"Delay": 1})
    at.refused(dynamodb.delete_table, *NONE, TableName=at.name)


def update_time_to_live(at):
    dynamodb, _ = table(at)
    asked = {"TableName": at.name, "TimeToLiveSpecification": {"Enabled": True, "AttributeName": "until"}}
    assert dynamodb.update_time_to_live(**asked)["TimeToLiveSpecification"] == asked["TimeToLiveSpecification"]
    at.refused(dynamodb.update_time_to_live, *NONE, **(asked | {"TableName": "none"}))


def describe_time_to_live(at):
    dynamodb, _ = table(at)
    assert dynamodb.describe_time_to_live(TableName=at.name)["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}
    dynamodb.update_time_to_live(TableName=at.name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    found = dynamodb.describe_time_to_live(TableName=at.name)["TimeToLiveDescription"]
    assert found["AttributeName"] == "until"
    assert found["TimeToLiveStatus"] in {"ENABLING", "ENABLED"}
    at.refused(dynamodb.describe_time_to_live, *NONE, TableName="none")


def tag_resource(at):
    dynamodb, made = table(at)
    dynamodb.tag_resource(ResourceArn=made["TableArn"], Tags=[{"Key": "a", "Value": "1"}])
    dynamodb.tag_resource(ResourceArn=made["TableArn"], Tags=[{"Key": "a", "Value": "2"}])
    assert dynamodb.list_tags_of_resource(ResourceArn=made["TableArn"])["Tags"] == [{"Key": "a", "Value": "2"}]
    at.refused(dynamodb.tag_resource, *NONE, ResourceArn=f"{made['TableArn']}-none", Tags=[{"Key": "a", "Value": "1"}])


def untag_resource(at):
    dynamodb, made = table(at, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    dynamodb.untag_resource(ResourceArn=made["TableArn"], TagKeys=["a"])
    assert dynamodb.list_tags_of_resource(ResourceArn=made["TableArn"])["Tags"] == [{"Key": "b", "Value": "2"}]
    at.refused(dynamodb.untag_resource, *NONE, ResourceArn=f"{made['TableArn']}-none", TagKeys=["a"])


def list_tags_of_resource(at):
    dynamodb, made = table(at, Tags=[{"Key": "a", "Value": "1"}])
    assert dynamodb.list_tags_of_resource(ResourceArn=made["TableArn"])["Tags"] == [{"Key": "a", "Value": "1"}]
    # DynamoDB tells nobody whether a table that is not there is there.
    at.refused(dynamodb.list_tags_of_resource, "AccessDeniedException", 400, ResourceArn=f"{made['TableArn']}-none")


def _import(at):
    s3 = at.client("s3")
    s3.create_bucket(Bucket=at.name)
    lines = "".join(json.dumps({"Item": {"id": {"N": str(number)}}}) + "\n" for number in range(3))
    s3.put_object(Bucket=at.name, Key="in/0.json.gz", Body=gzip.compress(lines.encode()))
    asked = {
        "S3BucketSource": {"S3Bucket": at.name, "S3KeyPrefix": "in/"}, "InputFormat": "DYNAMODB_JSON", "InputCompressionType": "GZIP",
        "TableCreationParameters": {"TableName": at.name, "BillingMode": "PAY_PER_REQUEST"} | BY_ID, "ClientToken": at.name,
    }  # fmt: skip
    dynamodb = at.client("dynamodb")
    return dynamodb, asked, dynamodb.import_table(**asked)["ImportTableDescription"]


def _ended(dynamodb, arn):
    def look():
        found = dynamodb.describe_import(ImportArn=arn)["ImportTableDescription"]
        return found if found["ImportStatus"] != "IN_PROGRESS" else None

    return wait_for("the import is over", look, 60)


def import_table(at):
    dynamodb, asked, begun = _import(at)
    assert (begun["ImportStatus"], begun["ClientToken"], begun["InputFormat"]) == ("IN_PROGRESS", at.name, "DYNAMODB_JSON")
    assert f":table/{at.name}/import/" in begun["ImportArn"]
    assert dynamodb.import_table(**asked)["ImportTableDescription"]["ImportArn"] == begun["ImportArn"]
    at.refused(dynamodb.import_table, "ResourceInUseException", 400, **(asked | {"ClientToken": "other"}))
    at.refused(dynamodb.import_table, "ImportConflictException", 400, **(asked | {"InputCompressionType": "NONE"}))
    assert _ended(dynamodb, begun["ImportArn"])["ImportStatus"] == "COMPLETED"
    assert dynamodb.scan(TableName=at.name)["Count"] == 3


def describe_import(at):
    dynamodb, _, begun = _import(at)
    found = _ended(dynamodb, begun["ImportArn"])
    assert (found["ImportStatus"], found["ImportedItemCount"], found["ProcessedItemCount"], found["ErrorCount"]) == ("COMPLETED", 3, 3, 0)
    assert found["StartTime"] <= found["EndTime"]
    at.refused(dynamodb.describe_import, "ImportNotFoundException", 400, ImportArn=f"{begun['ImportArn']}0")


def list_imports(at):
    dynamodb, _, begun = _import(at)
    arn = begun["TableArn"]
    (found,) = dynamodb.list_imports(TableArn=arn)["ImportSummaryList"]
    assert (found["ImportArn"], found["TableArn"]) == (begun["ImportArn"], arn)
    _ended(dynamodb, begun["ImportArn"])
    assert dynamodb.list_imports(TableArn=f"{arn}-none")["ImportSummaryList"] == []
    at.refused(dynamodb.list_imports, *INVALID, PageSize=26)
