//! The pages' scripts, styles and images.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::failure::{Failure, Result};

/// Where the files are: as configured; else `LEPTOS_SITE_ROOT`; else beside the program as it is installed or built.
pub fn site_root(configured: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = configured {
        if path.is_dir() {
            return Ok(path.to_owned());
        }
        return Err(Failure::new(
            "site_root",
            format!("The pages' folder {} is not there", path.display()),
        )
        .hint("Correct server.site_root, or build the pages with `cargo xtask build`."));
    }
    let beside = std::env::current_exe().ok();
    let beside = beside.as_deref().and_then(Path::parent);
    let places = [
        std::env::var_os("LEPTOS_SITE_ROOT").map(PathBuf::from),
        beside.map(|folder| folder.join("../share/data-restore/site")),
        // target/debug/data-restore and target/site.
        beside.map(|folder| folder.join("../site")),
        Some(PathBuf::from("target/site")),
    ];
    Ok(places
        .into_iter()
        .flatten()
        .find(|path| path.is_dir())
        .unwrap_or_else(|| {
            tracing::warn!("the pages' files are not there: pages work without scripts and styles; `cargo xtask build` makes them");
            PathBuf::from("target/site")
        }))
}

/// The file that a request names, if there is one: precompressed where that is there, with an entity tag, to be
/// asked for again each time (names carry no hash), which costs one 304.
pub async fn file(root: &str, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let tag = entity_tag(root, uri).await?;
    let given = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let unchanged = given.is_some_and(|given| given.split(',').any(|known| known.trim() == tag));
    let mut response = if unchanged {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let mut inner = Request::new(Body::empty());
        *inner.method_mut() = method.clone();
        *inner.uri_mut() = uri.clone();
        *inner.headers_mut() = headers.clone();
        let service = ServeDir::new(root)
            .precompressed_br()
            .precompressed_gzip()
            .append_index_html_on_directories(false);
        let response = service.oneshot(inner).await.ok()?.map(Body::new);
        if response.status() == StatusCode::NOT_FOUND {
            return None;
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    Some(response)
}

/// A weak tag of the file's time and size: one for all its encodings.
async fn entity_tag(root: &str, uri: &Uri) -> Option<String> {
    let path = uri.path().trim_start_matches('/');
    let plain = !path.is_empty()
        && path
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.'))
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_'));
    if !plain {
        return None;
    }
    let facts = tokio::fs::metadata(Path::new(root).join(path)).await.ok()?;
    let changed = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    facts
        .is_file()
        .then(|| format!("W/\"{:x}-{:x}\"", changed.as_nanos(), facts.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_served_compressed_and_tagged_and_nothing_outside_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("site");
        std::fs::create_dir_all(root.join("pkg")).unwrap();
        std::fs::write(root.join("pkg/a.js"), "plain").unwrap();
        std::fs::write(root.join("pkg/a.js.br"), "brotli").unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        let root = root.to_str().unwrap();
        let ask = |path: &str, header: Option<(&'static str, String)>| {
            let uri: Uri = path.parse().unwrap();
            let mut headers = HeaderMap::new();
            if let Some((name, value)) = header {
                headers.insert(name, value.parse().unwrap());
            }
            async move { file(root, &Method::GET, &uri, &headers).await }
        };
        let plain = ask("/pkg/a.js", None).await.unwrap();
        let tag = plain.headers()[ETAG].to_str().unwrap().to_owned();
        assert_eq!(
            axum::body::to_bytes(plain.into_body(), 99).await.unwrap(),
            "plain"
        );
        let brotli = ask("/pkg/a.js", Some(("accept-encoding", "br".into())))
            .await
            .unwrap();
        assert_eq!(brotli.headers()["content-encoding"], "br");
        let again = ask("/pkg/a.js", Some(("if-none-match", tag))).await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        for outside in [
            "/", "/pkg", "/pkg/", "/../secret", "/%2e%2e/secret", "/pkg/../../secret", "/none",
        ] {
            assert!(ask(outside, None).await.is_none(), "{outside}");
        }
    }
}
