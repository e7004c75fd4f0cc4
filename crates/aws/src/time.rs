//! Times at the border: the SDK's to ours and back.

use aws_smithy_types::DateTime;
use jiff::Timestamp;

/// The SDK's time as ours; `None` for one that ours cannot hold (beyond the year 9999).
pub(crate) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// Our time as the SDK's, in whole seconds.
pub(crate) fn date_time(time: Timestamp) -> DateTime {
    DateTime::from_secs(time.as_second())
}
