"""Uploads in parts. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html"""

from .s3_buckets import GONE, bucket

NONE = ("NoSuchUpload", 404)
PART = 5 * 1024 * 1024


def _upload(at, **more):
    s3 = bucket(at)
    upload = s3.create_multipart_upload(Bucket=at.name, Key="k", **more)
    return s3, {"Bucket": at.name, "Key": "k", "UploadId": upload["UploadId"]}


def _parts(s3, asked, *bodies):
    parts = []
    for number, body in enumerate(bodies, 1):
        part = s3.upload_part(**asked, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    return {"MultipartUpload": {"Parts": parts}}


def create_multipart_upload(at):
    s3 = bucket(at)
    answer = s3.create_multipart_upload(Bucket=at.name, Key="k", ChecksumAlgorithm="CRC64NVME", ChecksumType="FULL_OBJECT")
    assert (answer["Bucket"], answer["Key"], answer["ChecksumType"]) == (at.name, "k", "FULL_OBJECT")
    assert answer["UploadId"]
    at.refused(s3.create_multipart_upload, *GONE, Bucket=f"{at.name}-none", Key="k")
    wrong = {"ChecksumAlgorithm": "SHA256", "ChecksumType": "FULL_OBJECT"}
    at.refused(s3.create_multipart_upload, "InvalidRequest", 400, Bucket=at.name, Key="k", **wrong)


def upload_part(at):
    s3, asked = _upload(at)
    assert s3.upload_part(**asked, PartNumber=1, Body=b"x")["ETag"]
    at.refused(s3.upload_part, *NONE, **(asked | {"UploadId": "none"}), PartNumber=1, Body=b"x")
    at.refused(s3.upload_part, "InvalidArgument", 400, **asked, PartNumber=10_001, Body=b"x")


def upload_part_copy(at):
    s3, asked = _upload(at)
    put = s3.put_object(Bucket=at.name, Key="from", Body=b"content")
    source = {"CopySource": {"Bucket": at.name, "Key": "from"}, "PartNumber": 1}
    answer = s3.upload_part_copy(**asked, **source, CopySourceRange="bytes=1-3", CopySourceIfMatch=put["ETag"])
    assert answer["CopyPartResult"].keys() >= {"ETag", "LastModified"}
    (part,) = s3.list_parts(**asked)["Parts"]
    assert part["Size"] == 3
    at.refused(s3.upload_part_copy, *NONE, **(asked | {"UploadId": "none"}), **source)
    at.refused(s3.upload_part_copy, "NoSuchKey", 404, **asked, **(source | {"CopySource": {"Bucket": at.name, "Key": "none"}}))
    at.refused(s3.upload_part_copy, "PreconditionFailed", 412, **asked, **source, CopySourceIfMatch='"other"')
    at.refused(s3.upload_part_copy, "InvalidArgument", 400, **asked, **source, CopySourceRange="bytes=3-99")


def complete_multipart_upload(at):
    s3, asked = _upload(at)
    parts = _parts(s3, asked, b"x" * PART, b"y")
    answer = s3.complete_multipart_upload(**asked, **parts)
    assert (answer["Bucket"], answer["Key"]) == (at.name, "k")
    assert answer["ETag"].endswith('-2"')
    assert s3.head_object(Bucket=at.name, Key="k")["ContentLength"] == PART + 1
    at.refused(s3.complete_multipart_upload, *NONE, **(asked | {"UploadId": "none"}), **parts)
    other = asked | {"UploadId": s3.create_multipart_upload(Bucket=at.name, Key="k")["UploadId"]}
    small = _parts(s3, other, b"x", b"y")
    at.refused(s3.complete_multipart_upload, "EntityTooSmall", 400, **other, **small)
    turned = {"MultipartUpload": {"Parts": _parts(s3, other, b"x" * PART, b"y" * PART)["MultipartUpload"]["Parts"][::-1]}}
    at.refused(s3.complete_multipart_upload, "InvalidPartOrder", 400, **other, **turned)
    wrong = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": '"00000000000000000000000000000000"'}]}}
    at.refused(s3.complete_multipart_upload, "InvalidPart", 400, **other, **wrong)
    one = {"MultipartUpload": {"Parts": turned["MultipartUpload"]["Parts"][:1]}}
    at.refused(s3.complete_multipart_upload, "PreconditionFailed", 412, **other, **one, IfNoneMatch="*")


def abort_multipart_upload(at):
    s3, asked = _upload(at)
    s3.abort_multipart_upload(**asked)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=at.name)
    at.refused(s3.abort_multipart_upload, *NONE, **asked)


def list_parts(at):
    s3, asked = _upload(at)
    _parts(s3, asked, b"x", b"yy", b"zzz")
    page = s3.list_parts(**asked, MaxParts=2)
    assert ([part["Size"] for part in page["Parts"]], page["IsTruncated"]) == ([1, 2], True)
    rest = s3.list_parts(**asked, PartNumberMarker=page["NextPartNumberMarker"])
    assert ([part["PartNumber"] for part in rest["Parts"]], rest["IsTruncated"]) == ([3], False)
    at.refused(s3.list_parts, *NONE, **(asked | {"UploadId": "none"}))


def list_multipart_uploads(at):
    s3, asked = _upload(at)
    (found,) = s3.list_multipart_uploads(Bucket=at.name)["Uploads"]
    assert (found["Key"], found["UploadId"]) == ("k", asked["UploadId"])
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=at.name, Prefix="other/")
    at.refused(s3.list_multipart_uploads, *GONE, Bucket=f"{at.name}-none")
