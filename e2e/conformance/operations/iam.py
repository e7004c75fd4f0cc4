"""https://docs.aws.amazon.com/IAM/latest/APIReference/"""

import json

TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
)


def create_role(at):
    iam = at.client("iam")
    made = iam.create_role(RoleName=at.name, AssumeRolePolicyDocument=TRUST, Path="/tries/")["Role"]
    assert made["Arn"] == f"arn:aws:iam::{at.cloud.accounts[0]['id']}:role/tries/{at.name}"
    assert (made["RoleName"], made["Path"], made["AssumeRolePolicyDocument"]) == (at.name, "/tries/", json.loads(TRUST))
    assert made["RoleId"].startswith("AROA")
    at.refused(iam.create_role, "EntityAlreadyExists", 409, RoleName=at.name, AssumeRolePolicyDocument=TRUST)
    at.refused(iam.create_role, "MalformedPolicyDocument", 400, RoleName=f"{at.name}-2", AssumeRolePolicyDocument="{")
    at.refused(iam.create_role, "ValidationError", 400, RoleName="a role", AssumeRolePolicyDocument=TRUST)


def get_role(at):
    iam = at.client("iam")
    made = iam.create_role(RoleName=at.name, AssumeRolePolicyDocument=TRUST)["Role"]
    found = at.client("iam", at.cloud.regions[1]).get_role(RoleName=at.name)["Role"]
    assert (found["Arn"], found["RoleId"], found["CreateDate"]) == (made["Arn"], made["RoleId"], made["CreateDate"])
    assert found["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert found["MaxSessionDuration"] == 3_600
    at.refused(iam.get_role, "NoSuchEntity", 404, RoleName="none")
    at.refused(at.client("iam", account=1).get_role, "NoSuchEntity", 404, RoleName=at.name)


def update_assume_role_policy(at):
    iam = at.client("iam")
    iam.create_role(RoleName=at.name, AssumeRolePolicyDocument=TRUST)
    other = TRUST.replace("x.amazonaws.com", "y.amazonaws.com")
    iam.update_assume_role_policy(RoleName=at.name, PolicyDocument=other)
    assert iam.get_role(RoleName=at.name)["Role"]["AssumeRolePolicyDocument"] == json.loads(other)
    at.refused(iam.update_assume_role_policy, "MalformedPolicyDocument", 400, RoleName=at.name, PolicyDocument="{")
    at.refused(iam.update_assume_role_policy, "NoSuchEntity", 404, RoleName="none", PolicyDocument=TRUST)


def delete_role(at):
    iam = at.client("iam")
    iam.create_role(RoleName=at.name, AssumeRolePolicyDocument=TRUST)
    iam.delete_role(RoleName=at.name)
    at.refused(iam.delete_role, "NoSuchEntity", 404, RoleName=at.name)
