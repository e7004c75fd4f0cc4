"""Everything that a server does on AWS, each at least once: for whoever compares its calls with what its roles may."""

from installation import HOME, REGIONS
from permissions import read_calls
from templates import Stack
from waiting import wait_for

REPLICA = REGIONS[1]

# What the server's policies grant and no call here needs, each with its reason.
UNUSED_BY_THE_SERVER = {
    ("CareForCopies", "s3:AbortMultipartUpload"): "a repair aborts what it began where a large object fails in the midst of it",
    ("SeeLocks", "s3:GetObjectLegalHold"): "HeadObject's own answer depends on it; no call of this name is made",
    ("SeeLocks", "s3:GetObjectRetention"): "HeadObject's own answer depends on it; no call of this name is made",
    ("SeeReplication", "s3:GetBucketVersioning"): "asked where S3 says that a replication failed, to tell why",
    ("SeeReplication", "s3:GetReplicationConfiguration"): "asked where S3 says that a replication failed, to tell why",
}


def stack_of_the_service(account, **more):
    return Stack(
        "service", HOME, account,
        VpcId="vpc-1", ServiceSubnetIds="subnet-1", LoadBalancerSubnetIds="subnet-1",
        Image="image", ConfigurationSecretArn="arn:aws:secretsmanager:x", CertificateArn="arn:aws:acm:x", **more,
    )  # fmt: skip


def use_everything(installation, service):
    """The pipeline and every kind of restore. Gives the recovery point that was restored, which is gone since, and its copy."""
    point, copy = wait_for("a copy of securecart is verified", lambda: service.restorable(REPLICA, installation.source("securecart")), 300)
    dynamodb = installation.own.client("dynamodb", REPLICA)

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
        return next((found for found in service.recovery_points(installation.source("tvshows")) if found["state"] == "exporting"), None)

    service.post(f"/recovery-points/{wait_for('an export runs', exporting, 60)['id']}/export/cancel")
    end(installation, service)


def end(installation, service):
    """A second recovery point is there to restore from, so the policy lets the first one's copies go to Glacier."""
    source = installation.source("securecart")
    installation.back_up("securecart")

    def tagged():
        *_, older = service.recovery_points(source)
        return any(copy["lifecycle"] and copy["lifecycle"]["tagged_at"] for copy in older["copies"])

    wait_for("the older one's copies are tagged", tagged, 300)
    last = service.get(f"/sources/{source}/lifecycle")["last"]
    assert f"it is the last that {source} can be restored from in {HOME}" in {step["why"] for step in last["spared"]}


def apply(service, kinds):
    """Looks at what policies need, and agrees to just that."""
    needed = service.get("/policy-changes")
    assert {change["change"] for change in needed["changes"]} == kinds, needed["diff"]
    done = service.post("/policy-changes", {"digest": needed["digest"]})
    assert len(done["applied"]) == len(needed["changes"])


def look(installation, service):
    """Policies are applied: a vault, a plan and a selection are made, and a rule that somebody altered is set right. Resources are
    looked at."""
    backup = installation.cloud.client("backup", HOME)
    apply(service, {"create_vault", "create_plan", "create_selection"})
    plan, *_ = sorted(backup.list_backup_plans()["BackupPlansList"], key=lambda plan: plan["BackupPlanName"])
    altered = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]
    rules = [{key: value for key, value in rule.items() if key != "RuleId"} for rule in altered["Rules"]]
    rules[0]["ScheduleExpression"] = "cron(0 5 ? * * *)"
    backup.update_backup_plan(
        BackupPlanId=plan["BackupPlanId"], BackupPlan={"BackupPlanName": altered["BackupPlanName"], "Rules": rules}
    )
    apply(service, {"set_rule"})
    service.get("/policies")
    service.get("/resources")
