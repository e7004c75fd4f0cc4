"""KMS, IAM and object lock of the embedded AWS as boto3 sees them, refusals included."""

import json

import botocore.exceptions
import pytest

from installation import ACCOUNT, DOCTOR

TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
)


def code(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"]


def test_keys_are_made_named_and_switched_off(cloud):
    kms = cloud.client("kms")
    made = kms.create_key(Description="a try")["KeyMetadata"]
    assert (made["KeyState"], made["KeySpec"], made["KeyManager"]) == ("Enabled", "SYMMETRIC_DEFAULT", "CUSTOMER")
    kms.create_alias(AliasName="alias/a-try", TargetKeyId=made["KeyId"])
    assert code(kms.create_alias, AliasName="alias/a-try", TargetKeyId=made["KeyId"]) == "AlreadyExistsException"
    assert code(kms.create_alias, AliasName="a-try", TargetKeyId=made["KeyId"]) == "InvalidAliasNameException"
    arn = made["Arn"].replace(f"key/{made['KeyId']}", "alias/a-try")
    for name in (made["KeyId"], made["Arn"], "alias/a-try", arn):
        assert kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == made["Arn"], name
    kms.disable_key(KeyId=made["KeyId"])
    assert kms.describe_key(KeyId="alias/a-try")["KeyMetadata"]["Enabled"] is False
    assert kms.schedule_key_deletion(KeyId=made["KeyId"], PendingWindowInDays=7)["KeyState"] == "PendingDeletion"
    assert code(kms.enable_key, KeyId=made["KeyId"]) == "KMSInvalidStateException"
    kms.delete_alias(AliasName="alias/a-try")
    assert code(kms.describe_key, KeyId="alias/a-try") == "NotFoundException"
    assert code(kms.describe_key, KeyId="00000000-0000-0000-0000-000000000000") == "NotFoundException"
    elsewhere = cloud.client("kms", cloud.regions[1])
    assert code(elsewhere.describe_key, KeyId=made["Arn"]) == "NotFoundException"


def test_roles_are_made_and_known_in_every_region(cloud):
    iam = cloud.client("iam")
    made = iam.create_role(RoleName="a-try", AssumeRolePolicyDocument=TRUST, Path="/tries/")["Role"]
    assert made["Arn"] == f"arn:aws:iam::{cloud.accounts[0]['id']}:role/tries/a-try"
    found = cloud.client("iam", cloud.regions[1]).get_role(RoleName="a-try")["Role"]
    assert (found["Arn"], found["AssumeRolePolicyDocument"]) == (made["Arn"], json.loads(TRUST))
    assert code(iam.create_role, RoleName="a-try", AssumeRolePolicyDocument=TRUST) == "EntityAlreadyExists"
    assert code(iam.update_assume_role_policy, RoleName="a-try", PolicyDocument="{") == "MalformedPolicyDocument"
    assert code(cloud.client("iam", account=1).get_role, RoleName="a-try") == "NoSuchEntity"
    iam.delete_role(RoleName="a-try")
    assert code(iam.get_role, RoleName="a-try") == "NoSuchEntity"


def test_object_lock_is_told_and_needs_versions(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="conformance-locks")
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 35}}}
    assert code(s3.get_object_lock_configuration, Bucket="conformance-locks") == "ObjectLockConfigurationNotFoundError"
    refused = code(s3.put_object_lock_configuration, Bucket="conformance-locks", ObjectLockConfiguration=lock)
    assert refused == "InvalidBucketState"
    s3.put_bucket_versioning(Bucket="conformance-locks", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket="conformance-locks", ObjectLockConfiguration=lock)
    assert s3.get_object_lock_configuration(Bucket="conformance-locks")["ObjectLockConfiguration"] == lock


def test_a_role_that_signs_with_a_key_of_its_own_is_told_by_sts(installation):
    own = installation.keys[DOCTOR]
    description = {"endpoint": installation.cloud.endpoint, "regions": installation.cloud.regions, "accounts": [own]}
    told = type(installation.cloud)(description).client("sts").get_caller_identity()
    assert (told["Account"], told["Arn"]) == (ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/{DOCTOR}/local")
