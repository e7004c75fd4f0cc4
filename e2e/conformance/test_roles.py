"""Roles of another account: made by IAM, assumed by STS, and used by the command line as any AWS tool uses them."""

import json

import boto3
import botocore.exceptions
import pytest

from exports import create_bucket
from product import CommandLine


def trust(account, external_id):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                    "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
                }
            ],
        }
    )


@pytest.fixture(scope="module")
def role(cloud):
    """A role of the second account that the first may assume."""
    iam = cloud.client("iam", "us-east-1", account=1)
    document = trust(cloud.accounts[0]["id"], "unicorn")
    made = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document)["Role"]
    yield made
    iam.delete_role(RoleName="reader")


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"]


def assumed(cloud, service, region, credentials, **changes):
    keys = {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
    return boto3.client(service, endpoint_url=cloud.endpoint, region_name=region, **{**keys, **changes})


def test_a_role_is_described_as_it_was_made(cloud, role):
    iam = cloud.client("iam", "us-east-1", account=1)
    found = iam.get_role(RoleName="reader")["Role"]
    assert found["Arn"] == role["Arn"] == f"arn:aws:iam::{cloud.accounts[1]['id']}:role/reader"
    assert found["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"] == "unicorn"
    assert refused(iam.create_role, RoleName="reader", AssumeRolePolicyDocument="{}") == "MalformedPolicyDocument"
    document = trust(cloud.accounts[0]["id"], "x2")
    assert refused(iam.create_role, RoleName="reader", AssumeRolePolicyDocument=document) == "EntityAlreadyExists"
    assert refused(cloud.client("iam", "us-east-1").get_role, RoleName="reader") == "NoSuchEntity"


def test_only_whom_it_trusts_and_with_the_external_id(cloud, role):
    region = cloud.regions[1]
    sts = cloud.client("sts", region)
    wanted = {"RoleArn": role["Arn"], "RoleSessionName": "look"}
    assert refused(sts.assume_role, **wanted) == "AccessDenied"
    assert refused(sts.assume_role, **wanted, ExternalId="horse") == "AccessDenied"
    missing = {**wanted, "RoleArn": role["Arn"] + "s"}
    assert refused(sts.assume_role, **missing, ExternalId="unicorn") == "AccessDenied"
    assert refused(sts.assume_role, **wanted, ExternalId="unicorn", DurationSeconds=7200) == "ValidationError"
    theirs = cloud.client("sts", region, account=1)
    assert refused(theirs.assume_role, **wanted, ExternalId="unicorn") == "AccessDenied"

    credentials = sts.assume_role(**wanted, ExternalId="unicorn")["Credentials"]
    identity = assumed(cloud, "sts", region, credentials).get_caller_identity()
    assert identity["Account"] == cloud.accounts[1]["id"]
    assert identity["Arn"].endswith(":assumed-role/reader/look")


def test_a_session_reads_what_its_account_owns_and_nothing_with_another_token(cloud, role):
    region = cloud.regions[1]
    theirs = cloud.client("s3", region, account=1)
    create_bucket(theirs, "of-the-other-account", region)
    theirs.put_object(Bucket="of-the-other-account", Key="k", Body=b"content")
    sts = cloud.client("sts", region)
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="look", ExternalId="unicorn")["Credentials"]
    s3 = assumed(cloud, "s3", region, session)
    assert s3.get_object(Bucket="of-the-other-account", Key="k")["Body"].read() == b"content"
    home = cloud.client("s3", region)
    assert refused(home.get_object, Bucket="of-the-other-account", Key="k") == "AccessDenied"
    assert assumed(cloud, "dynamodb", region, session).list_tables()["TableNames"] == []
    forged = assumed(cloud, "s3", region, session, aws_session_token="forged")
    assert refused(forged.get_object, Bucket="of-the-other-account", Key="k") == "InvalidToken"
    forged = assumed(cloud, "dynamodb", region, session, aws_session_token="forged")
    assert refused(forged.list_tables) == "UnrecognizedClientException"


def test_the_command_line_takes_a_profile_with_a_role(cloud, role, tmp_path):
    region = cloud.regions[2]
    create_bucket(cloud.client("s3", region, account=1), "exports-of-the-other-account", region)
    (tmp_path / "config").write_text(
        f"[profile other]\nrole_arn = {role['Arn']}\nexternal_id = unicorn\nsource_profile = home\nregion = {region}\n"
        "[profile stranger]\n"
        f"role_arn = {role['Arn']}\nexternal_id = horse\nsource_profile = home\nregion = {region}\n"
    )
    (tmp_path / "credentials").write_text(
        f"[home]\naws_access_key_id = {cloud.accounts[0]['access_key_id']}\n"
        f"aws_secret_access_key = {cloud.accounts[0]['secret_access_key']}\n"
    )
    tool = CommandLine(
        tmp_path,
        AWS_ENDPOINT_URL=cloud.endpoint,
        AWS_CONFIG_FILE=str(tmp_path / "config"),
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "credentials"),
    )
    inspect = ["inspect", "s3://exports-of-the-other-account/none", "--region", region]
    answer = tool.run(*inspect, AWS_PROFILE="other")
    assert answer.code == 1
    assert "AccessDenied" not in answer.stderr, "the role may look, and finds no export"
    answer = tool.run(*inspect, AWS_PROFILE="stranger")
    assert answer.code == 1
    assert role["Arn"] in answer.stderr, "who does not let us in is named"
