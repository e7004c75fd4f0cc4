"""Objects. https://docs.aws.amazon.com/AmazonS3/latest/API/, faults: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""

import base64
import datetime
import hashlib

from .s3_buckets import GONE, bucket

NONE = ("NoSuchKey", 404)


def _object(at, body=b"content", versioned=False, **more):
    s3 = bucket(at, versioned=versioned)
    return s3, s3.put_object(Bucket=at.name, Key="k", Body=body, **more)


def put_object(at):
    s3, put = _object(at, versioned=True)
    assert put.keys() >= {"ETag", "VersionId", "ChecksumType", "ServerSideEncryption"}
    digest = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    assert s3.put_object(Bucket=at.name, Key="k", Body=b"x", ChecksumSHA256=digest)["ChecksumSHA256"] == digest
    at.refused(s3.put_object, "PreconditionFailed", 412, Bucket=at.name, Key="k", Body=b"x", IfNoneMatch="*")
    at.refused(s3.put_object, "BadDigest", 400, Bucket=at.name, Key="k", Body=b"y", ChecksumSHA256=digest)
    at.refused(s3.put_object, *GONE, Bucket=f"{at.name}-none", Key="k", Body=b"x")
    at.refused(at.client("s3", account=1).put_object, "AccessDenied", 403, Bucket=at.name, Key="k", Body=b"x")


def get_object(at):
    s3, put = _object(at, ContentType="text/plain", Metadata={"a": "b"}, versioned=True)
    found = s3.get_object(Bucket=at.name, Key="k", Range="bytes=1-3")
    assert (found["Body"].read(), found["ContentRange"], found["ContentLength"]) == (b"ont", "bytes 1-3/7", 3)
    whole = s3.get_object(Bucket=at.name, Key="k", IfMatch=put["ETag"], VersionId=put["VersionId"])
    assert (whole["Body"].read(), whole["ContentType"], whole["Metadata"]) == (b"content", "text/plain", {"a": "b"})
    at.refused(s3.get_object, *NONE, Bucket=at.name, Key="none")
    at.refused(s3.get_object, *GONE, Bucket=f"{at.name}-none", Key="k")
    at.refused(s3.get_object, "InvalidRange", 416, Bucket=at.name, Key="k", Range="bytes=7-9")
    at.refused(s3.get_object, "PreconditionFailed", 412, Bucket=at.name, Key="k", IfMatch='"other"')
    at.refused(s3.get_object, "304", 304, Bucket=at.name, Key="k", IfNoneMatch=put["ETag"])
    at.refused(s3.get_object, "NoSuchVersion", 404, Bucket=at.name, Key="k", VersionId="3HL4kqtJlcpXroDTDmjVBH40Nrjfkd")
    s3.put_object(Bucket=at.name, Key="cold", Body=b"x", StorageClass="GLACIER")
    at.refused(s3.get_object, "InvalidObjectState", 403, Bucket=at.name, Key="cold")


def head_object(at):
    s3, put = _object(at)
    found = s3.head_object(Bucket=at.name, Key="k", ChecksumMode="ENABLED")
    assert (found["ContentLength"], found["ETag"], found["ChecksumType"]) == (7, put["ETag"], "FULL_OBJECT")
    assert abs(found["LastModified"] - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=5)
    at.refused(s3.head_object, "404", 404, Bucket=at.name, Key="none")
    at.refused(s3.head_object, "412", 412, Bucket=at.name, Key="k", IfMatch='"other"')


def get_object_attributes(at):
    s3, put = _object(at)
    asked = {"ObjectAttributes": ["ETag", "Checksum", "ObjectSize", "StorageClass"]}
    found = s3.get_object_attributes(Bucket=at.name, Key="k", **asked)
    assert (found["ObjectSize"], found["StorageClass"]) == (7, "STANDARD")
    assert found["ETag"].strip('"') == put["ETag"].strip('"')
    assert found["Checksum"]["ChecksumType"] == "FULL_OBJECT"
    at.refused(s3.get_object_attributes, *NONE, Bucket=at.name, Key="none", **asked)


def copy_object(at):
    s3, put = _object(at, Metadata={"a": "b"})
    copied = s3.copy_object(Bucket=at.name, Key="k2", CopySource={"Bucket": at.name, "Key": "k"}, CopySourceIfMatch=put["ETag"])
    assert copied["CopyObjectResult"].keys() >= {"ETag", "LastModified"}
    assert s3.head_object(Bucket=at.name, Key="k2")["Metadata"] == {"a": "b"}
    asked = {"Bucket": at.name, "Key": "k3"}
    at.refused(s3.copy_object, *NONE, **asked, CopySource={"Bucket": at.name, "Key": "none"})
    at.refused(s3.copy_object, *GONE, **asked, CopySource={"Bucket": f"{at.name}-none", "Key": "k"})
    source = {"CopySource": {"Bucket": at.name, "Key": "k"}}
    at.refused(s3.copy_object, "PreconditionFailed", 412, **asked, **source, CopySourceIfMatch='"other"')
    at.refused(s3.copy_object, "PreconditionFailed", 412, Bucket=at.name, Key="k2", IfNoneMatch="*", **source)
    at.refused(s3.copy_object, "InvalidRequest", 400, Bucket=at.name, Key="k", **source)


def delete_object(at):
    s3, put = _object(at, versioned=True)
    deleted = s3.delete_object(Bucket=at.name, Key="k")
    assert deleted["DeleteMarker"] is True
    at.refused(s3.get_object, *NONE, Bucket=at.name, Key="k")
    assert s3.get_object(Bucket=at.name, Key="k", VersionId=put["VersionId"])["Body"].read() == b"content"
    s3.delete_object(Bucket=at.name, Key="k", VersionId=deleted["VersionId"])
    assert s3.get_object(Bucket=at.name, Key="k")["Body"].read() == b"content"
    at.refused(s3.delete_object, *GONE, Bucket=f"{at.name}-none", Key="k")


def delete_objects(at):
    s3, _ = _object(at)
    answer = s3.delete_objects(Bucket=at.name, Delete={"Objects": [{"Key": "k"}, {"Key": "none"}]})
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == ["k", "none"]
    assert "Contents" not in s3.list_objects_v2(Bucket=at.name)
    at.refused(s3.delete_objects, *GONE, Bucket=f"{at.name}-none", Delete={"Objects": [{"Key": "k"}]})
    many = [{"Key": str(number)} for number in range(1_001)]
    at.refused(s3.delete_objects, "MalformedXML", 400, Bucket=at.name, Delete={"Objects": many})


def get_object_tagging(at):
    s3, _ = _object(at, Tagging="a=1&b=")
    found = s3.get_object_tagging(Bucket=at.name, Key="k")["TagSet"]
    assert found == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]
    at.refused(s3.get_object_tagging, *NONE, Bucket=at.name, Key="none")


def put_object_tagging(at):
    s3, _ = _object(at)
    tags = [{"Key": "a", "Value": "1 & 2"}]
    s3.put_object_tagging(Bucket=at.name, Key="k", Tagging={"TagSet": tags})
    assert s3.get_object_tagging(Bucket=at.name, Key="k")["TagSet"] == tags
    assert s3.get_object(Bucket=at.name, Key="k")["TagCount"] == 1
    at.refused(s3.put_object_tagging, *NONE, Bucket=at.name, Key="none", Tagging={"TagSet": tags})
    many = [{"Key": str(number), "Value": ""} for number in range(11)]
    at.refused(s3.put_object_tagging, "BadRequest", 400, Bucket=at.name, Key="k", Tagging={"TagSet": many})
    at.refused(s3.put_object_tagging, "InvalidTag", 400, Bucket=at.name, Key="k", Tagging={"TagSet": tags * 2})


def delete_object_tagging(at):
    s3, _ = _object(at, Tagging="a=1")
    s3.delete_object_tagging(Bucket=at.name, Key="k")
    assert s3.get_object_tagging(Bucket=at.name, Key="k")["TagSet"] == []
    at.refused(s3.delete_object_tagging, *NONE, Bucket=at.name, Key="none")


def _listed(at, list_objects, next_page):
    s3 = bucket(at)
    for key in ("a", "p/1", "p/2 +&", "q/r/1"):
        s3.put_object(Bucket=at.name, Key=key, Body=key.encode())
    call = getattr(s3, list_objects)
    found = call(Bucket=at.name, Delimiter="/")
    assert [entry["Key"] for entry in found["Contents"]] == ["a"]
    assert [entry["Prefix"] for entry in found["CommonPrefixes"]] == ["p/", "q/"]
    page = call(Bucket=at.name, MaxKeys=3)
    assert (page["IsTruncated"], [entry["Key"] for entry in page["Contents"]]) == (True, ["a", "p/1", "p/2 +&"])
    rest = call(Bucket=at.name, **next_page(page))
    assert (rest["IsTruncated"], [entry["Key"] for entry in rest["Contents"]]) == (False, ["q/r/1"])
    at.refused(call, *GONE, Bucket=f"{at.name}-none")
    at.refused(call, "InvalidArgument", 400, Bucket=at.name, MaxKeys=-1)
    return s3


def list_objects(at):
    _listed(at, "list_objects", lambda page: {"Marker": page["Contents"][-1]["Key"]})


def list_objects_v2(at):
    s3 = _listed(at, "list_objects_v2", lambda page: {"ContinuationToken": page["NextContinuationToken"]})
    assert s3.list_objects_v2(Bucket=at.name, StartAfter="p/1", Prefix="p/")["KeyCount"] == 1
    at.refused(s3.list_objects_v2, "InvalidArgument", 400, Bucket=at.name, ContinuationToken="none")


def list_object_versions(at):
    s3, first = _object(at, versioned=True)
    second = s3.put_object(Bucket=at.name, Key="k", Body=b"x")
    marker = s3.delete_object(Bucket=at.name, Key="k")
    found = s3.list_object_versions(Bucket=at.name)
    assert [(version["VersionId"], version["IsLatest"]) for version in found["Versions"]] == [
        (second["VersionId"], False),
        (first["VersionId"], False),
    ]
    assert [(entry["VersionId"], entry["IsLatest"]) for entry in found["DeleteMarkers"]] == [(marker["VersionId"], True)]
    at.refused(s3.list_object_versions, *GONE, Bucket=f"{at.name}-none")
    at.refused(s3.list_object_versions, "InvalidArgument", 400, Bucket=at.name, VersionIdMarker=first["VersionId"])


def restore_object(at):
    s3, _ = _object(at, StorageClass="DEEP_ARCHIVE")
    asked = {"Days": 1, "GlacierJobParameters": {"Tier": "Bulk"}}
    answer = s3.restore_object(Bucket=at.name, Key="k", RestoreRequest=asked)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert s3.head_object(Bucket=at.name, Key="k")["Restore"] == 'ongoing-request="true"'
    at.refused(s3.restore_object, "RestoreAlreadyInProgress", 409, Bucket=at.name, Key="k", RestoreRequest=asked)
    s3.put_object(Bucket=at.name, Key="warm", Body=b"x")
    at.refused(s3.restore_object, "InvalidObjectState", 403, Bucket=at.name, Key="warm", RestoreRequest=asked)
    at.refused(s3.restore_object, *NONE, Bucket=at.name, Key="none", RestoreRequest=asked)
