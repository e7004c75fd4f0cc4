//! Where somebody goes after signing in: a path of this server, never anywhere else.

/// Longer paths are not remembered.
const LENGTH_MAX: usize = 2048;

/// `next` if it is a path of this server, else the overview.
pub fn path(next: Option<&str>) -> &str {
    next.filter(|next| is_own(next)).unwrap_or("/")
}

fn is_own(next: &str) -> bool {
    // `//host`, `/\host` and control characters are how browsers are led elsewhere (they read `\` as `/` and drop
    // tabs and newlines); only a plain absolute path passes.
    let plain = next.len() <= LENGTH_MAX
        && next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(['\\', '#'])
        && next.bytes().all(|b| b.is_ascii_graphic());
    let path = next.split('?').next().unwrap_or_default();
    plain && !matches!(path, "/sign-in" | "/sign-out") && !path.starts_with("/api/")
}

/// The sign-in page that leads back to `next`.
pub fn sign_in(next: &str, error: Option<&str>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(error) = error {
        query.append_pair("error", error);
    }
    if is_own(next) && next != "/" {
        query.append_pair("next", next);
    }
    let query = query.finish();
    if query.is_empty() {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_are_gone_back_to() {
        for own in [
            "/", "/restores/r-1", "/?source=tvshows&at=1", "/recovery-points/a%20b",
        ] {
            assert_eq!(path(Some(own)), own);
        }
        for other in [
            "", "//evil.example", "/\\evil.example", "\\/evil.example", "https://evil.example",
            "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "evil.example", "/sign-in?next=/",
            "/sign-out", "/api/v1/sources", "/caf\u{e9}",
        ] {
            assert_eq!(path(Some(other)), "/", "{other:?}");
        }
        assert_eq!(path(None), "/");
        assert_eq!(
            sign_in("/a?b=c", Some("invalid")),
            "/sign-in?error=invalid&next=%2Fa%3Fb%3Dc"
        );
        assert_eq!(sign_in("/", None), "/sign-in");
    }
}
