"""The roles of `infra/` allow exactly what the product calls: everything is used once, with every call recorded."""

import pytest

from installation import ACCOUNT, COPY_READER, DOCTOR, HOME, REGIONS, TASK
from permissions import Comparison, read_calls
from product import uri
from templates import Stack
from waiting import wait_for

REPLICA = REGIONS[1]

# What a policy grants and no call here needs, each with its reason.
UNUSED = {
    TASK: {
        ("CareForCopies", "s3:AbortMultipartUpload"): "a repair aborts what it began where a large object fails in the midst of it",
        ("SeeLocks", "s3:GetObjectLegalHold"): "HeadObject's own answer depends on it; no call of this name is made",
        ("SeeLocks", "s3:GetObjectRetention"): "HeadObject's own answer depends on it; no call of this name is made",
        ("SeeReplication", "s3:GetBucketVersioning"): "asked where S3 says that a replication failed, to tell why",
        ("SeeReplication", "s3:GetReplicationConfiguration"): "asked where S3 says that a replication failed, to tell why",
    },
    COPY_READER: {},
    DOCTOR: {},
}


@pytest.fixture(scope="module")
def restored(installation, service):
    """The pipeline and every kind of restore, by the server."""
    found = wait_for("a copy of securecart is verified", lambda: service.restorable(REPLICA, "securecart"), 300)
    point, copy = found
    dynamodb = installation.cloud.client("dynamodb", REPLICA)

    def restore(target, **more):
        table = {"source": "securecart.customers", "target": target, "partition": "id", **more}
        request = {"recovery_point": point["id"], "region": REPLICA, "target_region": REPLICA, "tables": [table]}
        plan = service.post("/plans", request)["plan"]
        run = service.post("/restores", {"plan": plan, "overwrite": [target] if more.get("existing") == "overwrite" else []})
        run = service.ended(run["run_id"])
        assert run["outcome"] == "proven", run["failure"]
        return plan

    service.post(f"/recovery-points/{point['id']}/verify")
    care(installation, service, point, copy)
    look(installation, service)
    restore("restored-customers")
    restore("restored-imported", way={"by": "import", **installation.work_prefix(REPLICA)})
    gone = dynamodb.scan(TableName="restored-customers", Limit=5)["Items"]
    for item in gone:
        dynamodb.delete_item(TableName="restored-customers", Key={"id": item["id"]})
    restore("restored-customers", existing="only_missing")
    restore("restored-customers", existing="overwrite")
    # A recovery point that the vault lists no longer is asked for by itself.
    vault = installation.stacks["source", HOME].outputs["VaultName"]
    installation.cloud.client("backup", HOME).delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point["arn"])

    def asked_for():
        return any(call["operation"] == "DescribeRecoveryPoint" for call in read_calls(installation.calls))

    wait_for("the server asks for the recovery point that is gone", asked_for, 60)
    return point, copy


def care(installation, service, point, copy):
    """A copy loses an object and is repaired; one of its objects goes to Glacier and is thawed; an export is cancelled."""
    s3 = installation.cloud.client("s3", REPLICA)
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=copy["bucket"], Prefix=f"{copy['prefix']}/")["Contents"]]
    lost = next(key for key in keys if key.endswith(".parquet"))
    s3.delete_object(Bucket=copy["bucket"], Key=lost)
    service.post(f"/recovery-points/{point['id']}/verify")
    assert service.post(f"/recovery-points/{point['id']}/repair")["copies"], "it lacks an object"
    archived = next(key for key in keys if key.endswith("_SUCCESS"))
    s3.copy_object(
        Bucket=copy["bucket"], Key=archived, CopySource={"Bucket": copy["bucket"], "Key": archived}, StorageClass="GLACIER",
        MetadataDirective="REPLACE",
    )  # fmt: skip
    service.post(f"/recovery-points/{point['id']}/verify")
    service.post(f"/recovery-points/{point['id']}/thaw", {"region": REPLICA, "tier": "standard", "days": 1})

    def thawed():
        seen = service.post(f"/recovery-points/{point['id']}/verify")["copies"]
        lies = next(one["archived"] for one in seen if one["region"] == REPLICA)
        return lies["readable"] == lies["objects"]

    wait_for("the copy is thawed", thawed, 120)
    installation.back_up("tvshows")

    def exporting():
        return next((found for found in service.recovery_points("tvshows") if found["state"] == "exporting"), None)

    service.post(f"/recovery-points/{wait_for('an export runs', exporting, 60)['id']}/export/cancel")
    end(installation, service)


def end(installation, service):
    """A second recovery point is there to restore from, so the policy lets the first one's copies go to Glacier."""
    installation.back_up("securecart")

    def tagged():
        *_, older = service.recovery_points("securecart")
        return any(copy["lifecycle"] and copy["lifecycle"]["tagged_at"] for copy in older["copies"])

    wait_for("the older one's copies are tagged", tagged, 300)
    last = service.get("/sources/securecart/lifecycle")["last"]
    assert f"it is the last that securecart can be restored from in {HOME}" in {step["why"] for step in last["spared"]}


def look(installation, service):
    """Policies and resources are looked at, where there is a backup plan with a selection."""
    backup = installation.cloud.client("backup", HOME)
    vault = installation.stacks["source", HOME].outputs["VaultName"]
    rule = {"RuleName": "hourly", "TargetBackupVaultName": vault, "ScheduleExpression": "cron(0 * ? * * *)"}
    plan = backup.create_backup_plan(BackupPlan={"BackupPlanName": "data-restore", "Rules": [rule]})["BackupPlanId"]
    selection = {
        "SelectionName": "seen",
        "IamRoleArn": f"arn:aws:iam::{ACCOUNT}:role/backup",
        "Resources": [f"arn:aws:rds:{HOME}:{ACCOUNT}:db:securecart"],
    }
    backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)
    service.get("/policies")
    service.get("/resources")


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


def compare(installation, role, stack, logical):
    comparison = Comparison(read_calls(installation.calls), role, stack.grants(logical))
    assert comparison.calls, f"nothing was called as {role}"
    assert comparison.missing() == [], "the policy lacks what is called"
    assert comparison.unscoped() == [], "the policy names everything where AWS takes less"
    unused = {(sid, action) for sid, action, _ in comparison.unused()}
    assert unused == UNUSED[role].keys(), "the policy allows what is never called"


def readers():
    return Stack("readers", HOME, ACCOUNT, TrustedPrincipalArns=f"arn:aws:iam::{ACCOUNT}:root")


def test_the_server_may_do_what_it_does_and_nothing_else(installation, restored):
    service = Stack(
        "service", HOME, ACCOUNT,
        VpcId="vpc-1", ServiceSubnetIds="subnet-1", LoadBalancerSubnetIds="subnet-1",
        Image="image", ConfigurationSecretArn="arn:aws:secretsmanager:x", CertificateArn="arn:aws:acm:x",
    )  # fmt: skip
    compare(installation, TASK, service, "TaskRole")


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
