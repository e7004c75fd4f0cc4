"""Object lock. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html"""

import datetime

from .s3_buckets import bucket

LOCK = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 35}}}
NONE = ("NoSuchKey", 404)


def _locked(at):
    s3 = at.client("s3")
    s3.create_bucket(Bucket=at.name, ObjectLockEnabledForBucket=True)
    return s3, s3.put_object(Bucket=at.name, Key="k", Body=b"content")


def put_object_lock_configuration(at):
    s3 = bucket(at)
    asked = {"Bucket": at.name, "ObjectLockConfiguration": LOCK}
    at.refused(s3.put_object_lock_configuration, "InvalidBucketState", 409, **asked)
    s3.put_bucket_versioning(Bucket=at.name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(**asked)
    assert s3.get_object_lock_configuration(Bucket=at.name)["ObjectLockConfiguration"] == LOCK


def get_object_lock_configuration(at):
    s3 = bucket(at, versioned=True)
    at.refused(s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError", 404, Bucket=at.name)
    s3.put_object_lock_configuration(Bucket=at.name, ObjectLockConfiguration=LOCK)
    assert s3.get_object_lock_configuration(Bucket=at.name)["ObjectLockConfiguration"] == LOCK


def put_object_legal_hold(at):
    s3, put = _locked(at)
    s3.put_object_legal_hold(Bucket=at.name, Key="k", LegalHold={"Status": "ON"})
    at.refused(s3.delete_object, "AccessDenied", 403, Bucket=at.name, Key="k", VersionId=put["VersionId"])
    s3.put_object_legal_hold(Bucket=at.name, Key="k", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=at.name, Key="k", VersionId=put["VersionId"])
    at.refused(s3.put_object_legal_hold, *NONE, Bucket=at.name, Key="none", LegalHold={"Status": "ON"})


def get_object_legal_hold(at):
    s3, _ = _locked(at)
    s3.put_object_legal_hold(Bucket=at.name, Key="k", LegalHold={"Status": "ON"})
    assert s3.get_object_legal_hold(Bucket=at.name, Key="k")["LegalHold"] == {"Status": "ON"}
    at.refused(s3.get_object_legal_hold, *NONE, Bucket=at.name, Key="none")


def _until(days):
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0) + datetime.timedelta(days=days)


def put_object_retention(at):
    s3, put = _locked(at)
    keep = {"Mode": "GOVERNANCE", "RetainUntilDate": _until(2)}
    s3.put_object_retention(Bucket=at.name, Key="k", Retention=keep)
    at.refused(s3.delete_object, "AccessDenied", 403, Bucket=at.name, Key="k", VersionId=put["VersionId"])
    shorter = keep | {"RetainUntilDate": _until(1)}
    at.refused(s3.put_object_retention, "AccessDenied", 403, Bucket=at.name, Key="k", Retention=shorter)
    s3.put_object_retention(Bucket=at.name, Key="k", Retention=shorter, BypassGovernanceRetention=True)
    at.refused(s3.put_object_retention, *NONE, Bucket=at.name, Key="none", Retention=keep)


def get_object_retention(at):
    s3, _ = _locked(at)
    at.refused(s3.get_object_retention, "NoSuchObjectLockConfiguration", 404, Bucket=at.name, Key="k")
    keep = {"Mode": "COMPLIANCE", "RetainUntilDate": _until(1)}
    s3.put_object_retention(Bucket=at.name, Key="k", Retention=keep)
    assert s3.get_object_retention(Bucket=at.name, Key="k")["Retention"] == keep
