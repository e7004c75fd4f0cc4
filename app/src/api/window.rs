//! The stretch of time that the overview shows.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::ui::format::{self, TimeForm};

/// The longest window: a quarter of hourly recovery points is read at once.
const DAYS_MAX: i64 = 92;

/// A window of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Window {
    /// The last six hours.
    Hours6,
    /// The last day.
    #[default]
    Hours24,
    /// The last week.
    Days7,
    /// The last five weeks.
    Days35,
    /// From one moment to another.
    Between {
        /// Its begin.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
    },
}

impl Window {
    /// The windows that end now, the shortest first.
    pub const ALL: [Self; 4] = [Self::Hours6, Self::Hours24, Self::Days7, Self::Days35];

    /// Its value in the address; one between two moments is an interval of ISO 8601.
    pub fn name(self) -> String {
        match self {
            Self::Hours6 => "6h".to_owned(),
            Self::Hours24 => "24h".to_owned(),
            Self::Days7 => "7d".to_owned(),
            Self::Days35 => "35d".to_owned(),
            Self::Between { from, to } => format!("{from}/{to}"),
        }
    }

    /// Its name on the switch.
    pub fn label(self) -> &'static str {
        match self {
            Self::Hours6 => "6 h",
            Self::Hours24 => "24 h",
            Self::Days7 => "7 d",
            Self::Days35 => "35 d",
            Self::Between { .. } => "Custom",
        }
    }

    /// Its name in a sentence.
    pub fn words(self) -> String {
        match self {
            Self::Hours6 => "last 6 hours".to_owned(),
            Self::Hours24 => "last 24 hours".to_owned(),
            Self::Days7 => "last 7 days".to_owned(),
            Self::Days35 => "last 35 days".to_owned(),
            Self::Between { from, to } => {
                let time = |at| format::time(at, 0, true, TimeForm::ShortZone);
                format!("window from {} to {}", time(from), time(to))
            }
        }
    }

    /// Its begin and end.
    pub fn bounds(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let hours = match self {
            Self::Hours6 => 6,
            Self::Hours24 => 24,
            Self::Days7 => 7 * 24,
            Self::Days35 => 35 * 24,
            Self::Between { from, to } => return (from, to),
        };
        (now - SignedDuration::from_hours(hours), now)
    }

    /// Whether it ends now.
    pub fn ends_now(self) -> bool {
        !matches!(self, Self::Between { .. })
    }

    /// Sources on a page: fewer where there is more of each to read.
    pub fn sources_per_page(self) -> usize {
        match self {
            Self::Hours6 | Self::Hours24 => 20,
            Self::Days7 => 10,
            Self::Days35 | Self::Between { .. } => 4,
        }
    }

    /// The window of an address: by its name, or by the two fields of the form. The default where it names none.
    pub fn asked(
        name: Option<&str>,
        from: Option<&str>,
        to: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, String> {
        let written = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        if let (Some(from), Some(to)) = (written(from), written(to)) {
            return Self::between(&from, &to, now);
        }
        let Some(name) = written(name) else {
            return Ok(Self::default());
        };
        if let Some(window) = Self::ALL.into_iter().find(|window| window.name() == name) {
            return Ok(window);
        }
        match name.split_once('/') {
            Some((from, to)) => Self::between(from, to, now),
            None => Err(format!("There is no window \"{name}\".")),
        }
    }

    fn between(from: &str, to: &str, now: Timestamp) -> Result<Self, String> {
        let (from, to) = (moment(from)?, moment(to)?.min(now));
        if from >= to {
            return Err("A window begins before it ends, and before now.".to_owned());
        }
        if to.duration_since(from) > SignedDuration::from_hours(DAYS_MAX * 24) {
            return Err(format!("A window has at most {DAYS_MAX} days."));
        }
        Ok(Self::Between { from, to })
    }
}

/// A moment as fields for date and time send it (`2026-11-20T08:00`, meant in UTC), or as RFC 3339.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let local = text.parse::<DateTime>().ok();
    local
        .and_then(|time| time.to_zoned(TimeZone::UTC).ok())
        .map(|time| time.timestamp())
        .ok_or_else(|| format!("\"{text}\" is no date and time, as in 2026-11-20T08:00."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-20T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_address_names_a_window_or_none() {
        let asked = |name: &str| Window::asked(Some(name), None, None, now());
        assert_eq!(asked(""), Ok(Window::Hours24));
        for window in Window::ALL {
            assert_eq!(asked(&window.name()), Ok(window));
        }
        assert_eq!(asked("8h"), Err("There is no window \"8h\".".to_owned()));
    }

    #[test]
    fn a_window_between_two_moments_keeps_its_name() {
        let window = Window::asked(None, Some("2026-11-01T00:00"), Some("2026-11-03T12:30"), now()).unwrap();
        assert_eq!(window.name(), "2026-11-01T00:00:00Z/2026-11-03T12:30:00Z");
        assert_eq!(Window::asked(Some(&window.name()), None, None, now()), Ok(window));
        assert_eq!(window.words(), "window from 1 Nov, 00:00 UTC to 3 Nov, 12:30 UTC");
    }

    #[test]
    fn a_window_ends_now_at_the_latest_and_holds_some_time() {
        let between = |from, to| Window::asked(None, Some(from), Some(to), now());
        let window = between("2026-11-20T00:00", "2026-12-24T00:00").unwrap();
        assert_eq!(window.bounds(now()).1, now());
        assert!(between("2026-11-20T08:00", "2026-11-20T09:00").is_err());
        assert!(between("2026-11-03T00:00", "2026-11-02T00:00").is_err());
        assert!(between("2026-01-01T00:00", "2026-11-02T00:00").is_err());
        assert_eq!(
            between("yesterday", "2026-11-02T00:00"),
            Err("\"yesterday\" is no date and time, as in 2026-11-20T08:00.".to_owned())
        );
    }
}
