"""https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"""

INSTANCE = "tvshows"


def _snapshot(at, name=None):
    rds = at.client("rds")
    return rds, rds.create_db_snapshot(DBInstanceIdentifier=INSTANCE, DBSnapshotIdentifier=name or at.name)["DBSnapshot"]


def _task(at):
    """An export that is begun; what was asked for."""
    rds, snapshot = _snapshot(at)
    at.client("s3").create_bucket(Bucket=at.name)
    asked = {
        "ExportTaskIdentifier": at.name, "SourceArn": snapshot["DBSnapshotArn"], "S3BucketName": at.name, "S3Prefix": "exports",
        "IamRoleArn": f"arn:aws:iam::{at.cloud.accounts[0]['id']}:role/export", "KmsKeyId": "alias/exports",
    }  # fmt: skip
    return rds, asked, rds.start_export_task(**asked)


def describe_db_instances(at):
    rds = at.client("rds")
    (found,) = rds.describe_db_instances(DBInstanceIdentifier=INSTANCE)["DBInstances"]
    assert (found["DBInstanceIdentifier"], found["Engine"], found["DBInstanceStatus"]) == (INSTANCE, "mysql", "available")
    assert found["DBInstanceArn"].endswith(f":db:{INSTANCE}")
    assert found["Endpoint"]["Port"] == 3306
    (by_filter,) = rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [INSTANCE]}])["DBInstances"]
    assert by_filter == found
    at.refused(rds.describe_db_instances, "DBInstanceNotFound", 404, DBInstanceIdentifier="none")
    at.refused(rds.describe_db_instances, "InvalidParameterValue", 400, Filters=[{"Name": "colour", "Values": ["red"]}])
    at.refused(rds.describe_db_instances, "InvalidParameterValue", 400, MaxRecords=101)


def describe_db_clusters(at):
    # Clusters are put in by whoever embeds the AWS, and this one has none: the list is there, and empty.
    rds = at.client("rds")
    assert rds.describe_db_clusters()["DBClusters"] == []
    assert rds.describe_db_clusters(Filters=[{"Name": "engine", "Values": ["aurora-mysql"]}])["DBClusters"] == []
    at.refused(rds.describe_db_clusters, "DBClusterNotFoundFault", 404, DBClusterIdentifier="none")
    at.refused(rds.describe_db_clusters, "InvalidParameterValue", 400, Filters=[{"Name": "colour", "Values": ["red"]}])
    at.refused(rds.describe_db_clusters, "InvalidParameterValue", 400, MaxRecords=101)
    at.refused(rds.describe_db_clusters, "InvalidParameterValue", 400, Marker="none")


def create_db_snapshot(at):
    rds, made = _snapshot(at)
    assert (made["DBSnapshotIdentifier"], made["DBInstanceIdentifier"], made["SnapshotType"]) == (at.name, INSTANCE, "manual")
    assert made["DBSnapshotArn"].endswith(f":snapshot:{at.name}")
    asked = {"DBInstanceIdentifier": INSTANCE, "DBSnapshotIdentifier": at.name}
    at.refused(rds.create_db_snapshot, "DBSnapshotAlreadyExists", 400, **asked)
    at.refused(rds.create_db_snapshot, "DBInstanceNotFound", 404, **(asked | {"DBInstanceIdentifier": "none", "DBSnapshotIdentifier": "x"}))
    at.refused(rds.create_db_snapshot, "InvalidParameterValue", 400, **(asked | {"DBSnapshotIdentifier": "a--b"}))


def describe_db_snapshots(at):
    rds, made = _snapshot(at)
    (found,) = rds.describe_db_snapshots(DBSnapshotIdentifier=at.name)["DBSnapshots"]
    assert (found["DBSnapshotArn"], found["Status"], found["PercentProgress"]) == (made["DBSnapshotArn"], "available", 100)
    by_arn = rds.describe_db_snapshots(DBSnapshotIdentifier=made["DBSnapshotArn"])["DBSnapshots"]
    assert by_arn == [found]
    of_backup = rds.describe_db_snapshots(DBInstanceIdentifier=INSTANCE, SnapshotType="awsbackup")["DBSnapshots"]
    assert all(snapshot["SnapshotType"] == "awsbackup" for snapshot in of_backup)
    at.refused(rds.describe_db_snapshots, "DBSnapshotNotFound", 404, DBSnapshotIdentifier="none")
    at.refused(rds.describe_db_snapshots, "InvalidParameterValue", 400, Filters=[{"Name": "colour", "Values": ["red"]}])


def delete_db_snapshot(at):
    rds, _ = _snapshot(at)
    assert rds.delete_db_snapshot(DBSnapshotIdentifier=at.name)["DBSnapshot"]["DBSnapshotIdentifier"] == at.name
    at.refused(rds.delete_db_snapshot, "DBSnapshotNotFound", 404, DBSnapshotIdentifier=at.name)
    other = f"{at.name}-2"
    _, snapshot = _snapshot(at, other)
    at.client("s3").create_bucket(Bucket=other)
    rds.start_export_task(
        ExportTaskIdentifier=other, SourceArn=snapshot["DBSnapshotArn"], S3BucketName=other, KmsKeyId="alias/exports",
        IamRoleArn=f"arn:aws:iam::{at.cloud.accounts[0]['id']}:role/export",
    )  # fmt: skip
    at.refused(rds.delete_db_snapshot, "InvalidDBSnapshotState", 400, DBSnapshotIdentifier=other)
    rds.cancel_export_task(ExportTaskIdentifier=other)


def start_export_task(at):
    rds, asked, task = _task(at)
    told = {name: task[name] for name in ("ExportTaskIdentifier", "SourceArn", "S3Prefix", "IamRoleArn", "KmsKeyId", "Status")}
    assert told == {name: asked[name] for name in told if name in asked} | {"Status": "STARTING"}
    assert (task["S3Bucket"], task["PercentProgress"]) == (asked["S3BucketName"], 0)
    other = asked | {"ExportTaskIdentifier": f"{at.name}-2"}
    refuse = rds.start_export_task
    at.refused(refuse, "ExportTaskAlreadyExists", 400, **asked)
    at.refused(refuse, "InvalidExportSourceState", 400, **other)
    at.refused(refuse, "DBSnapshotNotFound", 404, **(other | {"SourceArn": asked["SourceArn"] + "-none"}))
    at.refused(refuse, "InvalidS3BucketFault", 400, **(other | {"S3BucketName": f"{at.name}-none"}))
    at.refused(refuse, "IamRoleNotFound", 404, **(other | {"IamRoleArn": "export"}))
    at.refused(refuse, "KMSKeyNotAccessibleFault", 400, **(other | {"KmsKeyId": "no key"}))
    at.refused(refuse, "InvalidExportOnly", 400, **(other | {"ExportOnly": ["none.none"]}))
    at.refused(refuse, "InvalidParameterValue", 400, **(other | {"S3Prefix": "2026-11-20T08:00"}))
    at.refused(refuse, "InvalidParameterValue", 400, **(other | {"ExportTaskIdentifier": "a" * 61}))
    rds.cancel_export_task(ExportTaskIdentifier=at.name)


def describe_export_tasks(at):
    rds, asked, task = _task(at)
    (found,) = rds.describe_export_tasks(ExportTaskIdentifier=at.name)["ExportTasks"]
    assert (found["ExportTaskIdentifier"], found["SourceArn"]) == (at.name, asked["SourceArn"])
    assert rds.describe_export_tasks(SourceArn=asked["SourceArn"])["ExportTasks"][0]["S3Bucket"] == task["S3Bucket"]
    status = [{"Name": "status", "Values": ["starting", "in_progress"]}]
    assert at.name in {task["ExportTaskIdentifier"] for task in rds.describe_export_tasks(Filters=status)["ExportTasks"]}
    assert rds.describe_export_tasks(SourceArn=asked["SourceArn"], SourceType="CLUSTER")["ExportTasks"] == []
    rds.cancel_export_task(ExportTaskIdentifier=at.name)
    at.refused(rds.describe_export_tasks, "ExportTaskNotFound", 404, ExportTaskIdentifier="none")
    at.refused(rds.describe_export_tasks, "InvalidParameterValue", 400, Filters=[{"Name": "colour", "Values": ["red"]}])


def cancel_export_task(at):
    rds, _, _ = _task(at)
    task = rds.cancel_export_task(ExportTaskIdentifier=at.name)
    assert (task["ExportTaskIdentifier"], task["Status"]) == (at.name, "CANCELING")
    at.refused(rds.cancel_export_task, "ExportTaskNotFound", 404, ExportTaskIdentifier="none")
