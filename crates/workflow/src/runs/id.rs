//! Run ids: 26 characters that sort by time, as ULIDs do.

use jiff::Timestamp;
use rand::RngCore;
use recovery::ids::RunId;

/// Crockford's alphabet in lower case: it sorts as the numbers do.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new id: 48 bits of time in milliseconds, 80 random ones.
pub(super) fn new_run_id(now: Timestamp) -> RunId {
    let mut random = [0; 16];
    rand::rng().fill_bytes(&mut random[6..]);
    let time = u64::try_from(now.as_millisecond()).unwrap_or_default();
    random[..6].copy_from_slice(&time.to_be_bytes()[2..]);
    let mut number = u128::from_be_bytes(random);
    let mut text = [0; 26];
    for place in text.iter_mut().rev() {
        *place = DIGITS[usize::try_from(number & 31).unwrap_or_default()];
        number >>= 5;
    }
    let text = String::from_utf8_lossy(&text);
    RunId::try_from(format!("r-{text}"))
        .unwrap_or_else(|_| unreachable!("26 lower-case letters and digits are what run ids allow"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_differ() {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let earlier = new_run_id(at(1_795_000_000_000));
        let later = new_run_id(at(1_795_000_000_001));
        assert!(earlier < later, "{earlier} {later}");
        assert_ne!(new_run_id(at(0)), new_run_id(at(0)));
        assert_eq!(earlier.as_str().len(), 28);
    }
}
