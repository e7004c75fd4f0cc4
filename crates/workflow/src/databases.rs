//! The databases of an account and Region, as AWS Backup takes them.

use aws::{Cloud, Error};
use recovery::ids::{AccountId, Region};

/// A DB instance that stands alone, or a DB cluster with all its DB instances: Aurora is backed up by cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Database {
    /// The ARN that AWS Backup knows it by.
    pub(crate) arn: String,
    /// Its identifier.
    pub(crate) name: String,
    /// For example `mysql 8.0.39`.
    pub(crate) engine: Option<String>,
    /// For example `db.r6g.large`; of a cluster, that of one of its instances.
    pub(crate) class: Option<String>,
    /// Whether it is a cluster.
    pub(crate) is_cluster: bool,
}

impl Database {
    /// AWS Backup's type of it.
    pub(crate) fn resource_type(&self) -> &'static str {
        if self.is_cluster { "Aurora" } else { "RDS" }
    }
}

/// Every DB cluster, and every DB instance that is of none. Neptune and DocumentDB, which RDS tells too, are left out:
/// AWS Backup has types of their own for them.
pub(crate) async fn databases(
    cloud: &Cloud,
    region: &Region,
    account: &AccountId,
) -> Result<Vec<Database>, Error> {
    let instances = cloud.describe_db_instances(region, account).await?;
    let clusters = cloud.describe_db_clusters(region, account).await?;
    let is_ours = |engine: Option<&String>| {
        let name = engine.and_then(|engine| engine.split(' ').next());
        !matches!(name, Some("neptune" | "docdb"))
    };
    let clusters = clusters
        .into_iter()
        .filter(|cluster| is_ours(cluster.engine.as_ref()))
        .map(|cluster| {
            let member = instances
                .iter()
                .find(|instance| instance.cluster.as_ref() == Some(&cluster.identifier));
            Database {
                arn: cluster.arn,
                name: cluster.identifier,
                engine: cluster.engine,
                class: cluster
                    .class
                    .or_else(|| member.and_then(|member| member.class.clone())),
                is_cluster: true,
            }
        })
        .collect::<Vec<_>>();
    let alone = instances
        .into_iter()
        .filter(|instance| instance.cluster.is_none())
        .map(|instance| Database {
            arn: instance.arn,
            name: instance.identifier,
            engine: instance.engine,
            class: instance.class,
            is_cluster: false,
        });
    Ok(alone.chain(clusters).collect())
}
