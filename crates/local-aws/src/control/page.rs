//! Pages of a list: a token names the last item given, so that a list may grow meanwhile.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

/// One page of `items` after the one that `token` names, and the token of the next page. `None` if the token is none
/// that this list gave.
pub fn page<T>(
    items: Vec<T>,
    token: Option<&str>,
    size: usize,
    id: impl Fn(&T) -> &str,
) -> Option<(Vec<T>, Option<String>)> {
    let start = match token {
        None => 0,
        Some(token) => {
            let last = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
            items.iter().position(|item| id(item) == last)? + 1
        }
    };
    let more = items.len() > start + size;
    let page: Vec<T> = items.into_iter().skip(start).take(size).collect();
    let next = page.last().filter(|_| more).map(|last| BASE64.encode(id(last)));
    Some((page, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gaps() {
        let items = || vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let (first, next) = page(items(), None, 2, |id| id).unwrap();
        assert_eq!(first, ["a", "b"]);
        let (second, end) = page(items(), next.as_deref(), 2, |id| id).unwrap();
        assert_eq!((second, end), (vec!["c".to_owned()], None));
        assert!(page(items(), Some("???"), 2, |id| id).is_none());
    }
}
