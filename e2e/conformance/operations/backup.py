"""https://docs.aws.amazon.com/aws-backup/latest/devguide/api-reference.html"""

from waiting import wait_for

NONE = "ResourceNotFoundException"
INVALID = "InvalidParameterValueException"
MISSING = "MissingParameterValueException"


def _instance(at, name="tvshows"):
    return f"arn:aws:rds:{at.cloud.regions[0]}:{at.cloud.accounts[0]['id']}:db:{name}"


def _role(at):
    return f"arn:aws:iam::{at.cloud.accounts[0]['id']}:role/backup"


def _vault(at, name=None):
    backup = at.client("backup")
    return backup, backup.create_backup_vault(BackupVaultName=name or at.name)


def _plan(at):
    backup, _ = _vault(at)
    rule = {"RuleName": "hourly", "TargetBackupVaultName": at.name, "ScheduleExpression": "cron(0 * ? * * *)", "StartWindowMinutes": 60}
    plan = {"BackupPlanName": at.name, "Rules": [rule | {"Lifecycle": {"DeleteAfterDays": 35}}]}
    return backup, plan, backup.create_backup_plan(BackupPlan=plan)


def _selection(at):
    backup, _, plan = _plan(at)
    selection = {"SelectionName": at.name, "IamRoleArn": _role(at), "Resources": [_instance(at, "none")]}
    return backup, selection, backup.create_backup_selection(BackupPlanId=plan["BackupPlanId"], BackupSelection=selection)


def _job(at):
    backup, _ = _vault(at)
    return backup, backup.start_backup_job(BackupVaultName=at.name, ResourceArn=_instance(at), IamRoleArn=_role(at))


def _point(at):
    """A recovery point that is complete."""
    backup, job = _job(at)

    def look():
        found = backup.describe_backup_job(BackupJobId=job["BackupJobId"])
        return found if found["State"] == "COMPLETED" else None

    return backup, wait_for("the backup job is over", look, 60)["RecoveryPointArn"]


def _copy(at):
    backup, point = _point(at)
    other, away = f"{at.name}-away", at.cloud.regions[1]
    vault = at.client("backup", away).create_backup_vault(BackupVaultName=other)["BackupVaultArn"]
    asked = {"RecoveryPointArn": point, "SourceBackupVaultName": at.name, "DestinationBackupVaultArn": vault, "IamRoleArn": _role(at)}
    return backup, asked, backup.start_copy_job(**asked)


def create_backup_vault(at):
    backup, made = _vault(at)
    assert made["BackupVaultName"] == at.name
    assert made["BackupVaultArn"].endswith(f":backup-vault:{at.name}")
    assert made["CreationDate"]
    at.refused(backup.create_backup_vault, "AlreadyExistsException", 400, BackupVaultName=at.name)
    at.refused(backup.create_backup_vault, INVALID, 400, BackupVaultName="a vault")


def create_logically_air_gapped_backup_vault(at):
    backup = at.client("backup")
    asked = {"BackupVaultName": at.name, "MinRetentionDays": 7, "MaxRetentionDays": 70}
    made = backup.create_logically_air_gapped_backup_vault(**asked)
    assert made["BackupVaultArn"].endswith(f":backup-vault:{at.name}")
    found = backup.describe_backup_vault(BackupVaultName=at.name)
    assert (found["VaultType"], found["Locked"], found["MinRetentionDays"]) == ("LOGICALLY_AIR_GAPPED_BACKUP_VAULT", True, 7)
    refuse = backup.create_logically_air_gapped_backup_vault
    at.refused(refuse, "AlreadyExistsException", 400, **asked)
    at.refused(refuse, INVALID, 400, **(asked | {"BackupVaultName": f"{at.name}-2", "MinRetentionDays": 71}))


def describe_backup_vault(at):
    backup, made = _vault(at)
    found = backup.describe_backup_vault(BackupVaultName=at.name)
    assert (found["BackupVaultArn"], found["CreationDate"]) == (made["BackupVaultArn"], made["CreationDate"])
    assert (found["NumberOfRecoveryPoints"], found["Locked"], found["VaultType"]) == (0, False, "BACKUP_VAULT")
    at.refused(backup.describe_backup_vault, NONE, 400, BackupVaultName="none")


def delete_backup_vault(at):
    backup, point = _point(at)
    at.refused(backup.delete_backup_vault, "InvalidRequestException", 400, BackupVaultName=at.name)
    backup.delete_recovery_point(BackupVaultName=at.name, RecoveryPointArn=point)
    backup.delete_backup_vault(BackupVaultName=at.name)
    at.refused(backup.delete_backup_vault, NONE, 400, BackupVaultName=at.name)


def list_backup_vaults(at):
    backup, made = _vault(at)
    _vault(at, f"{at.name}-2")
    all_vaults = [
        vault
        for page in backup.get_paginator("list_backup_vaults").paginate(PaginationConfig={"PageSize": 1})
        for vault in page["BackupVaultList"]
    ]
    assert made["BackupVaultArn"] in {vault["BackupVaultArn"] for vault in all_vaults}
    assert len(all_vaults) == len({vault["BackupVaultArn"] for vault in all_vaults}) >= 2
    at.refused(backup.list_backup_vaults, INVALID, 400, NextToken="none")
    at.refused(backup.list_backup_vaults, INVALID, 400, MaxResults=1_001)


def put_backup_vault_lock_configuration(at):
    backup, _ = _vault(at)
    backup.put_backup_vault_lock_configuration(BackupVaultName=at.name, MinRetentionDays=7, MaxRetentionDays=70)
    found = backup.describe_backup_vault(BackupVaultName=at.name)
    assert (found["Locked"], found["MinRetentionDays"], found["MaxRetentionDays"]) == (True, 7, 70)
    refuse = backup.put_backup_vault_lock_configuration
    at.refused(refuse, INVALID, 400, BackupVaultName=at.name, MinRetentionDays=8, MaxRetentionDays=7)
    at.refused(refuse, INVALID, 400, BackupVaultName=at.name, ChangeableForDays=2)
    at.refused(refuse, NONE, 400, BackupVaultName="none", MinRetentionDays=7)


def delete_backup_vault_lock_configuration(at):
    backup, _ = _vault(at)
    backup.put_backup_vault_lock_configuration(BackupVaultName=at.name, MinRetentionDays=7)
    backup.delete_backup_vault_lock_configuration(BackupVaultName=at.name)
    assert backup.describe_backup_vault(BackupVaultName=at.name)["Locked"] is False
    at.refused(backup.delete_backup_vault_lock_configuration, NONE, 400, BackupVaultName="none")


def create_backup_plan(at):
    backup, plan, made = _plan(at)
    assert made["BackupPlanArn"].endswith(f":backup-plan:{made['BackupPlanId']}")
    assert made["VersionId"]
    at.refused(backup.create_backup_plan, "AlreadyExistsException", 400, BackupPlan=plan)
    (rule,) = plan["Rules"]
    for change in ({"ScheduleExpression": "hourly"}, {"Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 31}}):
        at.refused(backup.create_backup_plan, INVALID, 400, BackupPlan={"BackupPlanName": "other", "Rules": [rule | change]})
    at.refused(backup.create_backup_plan, MISSING, 400, BackupPlan={"BackupPlanName": "other", "Rules": []})


def get_backup_plan(at):
    backup, plan, made = _plan(at)
    found = backup.get_backup_plan(BackupPlanId=made["BackupPlanId"])
    assert (found["VersionId"], found["BackupPlan"]["BackupPlanName"]) == (made["VersionId"], at.name)
    (rule,) = found["BackupPlan"]["Rules"]
    assert plan["Rules"][0].items() <= rule.items()
    assert rule["RuleId"]
    at.refused(backup.get_backup_plan, NONE, 400, BackupPlanId="none")


def list_backup_plans(at):
    backup, _, made = _plan(at)
    plans = [plan for page in backup.get_paginator("list_backup_plans").paginate() for plan in page["BackupPlansList"]]
    (found,) = (plan for plan in plans if plan["BackupPlanId"] == made["BackupPlanId"])
    assert (found["BackupPlanName"], found["VersionId"]) == (at.name, made["VersionId"])
    at.refused(backup.list_backup_plans, INVALID, 400, NextToken="none")


def update_backup_plan(at):
    backup, plan, made = _plan(at)
    plan["Rules"][0]["Lifecycle"]["DeleteAfterDays"] = 70
    changed = backup.update_backup_plan(BackupPlanId=made["BackupPlanId"], BackupPlan=plan)
    assert (changed["BackupPlanId"], changed["BackupPlanArn"]) == (made["BackupPlanId"], made["BackupPlanArn"])
    assert changed["VersionId"] != made["VersionId"]
    (rule,) = backup.get_backup_plan(BackupPlanId=made["BackupPlanId"])["BackupPlan"]["Rules"]
    assert rule["Lifecycle"]["DeleteAfterDays"] == 70
    at.refused(backup.update_backup_plan, NONE, 400, BackupPlanId="none", BackupPlan=plan)
    plan["Rules"][0]["ScheduleExpression"] = "hourly"
    at.refused(backup.update_backup_plan, INVALID, 400, BackupPlanId=made["BackupPlanId"], BackupPlan=plan)


def delete_backup_plan(at):
    backup, _, selected = _selection(at)
    plan = selected["BackupPlanId"]
    at.refused(backup.delete_backup_plan, "InvalidRequestException", 400, BackupPlanId=plan)
    backup.delete_backup_selection(BackupPlanId=plan, SelectionId=selected["SelectionId"])
    deleted = backup.delete_backup_plan(BackupPlanId=plan)
    assert deleted["BackupPlanId"] == plan
    assert deleted["DeletionDate"]
    at.refused(backup.delete_backup_plan, NONE, 400, BackupPlanId=plan)


def create_backup_selection(at):
    backup, selection, made = _selection(at)
    assert made.keys() >= {"SelectionId", "BackupPlanId", "CreationDate"}
    refuse, plan = backup.create_backup_selection, made["BackupPlanId"]
    at.refused(refuse, "AlreadyExistsException", 400, BackupPlanId=plan, BackupSelection=selection)
    at.refused(refuse, INVALID, 400, BackupPlanId="none", BackupSelection=selection)
    at.refused(refuse, MISSING, 400, BackupPlanId=plan, BackupSelection={"SelectionName": "x", "IamRoleArn": _role(at)})


def get_backup_selection(at):
    backup, selection, made = _selection(at)
    asked = {"BackupPlanId": made["BackupPlanId"], "SelectionId": made["SelectionId"]}
    found = backup.get_backup_selection(**asked)
    assert selection.items() <= found["BackupSelection"].items()
    at.refused(backup.get_backup_selection, NONE, 400, **(asked | {"SelectionId": "none"}))
    at.refused(backup.get_backup_selection, NONE, 400, **(asked | {"BackupPlanId": "none"}))


def list_backup_selections(at):
    backup, _, made = _selection(at)
    (found,) = backup.list_backup_selections(BackupPlanId=made["BackupPlanId"])["BackupSelectionsList"]
    assert (found["SelectionId"], found["SelectionName"], found["IamRoleArn"]) == (made["SelectionId"], at.name, _role(at))
    at.refused(backup.list_backup_selections, NONE, 400, BackupPlanId="none")


def delete_backup_selection(at):
    backup, _, made = _selection(at)
    asked = {"BackupPlanId": made["BackupPlanId"], "SelectionId": made["SelectionId"]}
    backup.delete_backup_selection(**asked)
    assert backup.list_backup_selections(BackupPlanId=made["BackupPlanId"])["BackupSelectionsList"] == []
    at.refused(backup.delete_backup_selection, NONE, 400, **asked)


def start_backup_job(at):
    backup, job = _job(at)
    assert job.keys() >= {"BackupJobId", "RecoveryPointArn", "CreationDate"}
    assert ":snapshot:awsbackup:job-" in job["RecoveryPointArn"]
    asked = {"BackupVaultName": at.name, "ResourceArn": _instance(at), "IamRoleArn": _role(at)}
    at.refused(backup.start_backup_job, NONE, 400, **(asked | {"BackupVaultName": "none"}))
    at.refused(backup.start_backup_job, NONE, 400, **(asked | {"ResourceArn": _instance(at, "none")}))
    at.refused(backup.start_backup_job, INVALID, 400, **(asked | {"IamRoleArn": "backup"}))


def describe_backup_job(at):
    backup, point = _point(at)
    (job,) = backup.list_backup_jobs(ByBackupVaultName=at.name)["BackupJobs"]
    found = backup.describe_backup_job(BackupJobId=job["BackupJobId"])
    assert (found["State"], found["RecoveryPointArn"], found["ResourceArn"]) == ("COMPLETED", point, _instance(at))
    assert (found["ResourceType"], found["PercentDone"], found["BackupVaultName"]) == ("RDS", "100.0", at.name)
    at.refused(backup.describe_backup_job, NONE, 400, BackupJobId="none")


def list_backup_jobs(at):
    backup, point = _point(at)
    (found,) = backup.list_backup_jobs(ByBackupVaultName=at.name, ByState="COMPLETED")["BackupJobs"]
    assert (found["RecoveryPointArn"], found["State"]) == (point, "COMPLETED")
    assert backup.list_backup_jobs(ByBackupVaultName=at.name, ByState="FAILED")["BackupJobs"] == []
    at.refused(backup.list_backup_jobs, INVALID, 400, NextToken="none")


def describe_recovery_point(at):
    backup, point = _point(at)
    found = backup.describe_recovery_point(BackupVaultName=at.name, RecoveryPointArn=point)
    assert (found["RecoveryPointArn"], found["ResourceArn"], found["Status"]) == (point, _instance(at), "COMPLETED")
    assert found["CreationDate"] <= found["CompletionDate"]
    at.refused(backup.describe_recovery_point, NONE, 400, BackupVaultName=at.name, RecoveryPointArn=f"{point}-none")
    at.refused(backup.describe_recovery_point, NONE, 400, BackupVaultName="none", RecoveryPointArn=point)


def get_recovery_point_restore_metadata(at):
    backup, point = _point(at)
    found = backup.get_recovery_point_restore_metadata(BackupVaultName=at.name, RecoveryPointArn=point)
    assert (found["RecoveryPointArn"], found["RestoreMetadata"]["DBInstanceIdentifier"]) == (point, "tvshows")
    refuse = backup.get_recovery_point_restore_metadata
    at.refused(refuse, NONE, 400, BackupVaultName=at.name, RecoveryPointArn=f"{point}-none")


def list_recovery_points_by_backup_vault(at):
    backup, point = _point(at)
    (found,) = backup.list_recovery_points_by_backup_vault(BackupVaultName=at.name)["RecoveryPoints"]
    assert (found["RecoveryPointArn"], found["BackupVaultName"], found["ResourceType"]) == (point, at.name, "RDS")
    other = backup.list_recovery_points_by_backup_vault(BackupVaultName=at.name, ByResourceArn=_instance(at, "none"))
    assert other["RecoveryPoints"] == []
    at.refused(backup.list_recovery_points_by_backup_vault, NONE, 400, BackupVaultName="none")
    at.refused(backup.list_recovery_points_by_backup_vault, INVALID, 400, BackupVaultName=at.name, NextToken="none")


def list_recovery_points_by_resource(at):
    backup, point = _point(at)
    found = {
        point["RecoveryPointArn"]: point for point in backup.list_recovery_points_by_resource(ResourceArn=_instance(at))["RecoveryPoints"]
    }
    assert (found[point]["BackupVaultName"], found[point]["Status"]) == (at.name, "COMPLETED")
    assert backup.list_recovery_points_by_resource(ResourceArn=_instance(at, "none"))["RecoveryPoints"] == []
    at.refused(backup.list_recovery_points_by_resource, INVALID, 400, ResourceArn=_instance(at), NextToken="none")


def delete_recovery_point(at):
    backup, point = _point(at)
    backup.delete_recovery_point(BackupVaultName=at.name, RecoveryPointArn=point)
    assert backup.list_recovery_points_by_backup_vault(BackupVaultName=at.name)["RecoveryPoints"] == []
    at.refused(at.client("rds").describe_db_snapshots, "DBSnapshotNotFound", 404, DBSnapshotIdentifier=point.partition(":snapshot:")[2])
    at.refused(backup.delete_recovery_point, NONE, 400, BackupVaultName=at.name, RecoveryPointArn=point)


def start_copy_job(at):
    backup, asked, job = _copy(at)
    assert job.keys() >= {"CopyJobId", "CreationDate"}
    refuse = backup.start_copy_job
    at.refused(refuse, NONE, 400, **(asked | {"RecoveryPointArn": asked["RecoveryPointArn"] + "-none"}))
    at.refused(refuse, NONE, 400, **(asked | {"DestinationBackupVaultArn": asked["DestinationBackupVaultArn"] + "-none"}))
    at.refused(refuse, INVALID, 400, **(asked | {"DestinationBackupVaultArn": "none"}))


def describe_copy_job(at):
    backup, asked, job = _copy(at)

    def look():
        found = backup.describe_copy_job(CopyJobId=job["CopyJobId"])["CopyJob"]
        return found if found["State"] == "COMPLETED" else None

    found = wait_for("the copy job is over", look, 60)
    assert found["SourceRecoveryPointArn"] == asked["RecoveryPointArn"]
    assert found["DestinationBackupVaultArn"] == asked["DestinationBackupVaultArn"]
    away = at.client("backup", at.cloud.regions[1])
    (point,) = away.list_recovery_points_by_backup_vault(BackupVaultName=f"{at.name}-away")["RecoveryPoints"]
    assert point["RecoveryPointArn"] == found["DestinationRecoveryPointArn"]
    assert point["SourceBackupVaultArn"].endswith(f":backup-vault:{at.name}")
    at.refused(backup.describe_copy_job, NONE, 400, CopyJobId="none")


def list_copy_jobs(at):
    backup, asked, job = _copy(at)
    (found,) = backup.list_copy_jobs(ByDestinationVaultArn=asked["DestinationBackupVaultArn"])["CopyJobs"]
    assert found["CopyJobId"] == job["CopyJobId"]
    assert backup.list_copy_jobs(ByDestinationVaultArn=asked["DestinationBackupVaultArn"], ByState="FAILED")["CopyJobs"] == []
    at.refused(backup.list_copy_jobs, INVALID, 400, NextToken="none")


def list_protected_resources(at):
    backup, _ = _point(at)
    found = {resource["ResourceArn"]: resource for resource in backup.list_protected_resources()["Results"]}
    assert found[_instance(at)]["ResourceType"] == "RDS"
    assert found[_instance(at)]["LastBackupTime"]
    at.refused(backup.list_protected_resources, INVALID, 400, NextToken="none")


def describe_protected_resource(at):
    backup, _ = _point(at)
    found = backup.describe_protected_resource(ResourceArn=_instance(at))
    assert (found["ResourceArn"], found["ResourceType"]) == (_instance(at), "RDS")
    at.refused(backup.describe_protected_resource, NONE, 400, ResourceArn=_instance(at, "none"))
