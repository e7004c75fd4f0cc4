"""A service in an account of its own works in another one by the role of `infra/`, which allows exactly what it calls there."""

import json

import botocore.exceptions
import pytest

from installation import ACCOUNT, DATABASES, HOME, OWN_ACCOUNT, TASK, Installation, Service
from permissions import Comparison, read_calls
from waiting import wait_for
from whole_use import UNUSED_BY_THE_SERVER, stack_of_the_service, use_everything


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    """Databases, backups, exports and copies in one account; the service, its control table and its targets in another."""
    installation = Installation(tmp_path_factory.mktemp("apart"), own_account=OWN_ACCOUNT)
    service = Service(installation, tmp_path_factory.mktemp("service"))
    try:
        installation.start()
        service.start()
        installation.back_up(*DATABASES)
        expected = {installation.source(database) for database in DATABASES}
        wait_for("the databases are known", lambda: {source["id"] for source in service.get("/sources")["items"]} >= expected, 60)
        use_everything(installation, service)
        yield installation
    finally:
        service.stop()
        installation.stop()


def test_the_role_in_the_other_account_allows_what_is_called_there_and_nothing_else(apart):
    stack = apart.stacks["account", HOME]
    calls = [call for call in read_calls(apart.calls) if call["account"] == ACCOUNT]
    comparison = Comparison(calls, "data-restore-service", [*stack.grants("ServiceRole"), *stack.grants("ApplyPoliciesPolicy")])
    assert comparison.calls, "nothing was called by the role"
    assert comparison.missing() == [], "the policy lacks what is called"
    assert comparison.unscoped() == [], "the policy names everything where AWS takes less"
    assert {(sid, action) for sid, action, _ in comparison.unused()} == UNUSED_BY_THE_SERVER.keys(), "the policy allows what is never called"


def test_the_service_takes_that_role_and_calls_nothing_there_by_itself(apart):
    arn = apart.stacks["account", HOME].outputs["ServiceRoleArn"]
    service = stack_of_the_service(OWN_ACCOUNT, OtherAccountRoleArns=arn, ApplyPolicies="yes")
    own = [call for call in read_calls(apart.calls) if call["role"] == TASK]
    assert {call["account"] for call in own} == {OWN_ACCOUNT}
    granted = [*service.grants("TaskRole"), *service.grants("ApplyPoliciesPolicy")]
    comparison = Comparison(own, TASK, [*granted, *service.grants("ReachOtherAccounts")])
    assert comparison.missing() == [], "the policy lacks what is called"
    assert ("sts:AssumeRole", arn) in comparison.needed
    # Without the stack's statement the role cannot be taken.
    assert Comparison(own, TASK, granted).missing() == [("sts:AssumeRole", arn)]


def test_nobody_else_takes_it_and_nobody_without_the_external_id(apart):
    arn = apart.stacks["account", HOME].outputs["ServiceRoleArn"]
    root = apart.own.client("sts", HOME)
    task = type(apart.cloud)({"endpoint": apart.cloud.endpoint, "regions": [HOME], "accounts": [apart.keys[TASK]]}).client("sts", HOME)
    for sts, given in ((root, {"ExternalId": "unicorn"}), (task, {"ExternalId": "horse"}), (task, {})):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            sts.assume_role(RoleArn=arn, RoleSessionName="look", **given)
        assert refused.value.response["Error"]["Code"] == "AccessDenied", json.dumps(given)
