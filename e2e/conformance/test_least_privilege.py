"""The roles of `infra/` allow exactly what the product calls: everything is used once, with every call recorded."""

import pytest

from installation import ACCOUNT, COPY_READER, DOCTOR, HOME, REGIONS, TASK
from permissions import Comparison, read_calls
from product import uri
from templates import Stack
from whole_use import UNUSED_BY_THE_SERVER, stack_of_the_service, use_everything

REPLICA = REGIONS[1]

# What a policy grants and no call here needs, each with its reason.
UNUSED = {
    TASK: UNUSED_BY_THE_SERVER,
    COPY_READER: {},
    DOCTOR: {},
}


@pytest.fixture(scope="module")
def restored(installation, service):
    """The pipeline and every kind of restore, by the server."""
    return use_everything(installation, service)


@pytest.fixture(scope="module")
def read(installation, service, restored, tmp_path_factory):
    """What a customer does who trusts nobody: looks at the copy, compares it, and proves the restore."""
    point, copy = restored
    origin = next(other for other in point["copies"] if other["region"] == HOME)
    cli = installation.command_line(tmp_path_factory.mktemp("reader"), COPY_READER, DATA_RESTORE_TOKEN=service.token)
    cli.done("inspect", uri(copy), "--region", REPLICA)
    cli.done("verify-copy", "--from", uri(origin), "--from-region", HOME, "--to", uri(copy), "--to-region", REPLICA)
    table = ["--table", "securecart.customers=restored-customers:id", "--existing", "only-missing"]
    cli.done("plan", uri(copy), "--region", REPLICA, "--target-region", REPLICA, *table, "--out", cli.folder / "plan.json")
    assert cli.done("prove", "--plan", cli.folder / "plan.json")["proven"]
    run = next(run for run in service.get("/restores")["items"] if run["tables"][0]["target"] == "restored-imported")
    cli.done("export-rows", "--run", run["run_id"], "--server", service.url, "--out", cli.folder / "rows")


def compare(installation, role, stack, *logical):
    grants = [grant for name in logical for grant in stack.grants(name)]
    comparison = Comparison(read_calls(installation.calls), role, grants)
    assert comparison.calls, f"nothing was called as {role}"
    assert comparison.missing() == [], "the policy lacks what is called"
    assert comparison.unscoped() == [], "the policy names everything where AWS takes less"
    unused = {(sid, action) for sid, action, _ in comparison.unused()}
    assert unused == UNUSED[role].keys(), "the policy allows what is never called"


def readers():
    return Stack("readers", HOME, ACCOUNT, TrustedPrincipalArns=f"arn:aws:iam::{ACCOUNT}:root")


def test_the_server_may_do_what_it_does_and_nothing_else(installation, restored):
    compare(installation, TASK, stack_of_the_service(ACCOUNT, ApplyPolicies="yes"), "TaskRole", "ApplyPoliciesPolicy")


def test_whoever_reads_copies_may_do_nothing_else(installation, read):
    compare(installation, COPY_READER, readers(), "CopyReaderRole")


def test_the_doctor_may_look_and_nothing_else(installation, service, tmp_path):
    cli = installation.command_line(tmp_path, DOCTOR, DATA_RESTORE_CONFIG_TEXT=installation.configuration())
    assert cli.done("doctor")["healthy"]
    compare(installation, DOCTOR, readers(), "DoctorRole")


def test_the_comparison_finds_what_is_missing_and_what_is_too_much():
    call = {"account": ACCOUNT, "role": TASK, "region": HOME, "service": "s3"}
    calls = [call | {"operation": "ListObjectsV2", "resource": "arn:aws:s3:::b"}, call | {"operation": "DeleteObject", "resource": "arn:aws:s3:::b/k"}]
    grants = [("List", "s3:ListBucket", "arn:aws:s3:::b"), ("Put", "s3:PutObject", "arn:aws:s3:::b/*"), ("All", "s3:DeleteObject", "arn:aws:s3:::c/*")]
    comparison = Comparison(calls, TASK, grants)
    assert comparison.missing() == [("s3:DeleteObject", "arn:aws:s3:::b/k")]
    assert [sid for sid, *_ in comparison.unused()] == ["Put", "All"]
    assert Comparison(calls, TASK, [("All", "s3:ListBucket", "*")]).unscoped() == [("All", "s3:ListBucket", "*")]
