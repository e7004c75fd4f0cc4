"""https://docs.aws.amazon.com/STS/latest/APIReference/"""

import json

import boto3


def get_caller_identity(at):
    sts = at.client("sts")
    own = at.cloud.accounts[0]["id"]
    caller = sts.get_caller_identity()
    assert (caller["Account"], caller["Arn"]) == (own, f"arn:aws:iam::{own}:root")
    assert caller["UserId"]
    stranger = dict(at.cloud.accounts[0], secret_access_key="not the secret")
    at.cloud.accounts.append(stranger)
    unknown = dict(stranger, access_key_id="AKIANOBODYKNOWSTHISO")
    at.cloud.accounts.append(unknown)
    try:
        at.refused(at.client("sts", account=-2).get_caller_identity, "SignatureDoesNotMatch", 403)
        at.refused(at.client("sts", account=-1).get_caller_identity, "InvalidClientTokenId", 403)
    finally:
        del at.cloud.accounts[-2:]


def assume_role(at):
    home, other = (account["id"] for account in at.cloud.accounts[:2])
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{home}:root"}, "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "unicorn"}},
            }
        ],
    }  # fmt: skip
    at.client("iam", account=1).create_role(RoleName=at.name, AssumeRolePolicyDocument=json.dumps(trust))
    sts = at.client("sts")
    asked = {"RoleArn": f"arn:aws:iam::{other}:role/{at.name}", "RoleSessionName": "a-try", "ExternalId": "unicorn"}
    answer = sts.assume_role(**asked)
    arn = f"arn:aws:sts::{other}:assumed-role/{at.name}/a-try"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    key = answer["Credentials"]
    assert key["AccessKeyId"].startswith("ASIA")
    lent = boto3.client(
        "sts", endpoint_url=at.cloud.endpoint, region_name=at.cloud.regions[0], aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"], aws_session_token=key["SessionToken"],
    )  # fmt: skip
    assert lent.get_caller_identity()["Arn"] == arn
    at.refused(sts.assume_role, "AccessDenied", 403, **(asked | {"ExternalId": "horse"}))
    at.refused(sts.assume_role, "AccessDenied", 403, **(asked | {"RoleArn": asked["RoleArn"] + "-none"}))
    at.refused(sts.assume_role, "ValidationError", 400, **(asked | {"RoleSessionName": "a try"}))
    at.refused(sts.assume_role, "ValidationError", 400, **(asked | {"DurationSeconds": 3_601}))
