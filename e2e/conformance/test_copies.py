"""Copies after they have arrived: compared without checksums, evidenced, repaired, told when they rot, thawed."""

import hashlib
import json
import subprocess
import urllib.request

import pytest

import exports
from product import BINARY, HttpError, environment, items_of, uri
from waiting import wait_for

PREFIX = f"exports/{exports.LABEL}"


@pytest.fixture
def pair(request, cloud):
    """Two buckets that keep versions, in two Regions, with the same export in each."""
    made = exports.objects(list(range(900)))
    places = []
    for region in cloud.regions[:2]:
        s3 = cloud.client("s3", region)
        name = request.node.name.removeprefix("test_").replace("_", "-")[:40]
        bucket = f"{name}-{region}"
        exports.create_bucket(s3, bucket, region)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        exports.put(s3, bucket, PREFIX, made)
        places.append((s3, bucket, region))
    return places


def key_of(s3, bucket, suffix=".parquet"):
    """The key of an object of the export."""
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{PREFIX}/")["Contents"]
    return next(entry["Key"] for entry in listed if entry["Key"].endswith(suffix))


def named(pair):
    """The arguments that name both copies."""
    (_, original, home), (_, copy, region) = pair
    return (
        "--from", f"s3://{original}/{PREFIX}", "--from-region", home,
        "--to", f"s3://{copy}/{PREFIX}", "--to-region", region,
    )  # fmt: skip


def digest_of(manifest):
    """The digest as the documentation describes it."""
    rest = {name: value for name, value in manifest.items() if name != "sha256"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_missing_and_altered_objects_are_repaired(cli, pair):
    (s3, original, _), (replica, copy, _) = pair
    missing, altered = key_of(s3, original, "_SUCCESS"), key_of(s3, original)
    replica.delete_object(Bucket=copy, Key=missing)
    body = bytearray(replica.get_object(Bucket=copy, Key=altered)["Body"].read())
    body[8] ^= 1
    spoilt = replica.put_object(Bucket=copy, Key=altered, Body=bytes(body))["VersionId"]

    found = cli.run("verify-copy", *named(pair))
    assert found.code == 1 and found.document["verdict"] == "Incomplete", found
    planned = cli.done("repair-copy", "--plan", *named(pair))
    assert {step["path"] for step in planned["plan"]["steps"]} == {
        missing.removeprefix(f"{PREFIX}/"),
        altered.removeprefix(f"{PREFIX}/"),
    }
    assert planned["done"] is None
    assert replica.head_object(Bucket=copy, Key=altered)["VersionId"] == spoilt, "a plan changes nothing"

    repaired = cli.done("repair-copy", *named(pair))
    assert repaired["done"]["copied"] == 2 and repaired["after"]["verdict"] == "Verified", repaired
    assert replica.get_object(Bucket=copy, Key=altered, VersionId=spoilt)["Body"].read() == bytes(body), "nothing is lost"
    assert cli.done("verify-copy", *named(pair))["verdict"] == "Verified"


def test_legal_hold_is_not_laid_over(cli, pair):
    (s3, original, _), (replica, copy, _) = pair
    altered = key_of(s3, original)
    replica.put_object_lock_configuration(
        Bucket=copy, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )
    held = replica.put_object(Bucket=copy, Key=altered, Body=b"held", ObjectLockLegalHoldStatus="ON")["VersionId"]
    answer = cli.run("repair-copy", *named(pair))
    assert answer.code == 1, answer
    refused = answer.document["done"]["refused"]
    assert len(refused) == 1 and "legal hold" in refused[0]["why"], refused
    assert replica.head_object(Bucket=copy, Key=altered)["VersionId"] == held
    with pytest.raises(replica.exceptions.ClientError, match="object lock"):
        replica.delete_object(Bucket=copy, Key=altered, VersionId=held)
    replica.put_object_legal_hold(Bucket=copy, Key=altered, LegalHold={"Status": "OFF"})
    assert cli.done("repair-copy", *named(pair))["after"]["verdict"] == "Verified"


def test_composite_checksums_decide_nothing_and_both_sides_are_read(cli, pair):
    (s3, original, _), (replica, copy, _) = pair
    body = bytes(range(256)) * (12 << 12)
    key = f"{PREFIX}/shop/shop.orders/1/large.bin"
    for client, bucket, part_size in ((s3, original, 5 << 20), (replica, copy, 6 << 20)):
        upload = client.create_multipart_upload(Bucket=bucket, Key=key, ChecksumAlgorithm="SHA256")["UploadId"]
        parts = []
        for number, begin in enumerate(range(0, len(body), part_size), start=1):
            part = client.upload_part(
                Bucket=bucket, Key=key, UploadId=upload, PartNumber=number,
                Body=body[begin : begin + part_size], ChecksumAlgorithm="SHA256",
            )  # fmt: skip
            parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]})
        client.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})
    checked = cli.done("verify-copy", *named(pair))
    assert checked["verdict"] == "Verified", checked
    assert checked["comparison"]["equal"]["SHA256 (read)"] == 1, checked
    replica.put_object(Bucket=copy, Key=key, Body=body[:-1] + b"x", ChecksumAlgorithm="SHA1")
    found = cli.run("verify-copy", *named(pair))
    assert found.code == 1 and found.document["different"] == [key.removeprefix(f"{PREFIX}/")], found


def test_evidence_proves_itself(cli, pair, tmp_path):
    (s3, original, _), (replica, copy, _) = pair
    file = tmp_path / "manifest.json"
    told = cli.done("verify-copy", *named(pair), "--manifest", file, "--store-manifest")["manifest"]
    manifest = json.loads(file.read_text())
    assert digest_of(manifest) == manifest["sha256"] == told["sha256"]
    for client, bucket in ((s3, original), (replica, copy)):
        stored = client.get_object(Bucket=bucket, Key=told["key"])["Body"].read()
        assert json.loads(stored) == manifest
    assert {entry["outcome"] for entry in manifest["objects"]} == {"equal"}
    for entry in manifest["objects"]:
        head = replica.head_object(Bucket=copy, Key=f"{PREFIX}/{entry['copy']['path']}", ChecksumMode="ENABLED")
        assert entry["copy"]["version_id"] == head["VersionId"]
        checksum = entry["copy"]["checksums"][0]
        assert checksum["value"] == head[f"Checksum{checksum['algorithm']}"]
    assert cli.done("evidence", "verify", file, "--sha256", told["sha256"])["verdict"] == "Verified"
    assert cli.run("evidence", "verify", file, "--sha256", "0" * 64).code == 1
    manifest["evidence"]["objects_found"] += 1
    file.write_text(json.dumps(manifest))
    altered = cli.run("evidence", "verify", file)
    assert altered.code == 1 and "altered" in altered.error, altered
    assert cli.done("verify-copy", *named(pair))["verdict"] == "Verified", "evidence is no object of the export"


def test_a_server_tells_of_a_lost_copy_and_repairs_it(server, cloud, tmp_path):
    region = cloud.regions[1]
    # The oldest: while S3 still replicates to a third Region, an object that is gone here may be on its way.
    point = [point for point in server.recovery_points("securecart") if point["state"] == "verified"][-1]
    copy = next(copy for copy in point["copies"] if copy["region"] == region)
    s3 = cloud.client("s3", region)
    listed = s3.list_objects_v2(Bucket=copy["bucket"], Prefix=f"{copy['prefix']}/")["Contents"]
    key = next(entry["Key"] for entry in listed if entry["Key"].endswith(".parquet"))
    s3.delete_object(Bucket=copy["bucket"], Key=key)

    def copy_now(of):
        return next(copy for copy in of["copies"] if copy["region"] == region)

    try:
        found = copy_now(server.post(f"/recovery-points/{point['id']}/verify"))
        assert found["verdict"] == "Incomplete" and found["lost_at"], found
        metrics = urllib.request.urlopen(f"{server.url}/metrics", timeout=10).read().decode()
        assert f'data_restore_copies_lost_total{{region="{region}"}}' in metrics
        entries = server.get("/audit?limit=20")["items"]
        assert any("was verified and is no longer" in entry["detail"] for entry in entries), entries
        with pytest.raises(HttpError) as refused:
            server.post(f"/recovery-points/{point['id']}/repair", token="viewer_token")
        assert refused.value.status == 403
    finally:
        answer = cloud.command_line(tmp_path).run(
            "repair-copy", "--to", uri(copy), "--to-region", region, "--server", server.url,
            DATA_RESTORE_TOKEN=server.demo["operator_token"],
        )  # fmt: skip
    assert answer.code == 0, answer
    assert answer.document["copies"][0]["copied"] == 1
    repaired = copy_now(answer.document["point"])
    assert repaired["verdict"] == "Verified" and not repaired["lost_at"], repaired
    evidence = server.get(f"/recovery-points/{point['id']}/copies/{region}/evidence")
    assert digest_of(evidence) == evidence["sha256"] == repaired["manifest"]["sha256"]
    assert server.post(f"/recovery-points/{point['id']}/repair")["copies"] == []


def test_a_restore_asks_for_a_thaw_waits_over_its_death_and_goes_on(cli, cloud, tmp_path):
    region = cloud.regions[1]
    s3, bucket = cloud.client("s3", region), "conformance-glacier"
    exports.create_bucket(s3, bucket, region)
    for path, body in exports.objects(list(range(300))).items():
        s3.put_object(Bucket=bucket, Key=f"{PREFIX}/{path}", Body=body, StorageClass="GLACIER")
    with pytest.raises(s3.exceptions.ClientError) as frozen:
        s3.get_object(Bucket=bucket, Key=key_of(s3, bucket))
    assert frozen.value.response["Error"]["Code"] == "InvalidObjectState"

    copy = (f"s3://{bucket}/{PREFIX}", "--region", region)
    told = cli.done("thaw-copy", *copy)
    assert told["archived"]["class"] == "GLACIER" and told["archived"]["readable"] == 0
    assert [option["tier"] for option in told["options"]] == ["expedited", "standard", "bulk"]
    assert all(option["as_of"] and option["cost"] is not None for option in told["options"]), told
    restore = (
        "restore", *copy, "--target-region", region, "--table", "shop.orders=thawed_orders:id",
        "--state-dir", str(tmp_path / "state"),
    )  # fmt: skip
    refused = cli.run(*restore)
    assert refused.code == 1 and "thaw" in refused.error.lower(), refused

    thawing = (*restore, "--thaw", "standard", "--thaw-days", "1")
    variables = environment(tmp_path / "home", **cli.variables, DATA_RESTORE_THAW_POLL_SECONDS="1")
    process = subprocess.Popen([BINARY, *thawing], env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for("S3 was asked", lambda: "Restore" in s3.head_object(Bucket=bucket, Key=key_of(s3, bucket)), 60)
    assert process.poll() is None, "it waits for the thaw"
    process.kill()
    process.wait()
    run = cli.done(*thawing, DATA_RESTORE_THAW_POLL_SECONDS="1")
    assert run["outcome"] == "proven", run
    assert len(items_of(cloud.client("dynamodb", region), "thawed_orders")) == 300
