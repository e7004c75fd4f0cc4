//! An embedded AWS of one test, and a client of it.

use std::time::Duration;

use aws::dynamodb::{Item, Scan, TableRef};
use aws::s3::BucketRef;
use aws::{Cloud, CloudConfig, StaticCredentials};
use local_aws::{LocalAws, Options};
use recovery::plan::CopyRef;
use recovery::request::TableRequest;
use recovery::synthetic_key::SyntheticKey;

/// The Region that everything lies in.
pub const REGION: &str = "us-east-1";

/// The bucket of exports.
pub const BUCKET: &str = "exports";

/// An embedded AWS with an empty bucket.
pub struct World {
    pub cloud: Cloud,
    aws: LocalAws,
}

impl World {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        let aws = LocalAws::start(options).await.unwrap();
        let cloud = connect(&aws, aws.endpoint(), None).await;
        let world = Self { cloud, aws };
        world.cloud.create_bucket(&World::bucket()).await.unwrap();
        world
    }

    /// A client that reaches this AWS by another endpoint, a proxy's.
    pub async fn through(&self, endpoint: &str) -> Cloud {
        connect(&self.aws, endpoint, None).await
    }

    /// The same, and it waits no longer for an answer than this.
    pub async fn impatient(&self, endpoint: &str, read_timeout: Duration) -> Cloud {
        connect(&self.aws, endpoint, Some(read_timeout)).await
    }

    pub fn endpoint(&self) -> &str {
        self.aws.endpoint()
    }

    pub fn bucket() -> BucketRef {
        BucketRef::new(REGION.parse().unwrap(), BUCKET)
    }

    pub async fn put(&self, key: &str, content: impl Into<bytes::Bytes>) {
        self.cloud
            .put_object(&Self::bucket(), key, content.into(), None)
            .await
            .unwrap();
    }

    pub async fn delete(&self, key: &str) {
        self.cloud.delete_object(&Self::bucket(), key).await.unwrap();
    }

    /// Every item of a table.
    pub async fn items(&self, table: &str) -> Vec<Item> {
        let table = target(table);
        let mut scan = Scan::default();
        let mut items = Vec::new();
        loop {
            let page = self.cloud.scan_segment(&table, &scan).await.unwrap();
            items.extend(page.items);
            match page.next {
                Some(next) => scan.start_after = Some(next),
                None => return items,
            }
        }
    }
}

async fn connect(aws: &LocalAws, endpoint: &str, read_timeout: Option<Duration>) -> Cloud {
    let account = &aws.accounts()[0];
    let id: recovery::ids::AccountId = account.id.parse().unwrap();
    Cloud::connect(CloudConfig {
        endpoint_url: Some(endpoint.to_owned()),
        credentials: [(
            id.clone(),
            StaticCredentials {
                access_key_id: account.access_key_id.clone(),
                secret_access_key: account.secret_access_key.clone(),
            },
        )]
        .into(),
        home_account: Some(id),
        read_timeout,
        ..CloudConfig::default()
    })
    .await
}

pub fn target(name: &str) -> TableRef {
    TableRef::new(REGION.parse().unwrap(), name.parse().unwrap())
}

pub fn copy(prefix: &str) -> CopyRef {
    CopyRef {
        recovery_point: None,
        source: None,
        data_as_of: None,
        region: REGION.parse().unwrap(),
        account: None,
        bucket: BUCKET.to_owned(),
        prefix: prefix.to_owned(),
    }
}

/// `shop.orders=orders:id`, `…:order_id,line` or `…:@row-digest`, as the CLI takes it.
pub fn request(text: &str) -> TableRequest {
    let (source, rest) = text.split_once('=').unwrap();
    let (target, key) = rest.split_once(':').unwrap();
    let (source, target) = (source.parse().unwrap(), target.parse().unwrap());
    if let Some((kind, name)) = SyntheticKey::of_argument(key) {
        return TableRequest {
            synthetic: Some(kind),
            ..TableRequest::new(source, target, name)
        };
    }
    let (partition, sort) = match key.split_once(',') {
        Some((partition, sort)) => (partition, Some(sort.to_owned())),
        None => (key, None),
    };
    TableRequest {
        sort,
        ..TableRequest::new(source, target, partition)
    }
}

/// An exact preflight, with values masked.
pub async fn preflight(world: &World, plan: &recovery::plan::Plan) -> recovery::preflight::Preflight {
    let (inquiry, cancel) = (
        restore::Inquiry::default(),
        tokio_util::sync::CancellationToken::new(),
    );
    restore::preflight(&world.cloud, plan, &inquiry, &cancel)
        .await
        .unwrap()
}

/// Makes a plan.
pub async fn plan(
    world: &World,
    prefix: &str,
    tables: &[&str],
) -> Result<recovery::plan::Plan, restore::Error> {
    let requests: Vec<_> = tables.iter().map(|text| request(text)).collect();
    restore::plan(
        &world.cloud,
        &copy(prefix),
        &REGION.parse().unwrap(),
        &requests,
        jiff::Timestamp::UNIX_EPOCH,
    )
    .await
}
