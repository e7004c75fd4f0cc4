"""The templates of `infra/` made into stacks by an engine that nobody here wrote, and the product run on the stacks' own outputs."""

import hashlib
import json
import urllib.parse

import pytest

import exports
import templates
from installation import Creation
from product import BINARY, Server, items_of, uri
from waiting import wait_for

HOME, REPLICA = "us-east-1", "us-west-2"

# What MiniStack's CloudFormation does not make: without these it makes the stack, with them it refuses it whole.
UNKNOWN = {
    "AWS::Backup::BackupSelection",
    "AWS::Logs::MetricFilter",
    # It would start containers, and stumbles over a count that comes from a parameter.
    "AWS::ECS::Service",
}

PARAMETERS = {
    ("copies", REPLICA): {},
    ("copies", HOME): {"ReplicaRegion1": REPLICA},
    ("source", HOME): {},
    ("control-table", HOME): {},
    ("service", HOME): {
        "VpcId": "vpc-00000001", "ServiceSubnetIds": "subnet-00000001,subnet-00000002",
        "LoadBalancerSubnetIds": "subnet-00000001,subnet-00000002", "Image": "image", "LiveTable": "orders",
        "ConfigurationSecretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:data-restore-abcdef",
        "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/0",
    },
    ("account", HOME): {"ServiceRoleArn": "arn:aws:iam::444455556666:role/data-restore-task", "ExternalId": "service"},
    ("readers", HOME): {"TrustedPrincipalArns": "arn:aws:iam::444455556666:root", "ExternalId": "customer"},
}  # fmt: skip


def known(name):
    """The template without what the engine does not make: kinds, and alarms that add metrics up."""
    template = templates.read(name)
    left_out = [
        logical
        for logical, resource in template["Resources"].items()
        if resource["Type"] in UNKNOWN or (resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"])
    ]
    for logical in left_out:
        del template["Resources"][logical]
    return template


@pytest.fixture(scope="module")
def stacks(ministack):
    """Outputs and resources of every stack, in the order of infra/README.md."""
    made = {}
    for (name, region), parameters in PARAMETERS.items():
        cloudformation = ministack.client("cloudformation", region)
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(known(name)),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )

        def ended(cloudformation=cloudformation, name=name):
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
            return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

        stack = wait_for(f"stack {name} in {region} is made", ended, 60)
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        assert stack["StackStatus"] == "CREATE_COMPLETE", [event for event in events if "FAILED" in event["ResourceStatus"]]
        resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        made[name, region] = (
            {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
            {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources},
        )
    return made


@pytest.fixture(scope="module")
def account(ministack):
    return ministack.client("sts", HOME).get_caller_identity()["Account"]


def test_another_engine_reads_the_templates_as_our_own_reader_does(stacks, account):
    for (name, region), parameters in PARAMETERS.items():
        ours = templates.Stack(name, region, account, **parameters)
        outputs, resources = stacks[name, region]
        assert outputs.keys() == ours.outputs.keys()
        # Names and ARNs that the engine chooses by itself are no matter of reading.
        chosen = {"KeyArn", "Address", "TaskRoleArn", "ServerGroupId"}
        assert {key: value for key, value in outputs.items() if key not in chosen} == {
            key: value for key, value in ours.outputs.items() if key not in chosen
        }
        assert resources.keys() == {key for key in ours.types if key in known(name)["Resources"]}


@pytest.mark.parametrize(
    ("name", "role"), [("service", "TaskRole"), ("readers", "CopyReaderRole"), ("readers", "DoctorRole"), ("source", "ExportRole"), ("account", "ServiceRole")]
)
def test_another_engine_makes_the_same_policies_of_them(stacks, ministack, account, name, role):
    ours = templates.Stack(name, HOME, account, **PARAMETERS[name, HOME])
    (policy,) = ours.resources[role]["Policies"]
    made = ministack.client("iam", HOME).get_role_policy(RoleName=stacks[name, HOME][1][role], PolicyName=policy["PolicyName"])
    document = made["PolicyDocument"]
    document = json.loads(urllib.parse.unquote(document)) if isinstance(document, str) else document
    assert document == policy["PolicyDocument"]


@pytest.fixture(scope="module")
def buckets(stacks, ministack, account):
    """The stacks' buckets, with the template's replication rules, which MiniStack's CloudFormation leaves out."""
    home = templates.Stack("copies", HOME, account, **PARAMETERS["copies", HOME])
    Creation.replicate(ministack.client("s3", HOME), home.resources["Bucket"])
    return {region: stacks["copies", region][0]["BucketName"] for region in (HOME, REPLICA)}


def test_a_copy_is_verified_and_restored_between_the_stacks_buckets(buckets, ministack, peer_cli):
    prefix = f"exports/{exports.LABEL}"
    # MiniStack keeps replication rules and copies nothing by them.
    for region, bucket in buckets.items():
        exports.put(ministack.client("s3", region), bucket, prefix, exports.objects())
    copies = {region: uri({"bucket": buckets[region], "prefix": prefix}) for region in buckets}
    check = peer_cli.done("verify-copy", "--from", copies[HOME], "--from-region", HOME, "--to", copies[REPLICA], "--to-region", REPLICA)
    assert check["verdict"] == "Verified"
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
def variables(stacks, ministack, account):
    """The configuration from the stacks' outputs, and the environment that leads to the emulator."""
    buckets = "\n".join(
        f'{region} = {{ name = "{stacks["copies", region][0]["BucketName"]}", account = "{account}" }}' for region in (HOME, REPLICA)
    )
    source = stacks["source", HOME][0]
    place = f'region = "{HOME}"\naccount = "{account}"'
    text = (
        f'[[tokens]]\nname = "tests"\nrole = "viewer"\nsha256 = "{hashlib.sha256(b"token").hexdigest()}"\n\n'
        f'[workflow]\ncontrol_region = "{HOME}"\ncontrol_table = "{stacks["control-table", HOME][0]["ControlTable"]}"\n'
        f'home_region = "{HOME}"\nregions = ["{HOME}", "{REPLICA}"]\naccounts = ["{account}"]\nprefix = "exports"\n'
        f'export_role_arn = "{source["ExportRoleArn"]}"\nkms_key_id = "{stacks["copies", HOME][0]["KeyAlias"]}"\n\n'
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
        table = stacks["control-table", HOME][0]["ControlTable"]

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
