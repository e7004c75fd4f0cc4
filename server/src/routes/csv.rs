//! Tables as CSV: RFC 4180, written while they are read, and harmless in a spreadsheet.

use std::io;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _, stream};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use tokio_util::sync::CancellationToken;
use workflow::Error;

/// Rows that are written at once.
const ROWS_AT_ONCE: usize = 100;

/// Answers a table of that name: a line of `header`, then one for each row.
///
/// A table that cannot be read to its end breaks the answer off, so that nobody takes a part for the whole; so does a stop
/// of the server.
pub fn table<const N: usize>(
    name: &'static str,
    header: [&str; N],
    rows: impl Stream<Item = Result<[String; N], Error>> + Send + 'static,
    stop: CancellationToken,
) -> Response {
    let head = Bytes::from(line(&header));
    let writing = Writing {
        name,
        rows: rows.ready_chunks(ROWS_AT_ONCE).boxed(),
        stop,
    };
    let rows = stream::unfold(Some(writing), |writing| async move { writing?.next().await });
    // Compression asks once more behind the end.
    let body = stream::once(async move { Ok::<_, io::Error>(head) })
        .chain(rows)
        .fuse();
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// A table on its way.
struct Writing<const N: usize> {
    name: &'static str,
    rows: BoxStream<'static, Vec<Result<[String; N], Error>>>,
    stop: CancellationToken,
}

impl<const N: usize> Writing<N> {
    /// The next lines, and what goes on after them.
    async fn next(mut self) -> Option<(io::Result<Bytes>, Option<Self>)> {
        let lines = match self.stop.run_until_cancelled(self.rows.next()).await {
            Some(None) => return None,
            Some(Some(rows)) => rows
                .into_iter()
                .map(|row| row.map(|row| line(&row)))
                .collect::<Result<String, Error>>()
                .map_err(|error| error.to_string()),
            None => Err("the server stops".to_owned()),
        };
        match lines {
            Ok(lines) => Some((Ok(lines.into()), Some(self))),
            Err(cause) => {
                tracing::warn!(table = self.name, cause, "a table was broken off");
                Some((Err(io::Error::other(cause)), None))
            }
        }
    }
}

/// Cells as one line.
fn line(cells: &[impl AsRef<str>]) -> String {
    let cells: Vec<String> = cells.iter().map(|text| cell(text.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

/// A cell. What a spreadsheet would take for a formula gets an apostrophe before it, which makes it text
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guard = if is_formula { "'" } else { "" };
    if is_formula || text.contains([',', '"', '\r', '\n']) || text.trim() != text {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_formulas_are_text() {
        for (text, written) in [
            ("tvshows", "tvshows"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            (" space", "\" space\""),
            ("=1+1", "\"'=1+1\""),
            ("-2", "\"'-2\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("+cmd|' /C calc'!A0", "\"'+cmd|' /C calc'!A0\""),
            ("\t=1", "\"'\t=1\""),
            ("2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z"),
        ] {
            assert_eq!(cell(text), written);
        }
        assert_eq!(line(&["a", "b,c"]), "a,\"b,c\"\r\n");
    }

    #[tokio::test]
    async fn a_table_that_breaks_off_is_no_whole_answer() {
        let whole = [Ok(["1".to_owned()]), Ok(["2".to_owned()])];
        let stop = CancellationToken::new();
        let answer = table("t", ["n"], stream::iter(whole), stop.clone());
        let body = axum::body::to_bytes(answer.into_body(), 999).await.unwrap();
        assert_eq!(body, "n\r\n1\r\n2\r\n");
        let broken = [Ok(["1".to_owned()]), Err(Error::Invalid("no".to_owned()))];
        let answer = table("t", ["n"], stream::iter(broken), stop.clone());
        assert!(axum::body::to_bytes(answer.into_body(), 999).await.is_err());
        stop.cancel();
        let answer = table("t", ["n"], stream::pending(), stop);
        assert!(axum::body::to_bytes(answer.into_body(), 999).await.is_err());
    }
}
