"""boto3 as a client of the embedded AWS: every operation that it serves, done and refused, in AWS's own shapes."""

import json
import subprocess

import botocore.session
import pytest

import operations.backup
import operations.dynamodb
import operations.dynamodb_items
import operations.dynamodbstreams
import operations.iam
import operations.kms
import operations.rds
import operations.s3_buckets
import operations.s3_locks
import operations.s3_objects
import operations.s3_uploads
import operations.sqs
import operations.sts
from operations.asking import At
from operations.served import served
from ports import free_port, listens
from product import BINARY, Cloud, environment
from waiting import wait_for

MODULES = {
    "backup": [operations.backup],
    "dynamodb": [operations.dynamodb, operations.dynamodb_items],
    "dynamodbstreams": [operations.dynamodbstreams],
    "iam": [operations.iam],
    "kms": [operations.kms],
    "rds": [operations.rds],
    "s3": [operations.s3_buckets, operations.s3_objects, operations.s3_uploads, operations.s3_locks],
    "sqs": [operations.sqs],
    "sts": [operations.sts],
}


def _cases():
    session = botocore.session.get_session()
    for service, modules in MODULES.items():
        names = {botocore.xform_name(name): name for name in session.get_service_model(service).operation_names}
        for module in modules:
            for name, case in vars(module).items():
                if name in names and callable(case):
                    yield service, names[name], case


CASES = {(service, operation): case for service, operation, case in _cases()}

# What AWS has no documented fault for, or none that the embedded AWS can come to.
NEVER_REFUSED = {
    ("s3", "ListBuckets"): "every credential may list its own buckets",
    ("dynamodbstreams", "ListStreams"): "dynoxide lists any number of them, and of any table",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """An embedded AWS of this test file's own, with two databases."""
    folder = tmp_path_factory.mktemp("every-operation")
    port = free_port()
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [BINARY, "local-aws", "--data-dir", folder / "aws", "--listen", f"127.0.0.1:{port}", "--databases", "--json"],
            cwd=folder,
            env=environment(folder / "home"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        description = folder / "aws/local-aws.json"

        def look():
            assert process.poll() is None, (folder / "log").read_text(errors="replace")
            return description.exists() and listens(port)

        wait_for("the embedded AWS listens", look, 60)
        yield Cloud(json.loads(description.read_text()))
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.parametrize("service", MODULES)
def test_every_operation_that_is_served_has_a_case(cloud, service):
    cases = {operation for of, operation in CASES if of == service}
    assert cases == served(cloud, service)


@pytest.mark.parametrize(("service", "operation"), CASES)
def test_an_operation_does_and_refuses_what_aws_documents(cloud, service, operation):
    at = At(cloud, f"{service}-{operation}".lower()[:50])
    CASES[service, operation](at)
    assert operation in at.done
    assert (operation in at.refusals) != ((service, operation) in NEVER_REFUSED)
    assert not at.strange, "\n".join(at.strange)
