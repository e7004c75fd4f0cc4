"""Backup policies against an AWS that holds nothing, what they need, and what somebody has changed meanwhile."""

import json

import botocore.exceptions
import pytest

from product import CommandLine, HttpError, Server
from waiting import wait_for

HOUR = 3600


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A server with a short history of two databases, so that nothing here disturbs the others."""
    server = Server(tmp_path_factory.mktemp("policies"), "--history-hours", "2")
    try:
        yield server.start()
    finally:
        server.stop()


class Policies:
    """A configuration, and our command line with it."""

    def __init__(self, cloud, folder, rules, accounts=1):
        self.cloud, self.folder = cloud, folder
        account, home = cloud.accounts[0]["id"], cloud.regions[0]
        lines = [
            "[workflow]",
            f'control_region = "{home}"',
            f'home_region = "{home}"',
            f"regions = {json.dumps(cloud.regions)}",
            f"accounts = {json.dumps([one['id'] for one in cloud.accounts[:accounts]])}",
            "vaults = []",
            'export_role_arn = "arn:aws:iam::{account}:role/data-restore-export"',
            'kms_key_id = "alias/data-restore"',
            "[workflow.buckets]",
            *(f'{region} = {{ name = "data-restore-{account}-{region}", account = "{account}" }}' for region in cloud.regions),
            rules.replace("ACCOUNT", account),
        ]
        folder.mkdir(exist_ok=True)
        (folder / "data-restore.toml").write_text("\n".join(lines))
        self.cli = CommandLine(folder, **cloud.credentials())

    def check(self, *arguments):
        """The document of `policy check`, and whether it says that everything holds."""
        answer = self.cli.run("policy", "check", *arguments)
        assert answer.code in (0, 1), answer
        assert answer.document["holds"] == (answer.code == 0), answer
        return answer.document

    def codes(self, name="default"):
        """What contradicts one policy, or could not be looked at."""
        policy = next(policy for policy in self.check()["policies"] if policy["name"] == name)
        return sorted(finding["code"] for finding in policy["findings"] if finding["severity"] != "remark")

    def apply(self, code=0):
        answer = self.cli.run("policy", "apply", "--yes")
        assert answer.code == code, answer
        return answer.document

    def changes(self):
        answer = self.cli.run("policy", "apply", "--diff")
        return [change["change"] for change in answer.document["changes"]]


RULES = """
[workflow.policy]
plan = "%(plan)s"
vault = "%(vault)s"
retention_days = 35
[workflow.policy.regions.us-west-2]
retention_days = 7
recovery_points_in = ["ACCOUNT"]
[workflow.policy.regions.eu-west-1]
retention_days = 14
recovery_points_in = ["ACCOUNT"]
"""


def everything(cloud):
    """Every plan, rule, selection, vault and recovery point, to see that nothing changes."""
    seen = {}
    for region in cloud.regions:
        backup = cloud.client("backup", region)
        vaults = backup.list_backup_vaults()["BackupVaultList"]
        seen[region, "vaults"] = sorted(vault["BackupVaultName"] for vault in vaults)
        for plan in backup.list_backup_plans()["BackupPlansList"]:
            id = plan["BackupPlanId"]
            seen[region, plan["BackupPlanName"]] = (
                plan["VersionId"],
                backup.get_backup_plan(BackupPlanId=id)["BackupPlan"]["Rules"],
                sorted(one["SelectionName"] for one in backup.list_backup_selections(BackupPlanId=id)["BackupSelectionsList"]),
            )
    return seen


def plan_of(cloud, name):
    backup = cloud.client("backup")
    plan = next(plan for plan in backup.list_backup_plans()["BackupPlansList"] if plan["BackupPlanName"] == name)
    return backup, plan["BackupPlanId"], backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]


def test_a_policy_is_applied_once_and_then_holds(place, tmp_path):
    cloud = place.cloud
    policies = Policies(cloud, tmp_path, RULES % {"plan": "applied", "vault": "applied"})
    assert policies.codes() == ["plan_missing", "vault_missing", "vault_missing", "vault_missing"]
    before = everything(cloud)

    refused = policies.cli.run("policy", "apply")
    assert refused.code == 1 and refused.document["error"]["code"] == "not_confirmed", refused
    assert policies.changes() == ["create_vault", "create_vault", "create_vault", "create_plan", "create_selection"]
    assert everything(cloud) == before, "nobody confirmed, nothing was done"

    assert len(policies.apply()["applied"]) == 5
    assert policies.codes() == []
    _, _, plan = plan_of(cloud, "applied")
    [rule] = plan["Rules"]
    assert (rule["ScheduleExpression"], rule["TargetBackupVaultName"]) == ("cron(0 * ? * * *)", "applied")
    assert rule["Lifecycle"]["DeleteAfterDays"] == 35
    copies = {copy["DestinationBackupVaultArn"].split(":")[3]: copy["Lifecycle"]["DeleteAfterDays"] for copy in rule["CopyActions"]}
    assert copies == {"us-west-2": 7, "eu-west-1": 14}

    after = everything(cloud)
    assert policies.apply()["applied"] == []
    assert everything(cloud) == after, "applying twice changes nothing"


def test_a_plan_altered_behind_our_back_is_found_and_the_rest_of_it_is_kept(place, tmp_path):
    cloud = place.cloud
    policies = Policies(cloud, tmp_path, RULES % {"plan": "altered", "vault": "altered"})
    policies.apply()
    backup, id, plan = plan_of(cloud, "altered")
    [rule] = plan["Rules"]
    rule = {name: value for name, value in rule.items() if name != "RuleId"}
    altered = rule | {
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "Lifecycle": {"DeleteAfterDays": 1},
        "RecoveryPointTags": {"owner": "somebody"},
        "CopyActions": rule["CopyActions"][:1],
    }
    theirs = {"RuleName": "theirs", "TargetBackupVaultName": "hourly", "ScheduleExpression": "cron(0 0 1 * ? *)", "EnableContinuousBackup": True}
    backup.update_backup_plan(BackupPlanId=id, BackupPlan={"BackupPlanName": "altered", "Rules": [theirs, altered]})
    assert policies.codes() == ["copy_missing", "retention_shorter", "schedule_rarer"]

    [change] = policies.apply()["changes"]
    assert change["change"] == "set_rule"
    assert "+   schedule cron(0 * ? * * *)" in change["lines"]
    assert policies.codes() == []
    rules = {rule["RuleName"]: rule for rule in plan_of(cloud, "altered")[2]["Rules"]}
    assert rules["data-restore"]["RecoveryPointTags"] == {"owner": "somebody"}
    assert (rules["theirs"]["ScheduleExpression"], rules["theirs"]["EnableContinuousBackup"]) == ("cron(0 0 1 * ? *)", True)


def test_a_locked_vault_is_shown_and_what_it_refuses_is_said(place, tmp_path):
    cloud = place.cloud
    policies = Policies(cloud, tmp_path, RULES % {"plan": "locked", "vault": "locked"})
    policies.apply()
    backup = cloud.client("backup")
    backup.put_backup_vault_lock_configuration(BackupVaultName="locked", MinRetentionDays=60, MaxRetentionDays=90)
    [policy] = policies.check()["policies"]
    vault = policy["held"]["vaults"][0]["vault"]
    assert (vault["locked"], vault["min_retention_days"], vault["max_retention_days"]) == (True, 60, 90)
    assert vault["lock_date"] is None, "governance mode"
    assert policies.codes() == ["vault_lock"]
    assert policies.changes() == [], "a lock is nothing that is changed"

    # The lock is no mere note: AWS Backup refuses what it forbids.
    role = f"arn:aws:iam::{cloud.accounts[0]['id']}:role/service-role/AWSBackupDefaultServiceRole"
    database = f"arn:aws:rds:{cloud.regions[0]}:{cloud.accounts[0]['id']}:db:tvshows"
    for days, state in [(35, "FAILED"), (60, "COMPLETED")]:
        job = backup.start_backup_job(
            BackupVaultName="locked", ResourceArn=database, IamRoleArn=role, Lifecycle={"DeleteAfterDays": days}
        )["BackupJobId"]

        def ended(job=job):
            described = backup.describe_backup_job(BackupJobId=job)
            return described if described["State"] in ("FAILED", "COMPLETED") else None

        assert wait_for("the job is over", ended, 60)["State"] == state
    [point] = backup.list_recovery_points_by_backup_vault(BackupVaultName="locked")["RecoveryPoints"]
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidRequestException"):
        backup.delete_recovery_point(BackupVaultName="locked", RecoveryPointArn=point["RecoveryPointArn"])


def test_an_air_gapped_vault_takes_copies_and_is_shown(place, tmp_path):
    cloud = place.cloud
    west = cloud.client("backup", "us-west-2")
    west.create_logically_air_gapped_backup_vault(BackupVaultName="gapped", MinRetentionDays=7, MaxRetentionDays=30)
    policies = Policies(cloud, tmp_path, RULES % {"plan": "gapped", "vault": "gapped"})
    policies.apply()
    [policy] = policies.check()["policies"]
    kinds = {vault["region"]: vault["vault"]["kind"] for vault in policy["held"]["vaults"]}
    assert kinds == {"us-east-1": "standard", "us-west-2": "air_gapped", "eu-west-1": "standard"}
    assert policies.codes() == []


def test_another_account_is_never_mistaken_for_ours(place, tmp_path):
    cloud = place.cloud
    other = cloud.accounts[1]["id"]
    rules = (RULES % {"plan": "foreign", "vault": "foreign"}).replace('["ACCOUNT"]', f'["{other}"]')
    policies = Policies(cloud, tmp_path, rules, accounts=2)
    answer = policies.apply(code=1)
    assert [change["change"] for change in answer["changes"]] == ["create_vault", "create_plan", "create_selection"]
    assert policies.codes() == ["vault_unseen", "vault_unseen"]
    for region in cloud.regions:
        assert "plan_unseen" in policies.codes(f"default.{region}.{other}")
    assert everything(cloud)["us-west-2", "vaults"].count("foreign") == 0


def test_a_policy_says_what_is_wrong_with_it(place, tmp_path):
    for rules, expected in [
        ("[workflow.policy]\nintervall = '1h'", "intervall"),
        ("[workflow.policy]\nretention_days = 0", "retention_days"),
        ("[workflow.policy.regions.sa-east-1]", "sa-east-1"),
        ("[workflow.policies.shop]\ninterval = '0s'", "policies.shop: interval"),
    ]:
        answer = Policies(place.cloud, tmp_path, rules).cli.run("policy", "check")
        assert answer.code == 1 and answer.document["error"]["code"] == "configuration", answer
        assert expected in answer.error


def test_the_server_shows_policies_and_says_what_is_not_protected(place, tmp_path):
    cloud = place.cloud
    default = place.get("/policies")["items"][0]
    assert default["name"] == "default" and default["holds"], default["findings"]
    assert default["held"]["plan"]["name"] == default["wanted"]["plan"]["name"] == "data-restore"
    assert sorted(default["sources"]) == ["securecart", "tvshows"]
    one = place.get("/policies/tvshows")
    assert one["policy"]["schedule"]["interval_seconds"] == HOUR
    assert [region["region"] for region in one["policy"]["regions"]] == cloud.regions

    # Resources of other types are listed beside databases, and nothing claims to restore them.
    backup = cloud.client("backup")
    account, home = cloud.accounts[0]["id"], cloud.regions[0]
    role = f"arn:aws:iam::{account}:role/service-role/AWSBackupDefaultServiceRole"
    for arn in [f"arn:aws:dynamodb:{home}:{account}:table/orders", "arn:aws:s3:::letters"]:
        backup.start_backup_job(BackupVaultName="hourly", ResourceArn=arn, IamRoleArn=role)
    policies = Policies(cloud, tmp_path, "")

    def look():
        here = policies.cli.run("resources").document[0]
        types = {resource["resource_type"]: resource for resource in here["protected"]}
        return types if len(types) == 3 else None

    types = wait_for("every type is listed", look, 60)
    assert types["DynamoDB"]["restorable"] == "listed_only" and types["S3"]["restorable"] == "listed_only"
    assert types["RDS"]["restorable"] == "yes"
    assert types["RDS"]["recovery_points"][0]["count"] >= 2
    assert {inventory["region"] for inventory in place.get("/resources")["items"]} == set(cloud.regions)


def test_what_is_deleted_early_stays_in_the_history_and_says_so(place):
    cloud = place.cloud
    oldest = list(place.recovery_points("securecart"))[-1]
    copies = {copy["region"]: copy["verdict"] for copy in oldest["copies"]}
    cloud.client("backup").delete_recovery_point(BackupVaultName=oldest["vault"], RecoveryPointArn=oldest["arn"])

    def deleted():
        point = place.get(f"/recovery-points/{oldest['id']}")
        return point if point["state"] == "deleted" else None

    point = wait_for("the deletion is seen", deleted, 60)
    assert point["ended_at"] and point["expires_at"] is None
    assert {copy["region"]: copy["verdict"] for copy in point["copies"]} == copies, "its copies live on"
    assert [one["id"] for one in place.get("/recovery-points?state=deleted")["items"]] == [oldest["id"]]


def alter(cloud, schedule):
    """Somebody changes the schedule of the demo's plan."""
    backup, id, plan = plan_of(cloud, "data-restore")
    rules = [{key: value for key, value in rule.items() if key != "RuleId"} | {"ScheduleExpression": schedule} for rule in plan["Rules"]]
    backup.update_backup_plan(BackupPlanId=id, BackupPlan={"BackupPlanName": "data-restore", "Rules": rules})


def test_a_server_applies_what_was_seen_and_nothing_else(place, tmp_path):
    assert place.get("/policies")["items"][0]["holds"], "the demo's own policy holds from the start"
    alter(place.cloud, "cron(0 5 ? * * *)")
    seen = place.get("/policy-changes")
    assert [change["change"] for change in seen["changes"]] == ["set_rule"]
    assert "cron(0 5 ? * * *)" in seen["diff"][0]
    with pytest.raises(HttpError) as refused:
        place.post("/policy-changes", {"digest": seen["digest"]}, token="viewer_token")
    assert refused.value.status == 403
    alter(place.cloud, "cron(0 6 ? * * *)")
    with pytest.raises(HttpError) as refused:
        place.post("/policy-changes", {"digest": seen["digest"]})
    assert refused.value.status == 409
    assert plan_of(place.cloud, "data-restore")[2]["Rules"][0]["ScheduleExpression"] == "cron(0 6 ? * * *)"

    cli = CommandLine(tmp_path, DATA_RESTORE_TOKEN=place.demo["operator_token"])
    apply = ("policy", "apply", "--server", place.url)
    shown = cli.run(*apply, "--diff")
    assert [change["change"] for change in shown.document["changes"]] == ["set_rule"] and shown.document["applied"] == []
    assert cli.run(*apply).document["error"]["code"] == "not_confirmed"
    done = cli.run(*apply, "--yes")
    assert done.code == 0 and done.document["holds"] and len(done.document["applied"]) == 1, done
    assert plan_of(place.cloud, "data-restore")[2]["Rules"][0]["ScheduleExpression"] == "cron(0 * ? * * *)"
    entries = [entry for entry in place.get("/audit?limit=20")["items"] if entry["permission"] == "apply_policies"]
    assert [entry["phase"] for entry in entries] == ["succeeded", "started", "refused", "refused"]
