//! What the installation is configured to do, and what it depends on.

use recovery::about::{About, ConfiguredAccount, ConfiguredRegion, ConfiguredRole, Server, settings};
use recovery::dependency::{Contact, Dependency};
use recovery::ids::{AccountId, Region};
use recovery::place::Place;

use crate::Workflow;

impl Workflow {
    /// Everything that may be told of this installation, whose server is `server`. Asks AWS nothing.
    pub fn about(&self, server: Server) -> About {
        let known = self.settings();
        let regions = known
            .regions
            .iter()
            .filter_map(|region| {
                let bucket = known.buckets.get(region)?;
                let vaults = known.vaults.iter().filter(|vault| vault.region == *region);
                Some(ConfiguredRegion {
                    place: Place::of(region),
                    is_home: *region == known.home_region,
                    is_control: *region == known.control_region,
                    bucket: bucket.name.clone(),
                    account: bucket.account.clone(),
                    vaults: vaults
                        .map(|vault| (vault.name.clone(), vault.account.clone()))
                        .collect(),
                })
            })
            .collect();
        let accounts = known
            .accounts
            .iter()
            .map(|account| ConfiguredAccount {
                id: account.clone(),
                is_home: account == known.home_account(),
                roles: known
                    .roles
                    .iter()
                    .filter(|role| role.account == *account)
                    .map(|role| ConfiguredRole {
                        arn: role.arn.clone(),
                        regions: role.regions.clone(),
                        has_external_id: role.external_id.is_some(),
                    })
                    .collect(),
            })
            .collect();
        let mut value = serde_json::to_value(known).unwrap_or_default();
        // Prices are a table of their own, of some dozen lines for each Region.
        for table in ["/prices/regions", "/copies/thaw_prices/regions"] {
            if let Some(prices) = value.pointer_mut(table) {
                let regions = prices.as_object().map_or(0, serde_json::Map::len);
                *prices = format!("prices of {regions} Regions").into();
            }
        }
        About {
            server,
            regions,
            accounts,
            settings: settings("workflow", &value),
            dependencies: self.dependencies(),
            now: jiff::Timestamp::now(),
        }
    }

    /// What was called, and what will be by the settings, the gravest first.
    fn dependencies(&self) -> Vec<Dependency> {
        let mut all = self.shared.cloud.contacts();
        let settings = self.settings();
        let home = settings.home_account();
        let mut expect = |service: &str, region: &Region, account: &AccountId| {
            // Calls that name no account are the home account's.
            let is_known = all.iter().any(|seen| {
                seen.service == service
                    && seen.region == *region
                    && seen.account.as_ref().unwrap_or(home) == account
            });
            if !is_known {
                all.push(Dependency {
                    service: service.to_owned(),
                    region: region.clone(),
                    account: Some(account.clone()),
                    contact: Contact::default(),
                });
            }
        };
        expect("DynamoDB", &settings.control_region, home);
        for (region, bucket) in &settings.buckets {
            expect("S3", region, &bucket.account);
        }
        for vault in &settings.vaults {
            expect("Backup", &vault.region, &vault.account);
            expect("RDS", &vault.region, &vault.account);
        }
        for queue in &settings.queues {
            expect("SQS", &queue.region, &queue.account);
        }
        all.sort_by(|a, b| {
            let gravity = b.contact.standing().cmp(&a.contact.standing());
            let place = (&a.region, &a.account, &a.service).cmp(&(&b.region, &b.account, &b.service));
            gravity.then(place)
        });
        all
    }
}
