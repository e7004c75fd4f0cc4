//! Numbers as DynamoDB holds them.

use std::fmt::Write as _;

/// Whether DynamoDB's number holds this double exactly: zero, or 1E-130 to 9.99…E125. Every double has at most 17
/// significant digits. A negative zero would lose its sign.
pub(crate) fn double_is_number(value: f64) -> bool {
    let size = value.abs();
    if size == 0.0 {
        return value.is_sign_positive();
    }
    (1e-130..1e126).contains(&size)
}

/// Appends the shortest text that reads back as this very double.
pub(crate) fn push_double(text: &mut String, value: f64) {
    if value == 0.0 {
        text.push_str(if value.is_sign_positive() { "0" } else { "-0.0" });
        return;
    }
    // Debug is Rust's shortest round-trip form, and unlike Display it uses exponents for long ones. A String takes all.
    let _ = write!(text, "{value:?}");
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
}

/// Appends a decimal without zeros that DynamoDB would trim: 1.50 is `1.5`.
pub(crate) fn push_decimal(text: &mut String, unscaled: i128, scale: u32) {
    let (mut unscaled, mut scale) = (unscaled, scale);
    while scale > 0 && unscaled % 10 == 0 {
        unscaled /= 10;
        scale -= 1;
    }
    let mut digits = itoa::Buffer::new();
    point(text, unscaled < 0, digits.format(unscaled.unsigned_abs()), scale);
}

/// Appends a decimal of any length from the digits of its unscaled value. With `trim`, without trailing zeros of the
/// fraction.
pub(crate) fn push_long_decimal(text: &mut String, unscaled: &str, scale: u32, trim: bool) {
    let (negative, mut digits) = match unscaled.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, unscaled),
    };
    let mut scale = scale;
    while trim && scale > 0 && digits.ends_with('0') && digits.len() > 1 {
        digits = &digits[..digits.len() - 1];
        scale -= 1;
    }
    if digits == "0" && trim {
        scale = 0;
    }
    point(text, negative, digits, scale);
}

fn point(text: &mut String, negative: bool, digits: &str, scale: u32) {
    let scale = scale as usize;
    if negative {
        text.push('-');
    }
    if scale == 0 {
        text.push_str(digits);
    } else if digits.len() > scale {
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        text.push_str(whole);
        text.push('.');
        text.push_str(fraction);
    } else {
        text.push_str("0.");
        text.extend(std::iter::repeat_n('0', scale - digits.len()));
        text.push_str(digits);
    }
}

/// The whole number that a decimal text is at `scale`: `1.5` at scale 2 is 150. `None` where it is not exact, not a
/// number, or beyond 38 digits and some.
pub(crate) fn unscaled(text: &str, scale: u32) -> Option<i128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        if !digit.is_ascii_digit() {
            return None;
        }
        let digit = i128::from(digit - b'0');
        // Downwards, because the least number has no positive counterpart.
        value = value.checked_mul(10)?.checked_sub(digit)?;
    }
    let mut shift = exponent - i64::try_from(fraction.len()).ok()? + i64::from(scale);
    while shift > 0 && value != 0 {
        value = value.checked_mul(10)?;
        shift -= 1;
    }
    while shift < 0 && value != 0 {
        if value % 10 != 0 {
            return None;
        }
        value /= 10;
        shift += 1;
    }
    if negative {
        Some(value)
    } else {
        value.checked_neg()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(push: impl FnOnce(&mut String)) -> String {
        let mut text = String::new();
        push(&mut text);
        text
    }

    #[test]
    fn decimals_are_written_as_dynamodb_keeps_them() {
        let cases = [
            (0, 2, "0"),
            (150, 2, "1.5"),
            (-5, 3, "-0.005"),
            (100, 0, "100"),
            (i128::MIN, 0, "-170141183460469231731687303715884105728"),
            (18_446_744_073_709_551_615, 0, "18446744073709551615"),
            (10i128.pow(38) - 1, 38, "0.99999999999999999999999999999999999999"),
        ];
        for (value, scale, text) in cases {
            assert_eq!(text_of(|text| push_decimal(text, value, scale)), text);
            assert_eq!(unscaled(text, scale), Some(value), "{text}");
            let long = text_of(|text| push_long_decimal(text, &value.to_string(), scale, true));
            assert_eq!(long, text);
        }
        assert_eq!(text_of(|text| push_long_decimal(text, "150", 2, false)), "1.50");
        assert_eq!(text_of(|text| push_long_decimal(text, "0", 2, false)), "0.00");
    }

    #[test]
    fn every_spelling_of_a_number_reads_as_the_same_one() {
        for text in ["1500", "1.5E3", "1.5e+3", "15E+2", "1500.00", "+1500"] {
            assert_eq!(unscaled(text, 0), Some(1500), "{text}");
        }
        assert_eq!(unscaled("1.5", 0), None);
        assert_eq!(unscaled("1.5E-1", 2), Some(15));
        for text in ["", "-", ".", "1x", "0x1", "1E", "NaN"] {
            assert_eq!(unscaled(text, 0), None, "{text}");
        }
    }

    #[test]
    fn doubles_beyond_dynamodb_are_known_and_all_read_back() {
        assert!(double_is_number(0.0) && double_is_number(1e-130) && double_is_number(-9.99e125));
        for value in [
            -0.0,
            1e126,
            9e-131,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::INFINITY,
            f64::NAN,
        ] {
            assert!(!double_is_number(value), "{value}");
        }
        for value in [
            0.1,
            -0.0,
            1e22,
            123_456_789.0,
            f64::MAX,
            5e-324,
            f64::NEG_INFINITY,
        ] {
            let back: f64 = text_of(|text| push_double(text, value)).parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits());
        }
        assert_eq!(text_of(|text| push_double(text, 3.0)), "3");
        assert_eq!(text_of(|text| push_double(text, 0.0)), "0");
    }
}
