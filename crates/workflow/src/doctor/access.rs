//! Who makes the calls, and whether his clock is right.

use aws::Cloud;
use jiff::SignedDuration;

use super::report::Notes;
use crate::settings::Settings;

/// AWS refuses signatures that are further off.
const REFUSED_FROM: SignedDuration = SignedDuration::from_mins(5);
/// A clock that is so far off will be further off tomorrow.
const DRIFTING_FROM: SignedDuration = SignedDuration::from_secs(30);

/// The notes, and the caller's ARN where there is one.
pub(super) async fn examine(cloud: &Cloud, settings: &Settings) -> (Notes, Option<String>) {
    let mut notes = Notes::default();
    let region = &settings.home_region;
    clock(&mut notes, cloud, settings).await;
    let check = notes.check(
        "credentials",
        format_args!("the credentials of this process ({region})"),
    );
    let caller = match cloud.caller_identity(region, None).await {
        Ok(caller) => caller,
        Err(error) => {
            check.error(
                error.to_string(),
                "Give this process credentials: a task role or an instance profile, AWS_PROFILE, or AWS_ACCESS_KEY_ID with its \
                 secret.",
            );
            return (notes, None);
        }
    };
    if caller.account != *settings.home_account() {
        check.error(
            format!(
                "They are those of account {}, and the first account of data-restore.toml is {}",
                caller.account,
                settings.home_account()
            ),
            "Use credentials of that account, or correct accounts in data-restore.toml.",
        );
    }
    (notes, Some(caller.arn))
}

async fn clock(notes: &mut Notes, cloud: &Cloud, settings: &Settings) {
    // An answer that took long makes the clock look ahead, by less than this counts.
    let Some(ahead) = cloud.clock_ahead(&settings.home_region).await else {
        return;
    };
    let check = notes.check("clock", "the clock of this machine");
    let seconds = ahead.as_secs();
    let (off, where_to) = (
        seconds.unsigned_abs(),
        if seconds > 0 { "ahead of" } else { "behind" },
    );
    let fix = "Let the machine follow a time server (chrony, or Amazon Time Sync at 169.254.169.123).";
    if ahead.abs() >= REFUSED_FROM {
        check.error(
            format!("It is {off} s {where_to} AWS's; AWS refuses what it signs"),
            fix,
        );
    } else if ahead.abs() >= DRIFTING_FROM {
        check.warning(
            format!("It is {off} s {where_to} AWS's; from 300 s on, AWS refuses what it signs"),
            fix,
        );
    }
}
