//! Targets that hold items already: what they hold under the copy's keys is looked at, kept or replaced, and proven.
//!
//! Before the first row of a unit is written, the items under its rows' keys are counted and the counts recorded
//! ([`look_before`]); so a unit that is done again, after a crash or a lost answer, does not take the run's own items for
//! ones that were there. Then each row is put by itself ([`put`]), for only PutItem tells what its key held. The proof
//! reads back the copy's keys alone ([`look`]): what else the table holds is none of the restore's.

mod look;
mod put;
mod table;

use aws::Cloud;
use recovery::plan::{Existing, Plan, Unit};
use tokio_util::sync::CancellationToken;

use crate::unit::{expected, stretch};
use crate::{Error, UnitBefore, UnitResult, Writer};

use look::Look;

pub(crate) use put::put_unit;
pub(crate) use table::{differences, look_at_table};

/// What the target holds under the keys of a unit's rows, before the first of them is written.
///
/// Of a plan that [refuses](Existing::Refuse) existing items there is nothing to look at. What is read counts towards
/// the bounds of `writer`.
pub async fn look_before(
    cloud: &Cloud,
    plan: &Plan,
    unit: &Unit,
    writer: &Writer,
    cancel: &CancellationToken,
) -> Result<UnitBefore, Error> {
    let table = crate::plan::planned(plan, unit.table)?;
    let mut before = UnitBefore {
        unit: unit.index,
        ..UnitBefore::default()
    };
    if !table.existing.is_refuse() {
        let mut stretch = stretch(cloud, plan, table, unit)?;
        stretch.memory = writer.row_groups.clone();
        let look = Look::new(cloud, plan, table, 0, writer.give_up_after, cancel);
        let looked = look.at(&stretch, expected(table, unit)).await?;
        before.held.equal = looked.equal.rows();
        before.held.different = looked.different;
    }
    Ok(before)
}

/// The unit's result, by what its keys held before the run and not before its last attempt.
///
/// An earlier attempt's own items are found as equal ones, which were not there before; and of those that it replaced
/// only the look that came before it knows.
pub(crate) fn settle(existing: Existing, before: &UnitBefore, mut result: UnitResult) -> UnitResult {
    let Some(met) = &mut result.held else {
        return result;
    };
    met.equal = met.equal.min(before.held.equal);
    if existing == Existing::Overwrite {
        met.different = met.different.max(before.held.different);
    } else {
        result.items_written = result.rows_read - met.equal - met.different;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MultisetHash;
    use recovery::run::HeldBefore;

    fn settled(existing: Existing, before: (u64, u64), met: (u64, u64)) -> (u64, u64, u64) {
        let held = |(equal, different)| HeldBefore { equal, different };
        let before = UnitBefore {
            unit: 0,
            held: held(before),
        };
        let result = UnitResult {
            unit: 0,
            table: 0,
            rows_read: 100,
            items_written: if existing == Existing::Overwrite {
                100
            } else {
                100 - met.0 - met.1
            },
            bytes_written: 0,
            retries: 0,
            held: Some(held(met)),
            hash: MultisetHash::default(),
        };
        let settled = settle(existing, &before, result);
        let held = settled.held.unwrap();
        (settled.items_written, held.equal, held.different)
    }

    #[test]
    fn what_an_earlier_attempt_wrote_is_not_taken_for_what_was_there() {
        let (missing, replace) = (Existing::OnlyMissing, Existing::Overwrite);
        assert_eq!(settled(missing, (10, 5), (10, 5)), (85, 10, 5), "one attempt");
        assert_eq!(
            settled(missing, (10, 5), (70, 5)),
            (85, 10, 5),
            "60 rows were written before"
        );
        assert_eq!(
            settled(missing, (0, 0), (0, 1)),
            (99, 0, 1),
            "somebody else came first"
        );
        assert_eq!(settled(replace, (10, 5), (10, 5)), (100, 10, 5));
        assert_eq!(
            settled(replace, (10, 5), (100, 0)),
            (100, 10, 5),
            "all was replaced before"
        );
    }
}
