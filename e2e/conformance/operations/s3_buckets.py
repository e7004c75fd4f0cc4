"""Buckets. https://docs.aws.amazon.com/AmazonS3/latest/API/, faults: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""

import json

GONE = ("NoSuchBucket", 404)


def bucket(at, region=None, versioned=False):
    """A bucket of the case's own."""
    region = region or at.cloud.regions[0]
    s3 = at.client("s3", region)
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=at.name, **where)
    if versioned:
        s3.put_bucket_versioning(Bucket=at.name, VersioningConfiguration={"Status": "Enabled"})
    return s3


def create_bucket(at):
    away = at.cloud.regions[1]
    s3 = bucket(at, away)
    where = {"CreateBucketConfiguration": {"LocationConstraint": away}}
    assert s3.create_bucket(Bucket=f"{at.name}-2", **where)["Location"].rstrip("/").endswith(f"/{at.name}-2")
    at.refused(s3.create_bucket, "BucketAlreadyOwnedByYou", 409, Bucket=at.name, **where)
    at.refused(at.client("s3", away, account=1).create_bucket, "BucketAlreadyExists", 409, Bucket=at.name, **where)
    at.refused(s3.create_bucket, "InvalidBucketName", 400, Bucket="A.Bucket-", **where)
    at.refused(s3.create_bucket, "IllegalLocationConstraintException", 400, Bucket=f"{at.name}-3")
    locked = at.client("s3")
    locked.create_bucket(Bucket=f"{at.name}-4", ObjectLockEnabledForBucket=True)
    assert locked.get_object_lock_configuration(Bucket=f"{at.name}-4")["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}
    assert locked.get_bucket_versioning(Bucket=f"{at.name}-4")["Status"] == "Enabled"


def head_bucket(at):
    s3 = bucket(at, at.cloud.regions[1])
    assert s3.head_bucket(Bucket=at.name)["BucketRegion"] == at.cloud.regions[1]
    # The answer to a HEAD says no more than a status.
    at.refused(s3.head_bucket, "404", 404, Bucket=f"{at.name}-none")
    at.refused(at.client("s3", at.cloud.regions[1], account=1).head_bucket, "403", 403, Bucket=at.name)


def list_buckets(at):
    s3 = bucket(at)
    found = {bucket["Name"]: bucket for bucket in s3.list_buckets()["Buckets"]}
    assert found[at.name]["CreationDate"]
    assert at.name not in {bucket["Name"] for bucket in at.client("s3", account=1).list_buckets()["Buckets"]}
    bucket_names = [
        bucket["Name"] for page in s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 1}) for bucket in page["Buckets"]
    ]
    assert sorted(bucket_names) == sorted(found)


def delete_bucket(at):
    s3 = bucket(at)
    s3.put_object(Bucket=at.name, Key="k", Body=b"x")
    at.refused(s3.delete_bucket, "BucketNotEmpty", 409, Bucket=at.name)
    s3.delete_object(Bucket=at.name, Key="k")
    s3.delete_bucket(Bucket=at.name)
    at.refused(s3.delete_bucket, *GONE, Bucket=at.name)


def get_bucket_location(at):
    s3 = bucket(at, at.cloud.regions[1])
    assert s3.get_bucket_location(Bucket=at.name)["LocationConstraint"] == at.cloud.regions[1]
    at.refused(s3.get_bucket_location, *GONE, Bucket=f"{at.name}-none")


def get_bucket_versioning(at):
    s3 = bucket(at)
    assert "Status" not in s3.get_bucket_versioning(Bucket=at.name)
    at.refused(s3.get_bucket_versioning, *GONE, Bucket=f"{at.name}-none")


def put_bucket_versioning(at):
    s3 = bucket(at)
    for status in ("Enabled", "Suspended"):
        s3.put_bucket_versioning(Bucket=at.name, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=at.name)["Status"] == status
    asked = {"VersioningConfiguration": {"Status": "Enabled"}}
    at.refused(s3.put_bucket_versioning, *GONE, Bucket=f"{at.name}-none", **asked)
    wrong = {"VersioningConfiguration": {"Status": "Sometimes"}}
    at.refused(s3.put_bucket_versioning, "IllegalVersioningConfigurationException", 400, Bucket=at.name, **wrong)


def _replicated(at):
    home = bucket(at, versioned=True)
    away, name = at.client("s3", at.cloud.regions[1]), f"{at.name}-away"
    away.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": at.cloud.regions[1]})
    away.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "west", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": "exports/"},
        "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": f"arn:aws:s3:::{name}"},
    }  # fmt: skip
    rules = {"Role": f"arn:aws:iam::{at.cloud.accounts[0]['id']}:role/replication", "Rules": [rule]}
    return home, rules


def put_bucket_replication(at):
    s3, rules = _replicated(at)
    s3.put_bucket_replication(Bucket=at.name, ReplicationConfiguration=rules)
    assert s3.get_bucket_replication(Bucket=at.name)["ReplicationConfiguration"] == rules
    at.refused(s3.put_bucket_replication, *GONE, Bucket=f"{at.name}-none", ReplicationConfiguration=rules)
    s3.create_bucket(Bucket=f"{at.name}-2")
    at.refused(s3.put_bucket_replication, "InvalidRequest", 400, Bucket=f"{at.name}-2", ReplicationConfiguration=rules)


def get_bucket_replication(at):
    s3, rules = _replicated(at)
    at.refused(s3.get_bucket_replication, "ReplicationConfigurationNotFoundError", 404, Bucket=at.name)
    s3.put_bucket_replication(Bucket=at.name, ReplicationConfiguration=rules)
    assert s3.get_bucket_replication(Bucket=at.name)["ReplicationConfiguration"]["Rules"][0]["ID"] == "west"
    at.refused(s3.get_bucket_replication, *GONE, Bucket=f"{at.name}-none")


def delete_bucket_replication(at):
    s3, rules = _replicated(at)
    s3.put_bucket_replication(Bucket=at.name, ReplicationConfiguration=rules)
    s3.delete_bucket_replication(Bucket=at.name)
    at.refused(s3.get_bucket_replication, "ReplicationConfigurationNotFoundError", 404, Bucket=at.name)
    at.refused(s3.delete_bucket_replication, *GONE, Bucket=f"{at.name}-none")


def _policy(at):
    other = at.cloud.accounts[1]["id"]
    statement = {
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{other}:root"}, "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{at.name}/*",
    }  # fmt: skip
    return {"Version": "2012-10-17", "Statement": [statement]}


def put_bucket_policy(at):
    s3 = bucket(at)
    s3.put_object(Bucket=at.name, Key="k", Body=b"x")
    other = at.client("s3", account=1)
    at.refused(other.get_object, "AccessDenied", 403, Bucket=at.name, Key="k")
    s3.put_bucket_policy(Bucket=at.name, Policy=json.dumps(_policy(at)))
    assert other.get_object(Bucket=at.name, Key="k")["Body"].read() == b"x"
    at.refused(s3.put_bucket_policy, "MalformedPolicy", 400, Bucket=at.name, Policy="{")
    at.refused(s3.put_bucket_policy, *GONE, Bucket=f"{at.name}-none", Policy=json.dumps(_policy(at)))


def get_bucket_policy(at):
    s3 = bucket(at)
    at.refused(s3.get_bucket_policy, "NoSuchBucketPolicy", 404, Bucket=at.name)
    s3.put_bucket_policy(Bucket=at.name, Policy=json.dumps(_policy(at)))
    assert json.loads(s3.get_bucket_policy(Bucket=at.name)["Policy"]) == _policy(at)


def delete_bucket_policy(at):
    s3 = bucket(at)
    s3.put_bucket_policy(Bucket=at.name, Policy=json.dumps(_policy(at)))
    s3.delete_bucket_policy(Bucket=at.name)
    at.refused(s3.get_bucket_policy, "NoSuchBucketPolicy", 404, Bucket=at.name)
    at.refused(s3.delete_bucket_policy, *GONE, Bucket=f"{at.name}-none")


def _encryption(key):
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bool(key)}]}


def put_bucket_encryption(at):
    s3, asked = bucket(at), _encryption("alias/exports")
    s3.put_bucket_encryption(Bucket=at.name, ServerSideEncryptionConfiguration=asked)
    assert s3.get_bucket_encryption(Bucket=at.name)["ServerSideEncryptionConfiguration"] == asked
    assert s3.put_object(Bucket=at.name, Key="k", Body=b"x")["ServerSideEncryption"] == "aws:kms"
    at.refused(s3.put_bucket_encryption, *GONE, Bucket=f"{at.name}-none", ServerSideEncryptionConfiguration=asked)


def get_bucket_encryption(at):
    s3 = bucket(at)
    assert s3.get_bucket_encryption(Bucket=at.name)["ServerSideEncryptionConfiguration"] == _encryption(None)
    at.refused(s3.get_bucket_encryption, *GONE, Bucket=f"{at.name}-none")


def delete_bucket_encryption(at):
    s3 = bucket(at)
    s3.put_bucket_encryption(Bucket=at.name, ServerSideEncryptionConfiguration=_encryption("alias/exports"))
    s3.delete_bucket_encryption(Bucket=at.name)
    assert s3.get_bucket_encryption(Bucket=at.name)["ServerSideEncryptionConfiguration"] == _encryption(None)
    at.refused(s3.delete_bucket_encryption, *GONE, Bucket=f"{at.name}-none")


TAGS = [{"Key": "a", "Value": "1 & 2"}]


def put_bucket_tagging(at):
    s3 = bucket(at)
    s3.put_bucket_tagging(Bucket=at.name, Tagging={"TagSet": TAGS})
    assert s3.get_bucket_tagging(Bucket=at.name)["TagSet"] == TAGS
    at.refused(s3.put_bucket_tagging, *GONE, Bucket=f"{at.name}-none", Tagging={"TagSet": TAGS})


def get_bucket_tagging(at):
    s3 = bucket(at)
    at.refused(s3.get_bucket_tagging, "NoSuchTagSet", 404, Bucket=at.name)
    s3.put_bucket_tagging(Bucket=at.name, Tagging={"TagSet": TAGS})
    assert s3.get_bucket_tagging(Bucket=at.name)["TagSet"] == TAGS


def delete_bucket_tagging(at):
    s3 = bucket(at)
    s3.put_bucket_tagging(Bucket=at.name, Tagging={"TagSet": TAGS})
    s3.delete_bucket_tagging(Bucket=at.name)
    at.refused(s3.get_bucket_tagging, "NoSuchTagSet", 404, Bucket=at.name)
    at.refused(s3.delete_bucket_tagging, *GONE, Bucket=f"{at.name}-none")


RULE = {
    "ID": "ended", "Status": "Enabled", "Filter": {"And": {"Prefix": "exports/", "Tags": [{"Key": "end", "Value": "yes"}]}},
    "Expiration": {"Days": 1}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
}  # fmt: skip


def put_bucket_lifecycle_configuration(at):
    s3, put = bucket(at), "put_bucket_lifecycle_configuration"
    getattr(s3, put)(Bucket=at.name, LifecycleConfiguration={"Rules": [RULE]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=at.name)["Rules"] == [RULE]
    at.refused(getattr(s3, put), "MalformedXML", 400, Bucket=at.name, LifecycleConfiguration={"Rules": []})
    idle = {"ID": "idle", "Status": "Enabled", "Filter": {"Prefix": ""}}
    at.refused(getattr(s3, put), "InvalidRequest", 400, Bucket=at.name, LifecycleConfiguration={"Rules": [idle]})
    at.refused(getattr(s3, put), *GONE, Bucket=f"{at.name}-none", LifecycleConfiguration={"Rules": [RULE]})


def get_bucket_lifecycle_configuration(at):
    s3 = bucket(at)
    at.refused(s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration", 404, Bucket=at.name)
    s3.put_bucket_lifecycle_configuration(Bucket=at.name, LifecycleConfiguration={"Rules": [RULE]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=at.name)["Rules"] == [RULE]


def delete_bucket_lifecycle(at):
    s3 = bucket(at)
    s3.put_bucket_lifecycle_configuration(Bucket=at.name, LifecycleConfiguration={"Rules": [RULE]})
    s3.delete_bucket_lifecycle(Bucket=at.name)
    at.refused(s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration", 404, Bucket=at.name)
    at.refused(s3.delete_bucket_lifecycle, *GONE, Bucket=f"{at.name}-none")


CLOSED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


def put_public_access_block(at):
    s3, some = bucket(at), CLOSED | {"BlockPublicPolicy": False}
    s3.put_public_access_block(Bucket=at.name, PublicAccessBlockConfiguration=some)
    assert s3.get_public_access_block(Bucket=at.name)["PublicAccessBlockConfiguration"] == some
    at.refused(s3.put_public_access_block, *GONE, Bucket=f"{at.name}-none", PublicAccessBlockConfiguration=some)


def get_public_access_block(at):
    s3 = bucket(at)
    assert s3.get_public_access_block(Bucket=at.name)["PublicAccessBlockConfiguration"] == CLOSED
    s3.delete_public_access_block(Bucket=at.name)
    at.refused(s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", 404, Bucket=at.name)


def delete_public_access_block(at):
    s3 = bucket(at)
    s3.delete_public_access_block(Bucket=at.name)
    at.refused(s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration", 404, Bucket=at.name)
    at.refused(s3.delete_public_access_block, *GONE, Bucket=f"{at.name}-none")
