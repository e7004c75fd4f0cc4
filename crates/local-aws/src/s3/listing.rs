//! Listing keys in byte order: current objects, or every version, a page at a time, folded at a delimiter.

use rusqlite::{Transaction, params};

use super::versions::{COLUMNS, Version};
use super::{ObjectHead, S3Failure};

/// S3 gives at most this many entries a page.
pub(super) const PAGE_MAX: usize = 1000;

/// What a page is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct PageRequest {
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) delimiter: Option<String>,
    /// Entries after this key, or after this common prefix.
    pub(super) after: Option<String>,
    /// With `after`, for versions: entries after this version of that key.
    pub(super) after_version: Option<String>,
    pub(super) entries_max: usize,
}

/// A page of objects or versions and of the common prefixes between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) versions: Vec<Version>,
    pub(super) common_prefixes: Vec<String>,
    /// The last entry, where there is more: a key or a common prefix.
    pub(super) next: Option<Next>,
}

/// Where the next page goes on.
#[derive(Clone, Debug)]
pub(super) struct Next {
    pub(super) key: String,
    pub(super) version_id: Option<String>,
}

/// Which rows a listing walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// Current objects.
    Objects,
    /// Every version and delete marker, newest first within a key.
    Versions,
}

/// Every current object under `prefix`.
pub(super) fn under(
    transaction: &Transaction<'_>,
    bucket: &str,
    prefix: &str,
) -> Result<Vec<ObjectHead>, S3Failure> {
    let mut request = PageRequest {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        entries_max: PAGE_MAX,
        ..PageRequest::default()
    };
    let mut objects = Vec::new();
    loop {
        let page = page(transaction, Walk::Objects, &request)?;
        objects.extend(page.versions.into_iter().map(ObjectHead::from));
        match page.next {
            Some(next) => request.after = Some(next.key),
            None => return Ok(objects),
        }
    }
}

/// One page.
pub(super) fn page(
    transaction: &Transaction<'_>,
    walk: Walk,
    request: &PageRequest,
) -> Result<Page, S3Failure> {
    let mut page = Page::default();
    if request.entries_max == 0 {
        return Ok(page);
    }
    let mut at = Position::start(transaction, walk, request)?;
    loop {
        let wanted = request.entries_max.min(PAGE_MAX) - page.len();
        // One more than wanted tells whether there is a next page.
        let rows = at.read(transaction, walk, &request.bucket, wanted + 1)?;
        let full = rows.len() > wanted;
        let mut skipped = false;
        for version in rows {
            if !version.key.starts_with(&request.prefix) {
                return Ok(page);
            }
            if page.len() == request.entries_max.min(PAGE_MAX) {
                page.next = Some(page.last());
                return Ok(page);
            }
            if let Some(folded) = request.fold(&version.key) {
                // The rest of a common prefix is one jump, however many keys it holds.
                at = Position::after_prefix(&folded);
                page.common_prefixes.push(folded);
                skipped = true;
                break;
            }
            at = Position::after(&version);
            page.versions.push(version);
        }
        if !skipped && !full {
            return Ok(page);
        }
    }
}

impl PageRequest {
    fn fold(&self, key: &str) -> Option<String> {
        let delimiter = self
            .delimiter
            .as_deref()
            .filter(|delimiter| !delimiter.is_empty())?;
        let rest = key.strip_prefix(self.prefix.as_str())?;
        let end = rest.find(delimiter)? + delimiter.len();
        Some(format!("{}{}", self.prefix, &rest[..end]))
    }
}

impl Page {
    fn len(&self) -> usize {
        self.versions.len() + self.common_prefixes.len()
    }

    fn last(&self) -> Next {
        let version = self.versions.last();
        let prefix = self.common_prefixes.last();
        match (version, prefix) {
            (Some(version), Some(prefix)) if version.key < *prefix => Next {
                key: prefix.clone(),
                version_id: None,
            },
            (Some(version), _) => Next {
                key: version.key.clone(),
                version_id: Some(version.version_id.clone()),
            },
            (None, prefix) => Next {
                key: prefix.cloned().unwrap_or_default(),
                version_id: None,
            },
        }
    }
}

/// Where a walk stands: before the first row whose (key, seq descending) is beyond it.
struct Position {
    key: String,
    /// `key` itself is included.
    inclusive: bool,
    /// Within `key`, versions older than this one are still to come.
    below_seq: Option<i64>,
}

impl Position {
    fn start(transaction: &Transaction<'_>, walk: Walk, request: &PageRequest) -> Result<Self, S3Failure> {
        let first = Self {
            key: request.prefix.clone(),
            inclusive: true,
            below_seq: None,
        };
        let Some(after) = request
            .after
            .as_deref()
            .filter(|after| *after >= request.prefix.as_str())
        else {
            return Ok(first);
        };
        if request.fold(after).is_some_and(|folded| folded == after) {
            return Ok(Self::after_prefix(after));
        }
        let below_seq = match (walk, &request.after_version) {
            (Walk::Versions, Some(version_id)) => {
                Version::by_id(transaction, &request.bucket, after, version_id)?.map(|version| version.seq)
            }
            _ => None,
        };
        Ok(Self {
            key: after.to_owned(),
            inclusive: false,
            below_seq,
        })
    }

    fn after(version: &Version) -> Self {
        Self {
            key: version.key.clone(),
            inclusive: false,
            below_seq: Some(version.seq),
        }
    }

    /// After every key that starts with `prefix`: from the least string that sorts behind them all.
    fn after_prefix(prefix: &str) -> Self {
        let mut characters: Vec<char> = prefix.chars().collect();
        while let Some(last) = characters.pop() {
            let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
            if let Some(next) = next {
                characters.push(next);
                break;
            }
        }
        if characters.is_empty() {
            return Self {
                key: prefix.to_owned(),
                inclusive: false,
                below_seq: None,
            };
        }
        Self {
            key: characters.into_iter().collect(),
            inclusive: true,
            below_seq: None,
        }
    }

    fn read(
        &self,
        transaction: &Transaction<'_>,
        walk: Walk,
        bucket: &str,
        limit: usize,
    ) -> Result<Vec<Version>, S3Failure> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut versions = Vec::new();
        if let (Walk::Versions, Some(seq)) = (walk, self.below_seq) {
            let sql = format!(
                "SELECT {COLUMNS} FROM versions WHERE bucket = ?1 AND key = ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4"
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let rows = statement.query_map(params![bucket, self.key, seq, limit], Version::from_row)?;
            versions = rows.collect::<Result<_, _>>()?;
        }
        let from = if self.inclusive { "key >= ?2" } else { "key > ?2" };
        let sql = match walk {
            Walk::Objects => format!(
                "SELECT {COLUMNS} FROM versions WHERE bucket = ?1 AND {from} AND latest = 1 AND delete_marker = 0 \
                 ORDER BY key LIMIT ?3"
            ),
            Walk::Versions => format!(
                "SELECT {COLUMNS} FROM versions WHERE bucket = ?1 AND {from} ORDER BY key, seq DESC LIMIT ?3"
            ),
        };
        let rest = limit - i64::try_from(versions.len()).unwrap_or(0);
        if rest > 0 {
            let mut statement = transaction.prepare_cached(&sql)?;
            let rows = statement.query_map(params![bucket, self.key, rest], Version::from_row)?;
            for row in rows {
                versions.push(row?);
            }
        }
        Ok(versions)
    }
}
