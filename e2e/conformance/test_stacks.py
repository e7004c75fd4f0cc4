"""The templates of `infra/` made into stacks by an engine that nobody here wrote, and the product run on the stacks' own outputs."""

import functools
import hashlib
import json
import urllib.parse

import botocore.exceptions
import pytest

import exports
from events import OURS
from installation import Creation
from product import BINARY, CommandLine, Server, items_of, uri
from stacks import HOME, NOT_KEPT, NOT_MADE, NOWHERE, REPLICA, Stacks, known
from waiting import wait_for


@pytest.fixture(scope="module")
def stacks_of():
    """The stacks of an engine, made once."""
    return functools.cache(Stacks)


@pytest.fixture(scope="module", params=list(NOT_MADE))
def made(request, stacks_of):
    """The stacks of every engine."""
    return stacks_of(request.param, request.getfixturevalue(request.param))


@pytest.fixture(scope="module")
def stacks(stacks_of, ministack):
    """MiniStack's, on which the product runs."""
    return stacks_of("ministack", ministack)


def test_another_engine_reads_the_templates_as_our_own_reader_does(made):
    for (name, region), (outputs, resources) in made.made.items():
        ours = made.ours(name, region)
        assert outputs.keys() == ours.outputs.keys()
        # Names and ARNs that the engine chooses by itself are no matter of reading.
        chosen = {"KeyArn", "Address", "TaskRoleArn", "ServerGroupId"} | {key for key, value in outputs.items() if value == NOWHERE}
        assert {key: value for key, value in outputs.items() if key not in chosen} == {
            key: value for key, value in ours.outputs.items() if key not in chosen
        }
        assert resources.keys() == {key for key in ours.types if key in known(made.engine, name)["Resources"]}


def test_what_an_engine_does_not_make_is_known(made):
    left_out = set()
    for (name, region), (_, resources) in made.made.items():
        ours = made.ours(name, region)
        left_out |= {kind for key, kind in ours.types.items() if resources.get(key, NOWHERE) == NOWHERE}
    listed = {kind for kind in NOT_MADE[made.engine] if kind.startswith("AWS::")}
    assert left_out - {"AWS::CloudWatch::Alarm"} == listed
    # MiniStack makes all alarms but one kind, LocalStack every one.
    assert ("AWS::CloudWatch::Alarm" in left_out) == (made.engine == "ministack")


@pytest.mark.parametrize(
    ("name", "role"), [("service", "TaskRole"), ("readers", "CopyReaderRole"), ("readers", "DoctorRole"), ("source", "ExportRole"), ("account", "ServiceRole")]
)
def test_another_engine_makes_the_same_policies_of_them(made, name, role):
    (policy,) = made.ours(name).resources[role]["Policies"]
    found = made.peer.client("iam", HOME).get_role_policy(RoleName=made.resources(name)[role], PolicyName=policy["PolicyName"])
    document = found["PolicyDocument"]
    document = json.loads(urllib.parse.unquote(document)) if isinstance(document, str) else document
    assert document == policy["PolicyDocument"]


def test_another_engine_makes_the_queue_that_its_rules_lead_to(made):
    ours, outputs = made.ours("source"), made.outputs("source")
    sqs, events = made.peer.client("sqs", HOME), made.peer.client("events", HOME)
    queue = sqs.get_queue_url(QueueName=outputs["QueueName"])["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    dead = sqs.get_queue_url(QueueName=outputs["DeadLetterQueueName"])["QueueUrl"]
    dead = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    wanted = {
        "RedrivePolicy": {"deadLetterTargetArn": dead, "maxReceiveCount": 5},
        "Policy": ours.resources["QueuePolicy"]["PolicyDocument"],
    }
    found = {name for name in wanted if json.loads(attributes.get(name, "null")) == wanted[name]}
    assert found == wanted.keys() - NOT_KEPT[made.engine]
    rules = {rule["Name"]: json.loads(rule["EventPattern"]) for rule in events.list_rules()["Rules"]}
    for rule in ("BackupEvents", "ExportEvents"):
        assert rules[ours.resources[rule]["Name"]] == ours.resources[rule]["EventPattern"]
        (target,) = events.list_targets_by_rule(Rule=ours.resources[rule]["Name"])["Targets"]
        assert (target["Arn"], target["Id"]) == (attributes["QueueArn"], "queue")
    source, kind, resources, detail, _ = OURS[0]
    entry = {"Source": source, "DetailType": kind, "Resources": resources, "Detail": json.dumps(detail)}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    told = json.loads(message["Body"])
    assert (told["source"], told["detail-type"], told["resources"], told["detail"]) == (source, kind, resources, detail)


def kept(s3, bucket, wanted):
    """Which properties of a template's bucket a bucket has."""

    def ids(rules):
        return {rule.get("ID", rule.get("Id")) for rule in rules}

    looks = {
        "VersioningConfiguration": lambda: s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled",
        "PublicAccessBlockConfiguration": lambda: s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        == wanted["PublicAccessBlockConfiguration"],
        "BucketEncryption": lambda: s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0][
            "ApplyServerSideEncryptionByDefault"
        ]["SSEAlgorithm"]
        == "aws:kms",
        "LifecycleConfiguration": lambda: ids(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"])
        == ids(wanted["LifecycleConfiguration"]["Rules"]),
        "ReplicationConfiguration": lambda: ids(s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]["Rules"])
        == ids(wanted["ReplicationConfiguration"]["Rules"]),
    }

    def has(look):
        try:
            return look()
        except botocore.exceptions.ClientError as refused:
            assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == 404, refused
            return False

    return {name for name, look in looks.items() if has(look)}


def test_another_engine_makes_the_bucket_of_copies_as_far_as_is_known(made):
    wanted = made.ours("copies").resources["Bucket"]
    bucket = made.outputs("copies")["BucketName"]
    of_interest = {"VersioningConfiguration", "PublicAccessBlockConfiguration", "BucketEncryption", "LifecycleConfiguration", "ReplicationConfiguration"}
    assert wanted.keys() >= of_interest
    assert kept(made.peer.client("s3", HOME), bucket, wanted) == of_interest - NOT_KEPT[made.engine]


def test_copies_are_verified_between_the_buckets_that_another_engine_makes(made, tmp_path):
    prefix = f"exports/{exports.LABEL}"
    buckets = {region: made.outputs("copies", region)["BucketName"] for region in (HOME, REPLICA)}
    for region, bucket in buckets.items():
        # Neither copies anything by replication rules.
        exports.put(made.peer.client("s3", region), bucket, prefix, exports.objects())
    copies = {region: uri({"bucket": buckets[region], "prefix": prefix}) for region in buckets}
    check = CommandLine(tmp_path, **made.peer.variables("S3")).done(
        "verify-copy", "--from", copies[HOME], "--from-region", HOME, "--to", copies[REPLICA], "--to-region", REPLICA
    )
    assert check["verdict"] == "Verified"


@pytest.fixture(scope="module")
def buckets(stacks, ministack):
    """The stacks' buckets, with the template's replication rules, which MiniStack's CloudFormation leaves out."""
    Creation.replicate(ministack.client("s3", HOME), stacks.ours("copies").resources["Bucket"])
    return {region: stacks.outputs("copies", region)["BucketName"] for region in (HOME, REPLICA)}


def test_a_copy_is_restored_between_the_stacks_buckets(buckets, ministack, peer_cli):
    prefix = f"exports/{exports.LABEL}"
    # MiniStack keeps replication rules and copies nothing by them.
    for region, bucket in buckets.items():
        exports.put(ministack.client("s3", region), bucket, prefix, exports.objects())
    copies = {region: uri({"bucket": buckets[region], "prefix": prefix}) for region in buckets}
    run = peer_cli.done(
        "restore", copies[REPLICA], "--region", REPLICA, "--target-region", REPLICA,
        "--table", "shop.orders=restored-orders:id", "--state-dir", peer_cli.folder / "state",
    )  # fmt: skip
    assert run["outcome"] == "proven"
    assert len(items_of(ministack.client("dynamodb", REPLICA), "restored-orders")) == exports.ROWS


class OnStacks(Server):
    """The server on what the stacks made."""

    def __init__(self, folder, variables):
        super().__init__(folder)
        self.given = variables

    def command(self, port):
        return [BINARY, "serve", "--data-dir", self.data, "--listen", f"127.0.0.1:{port}"]

    def variables(self):
        return self.given


@pytest.fixture
def variables(stacks, ministack):
    """The configuration from the stacks' outputs, and the environment that leads to the emulator."""
    account = stacks.account
    buckets = "\n".join(
        f'{region} = {{ name = "{stacks.outputs("copies", region)["BucketName"]}", account = "{account}" }}' for region in (HOME, REPLICA)
    )
    source = stacks.outputs("source")
    place = f'region = "{HOME}"\naccount = "{account}"'
    text = (
        f'[[tokens]]\nname = "tests"\nrole = "viewer"\nsha256 = "{hashlib.sha256(b"token").hexdigest()}"\n\n'
        f'[workflow]\ncontrol_region = "{HOME}"\ncontrol_table = "{stacks.outputs("control-table")["ControlTable"]}"\n'
        f'home_region = "{HOME}"\nregions = ["{HOME}", "{REPLICA}"]\naccounts = ["{account}"]\nprefix = "exports"\n'
        f'export_role_arn = "{source["ExportRoleArn"]}"\nkms_key_id = "{stacks.outputs("copies")["KeyAlias"]}"\n\n'
        f"[workflow.buckets]\n{buckets}\n\n"
        f'[[workflow.vaults]]\n{place}\nname = "{source["VaultName"]}"\n\n'
        f'[[workflow.queues]]\n{place}\nurl_or_name = "{source["QueueName"]}"\n'
    )
    return {
        "AWS_ENDPOINT_URL": ministack.endpoint,
        "AWS_ACCESS_KEY_ID": "conformance",
        "AWS_SECRET_ACCESS_KEY": "conformance",
        "DATA_RESTORE_CONFIG_TEXT": text,
    }


def test_the_server_keeps_its_records_in_the_stacks_table(stacks, variables, ministack, tmp_path):
    server = OnStacks(tmp_path, variables)
    try:
        server.start()
        table = stacks.outputs("control-table")["ControlTable"]

        def leased():
            return [item for item in items_of(ministack.client("dynamodb", HOME), table) if item["pk"]["S"] == "LEASE#pipeline"]

        assert wait_for("the server holds its lease there", leased, 30)
    finally:
        server.stop()
    assert server.process.returncode == 0


def test_the_doctor_knows_the_stacks_resources(buckets, variables, peer_cli):
    answer = peer_cli.run("doctor", **variables)
    findings = {(finding["check"], finding["severity"]) for finding in answer.document["findings"]}
    reached = {"credentials", "bucket", "bucket_versioning", "control_table", "key", "queue", "replication_rule", "vault"}
    assert {entry["check"] for entry in answer.document["checked"]} >= reached
    assert not [found for found in findings if found[0] in reached and found[1] == "error"], answer
