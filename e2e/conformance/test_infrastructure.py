"""What `infra/` says is well formed: CloudFormation by its linter, Terraform by its grammar, and both take the same parameters."""

import pathlib
import re
import shutil
import subprocess
import sys

import hcl2
import pytest

import templates

INFRA = templates.FOLDER.parent
LINTER = pathlib.Path(sys.executable).with_name("cfn-lint")


def test_the_linter_has_nothing_to_say():
    files = [templates.FOLDER / f"{name}.yaml" for name in templates.NAMES]
    linted = subprocess.run(
        [LINTER, "--include-checks", "I", "--regions", "us-east-1", "--", *files],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_there_are_templates():
    assert templates.NAMES == ["account", "control-table", "copies", "readers", "service", "source"]


@pytest.mark.parametrize("name", templates.NAMES)
def test_every_parameter_is_described_and_none_is_a_secret(name):
    for parameter, described in templates.read(name)["Parameters"].items():
        assert len(described["Description"]) > 15, parameter
        assert "NoEcho" not in described, f"{parameter}: a secret is named by its ARN, never given"
        assert not re.search("password|token|secret(?!arn)", parameter, re.IGNORECASE), parameter


@pytest.mark.parametrize("name", templates.NAMES)
def test_what_holds_data_outlives_its_stack(name):
    kinds = {"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Backup::BackupVault", "AWS::DynamoDB::GlobalTable", "AWS::Logs::LogGroup"}
    for logical, resource in templates.read(name)["Resources"].items():
        if resource["Type"] in kinds:
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain", logical


def test_the_image_is_what_the_templates_start():
    container = (INFRA / "container/Containerfile").read_text()
    (server,) = templates.read("service")["Resources"]["TaskDefinition"]["Properties"]["ContainerDefinitions"]
    assert server["ReadonlyRootFilesystem"] is True
    assert f"USER {server['User']}" in container
    assert f"EXPOSE {server['PortMappings'][0]['ContainerPort']}" in container
    (mount,) = server["MountPoints"]
    assert f'VOLUME ["{mount["ContainerPath"]}"]' in container
    assert "xtask build --release --without-local" in container, "an image carries no emulator"


def test_every_file_is_named_in_the_readme():
    readme = (INFRA / "README.md").read_text()
    files = [*(INFRA / "cloudformation").iterdir(), *(INFRA / "container").iterdir(), *(INFRA / "terraform").iterdir()]
    assert len(files) == 2 * len(templates.NAMES) + 4
    assert [path.name for path in files if path.name not in readme] == []


TERRAFORM = INFRA / "terraform"

# What account and service share, of which CloudFormation has no like.
SHARED = "permissions"


def module(name):
    """A Terraform module as python-hcl2 reads it: its files by their names."""
    return {path.name: hcl2.loads(path.read_text()) for path in sorted((TERRAFORM / name).glob("*.tf"))}


def plain(text):
    """python-hcl2 keeps the quotes of labels and texts."""
    return text[1:-1] if text.startswith('"') else text


def snake(name):
    return re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("mi_b", "mib")


def test_there_is_a_module_for_every_template():
    assert sorted(path.name for path in TERRAFORM.iterdir()) == sorted([*templates.NAMES, SHARED])


@pytest.mark.parametrize("name", templates.NAMES)
def test_a_module_parses_and_takes_the_templates_parameters_and_gives_its_outputs(name):
    files = module(name)
    assert files.keys() >= {"main.tf", "outputs.tf", "variables.tf", "versions.tf"}
    variables = {plain(label): body for block in files["variables.tf"]["variable"] for label, body in block.items()}
    template = templates.read(name)
    # CloudFormation has no lists of stacks' Regions to loop over.
    parameters = {re.sub("^ReplicaRegion[0-9]$", "ReplicaRegions", parameter) for parameter in template["Parameters"]}
    assert variables.keys() == {snake(parameter) for parameter in parameters}
    for parameter, described in template["Parameters"].items():
        if variable := variables.get(snake(parameter)):
            assert ("default" in variable) == ("Default" in described), parameter
            assert plain(variable["description"]).replace('\\"', '"') == described["Description"], parameter
    outputs = {plain(label) for block in files["outputs.tf"]["output"] for label in block}
    assert outputs == {snake(output) for output in template["Outputs"]}


def documents(name, file):
    """A file's policy documents by their names."""
    return {
        plain(label): body
        for block in module(name)[file]["data"]
        for kind, labelled in block.items()
        if plain(kind) == "aws_iam_policy_document"
        for label, body in labelled.items()
    }


@pytest.mark.parametrize(("name", "file", "main"), [("account", "main.tf", "works"), ("service", "roles.tf", None)])
def test_the_shared_module_is_given_all_that_it_takes_and_its_policies_are_the_roles(name, file, main):
    read = module(name)[file]
    ((label, call),) = [item for block in read["module"] for item in block.items()]
    assert (plain(label), plain(call["source"])) == (SHARED, f"../{SHARED}")
    taken = {plain(label) for block in module(SHARED)["variables.tf"]["variable"] for label in block}
    given = {key: value for key, value in call.items() if key in taken}
    assert given == {key: f"${{var.{key}}}" for key in taken}
    policies = {plain(label): body["policy"] for block in read["resource"] for kind in block.values() for label, body in kind.items() if "policy" in body}
    assert policies["apply_policies"] == "${module.permissions.apply_policies}"
    if main:
        assert policies["service"] == f"${{module.permissions.{main}}}"
    outputs = {plain(label): body["value"] for block in module(SHARED)["outputs.tf"]["output"] for label, body in block.items()}
    assert outputs == {key: f"${{data.aws_iam_policy_document.{key}.json}}" for key in documents(SHARED, "main.tf")}


@pytest.mark.parametrize(
    ("name", "file", "document", "role"),
    [
        ("copies", "main.tf", "replication", "ReplicationRole"),
        ("copies", "main.tf", "replication_elsewhere", "ReplicationElsewhere"),
        ("source", "main.tf", "export", "ExportRole"),
        ("service", "roles.tf", "task", "TaskRole"),
        ("service", "roles.tf", "reach", "ReachOtherAccounts"),
        ("service", None, "apply_policies", "ApplyPoliciesPolicy"),
        ("account", None, "works", "ServiceRole"),
        ("account", None, "apply_policies", "ApplyPoliciesPolicy"),
        ("readers", "main.tf", "read_copies", "CopyReaderRole"),
        ("readers", "main.tf", "examine", "DoctorRole"),
    ],
)
def test_a_modules_roles_allow_what_the_templates_allow(name, file, document, role):
    shared = documents(SHARED, "main.tf")
    if file:
        found = documents(name, file)[document]
        statements = [*found["statement"]]
        for source in found.get("source_policy_documents", []):
            statements += shared[source.removeprefix("${module.permissions.").removesuffix("}")]["statement"]
    else:
        statements = shared[document]["statement"]
    ours = {
        (plain(statement["sid"]), plain(action), len(statement.get("condition", [])))
        for statement in statements
        for action in statement["actions"]
    }
    properties = templates.read(name)["Resources"][role]["Properties"]
    (policy,) = properties.get("Policies", [properties])
    theirs = {
        (statement["Sid"], action, sum(map(len, statement.get("Condition", {}).values())))
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]])
    }
    assert ours == theirs


def test_replicas_in_another_account_are_written_by_one_side_and_taken_by_the_other():
    """What the role of the sending account may do there is what the receiving bucket and key let it do."""
    sender, receiver = "111122223333", "444455556666"
    receives = templates.Stack("copies", "eu-west-1", receiver, SourceAccount=sender)
    (taken,) = _statements(receives.resources["BucketPolicy"]["PolicyDocument"], "ReplicasOfAnotherAccount")
    (usable,) = _statements(receives.resources["Key"]["KeyPolicy"], "ReplicasOfAnotherAccount")
    sends = templates.Stack(
        "copies", "us-east-1", sender, ReplicaAccount=receiver, ReplicaAccountRegion="eu-west-1", ReplicaAccountKeyId="key"
    )
    written, encrypted = sends.resources["ReplicationElsewhere"]["PolicyDocument"]["Statement"]
    assert (taken["Action"], taken["Resource"]) == (written["Action"], written["Resource"])
    assert (usable["Action"], usable["Condition"]) == (encrypted["Action"], encrypted["Condition"])
    assert taken["Principal"] == usable["Principal"] == {"AWS": f"arn:aws:iam::{sender}:root"}
    (rule,) = sends.resources["Bucket"]["ReplicationConfiguration"]["Rules"]
    assert rule["Destination"]["Bucket"] == f"arn:aws:s3:::{receives.resources['Bucket']['BucketName']}"
    assert rule["Destination"]["Account"] == receiver
    alone = templates.Stack("copies", "eu-west-1", receiver)
    assert _statements(alone.resources["BucketPolicy"]["PolicyDocument"], "ReplicasOfAnotherAccount") == []


def test_the_service_takes_exactly_the_roles_that_are_named_and_they_let_nobody_else_in():
    own, other = "999900001111", "111122223333"
    task = f"arn:aws:iam::{own}:role/task"
    reached = templates.Stack("account", "us-east-1", other, ServiceRoleArn=task, ExternalId="unicorn")
    role = reached.outputs["ServiceRoleArn"]
    (trust,) = reached.resources["ServiceRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": task}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": "unicorn"}}
    needed = {key: "x" for key, value in templates.read("service")["Parameters"].items() if "Default" not in value}
    service = templates.Stack("service", "us-east-1", own, **needed, OtherAccountRoleArns=role)
    (statement,) = service.resources["ReachOtherAccounts"]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("sts:AssumeRole", [role])
    assert "ReachOtherAccounts" not in templates.Stack("service", "us-east-1", own, **needed).resources


def _statements(document, sid):
    return [statement for statement in document["Statement"] if statement["Sid"] == sid]


def test_terraform_formats_the_modules_no_other_way():
    terraform = shutil.which("terraform")
    if not terraform:
        pytest.skip("there is no `terraform` on PATH to check the format with")
    checked = subprocess.run(
        [terraform, "fmt", "-check", "-diff", "-recursive", TERRAFORM], capture_output=True, text=True, timeout=60, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
