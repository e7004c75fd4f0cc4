//! Copies in Glacier: they are there and can be checked, and must be thawed before they are read.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html>

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::Region;
use crate::inventory::ObjectFact;
use crate::prices::Money;

/// Whether objects of that storage class cannot be read at once. `GLACIER_IR` can.
pub fn is_archive(class: &str) -> bool {
    matches!(class, "GLACIER" | "DEEP_ARCHIVE")
}

/// How far the thaw of an archived object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Thaw {
    /// S3 works on it.
    Ongoing,
    /// It can be read until then.
    Until(Timestamp),
}

/// How fast a thaw is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ThawTier))]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Minutes; not from DEEP_ARCHIVE.
    Expedited,
    /// Hours.
    Standard,
    /// Half a day to two, at the least price.
    Bulk,
}

impl Tier {
    /// Every tier, the fastest first.
    pub const ALL: [Self; 3] = [Self::Expedited, Self::Standard, Self::Bulk];

    /// Its name here: `expedited`, `standard`, `bulk`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Expedited => "expedited",
            Self::Standard => "standard",
            Self::Bulk => "bulk",
        }
    }

    /// How long it typically takes, as AWS states it; `None` where the class does not have it.
    pub fn takes(self, class: &str) -> Option<&'static str> {
        match (class, self) {
            ("DEEP_ARCHIVE", Self::Expedited) => None,
            ("DEEP_ARCHIVE", Self::Standard) => Some("12 hours"),
            ("DEEP_ARCHIVE", Self::Bulk) => Some("48 hours"),
            (_, Self::Expedited) => Some("1 to 5 minutes"),
            (_, Self::Standard) => Some("3 to 5 hours"),
            (_, Self::Bulk) => Some("5 to 12 hours"),
        }
    }
}

/// What of a copy lies in an archive, as its last check saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ArchivedCopy))]
pub struct Archived {
    /// `GLACIER` or `DEEP_ARCHIVE`; the deeper one where both are there.
    pub class: String,
    /// Objects that lie there.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Of them, those that are being thawed.
    pub thawing: u64,
    /// Of them, those that can be read.
    pub readable: u64,
    /// Until when all of these can.
    pub readable_until: Option<Timestamp>,
}

impl Archived {
    /// `None` where nothing of the copy lies in an archive.
    pub fn of(copy: &[ObjectFact]) -> Option<Self> {
        let mut archived: Option<Self> = None;
        for fact in copy {
            let Some(class) = fact.storage_class.as_deref().filter(|class| is_archive(class)) else {
                continue;
            };
            let sum = archived.get_or_insert_with(|| Self {
                class: class.to_owned(),
                objects: 0,
                bytes: 0,
                thawing: 0,
                readable: 0,
                readable_until: None,
            });
            // Of both, the deeper one decides how long a thaw takes.
            if class == "DEEP_ARCHIVE" {
                class.clone_into(&mut sum.class);
            }
            sum.objects += 1;
            sum.bytes += fact.size;
            match fact.thaw {
                Some(Thaw::Ongoing) => sum.thawing += 1,
                Some(Thaw::Until(until)) => {
                    sum.readable += 1;
                    sum.readable_until = Some(sum.readable_until.map_or(until, |first| first.min(until)));
                }
                None => {}
            }
        }
        archived
    }

    /// Whether something of it cannot be read.
    pub fn needs_thaw(&self) -> bool {
        self.readable < self.objects
    }

    /// What each tier takes and costs in `region`.
    pub fn thaws(&self, region: &Region, prices: &ThawPrices) -> Vec<ThawOption> {
        Tier::ALL
            .into_iter()
            .filter_map(|tier| {
                Some(ThawOption {
                    tier,
                    takes: tier.takes(&self.class)?.to_owned(),
                    cost: prices.cost(region, &self.class, tier, self.objects, self.bytes),
                    currency: prices.currency.clone(),
                    as_of: prices.as_of,
                })
            })
            .collect()
    }
}

/// A way to thaw a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ThawOption {
    /// How fast.
    pub tier: Tier,
    /// How long it typically takes, as AWS states it.
    pub takes: String,
    /// Requests and retrieved gigabytes, without the thawed copies' storage; `None` where the table has no price for the
    /// Region.
    pub cost: Option<Money>,
    /// `USD`.
    pub currency: String,
    /// The day of which the prices are.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "2026-06-18"))]
    pub as_of: Date,
}

impl ThawOption {
    /// `takes 3 to 5 hours and costs 0.05 USD`.
    pub fn takes_and_costs(&self) -> String {
        match self.cost {
            Some(cost) => format!("takes {} and costs {cost} {}", self.takes, self.currency),
            None => format!("takes {}; what it costs here is not known", self.takes),
        }
    }
}

/// What thaws cost: a dated table, which the user may replace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThawPrices {
    /// The day on which they were true.
    pub as_of: Date,
    /// `USD`.
    pub currency: String,
    /// By the Region of the bucket, the storage class, and the tier's name.
    pub regions: BTreeMap<Region, BTreeMap<String, BTreeMap<Tier, ThawPrice>>>,
}

/// The price of one tier of one storage class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThawPrice {
    /// A thousand requests, one for each object.
    pub requests_thousand: Money,
    /// A gigabyte (2^30 bytes) retrieved.
    pub gb: Money,
}

const GB: u64 = 1 << 30;

impl ThawPrices {
    /// What `objects` of `bytes` cost; `None` where the table does not say.
    pub fn cost(&self, region: &Region, class: &str, tier: Tier, objects: u64, bytes: u64) -> Option<Money> {
        let price = self.regions.get(region)?.get(class)?.get(&tier)?;
        Some(
            price
                .requests_thousand
                .times(objects, 1_000)
                .plus(price.gb.times(bytes, GB)),
        )
    }
}

impl Default for ThawPrices {
    /// AWS's list prices of the Regions that share the lowest ones: <https://aws.amazon.com/s3/pricing/>.
    fn default() -> Self {
        let price = |requests, gb| ThawPrice {
            requests_thousand: Money::from_nanos(requests),
            gb: Money::from_nanos(gb),
        };
        let classes = BTreeMap::from([
            (
                "GLACIER".to_owned(),
                BTreeMap::from([
                    (Tier::Expedited, price(10_000_000_000, 30_000_000)),
                    (Tier::Standard, price(50_000_000, 10_000_000)),
                    (Tier::Bulk, price(0, 0)),
                ]),
            ),
            (
                "DEEP_ARCHIVE".to_owned(),
                BTreeMap::from([
                    (Tier::Standard, price(100_000_000, 20_000_000)),
                    (Tier::Bulk, price(25_000_000, 2_500_000)),
                ]),
            ),
        ]);
        let regions = ["us-east-1", "us-east-2", "us-west-2"];
        Self {
            as_of: jiff::civil::date(2026, 6, 18),
            currency: "USD".to_owned(),
            regions: regions
                .iter()
                .filter_map(|region| Some((region.parse().ok()?, classes.clone())))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(class: Option<&str>, size: u64, thaw: Option<Thaw>) -> ObjectFact {
        ObjectFact {
            size,
            storage_class: class.map(str::to_owned),
            thaw,
            ..ObjectFact::default()
        }
    }

    #[test]
    fn what_lies_in_an_archive_is_counted_and_the_deeper_class_decides() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert_eq!(
            Archived::of(&[object(None, 5, None), object(Some("GLACIER_IR"), 5, None)]),
            None
        );
        let found = Archived::of(&[
            object(None, 5, None),
            object(Some("GLACIER"), 7, Some(Thaw::Until(at(9)))),
            object(Some("DEEP_ARCHIVE"), 11, Some(Thaw::Ongoing)),
            object(Some("GLACIER"), 13, Some(Thaw::Until(at(8)))),
        ])
        .unwrap();
        assert_eq!(
            found,
            Archived {
                class: "DEEP_ARCHIVE".into(),
                objects: 3,
                bytes: 31,
                thawing: 1,
                readable: 2,
                readable_until: Some(at(8)),
            }
        );
        assert!(found.needs_thaw());
    }

    #[test]
    fn a_thaw_is_priced_by_requests_and_gigabytes() {
        let prices = ThawPrices::default();
        let region = "us-west-2".parse().unwrap();
        let archived = Archived {
            class: "GLACIER".into(),
            objects: 2_000,
            bytes: 100 << 30,
            thawing: 0,
            readable: 0,
            readable_until: None,
        };
        let told: Vec<(Tier, String)> = archived
            .thaws(&region, &prices)
            .into_iter()
            .map(|option| (option.tier, option.cost.unwrap().to_string()))
            .collect();
        assert_eq!(
            told,
            [
                (Tier::Expedited, "23.00".to_owned()),
                (Tier::Standard, "1.10".to_owned()),
                (Tier::Bulk, "0.00".to_owned()),
            ]
        );
        let deep = Archived {
            class: "DEEP_ARCHIVE".into(),
            ..archived
        };
        let elsewhere = "eu-west-1".parse().unwrap();
        let options = deep.thaws(&elsewhere, &prices);
        assert_eq!(options.len(), 2, "no expedited thaw");
        assert!(
            options.iter().all(|option| option.cost.is_none()),
            "no guessed price"
        );
        let json = serde_json::to_string(&prices).unwrap();
        assert_eq!(serde_json::from_str::<ThawPrices>(&json).unwrap(), prices);
    }
}
