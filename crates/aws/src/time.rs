//! Times at the border: the SDK's to ours and back.

use aws_smithy_types::DateTime;
use jiff::{Timestamp, Unit};

/// The SDK's time as ours, to the microsecond; `None` for one that ours cannot hold (beyond the year 9999).
///
/// Services that speak JSON write seconds since 1970 as one number. What the SDK reads behind its microseconds is what a
/// floating-point number cannot hold: `1796025600.479` would be 91 ns later than the same time in text.
pub(crate) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    let time = Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()?;
    time.round(Unit::Microsecond).ok()
}

/// Our time as the SDK's, in whole seconds.
pub(crate) fn date_time(time: Timestamp) -> DateTime {
    DateTime::from_secs(time.as_second())
}
