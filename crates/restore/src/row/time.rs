//! Dates and times as text: `YYYY-MM-DDTHH:MM:SS[.ffffff]`.

/// The Julian day that begins at noon of 1970-01-01; INT96 counts days by its number.
const JULIAN_DAY_OF_1970: i64 = 2_440_588;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

const NANOS_PER_DAY: i64 = 86_400 * NANOS_PER_SECOND;

/// Appends the text of an instant `count` of which `per_second` make a second, since 1970-01-01T00:00:00, without a zone.
///
/// A fraction has six digits (nine for nanoseconds that need them), and none when it is zero. `None` for years before 0
/// and after 9999, which this form cannot hold.
pub(crate) fn push_instant(text: &mut String, count: i64, per_second: i64) -> Option<()> {
    let (seconds, part) = (count.div_euclid(per_second), count.rem_euclid(per_second));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    push_days(text, days)?;
    text.push('T');
    push_clock(text, second, part, per_second);
    Some(())
}

/// Appends the text of an INT96, in the same form: nanoseconds of the day, then the Julian day, both little-endian.
pub(crate) fn push_int96(text: &mut String, value: &[u8]) -> Option<()> {
    let (nanos, rest) = value.split_first_chunk::<8>()?;
    let (julian_day, _) = rest.split_first_chunk::<4>()?;
    let nanos = i64::from_le_bytes(*nanos);
    let days = i64::from(i32::from_le_bytes(*julian_day)) - JULIAN_DAY_OF_1970;
    // Some writers count beyond a day's end, or back from its beginning.
    push_days(text, days + nanos.div_euclid(NANOS_PER_DAY))?;
    text.push('T');
    let nanos = nanos.rem_euclid(NANOS_PER_DAY);
    push_clock(
        text,
        nanos / NANOS_PER_SECOND,
        nanos % NANOS_PER_SECOND,
        NANOS_PER_SECOND,
    );
    Some(())
}

/// Appends the text of a date, `days` after 1970-01-01: `YYYY-MM-DD`.
pub(crate) fn push_date(text: &mut String, days: i32) -> Option<()> {
    push_days(text, i64::from(days))
}

/// Appends the text of a time of day: `HH:MM:SS[.ffffff]`.
pub(crate) fn push_time(text: &mut String, count: i64, per_second: i64) -> Option<()> {
    let (second, part) = (count.div_euclid(per_second), count.rem_euclid(per_second));
    if !(0..86_400).contains(&second) {
        return None;
    }
    push_clock(text, second, part, per_second);
    Some(())
}

fn push_days(text: &mut String, days: i64) -> Option<()> {
    let (year, month, day) = civil(days);
    if !(0..=9999).contains(&year) {
        return None;
    }
    push_digits(text, year, 4);
    text.push('-');
    push_digits(text, month, 2);
    text.push('-');
    push_digits(text, day, 2);
    Some(())
}

fn push_clock(text: &mut String, second: i64, part: i64, per_second: i64) {
    push_digits(text, second / 3600, 2);
    text.push(':');
    push_digits(text, second / 60 % 60, 2);
    text.push(':');
    push_digits(text, second % 60, 2);
    let nanos = part * (1_000_000_000 / per_second);
    if nanos == 0 {
        return;
    }
    text.push('.');
    if nanos % 1_000 == 0 {
        push_digits(text, nanos / 1_000, 6);
    } else {
        push_digits(text, nanos, 9);
    }
}

fn push_digits(text: &mut String, number: i64, width: u32) {
    for place in (0..width).rev() {
        let digit = u8::try_from(number / 10_i64.pow(place) % 10).unwrap_or_default();
        text.push(char::from(b'0' + digit));
    }
}

/// Year, month and day, `days` after 1970-01-01, in the proleptic Gregorian calendar.
///
/// Years are counted from March, so that a leap day is the last of its year, in eras of 400 years (146,097 days).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_of(push: impl FnOnce(&mut String) -> Option<()>) -> Option<String> {
        let mut text = String::new();
        push(&mut text).map(|()| text)
    }

    #[test]
    fn boundaries_read_as_mysql_writes_them() {
        let micros = |text: &str| {
            // Civil time, for jiff's timestamps end a day before MySQL's year 9999 does.
            let at: jiff::civil::DateTime = text.parse().unwrap();
            let since = at.duration_since(jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0));
            text_of(|text| push_instant(text, i64::try_from(since.as_micros()).unwrap(), 1_000_000))
        };
        for text in [
            "1970-01-01T00:00:01", "2038-01-19T03:14:07.999999", "1000-01-01T00:00:00",
            "9999-12-31T23:59:59.000001", "2000-02-29T12:00:00", "1969-12-31T23:59:59.500000",
        ] {
            assert_eq!(micros(text).as_deref(), Some(text));
        }
        assert_eq!(text_of(|text| push_instant(text, i64::MAX, 1_000_000)), None);
        assert_eq!(
            text_of(|text| push_instant(text, 1, 1_000_000_000)).as_deref(),
            Some("1970-01-01T00:00:00.000000001")
        );
        assert_eq!(
            text_of(|text| push_date(text, -719_528)).as_deref(),
            Some("0000-01-01")
        );
        assert_eq!(
            text_of(|text| push_time(text, 86_399_000, 1_000)).as_deref(),
            Some("23:59:59")
        );
        assert_eq!(text_of(|text| push_time(text, 86_400_000, 1_000)), None);
    }

    proptest! {
        #[test]
        fn every_day_agrees_with_another_calendar(days in -719_528_i32..2_932_897) {
            let other = jiff::civil::date(1970, 1, 1) + jiff::Span::new().days(days);
            prop_assert_eq!(text_of(|text| push_date(text, days)).unwrap(), other.to_string());
        }
    }
}
