//! The embedded AWS, and the history in it.

use std::collections::BTreeMap;
use std::io::BufRead as _;
use std::sync::Arc;
use std::time::Duration;

use aws::dynamodb::{Query, TableRef, Value};
use aws::{Cloud, CloudConfig, StaticCredentials};
use jiff::{SignedDuration, Timestamp};
use local_aws::backup::RecoveryPoint;
use local_aws::database::{BuiltIn, Database};
use local_aws::rds::Instance;
use local_aws::s3::Content;
use local_aws::{Clock, LocalAws, Options};
use recovery::ids::{AccountId, RecoveryPointArn, RecoveryPointId, Region};
use recovery::label::label;
use recovery::policy::PolicyRules;
use workflow::{Bucket, CopySettings, PointQuery, Settings, Vault, Workflow};

use crate::aws_process::Ready;
use crate::{Outcome, setting};

const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];
const TABLE: &str = "data-restore";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// The source that goes through the pipeline.
const FIRST: &str = "shop-0000";

/// Partitions that hold recovery points in brief.
const BRIEF: &str = "BRIEF#";

/// And of the days on which they were made.
const DAY: &str = "DAY#";

/// Source and hour of the recovery point that somebody has deleted: among the oldest, so that it is noticed last.
const DELETED: (usize, usize) = (0, 1);

/// Recovery points whose items are put at once.
const AT_ONCE: usize = 5_000;

/// The settings of the server, as of the embedded AWS's first account.
pub fn settings(account: &AccountId) -> Outcome<Settings> {
    let regions: Vec<Region> = REGIONS
        .iter()
        .map(|name| name.parse())
        .collect::<Result<_, _>>()?;
    let buckets: BTreeMap<Region, Bucket> = regions
        .iter()
        .map(|region| {
            let bucket = Bucket {
                name: format!("copies-{region}"),
                account: account.clone(),
            };
            (region.clone(), bucket)
        })
        .collect();
    Ok(Settings {
        control_region: regions[0].clone(),
        control_table: TABLE.to_owned(),
        home_region: regions[0].clone(),
        accounts: vec![account.clone()],
        roles: Vec::new(),
        vaults: vec![Vault {
            region: regions[0].clone(),
            account: account.clone(),
            name: "hourly".to_owned(),
        }],
        regions,
        buckets,
        prefix: "exports".to_owned(),
        export_role_arn: "arn:aws:iam::{account}:role/data-restore-export".to_owned(),
        kms_key_id: "arn:aws:kms:{region}:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(),
        policy: PolicyRules::default(),
        policies: BTreeMap::new(),
        queues: Vec::new(),
        reconcile_every: Duration::from_mins(1),
        runs_at_once: 4,
        prices: None,
        copies: CopySettings::default(),
    })
}

/// One recovery point as the pipeline left it, to be told again of other sources and hours.
struct Example {
    id: RecoveryPointId,
    created_at: Timestamp,
    listed: RecoveryPoint,
    /// Partition key, sort key and body of its items.
    items: Vec<(String, String, String)>,
}

impl Example {
    fn arn(&self, source: usize, hour: usize) -> String {
        let (job, _) = self
            .listed
            .arn
            .rsplit_once("job-")
            .unwrap_or((&self.listed.arn, ""));
        format!(
            "{job}job-{source:08x}-{hour:04x}-4000-8000-{:012x}",
            source * 1_000 + hour
        )
    }

    /// The recovery point of another source, `hour` hours behind the example, as AWS Backup lists it.
    fn recovery_point(&self, source: usize, hour: usize) -> RecoveryPoint {
        let later = HOUR * i32::try_from(hour).unwrap_or(i32::MAX);
        RecoveryPoint {
            arn: self.arn(source, hour),
            resource_arn: self.listed.resource_arn.replace(FIRST, &name(source)),
            created_at: self.listed.created_at + later,
            completed_at: self.listed.completed_at + later,
            ..self.listed.clone()
        }
    }

    /// Bytes of the bodies of its items in partitions that begin so.
    fn bytes(&self, partition: &str) -> usize {
        let items = self.items.iter().filter(|(pk, _, _)| pk.starts_with(partition));
        items.map(|(_, _, body)| body.len()).sum()
    }

    /// The same recovery point in the control table; `in_brief`, without its record.
    fn items(&self, source: usize, hour: usize, in_brief: bool) -> Outcome<Vec<serde_json::Value>> {
        let point = self.recovery_point(source, hour);
        let arn: RecoveryPointArn = point.arn.parse()?;
        let id = label(&name(source), point.created_at, &arn);
        let time = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let day = made_on(self.created_at);
        let changes = [
            (day.as_str(), made_on(point.created_at)),
            (self.id.as_str(), id.as_str().to_owned()),
            (&self.listed.arn, point.arn.clone()),
            (&time(self.created_at), time(point.created_at)),
            (FIRST, name(source)),
        ];
        let changed = |text: &str| {
            changes
                .iter()
                .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
        };
        Ok(self
            .items
            .iter()
            .filter(|(pk, _, _)| !in_brief || pk.starts_with(BRIEF) || pk.starts_with(DAY))
            .map(|(pk, sk, body)| {
                serde_json::json!({
                    "pk": {"S": changed(pk)}, "sk": {"S": changed(sk)},
                    "body": {"S": changed(body)}, "version": {"N": "1"},
                })
            })
            .collect())
    }
}

/// The partition of what was made on the same day.
fn made_on(at: Timestamp) -> String {
    format!("{DAY}{}", at.strftime("%Y-%m-%d"))
}

fn name(source: usize) -> String {
    format!("shop-{source:04}")
}

/// Makes the history, says so, and serves until its input ends.
pub async fn serve() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let start: Timestamp = "2026-10-01T00:00:00Z".parse()?;
    let aws = LocalAws::start(Options {
        data_dir: Some(folder.path().to_owned()),
        clock: Clock::held_at(start),
        ..Options::default()
    })
    .await?;
    let own = aws.accounts()[0].clone();
    let account: AccountId = own.id.parse()?;
    let credentials = StaticCredentials {
        access_key_id: own.access_key_id.clone(),
        secret_access_key: own.secret_access_key.clone(),
    };
    let cloud = Cloud::connect(CloudConfig {
        endpoint_url: Some(aws.endpoint().to_owned()),
        credentials: [(account.clone(), credentials)].into(),
        home_account: Some(account.clone()),
        ..CloudConfig::default()
    })
    .await;
    let example = example(&aws, &cloud, &account).await?;
    let (sources, hours) = (setting("SOURCES", 1_000), setting("DAYS", 35) * 24);
    fill(&aws, &cloud, &account, &example, (sources, hours)).await?;
    let mut passed = hours;
    let ready = Ready {
        endpoint: aws.endpoint().to_owned(),
        account: own.id,
        access_key_id: own.access_key_id,
        secret_access_key: own.secret_access_key,
        now: example.created_at + HOUR * i32::try_from(hours - 1)? + SignedDuration::from_mins(10),
        item_bytes: example.bytes(""),
        brief_bytes: example.bytes(BRIEF),
    };
    println!("{}", serde_json::to_string(&ready)?);
    let aws = Arc::new(aws);
    // Reading blocks, and the embedded AWS answers meanwhile.
    tokio::task::spawn_blocking(move || -> Outcome<()> {
        for line in std::io::stdin().lock().lines() {
            line?;
            let new = (0..sources).map(|source| example.recovery_point(source, passed));
            aws.control().backup().add_history(new)?;
            passed += 1;
            println!("done");
        }
        Ok(())
    })
    .await?
}

/// Takes one recovery point through the pipeline.
async fn example(aws: &LocalAws, cloud: &Cloud, account: &AccountId) -> Outcome<Example> {
    let instance = Instance {
        id: FIRST.to_owned(),
        engine: "mysql".to_owned(),
        engine_version: "8.4.3".to_owned(),
        class: "db.r6g.large".to_owned(),
        database: Database::BuiltIn(BuiltIn::SecureCart),
    };
    let (control, home) = (aws.control(), REGIONS[0]);
    control.add_instance(account.as_str(), home, instance).await?;
    control.backup().ensure_vault(account.as_str(), home, "hourly")?;
    let bucket = |region: &str| format!("copies-{region}");
    for region in REGIONS {
        aws.s3()
            .create_bucket(account.as_str(), region, &bucket(region))
            .await?;
    }
    let clock = aws.clock().clone();
    let workflow = Workflow::open(cloud.clone(), settings(account)?, Arc::new(move || clock.now())).await?;
    aws.clock().advance(HOUR);
    control
        .backup()
        .back_up_now(account.as_str(), home, FIRST, "hourly")?;
    control.run_due().await?;
    workflow.reconcile().await?;
    aws.clock().advance(SignedDuration::from_secs(30));
    control.run_due().await?;
    for object in aws.s3().list(account.as_str(), home, &bucket(home), "").await? {
        let content = aws
            .s3()
            .get(account.as_str(), home, &bucket(home), &object.key)
            .await?;
        for region in &REGIONS[1..] {
            let content = Content::Bytes(content.clone());
            aws.s3()
                .put_file(account.as_str(), region, &bucket(region), &object.key, content)
                .await?;
        }
    }
    workflow.reconcile().await?;
    let point = workflow
        .recovery_points(&PointQuery::default())
        .await?
        .items
        .pop()
        .ok_or("the pipeline found no recovery point")?;
    if !point.copies.iter().all(|copy| copy.verdict.is_restorable()) || point.copies.len() != 3 {
        return Err(format!("the recovery point is not verified: {point:?}").into());
    }
    let partitions = [
        format!("SOURCE#{FIRST}"),
        format!("{BRIEF}{FIRST}"),
        format!("POINT#{}", point.id),
        made_on(point.created_at),
    ];
    let mut items = Vec::new();
    for partition in partitions {
        items.extend(read(cloud, account, &partition).await?);
    }
    let listed = control.backup().recovery_points(account.as_str(), home)?;
    Ok(Example {
        id: point.id,
        created_at: point.created_at,
        listed: listed.into_iter().next().ok_or("no recovery point is listed")?,
        items,
    })
}

async fn read(cloud: &Cloud, account: &AccountId, partition: &str) -> Outcome<Vec<(String, String, String)>> {
    let mut table = TableRef::new(REGIONS[0].parse()?, TABLE.parse()?);
    table.account = Some(account.clone());
    let page = cloud
        .query(&table, Query::partition("pk", Value::string(partition)))
        .await?;
    let text = |item: &aws::dynamodb::Item, name: &str| item.string(name).unwrap_or_default().to_owned();
    Ok(page
        .items
        .iter()
        .map(|item| (text(item, "pk"), text(item, "sk"), text(item, "body")))
        .collect())
}

/// Tells the example again, for every source and hour.
async fn fill(
    aws: &LocalAws,
    cloud: &Cloud,
    account: &AccountId,
    example: &Example,
    (sources, hours): (usize, usize),
) -> Outcome<()> {
    let load = async |items| {
        aws.dynamodb()
            .load(account.as_str(), REGIONS[0], TABLE, items)
            .await
    };
    let mut named = Vec::new();
    for (_, _, body) in read(cloud, account, "SOURCES").await? {
        for source in 1..sources {
            let (sk, body) = (name(source), body.replace(FIRST, &name(source)));
            named.push(serde_json::json!({
                "pk": {"S": "SOURCES"}, "sk": {"S": sk}, "body": {"S": body}, "version": {"N": "1"},
            }));
        }
    }
    for hour in (0..hours).step_by(24) {
        let day = example.created_at + HOUR * i32::try_from(hour)?;
        named.push(serde_json::json!({
            "pk": {"S": "DAYS"}, "sk": {"S": day.strftime("%Y-%m-%d").to_string()},
            "body": {"S": "null"}, "version": {"N": "1"},
        }));
    }
    load(named).await?;
    let all = || (0..sources).flat_map(move |source| (0..hours).map(move |hour| (source, hour)));
    let records = setting("RECORDS_DAYS", 35) * 24;
    let mut items = Vec::new();
    for (index, (source, hour)) in all().enumerate() {
        // The example itself is there.
        if (source, hour) != (0, 0) {
            let in_brief = hour + records < hours && (source, hour) != DELETED;
            items.extend(example.items(source, hour, in_brief)?);
        }
        if (index + 1) % AT_ONCE == 0 {
            load(std::mem::take(&mut items)).await?;
        }
    }
    load(items).await?;
    let listed = all()
        .skip(1)
        .filter(|of| *of != DELETED)
        .map(|(source, hour)| example.recovery_point(source, hour));
    aws.control().backup().add_history(listed)?;
    Ok(())
}
