//! Compliance: what recovery points, restores, plans and vaults show of a source's controls, day by day.

mod observed;
mod report;
