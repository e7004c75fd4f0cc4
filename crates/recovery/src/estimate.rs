//! What a restore takes: write units, time at the capacity chosen, money.
//!
//! The times are what DynamoDB allows at best. A slow network or a small machine can only be slower.

use serde::{Deserialize, Serialize};

use crate::ids::{Region, TableName, TargetName};
use crate::plan::{self, Capacity, Existing, TablePlan};
use crate::prices::{Money, Prices};

/// A write unit covers so many bytes of one item, a consistent read unit four times as many.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
pub const WRITE_UNIT_BYTES: u64 = 1_024;

/// A consistent read unit covers so many bytes.
pub const READ_UNIT_BYTES: u64 = 4_096;

/// Write units a second that a new on-demand table takes before it has seen any traffic.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>
pub const ON_DEMAND_WRITES_FIRST: u64 = 4_000;

/// Read units a second, likewise.
pub const ON_DEMAND_READS_FIRST: u64 = 12_000;

/// An on-demand table throttles what exceeds twice its previous peak within thirty minutes.
const DOUBLING_SECONDS: u64 = 30 * 60;

/// Read units, and write units, a second that a table takes by DynamoDB's default quota.
pub const TABLE_UNITS_MAX: u64 = 40_000;

/// Write units a second that items of one partition key value take together.
pub const PARTITION_WRITES_MAX: u64 = 1_000;

/// What an import takes at least, about: it was seen to take some minutes for a handful of items.
const IMPORT_SECONDS_ABOUT: u64 = 10 * 60;

/// A gigabyte as AWS bills it.
const GIGABYTE: u64 = 1 << 30;

/// What is to be written to one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Items.
    pub items: u64,
    /// Bytes of all items, by DynamoDB's rules.
    pub bytes: u64,
    /// Write units: one for each kilobyte begun of each item.
    pub write_units: u64,
    /// Write units of the items of the most frequent partition key value, where that was counted.
    pub hottest_units: Option<u64>,
    /// Whether every row was read. Otherwise it is computed from what footers say of columns.
    pub is_exact: bool,
}

/// What a run of a plan takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Estimate {
    /// By table, in the plan's order.
    pub tables: Vec<TableEstimate>,
    /// Where the money comes from; `None` where no price of the Region is known.
    pub prices: Option<PriceBasis>,
}

/// Of what day and Region prices are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceBasis {
    /// The day on which they were true.
    pub as_of: jiff::civil::Date,
    /// `USD`.
    pub currency: String,
    /// The Region of the tables.
    pub region: Region,
}

/// What one table takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableEstimate {
    /// The table in the copy.
    pub source: TableName,
    /// The DynamoDB table.
    pub target: TargetName,
    /// Items to write.
    pub items: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Whether every row was read for it.
    pub is_exact: bool,
    /// Each way to restore it, the plan's own first. A table whose items are kept or overwritten can only be written.
    pub ways: Vec<WayEstimate>,
    /// The way to be preferred where both are open, and why.
    #[serde(default)]
    pub recommended: Option<Recommendation>,
}

/// A way to be preferred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recommendation {
    /// The way.
    pub way: By,
    /// Why, as a clause.
    pub because: String,
}

/// A way to restore a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// In batches, which take write units.
    Write,
    /// By DynamoDB's import from S3, which is paid by the gigabyte.
    Import,
}

/// What one way takes: writing, and reading everything back for the proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WayEstimate {
    /// The way.
    pub way: By,
    /// Write units that all items take.
    pub write_units: u64,
    /// Seconds that writing takes at least; `None` of an import, of whose pace AWS says nothing.
    pub write_seconds: Option<u64>,
    /// What the time comes from, in a sentence.
    pub basis: String,
    /// What limits it.
    pub limit: Limit,
    /// Read units that reading everything back takes, consistently.
    pub read_units: u64,
    /// Seconds that reading back takes at least.
    pub read_seconds: u64,
    /// What it costs, where prices are known.
    pub cost: Option<Cost>,
}

/// What bounds the pace of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// What a new on-demand table takes, and how fast that grows.
    OnDemand,
    /// The capacity that is provisioned.
    Provisioned,
    /// The plan, which leaves others their share.
    Plan,
    /// One partition key value that many items share.
    PartitionKeyValue,
    /// The pace of DynamoDB's import.
    Import,
}

/// Money, in the currency of its [`PriceBasis`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cost {
    /// For writing. A provisioned table is paid by the hour begun, used or not.
    pub write: Money,
    /// For reading everything back.
    pub read_back: Money,
}

impl Cost {
    /// Both together.
    pub fn total(self) -> Money {
        self.write.plus(self.read_back)
    }
}

/// How fast units go, and why not faster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// At least so many seconds.
    pub seconds: u64,
    /// Because of this.
    pub limit: Limit,
}

impl Estimate {
    /// What writing these loads into tables of `region` takes.
    pub fn new<'a>(
        loads: impl IntoIterator<Item = (&'a TablePlan, Capacity, Load)>,
        region: &Region,
        prices: &Prices,
    ) -> Self {
        let tables = loads
            .into_iter()
            .map(|(table, capacity, load)| {
                let write = batch_write(table, &load, capacity, region, prices);
                TableEstimate {
                    source: table.source.clone(),
                    target: table.target.clone(),
                    items: load.items,
                    bytes: load.bytes,
                    is_exact: load.is_exact,
                    recommended: can_be_imported(table).then(|| recommend(&write)),
                    ways: match (can_be_imported(table), table.way.is_write()) {
                        (false, _) => vec![write],
                        (true, true) => vec![write, import(&load, capacity, region, prices)],
                        (true, false) => vec![import(&load, capacity, region, prices), write],
                    },
                }
            })
            .collect();
        Self {
            tables,
            prices: prices.regions.contains_key(region).then(|| PriceBasis {
                as_of: prices.as_of,
                currency: prices.currency.clone(),
                region: region.clone(),
            }),
        }
    }

    /// Write units over all tables.
    pub fn write_units(&self) -> u64 {
        self.planned().map(|way| way.write_units).sum()
    }

    /// Seconds that writing all tables takes at least: they are written at once, so it is the slowest one's time. `None`
    /// where the time of one is not known.
    pub fn write_seconds(&self) -> Option<u64> {
        self.planned()
            .map(|way| way.write_seconds)
            .try_fold(0, |most, seconds| Some(seconds?.max(most)))
    }

    /// Seconds that reading all tables back takes at least, likewise.
    pub fn read_seconds(&self) -> u64 {
        let seconds = self.planned().map(|way| way.read_seconds);
        seconds.max().unwrap_or_default()
    }

    /// What all tables cost, where prices are known.
    pub fn cost(&self) -> Option<Money> {
        self.prices.as_ref()?;
        self.planned()
            .map(|way| way.cost)
            .try_fold(Money::default(), |sum, cost| Some(sum.plus(cost?.total())))
    }

    /// Whether every row was read for all of it.
    pub fn is_exact(&self) -> bool {
        self.tables.iter().all(|table| table.is_exact)
    }

    /// The way of the plan, of each table.
    fn planned(&self) -> impl Iterator<Item = &WayEstimate> {
        self.tables.iter().filter_map(|table| table.ways.first())
    }
}

/// Whether DynamoDB's import is open to a table: it makes the table itself, and needs rows to read.
fn can_be_imported(table: &TablePlan) -> bool {
    table.existing.is_refuse() && table.rows > 0
}

/// The way to be preferred: an import takes some minutes whatever its size and cannot be paused, and is for what takes
/// longer than these.
fn recommend(write: &WayEstimate) -> Recommendation {
    let seconds = write.write_seconds.unwrap_or_default();
    if seconds > IMPORT_SECONDS_ABOUT {
        return Recommendation {
            way: By::Import,
            because: format!(
                "writing takes {} minutes at least, and an import uses no write units",
                seconds.div_ceil(60)
            ),
        };
    }
    Recommendation {
        way: By::Write,
        because: "writing takes no longer than an import does at least, and can be paused and stopped"
            .to_owned(),
    }
}

/// Writing by BatchWriteItem and reading back by Scan.
fn batch_write(
    table: &TablePlan,
    load: &Load,
    capacity: Capacity,
    region: &Region,
    prices: &Prices,
) -> WayEstimate {
    let pace = write_pace(load, capacity, &table.pace);
    let read_units = load.bytes.div_ceil(READ_UNIT_BYTES);
    let read_units = match table.existing {
        Existing::Refuse => read_units,
        // Each key is read by itself, before its row is written and for the proof.
        Existing::OnlyMissing | Existing::Overwrite => 2 * read_units.max(load.items),
    };
    let read_seconds = read_seconds(read_units, capacity);
    let price = prices.regions.get(region);
    WayEstimate {
        way: By::Write,
        write_units: load.write_units,
        write_seconds: Some(pace.seconds),
        basis: basis(load, capacity, &table.pace, pace.limit),
        limit: pace.limit,
        read_units,
        read_seconds,
        cost: price.map(|price| match capacity {
            Capacity::OnDemand => Cost {
                write: price.write_requests_million.times(load.write_units, 1_000_000),
                read_back: price.read_requests_million.times(read_units, 1_000_000),
            },
            Capacity::Provisioned {
                read_units,
                write_units,
            } => {
                let hours = (pace.seconds + read_seconds).div_ceil(3_600).max(1);
                Cost {
                    write: price.write_unit_hour.times(write_units * hours, 1),
                    read_back: price.read_unit_hour.times(read_units * hours, 1),
                }
            }
        }),
    }
}

/// An import from S3, and reading back by Scan. AWS bills the uncompressed DynamoDB JSON, which is more than the items.
fn import(load: &Load, capacity: Capacity, region: &Region, prices: &Prices) -> WayEstimate {
    let read_units = load.bytes.div_ceil(READ_UNIT_BYTES);
    let price = prices.regions.get(region);
    WayEstimate {
        way: By::Import,
        write_units: 0,
        write_seconds: None,
        basis: "an import takes some minutes at least, and AWS says nothing of its pace; it is paid by the gigabyte of \
                DynamoDB JSON, of which the items' bytes are the least"
            .to_owned(),
        limit: Limit::Import,
        read_units,
        read_seconds: read_seconds(read_units, capacity),
        cost: price.and_then(|price| {
            Some(Cost {
                write: price.import_gb?.times(load.bytes, GIGABYTE),
                read_back: price.read_requests_million.times(read_units, 1_000_000),
            })
        }),
    }
}

/// How fast a load can be written, and may be by its plan.
pub fn write_pace(load: &Load, capacity: Capacity, planned: &plan::Pace) -> Pace {
    let mut table = match capacity {
        Capacity::OnDemand => Pace {
            seconds: on_demand_seconds(load.write_units, writes_first(planned)),
            limit: Limit::OnDemand,
        },
        Capacity::Provisioned { write_units, .. } => Pace {
            seconds: load.write_units.div_ceil(write_units.clamp(1, TABLE_UNITS_MAX)),
            limit: Limit::Provisioned,
        },
    };
    if let Some(most) = planned.max_write_units {
        let seconds = load.write_units.div_ceil(most.max(1));
        if seconds > table.seconds {
            table = Pace {
                seconds,
                limit: Limit::Plan,
            };
        }
    }
    let hottest = load
        .hottest_units
        .unwrap_or_default()
        .div_ceil(PARTITION_WRITES_MAX);
    if hottest > table.seconds {
        return Pace {
            seconds: hottest,
            limit: Limit::PartitionKeyValue,
        };
    }
    table
}

/// Write units a second that a table on demand takes at first.
fn writes_first(planned: &plan::Pace) -> u64 {
    planned
        .warm_write_units
        .unwrap_or_default()
        .clamp(ON_DEMAND_WRITES_FIRST, TABLE_UNITS_MAX)
}

/// How long reading back takes at least.
pub fn read_seconds(units: u64, capacity: Capacity) -> u64 {
    match capacity {
        Capacity::OnDemand => on_demand_seconds(units, ON_DEMAND_READS_FIRST),
        Capacity::Provisioned { read_units, .. } => units.div_ceil(read_units.clamp(1, TABLE_UNITS_MAX)),
    }
}

/// `first` a second for half an hour, then twice as many for the next, up to the table's quota.
fn on_demand_seconds(units: u64, first: u64) -> u64 {
    let (mut left, mut rate, mut seconds) = (units, first, 0);
    while rate < TABLE_UNITS_MAX && left > rate * DOUBLING_SECONDS {
        left -= rate * DOUBLING_SECONDS;
        seconds += DOUBLING_SECONDS;
        rate = (rate * 2).min(TABLE_UNITS_MAX);
    }
    seconds + left.div_ceil(rate)
}

fn basis(load: &Load, capacity: Capacity, planned: &plan::Pace, limit: Limit) -> String {
    match (limit, capacity) {
        (Limit::Plan, _) => format!(
            "the plan allows {} write units a second",
            planned.max_write_units.unwrap_or_default()
        ),
        (Limit::PartitionKeyValue, _) => format!(
            "one partition key value takes {} of the write units, and DynamoDB takes {PARTITION_WRITES_MAX} a second of one",
            load.hottest_units.unwrap_or_default()
        ),
        (_, Capacity::Provisioned { write_units, .. }) => {
            format!("the table provides {write_units} write units a second")
        }
        (_, Capacity::OnDemand) => format!(
            "a new on-demand table takes {} write units a second, and twice as many after each half hour, up to \
             {TABLE_UNITS_MAX}",
            writes_first(planned)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(write_units: u64, hottest_units: Option<u64>) -> Load {
        Load {
            items: write_units,
            bytes: write_units * 500,
            write_units,
            hottest_units,
            is_exact: true,
        }
    }

    fn provisioned(read_units: u64, write_units: u64) -> Capacity {
        Capacity::Provisioned {
            read_units,
            write_units,
        }
    }

    #[test]
    fn time_follows_capacity_by_hand() {
        use Limit::{OnDemand, PartitionKeyValue, Provisioned};
        // On demand: 7.2 million units in the first half hour (4,000/s), 14.4 in the second (8,000/s), 28.8 in the third
        // (16,000/s), 57.6 in the fourth (32,000/s), from then on 40,000/s.
        let cases = [
            (1, None, Capacity::OnDemand, 1, OnDemand),
            (100_871, None, Capacity::OnDemand, 26, OnDemand),
            (7_200_000, None, Capacity::OnDemand, 1_800, OnDemand),
            (7_208_000, None, Capacity::OnDemand, 1_801, OnDemand),
            (20_000_000, None, Capacity::OnDemand, 1_800 + 1_600, OnDemand),
            (108_000_000, None, Capacity::OnDemand, 7_200, OnDemand),
            (108_400_000, None, Capacity::OnDemand, 7_210, OnDemand),
            (100_871, None, provisioned(5, 2_000), 51, Provisioned),
            (100_871, None, provisioned(5, 1), 100_871, Provisioned),
            (100_871, Some(60_000), Capacity::OnDemand, 60, PartitionKeyValue),
            (100_871, Some(60_000), provisioned(5, 1_000), 101, Provisioned),
            (0, None, Capacity::OnDemand, 0, OnDemand),
        ];
        for (units, hottest, capacity, seconds, limit) in cases {
            let pace = write_pace(&load(units, hottest), capacity, &plan::Pace::default());
            assert_eq!(
                (pace.seconds, pace.limit),
                (seconds, limit),
                "{units} {hottest:?} {capacity:?}"
            );
        }
        let share = plan::Pace {
            max_write_units: Some(100),
            warm_write_units: None,
        };
        for (capacity, seconds, limit) in [
            (Capacity::OnDemand, 1_009, Limit::Plan),
            (provisioned(5, 50), 2_018, Provisioned),
        ] {
            let pace = write_pace(&load(100_871, None), capacity, &share);
            assert_eq!((pace.seconds, pace.limit), (seconds, limit));
        }
        let warm = plan::Pace {
            max_write_units: None,
            warm_write_units: Some(20_000),
        };
        let pace = write_pace(&load(100_000, None), Capacity::OnDemand, &warm);
        assert_eq!(pace.seconds, 5);
        // 12,000/s for half an hour are 21.6 million, then 24,000/s.
        assert_eq!(read_seconds(12_313, Capacity::OnDemand), 2);
        assert_eq!(read_seconds(21_624_000, Capacity::OnDemand), 1_801);
        assert_eq!(read_seconds(12_313, provisioned(100, 1)), 124);
    }

    #[test]
    fn money_is_what_a_person_works_out() {
        let region: Region = "us-east-1".parse().unwrap();
        let prices = Prices::default();
        let mut table: TablePlan = serde_json::from_value(serde_json::json!({
            "source": "tvshows.titles", "target": "titles", "capacity": {"mode": "on_demand"},
            "key": {"partition": {"column": "id", "attribute_type": "N"}, "sort": null},
            "columns": [], "objects": [], "rows": 100_871,
        }))
        .unwrap();
        let of = |capacity, region: &Region| {
            Estimate::new([(&table, capacity, load(100_871, None))], region, &prices)
        };
        // On demand: 100,871 × 0.625/million = 0.063044375. 50,435,500 bytes are 12,314 units of 4,096, × 0.125/million
        // = 0.00153925. Together 0.064583625.
        let on_demand = of(Capacity::OnDemand, &region);
        assert_eq!(on_demand.cost(), Some(Money::from_nanos(64_583_625)));
        assert_eq!(
            (on_demand.write_units(), on_demand.write_seconds()),
            (100_871, Some(26))
        );
        assert_eq!(on_demand.tables[0].ways[0].read_units, 12_314);
        // Provisioned, 10 written and 1 read a second: 10,088 s and 12,314 s are 22,402 s, so 7 hours begun.
        // 10 × 7 × 0.00065 = 0.0455; 1 × 7 × 0.00013 = 0.00091.
        let slow = of(provisioned(1, 10), &region);
        let cost = slow.tables[0].ways[0].cost.unwrap();
        assert_eq!(cost.write, Money::from_nanos(45_500_000));
        assert_eq!(cost.read_back, Money::from_nanos(910_000));
        // A Region without a price has an estimate without money.
        let elsewhere = of(Capacity::OnDemand, &"ap-south-1".parse().unwrap());
        assert_eq!((elsewhere.cost(), elsewhere.write_units()), (None, 100_871));
        assert_eq!(elsewhere.prices, None);
        // An import: 50,435,500 bytes are 0.04697… GiB, × 0.15 = 0.007045758, rounded up; no units.
        table.way = plan::Way::Import {
            bucket: "work".into(),
            prefix: String::new(),
        };
        let imported = Estimate::new(
            [(&table, Capacity::OnDemand, load(100_871, None))],
            &region,
            &prices,
        );
        assert_eq!((imported.write_units(), imported.write_seconds()), (0, None));
        let advice = |units| {
            let estimate = Estimate::new(
                [(&table, Capacity::OnDemand, load(units, None))],
                &region,
                &prices,
            );
            estimate.tables[0].recommended.as_ref().map(|advice| advice.way)
        };
        assert_eq!(advice(100_871), Some(By::Write), "26 seconds");
        assert_eq!(advice(10_000_000), Some(By::Import), "37 minutes");
        let [import, write] = imported.tables[0].ways.as_slice() else {
            panic!("both ways are compared");
        };
        assert_eq!((import.way, write.way), (By::Import, By::Write));
        assert_eq!(import.cost.unwrap().write, Money::from_nanos(7_045_758));
    }
}
