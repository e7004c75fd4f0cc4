//! RDS's answers.

use aws::ErrorKind;
use aws::rds::{ExportStatus, ExportTask};

use crate::tape::{account, answering, region};

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.Monitoring.html>, in the XML of
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeExportTasks.html>: one of each ending, an empty
/// prefix, an automated snapshot with colons in its name, the last one of AWS Backup.
const TASKS: &str = r#"<DescribeExportTasksResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">
  <DescribeExportTasksResult>
    <ExportTasks>
      <ExportTask>
        <ExportTaskIdentifier>anewtest</ExportTaskIdentifier>
        <SourceArn>arn:aws:rds:us-west-2:123456789012:snapshot:parameter-groups-test</SourceArn>
        <SourceType>SNAPSHOT</SourceType>
        <ExportOnly/>
        <SnapshotTime>2019-10-24T20:23:48.364Z</SnapshotTime>
        <TaskStartTime>2019-10-25T19:10:58.885Z</TaskStartTime>
        <TaskEndTime>2019-11-01T17:36:46.961Z</TaskEndTime>
        <S3Bucket>DOC-EXAMPLE-BUCKET</S3Bucket>
        <S3Prefix>something</S3Prefix>
        <IamRoleArn>arn:aws:iam::123456789012:role/export-to-s3</IamRoleArn>
        <KmsKeyId>arn:aws:kms:us-west-2:123456789012:key/K7MDENG/bPxRfiCYEXAMPLEKEY</KmsKeyId>
        <Status>CANCELED</Status>
        <PercentProgress>0</PercentProgress>
        <TotalExtractedDataInGB>0</TotalExtractedDataInGB>
      </ExportTask>
      <ExportTask>
        <ExportTaskIdentifier>thursday-events-test</ExportTaskIdentifier>
        <SourceArn>arn:aws:rds:us-west-2:123456789012:snapshot:rds:example-1-2019-10-31-06-44</SourceArn>
        <SnapshotTime>2019-10-31T06:44:53.452Z</SnapshotTime>
        <TaskStartTime>2019-10-31T20:58:06.998Z</TaskStartTime>
        <TaskEndTime>2019-10-31T21:37:28.312Z</TaskEndTime>
        <S3Bucket>DOC-EXAMPLE-BUCKET1</S3Bucket>
        <S3Prefix/>
        <Status>COMPLETE</Status>
        <PercentProgress>100</PercentProgress>
        <TotalExtractedDataInGB>263</TotalExtractedDataInGB>
        <WarningMessage>{"skippedTables":[],"skippedObjectives":[],"general":[{"reason":"FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}]}</WarningMessage>
      </ExportTask>
      <ExportTask>
        <ExportTaskIdentifier>s3bucketexport</ExportTaskIdentifier>
        <SourceArn>arn:aws:rds:us-west-2:123456789012:cluster-snapshot:awsbackup:job-1a2b</SourceArn>
        <SnapshotTime>2019-10-31T01:24:52.153Z</SnapshotTime>
        <TaskEndTime>2019-10-31T02:12:36.409Z</TaskEndTime>
        <S3Bucket>my-exports</S3Bucket>
        <S3Prefix>exports/all/</S3Prefix>
        <Status>failed</Status>
        <PercentProgress>0</PercentProgress>
        <FailureCause>The S3 bucket my-exports isn't located in the current AWS Region. Please, review your S3 bucket name and retry the export.</FailureCause>
      </ExportTask>
      <ExportTask>
        <ExportTaskIdentifier>my-s3-export</ExportTaskIdentifier>
        <SourceArn>arn:aws:rds:us-west-2:123456789012:snapshot:awsbackup:job-3c4d</SourceArn>
        <S3Bucket>mybucket</S3Bucket>
        <Status>In_Progress</Status>
        <PercentProgress>12</PercentProgress>
      </ExportTask>
    </ExportTasks>
  </DescribeExportTasksResult>
  <ResponseMetadata><RequestId>c5cd5a2c-7b3f-11e4-a3c1-0fc6e2d3a8aa</RequestId></ResponseMetadata>
</DescribeExportTasksResponse>"#;

fn task(identifier: &str, source: &str, status: ExportStatus, percent: u8) -> ExportTask {
    ExportTask {
        identifier: identifier.into(),
        source_arn: format!("arn:aws:rds:us-west-2:123456789012:{source}"),
        status,
        percent,
        bucket: String::new(),
        prefix: String::new(),
        started_at: None,
        ended_at: None,
        failure_cause: None,
        warning: None,
    }
}

#[tokio::test]
async fn export_tasks_of_every_ending() {
    let cloud = answering(200, &[("content-type", "text/xml")], TASKS).await;
    let found = cloud
        .describe_export_tasks(&region(), &account(), None)
        .await
        .unwrap();
    let expected = [
        ExportTask {
            bucket: "DOC-EXAMPLE-BUCKET".into(),
            prefix: "something".into(),
            started_at: "2019-10-25T19:10:58.885Z".parse().ok(),
            ended_at: "2019-11-01T17:36:46.961Z".parse().ok(),
            ..task("anewtest", "snapshot:parameter-groups-test", ExportStatus::Canceled, 0)
        },
        ExportTask {
            bucket: "DOC-EXAMPLE-BUCKET1".into(),
            started_at: "2019-10-31T20:58:06.998Z".parse().ok(),
            ended_at: "2019-10-31T21:37:28.312Z".parse().ok(),
            warning: Some(
                r#"{"skippedTables":[],"skippedObjectives":[],"general":[{"reason":"FAILED_TO_EXTRACT_TABLES_LIST_FOR_DATABASE"}]}"#.into(),
            ),
            ..task(
                "thursday-events-test",
                "snapshot:rds:example-1-2019-10-31-06-44",
                ExportStatus::Complete,
                100,
            )
        },
        ExportTask {
            bucket: "my-exports".into(),
            prefix: "exports/all".into(),
            ended_at: "2019-10-31T02:12:36.409Z".parse().ok(),
            failure_cause: Some(
                "The S3 bucket my-exports isn't located in the current AWS Region. Please, review your S3 bucket name and retry the export.".into(),
            ),
            ..task("s3bucketexport", "cluster-snapshot:awsbackup:job-1a2b", ExportStatus::Failed, 0)
        },
        ExportTask {
            bucket: "mybucket".into(),
            ..task("my-s3-export", "snapshot:awsbackup:job-3c4d", ExportStatus::InProgress, 12)
        },
    ];
    assert_eq!(found, expected);
    // Whatever RDS makes of the filter, only those that go on count against its limit.
    let under_way = cloud.exports_under_way(&region(), &account()).await.unwrap();
    assert_eq!(under_way.len(), 1);
    assert_eq!(under_way[0].identifier, "my-s3-export");
}

/// The faults of the API's pages, by the codes that stand on the wire, and what they are to us.
#[tokio::test]
async fn faults_of_exports() {
    for (code, status, kind) in [
        ("ExportTaskNotFound", 404, ErrorKind::NotFound),
        ("ExportTaskNotFoundFault", 404, ErrorKind::NotFound),
        ("DBSnapshotNotFound", 404, ErrorKind::NotFound),
        ("ExportTaskAlreadyExists", 400, ErrorKind::AlreadyExists),
        ("ExportTaskAlreadyExistsFault", 400, ErrorKind::AlreadyExists),
        ("ExportTaskLimitReachedFault", 400, ErrorKind::Limit),
        ("IamRoleNotFound", 404, ErrorKind::NotFound),
        ("InvalidExportSourceState", 400, ErrorKind::Invalid),
        ("InvalidS3BucketFault", 400, ErrorKind::Invalid),
        ("KMSKeyNotAccessibleFault", 400, ErrorKind::Invalid),
        ("AccessDenied", 403, ErrorKind::AccessDenied),
    ] {
        let body = format!(
            r#"<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type><Code>{code}</Code><Message>Said so.</Message></Error><RequestId>0</RequestId></ErrorResponse>"#
        );
        let cloud = answering(status, &[("content-type", "text/xml")], &body).await;
        let error = cloud
            .cancel_export_task(&region(), &account(), "one")
            .await
            .unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (kind, Some(code)), "{error}");
        assert_eq!(error.message, "Said so.");
    }
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html>: an instance of a cluster, and one
/// that is being made and has no version yet.
#[tokio::test]
async fn instances() {
    let body = r#"<DescribeDBInstancesResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBInstancesResult>
      <DBInstances>
        <DBInstance>
          <DBInstanceIdentifier>shop-1</DBInstanceIdentifier>
          <DBInstanceArn>arn:aws:rds:us-west-2:123456789012:db:shop-1</DBInstanceArn>
          <DBClusterIdentifier>shop</DBClusterIdentifier>
          <DBInstanceClass>db.r6g.large</DBInstanceClass>
          <Engine>aurora-mysql</Engine><EngineVersion>8.0.mysql_aurora.3.08.0</EngineVersion>
          <DBInstanceStatus>available</DBInstanceStatus>
          <LatestRestorableTime>2026-11-20T07:55:00Z</LatestRestorableTime>
        </DBInstance>
        <DBInstance>
          <DBInstanceIdentifier>mysqldb</DBInstanceIdentifier><Engine>mysql</Engine>
          <DBInstanceStatus>creating</DBInstanceStatus>
          <PendingModifiedValues><MasterUserPassword>****</MasterUserPassword></PendingModifiedValues>
        </DBInstance>
      </DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>"#;
    let cloud = answering(200, &[("content-type", "text/xml")], body).await;
    let found = cloud.describe_db_instances(&region(), &account()).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].engine.as_deref(),
        Some("aurora-mysql 8.0.mysql_aurora.3.08.0")
    );
    assert_eq!(found[0].cluster.as_deref(), Some("shop"));
    assert_eq!(
        (found[1].engine.as_deref(), found[1].class.as_deref()),
        (Some("mysql"), None)
    );
    assert_eq!(
        (found[1].status.as_str(), found[1].arn.as_str()),
        ("creating", "")
    );
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html>: Aurora's, which has no class of its
/// own, a Multi-AZ one, which has, and one that is being made.
#[tokio::test]
async fn clusters_of_aurora_and_multi_az_ones() {
    let body = r#"<DescribeDBClustersResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBClustersResult>
      <DBClusters>
        <DBCluster>
          <DBClusterIdentifier>shop</DBClusterIdentifier>
          <DBClusterArn>arn:aws:rds:us-west-2:123456789012:cluster:shop</DBClusterArn>
          <Engine>aurora-postgresql</Engine><EngineVersion>16.4</EngineVersion><EngineMode>provisioned</EngineMode>
          <Status>available</Status><AllocatedStorage>1</AllocatedStorage><MultiAZ>true</MultiAZ>
          <ClusterCreateTime>2026-04-27T08:03:21.479Z</ClusterCreateTime>
          <DBClusterMembers><DBClusterMember>
            <DBInstanceIdentifier>shop-instance-1</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter>
            <PromotionTier>1</PromotionTier>
          </DBClusterMember></DBClusterMembers>
          <AvailabilityZones><AvailabilityZone>us-west-2a</AvailabilityZone></AvailabilityZones>
        </DBCluster>
        <DBCluster>
          <DBClusterIdentifier>ledger</DBClusterIdentifier>
          <DBClusterArn>arn:aws:rds:us-west-2:123456789012:cluster:ledger</DBClusterArn>
          <Engine>mysql</Engine><EngineVersion>8.0.39</EngineVersion>
          <DBClusterInstanceClass>db.r6gd.large</DBClusterInstanceClass><Status>backing-up</Status>
        </DBCluster>
        <DBCluster><DBClusterIdentifier>new</DBClusterIdentifier><Status>creating</Status><Engine>aurora-mysql</Engine></DBCluster>
      </DBClusters></DescribeDBClustersResult></DescribeDBClustersResponse>"#;
    let cloud = answering(200, &[("content-type", "text/xml")], body).await;
    let found = cloud.describe_db_clusters(&region(), &account()).await.unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|cluster| {
            (
                cluster.identifier.as_str(),
                cluster.engine.as_deref(),
                cluster.class.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("shop", Some("aurora-postgresql 16.4"), None),
            ("ledger", Some("mysql 8.0.39"), Some("db.r6gd.large")),
            ("new", Some("aurora-mysql"), None),
        ]
    );
    assert_eq!(found[0].arn, "arn:aws:rds:us-west-2:123456789012:cluster:shop");
    assert_eq!(
        (found[1].status.as_str(), found[2].arn.as_str()),
        ("backing-up", "")
    );
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBSnapshots.html>: one that AWS Backup made, one that
/// is being made.
#[tokio::test]
async fn snapshots_of_aws_backup() {
    let body = r#"<DescribeDBSnapshotsResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><DescribeDBSnapshotsResult>
      <DBSnapshots>
        <DBSnapshot>
          <DBSnapshotIdentifier>awsbackup:job-8f0b7a4e-0f4d-4c4f-8d9e-3b1a5a1f2c3d</DBSnapshotIdentifier>
          <DBSnapshotArn>arn:aws:rds:us-west-2:123456789012:snapshot:awsbackup:job-8f0b7a4e-0f4d-4c4f-8d9e-3b1a5a1f2c3d</DBSnapshotArn>
          <DBInstanceIdentifier>shop</DBInstanceIdentifier>
          <SnapshotType>awsbackup</SnapshotType><Status>available</Status>
          <SnapshotCreateTime>2026-11-20T08:03:21.479Z</SnapshotCreateTime>
        </DBSnapshot>
        <DBSnapshot>
          <DBSnapshotIdentifier>awsbackup:job-none</DBSnapshotIdentifier>
          <DBInstanceIdentifier>shop</DBInstanceIdentifier><Status>creating</Status>
        </DBSnapshot>
      </DBSnapshots></DescribeDBSnapshotsResult></DescribeDBSnapshotsResponse>"#;
    let cloud = answering(200, &[("content-type", "text/xml")], body).await;
    let found = cloud
        .describe_backup_snapshots(&region(), &account(), "shop")
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    assert!(
        found[0]
            .arn
            .ends_with(&format!(":snapshot:{}", found[0].identifier))
    );
    assert_eq!(found[0].created_at, "2026-11-20T08:03:21.479Z".parse().ok());
    assert_eq!(
        (found[1].created_at, found[1].status.as_str()),
        (None, "creating")
    );
}
