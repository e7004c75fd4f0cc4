//! Figures as people read them. Units stand behind a space; thousands are set apart.

use jiff::Timestamp;
use jiff::tz::Offset;

/// How much of a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// `20 Nov 2026, 08:00 UTC`
    Full,
    /// `20 Nov 2026, 08:00:12 UTC`
    Seconds,
    /// `20 Nov, 08:00`
    Short,
    /// `20 Nov, 08:00 UTC`
    ShortZone,
    /// `08:00 UTC`
    Clock,
    /// `08:00:12`
    ClockSeconds,
    /// `08:00`, for an axis.
    Hour,
    /// `20 Nov`, for an axis.
    Day,
}

impl TimeForm {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Full, "full"),
        (Self::Seconds, "seconds"),
        (Self::Short, "short"),
        (Self::ShortZone, "short-zone"),
        (Self::Clock, "clock"),
        (Self::ClockSeconds, "clock-seconds"),
        (Self::Hour, "hour"),
        (Self::Day, "day"),
    ];

    /// Its value in `data-form`.
    #[cfg(feature = "ssr")]
    pub(crate) fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(form, _)| *form == self);
        known.map_or("full", |(_, name)| name)
    }

    /// The form of that name.
    #[cfg(feature = "hydrate")]
    pub(crate) fn named(name: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known)| *known == name);
        known.map(|(form, _)| *form)
    }
}

/// `at` as it reads `offset_minutes` ahead of UTC.
pub(crate) fn time(at: Timestamp, offset_minutes: i32, is_utc: bool, form: TimeForm) -> String {
    let offset = Offset::from_seconds(offset_minutes * 60).unwrap_or(Offset::UTC);
    let time = offset.to_datetime(at);
    let zone = if is_utc { " UTC" } else { "" };
    match form {
        TimeForm::Full => format!("{}{zone}", time.strftime("%-d %b %Y, %H:%M")),
        TimeForm::Seconds => format!("{}{zone}", time.strftime("%-d %b %Y, %H:%M:%S")),
        TimeForm::Short => time.strftime("%-d %b, %H:%M").to_string(),
        TimeForm::ShortZone => format!("{}{zone}", time.strftime("%-d %b, %H:%M")),
        TimeForm::Clock => format!("{}{zone}", time.strftime("%H:%M")),
        TimeForm::ClockSeconds => time.strftime("%H:%M:%S").to_string(),
        TimeForm::Hour => time.strftime("%H:%M").to_string(),
        TimeForm::Day => time.strftime("%-d %b").to_string(),
    }
}

/// A length of time in its two largest units: `1 h 4 min`, `12 min`, `45 s`.
pub(crate) fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let parts: [(i64, &str); 2] = match (days, hours, minutes) {
        (0, 0, 0) => [(seconds, "s"), (0, "")],
        (0, 0, minutes) if minutes < 10 => [(minutes, "min"), (seconds % 60, "s")],
        (0, 0, minutes) => [(minutes, "min"), (0, "")],
        (0, hours, minutes) => [(hours, "h"), (minutes, "min")],
        (days, hours, _) => [(days, "d"), (hours, "h")],
    };
    let [first, second] = parts;
    if second.0 == 0 {
        format!("{} {}", first.0, first.1)
    } else {
        format!("{} {} {} {}", first.0, first.1, second.0, second.1)
    }
}

/// `12 min ago`, `just now`.
pub(crate) fn ago(seconds: i64) -> String {
    match seconds {
        ..10 => "just now".to_owned(),
        10..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        _ => format!("{} ago", duration(seconds)),
    }
}

/// `100,871`
#[cfg(feature = "ssr")]
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 object`, `4 objects`
#[cfg(feature = "ssr")]
pub(crate) fn counted(number: u64, singular: &str, plural: &str) -> String {
    format!(
        "{} {}",
        count(number),
        if number == 1 { singular } else { plural }
    )
}

/// `2.6 MB`: decimal units, as AWS bills them.
#[cfg(feature = "ssr")]
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut scaled = number;
    let mut tenths = 0;
    while scaled >= 1000 && unit + 1 < UNITS.len() {
        tenths = scaled % 1000 / 100;
        scaled /= 1000;
        unit += 1;
    }
    if unit > 0 && scaled < 100 {
        format!("{scaled}.{tenths} {}", UNITS[unit])
    } else {
        format!("{} {}", count(scaled), UNITS[unit])
    }
}

/// A fraction of a whole in percent, never more than 100; an empty whole is done.
#[cfg(feature = "ssr")]
pub(crate) fn percent(part: u64, whole: u64) -> u64 {
    (part.saturating_mul(100))
        .checked_div(whole)
        .unwrap_or(100)
        .min(100)
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(100_871), "100,871");
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(2_621_440), "2.6 MB");
        assert_eq!(bytes(412_000_000), "412 MB");
        assert_eq!(percent(1, 3), 33);
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(5, 3), 100);
    }

    #[test]
    fn durations_keep_their_two_largest_units() {
        for (seconds, text) in [
            (-5, "0 s"),
            (45, "45 s"),
            (95, "1 min 35 s"),
            (720, "12 min"),
            (3600, "1 h"),
            (3840, "1 h 4 min"),
            (14_640, "4 h 4 min"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(ago(3), "just now");
        assert_eq!(ago(61), "1 min ago");
        assert_eq!(ago(7260), "2 h 1 min ago");
    }

    #[test]
    fn a_time_is_written_in_its_zone() {
        let at: Timestamp = "2026-11-20T08:00:12Z".parse().unwrap();
        assert_eq!(time(at, 0, true, TimeForm::Full), "20 Nov 2026, 08:00 UTC");
        assert_eq!(time(at, 330, false, TimeForm::Clock), "13:30");
        assert_eq!(time(at, -540, false, TimeForm::Short), "19 Nov, 23:00");
    }
}
