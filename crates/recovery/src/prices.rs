//! What DynamoDB costs: a dated table of list prices, which the user may replace.
//!
//! Prices change and differ by Region and contract, so each answer says of what day they are, and a Region that the
//! table does not name has no price rather than a guessed one.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::Region;

/// An amount of money in billionths of the table's currency, so that sums are exact. JSON has it in whole units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = f64))]
#[serde(try_from = "f64", into = "f64")]
pub struct Money(u64);

/// A number that is no price.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0} is not a price: a number from 0 to 1000000000 is one")]
pub struct InvalidPrice(f64);

const NANOS: u64 = 1_000_000_000;

impl Money {
    /// So many billionths.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// `count` times this price, which is for `per` of them, rounded up to a billionth.
    #[must_use]
    pub fn times(self, count: u64, per: u64) -> Self {
        let nanos = (u128::from(self.0) * u128::from(count)).div_ceil(u128::from(per.max(1)));
        Self(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl TryFrom<f64> for Money {
    type Error = InvalidPrice;

    fn try_from(amount: f64) -> Result<Self, InvalidPrice> {
        if !(0.0..=1e9).contains(&amount) {
            return Err(InvalidPrice(amount));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was just found to be 0 to 1e18"
        )]
        let nanos = (amount * 1e9).round() as u64;
        Ok(Self(nanos))
    }
}

impl From<Money> for f64 {
    fn from(money: Money) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            reason = "sums of money stay far below 2^53 billionths, or a cent more or less is lost in millions"
        )]
        let nanos = money.0 as Self;
        nanos / 1e9
    }
}

impl fmt::Display for Money {
    /// To the cent, rounded up: `0.07`, `12.30`; what is less than a cent but not nothing is `under 0.01`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CENT: u64 = NANOS / 100;
        if self.0 > 0 && self.0 < CENT {
            return f.write_str("under 0.01");
        }
        let cents = self.0.div_ceil(CENT);
        write!(f, "{}.{:02}", cents / 100, cents % 100)
    }
}

/// A table of prices as of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The day on which they were true.
    pub as_of: Date,
    /// `USD`.
    pub currency: String,
    /// By the Region of the tables.
    pub regions: BTreeMap<Region, RegionPrices>,
}

/// The prices of one Region, of the Standard table class, without free tier and discounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionPrices {
    /// A million write request units, on demand.
    pub write_requests_million: Money,
    /// A million read request units, on demand.
    pub read_requests_million: Money,
    /// A provisioned write capacity unit for an hour.
    pub write_unit_hour: Money,
    /// A provisioned read capacity unit for an hour.
    pub read_unit_hour: Money,
    /// A gigabyte of uncompressed data imported from S3.
    #[serde(default)]
    pub import_gb: Option<Money>,
}

impl Default for Prices {
    /// AWS's list prices: <https://aws.amazon.com/dynamodb/pricing/>. Three Regions share the lowest ones; for others,
    /// somebody who pays them should say them.
    fn default() -> Self {
        let lowest = RegionPrices {
            write_requests_million: Money::from_nanos(625_000_000),
            read_requests_million: Money::from_nanos(125_000_000),
            write_unit_hour: Money::from_nanos(650_000),
            read_unit_hour: Money::from_nanos(130_000),
            import_gb: Some(Money::from_nanos(150_000_000)),
        };
        let regions = ["us-east-1", "us-east-2", "us-west-2"];
        Self {
            as_of: jiff::civil::date(2025, 7, 21),
            currency: "USD".to_owned(),
            regions: regions
                .iter()
                .filter_map(|region| Some((region.parse().ok()?, lowest)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_added_exactly_and_told_to_the_cent_above() {
        let million = Money::try_from(0.625).unwrap();
        assert_eq!(million, Money::from_nanos(625_000_000));
        // 100,871 writes at 0.625 a million are 0.063044375.
        let cost = million.times(100_871, 1_000_000);
        assert_eq!(cost, Money::from_nanos(63_044_375));
        assert_eq!(cost.to_string(), "0.07");
        assert_eq!(Money::from_nanos(1).to_string(), "under 0.01");
        assert_eq!(Money::from_nanos(0).to_string(), "0.00");
        assert_eq!(Money::from_nanos(12_300_000_000).to_string(), "12.30");
        assert_eq!(serde_json::to_string(&cost).unwrap(), "0.063044375");
        for wrong in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(Money::try_from(wrong).is_err());
        }
    }

    #[test]
    fn the_table_reads_as_it_is_written() {
        let prices = Prices::default();
        assert_eq!(prices.regions.len(), 3);
        let json = serde_json::to_string(&prices).unwrap();
        assert_eq!(serde_json::from_str::<Prices>(&json).unwrap(), prices);
        let misspelt = json.replace("read_unit_hour", "read_hour");
        assert!(
            serde_json::from_str::<Prices>(&misspelt)
                .unwrap_err()
                .to_string()
                .contains("read_hour")
        );
    }
}
