//! Appending to the chain: the sequence number is taken by a conditional write, so that the chain has no forks,
//! however many processes append.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rand::Rng;
use recovery::actor::{Actor, Permission};
use recovery::audit::{AuditEntry, Phase};
use recovery::page::Page;
use tokio::sync::Mutex;

use super::canonical::{GENESIS, hash};
use crate::control::{Change, Control, Key, Listing, Row};
use crate::ctx::Ctx;
use crate::error::{Error, Result};
use crate::query::{AuditQuery, page_size};

/// Tries to get the next sequence number, against other processes that append at the same moment.
const TRIES_MAX: u32 = 50;

/// Entries that one page may look at while it searches for a subject; the rest is behind its cursor.
const EXAMINED_MAX: usize = 5_000;

/// Entries that are read at a time while a subject is searched for.
const READ_AT_A_TIME: usize = 500;

/// Longest texts that an entry keeps: an item has its limit, and a log is read by people.
const TEXT_CHARS_MAX: usize = 4_000;

/// The audit log in the control table. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct AuditLog {
    control: Control,
    // One append at a time within a process: they would only get in each other's way.
    turn: Arc<Mutex<()>>,
}

/// What is to be recorded.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) actor: Actor,
    pub(crate) permission: Permission,
    pub(crate) subject: String,
    pub(crate) phase: Phase,
    pub(crate) reason: Option<String>,
    pub(crate) detail: String,
    pub(crate) request_id: Option<String>,
}

impl Happened {
    pub(crate) fn new(
        ctx: &Ctx,
        permission: Permission,
        subject: &(impl ToString + ?Sized),
        phase: Phase,
    ) -> Self {
        Self {
            actor: ctx.actor.clone(),
            permission,
            subject: subject.to_string(),
            phase,
            reason: None,
            detail: String::new(),
            request_id: ctx.request_id.clone(),
        }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    pub(crate) fn reason(mut self, reason: Option<String>) -> Self {
        self.reason = reason;
        self
    }
}

impl AuditLog {
    pub(crate) fn new(control: Control) -> Self {
        Self {
            control,
            turn: Arc::default(),
        }
    }

    /// Records what happened as the chain's next entry.
    pub(crate) async fn append(&self, happened: Happened, at: Timestamp) -> Result<AuditEntry> {
        let _turn = self.turn.lock().await;
        let mut pause = Duration::from_millis(5);
        for _ in 0..TRIES_MAX {
            let newest = self.newest().await?;
            let mut entry = AuditEntry {
                sequence: newest.as_ref().map_or(0, |entry| entry.sequence) + 1,
                at,
                actor: happened.actor.clone(),
                permission: happened.permission,
                subject: cut(&happened.subject),
                phase: happened.phase,
                reason: happened.reason.as_deref().map(cut),
                detail: cut(&happened.detail),
                request_id: happened.request_id.as_deref().map(cut),
                previous: newest.map_or_else(|| GENESIS.to_owned(), |entry| entry.hash),
                hash: String::new(),
            };
            entry.hash = hash(&entry);
            match self
                .control
                .write(vec![Change::create(Key::audit(entry.sequence), &entry)?])
                .await
            {
                Ok(()) => return Ok(entry),
                Err(error) if error.is_precondition() => {
                    let jitter = rand::rng().random_range(0.2..1.0);
                    tokio::time::sleep(pause.mul_f64(jitter)).await;
                    pause = (pause * 2).min(Duration::from_millis(200));
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Contended {
            subject: "the audit log".to_owned(),
        })
    }

    /// A page, newest first.
    pub(crate) async fn page(&self, query: &AuditQuery) -> Result<Page<AuditEntry>> {
        let limit = page_size(query.limit);
        let mut after = match &query.cursor {
            None => None,
            Some(cursor) => Some(Key::audit(cursor.parse().map_err(|_| bad_cursor(cursor))?).sk),
        };
        let read = if query.subject.is_some() {
            READ_AT_A_TIME
        } else {
            limit
        };
        let listing = Listing::all(Key::AUDIT).newest_first().limit(read);
        let mut items: Vec<AuditEntry> = Vec::new();
        let mut examined = 0;
        loop {
            let (rows, next) = self.control.page(&listing, after.as_deref()).await?;
            examined += rows.len();
            for row in &rows {
                let entry: AuditEntry = row.value()?;
                after = Some(row.sk.clone());
                if query
                    .subject
                    .as_ref()
                    .is_none_or(|subject| *subject == entry.subject)
                {
                    items.push(entry);
                    if items.len() == limit {
                        break;
                    }
                }
            }
            let is_end =
                after.as_deref() == Some(Key::audit(1).sk.as_str()) || next.is_none() && items.len() < limit;
            if is_end || after.is_none() {
                return Ok(Page {
                    items,
                    next_cursor: None,
                });
            }
            if items.len() == limit || examined >= EXAMINED_MAX {
                let cursor = after.map(|sk| sk.trim_start_matches('0').to_owned());
                return Ok(Page {
                    items,
                    next_cursor: cursor,
                });
            }
        }
    }

    /// Whether the end of what was done to `subject` with `permission` is recorded, looking back at most to its
    /// start.
    pub(crate) async fn has_end(&self, subject: &str, permission: Permission) -> Result<bool> {
        let mut query = AuditQuery {
            subject: Some(subject.to_owned()),
            ..AuditQuery::default()
        };
        loop {
            let page = self.page(&query).await?;
            for entry in page.items.iter().filter(|entry| entry.permission == permission) {
                match entry.phase {
                    Phase::Succeeded | Phase::Failed => return Ok(true),
                    Phase::Started => return Ok(false),
                    Phase::Refused => {}
                }
            }
            if page.next_cursor.is_none() {
                return Ok(false);
            }
            query.cursor = page.next_cursor;
        }
    }

    async fn newest(&self) -> Result<Option<AuditEntry>> {
        let listing = Listing::all(Key::AUDIT).newest_first().limit(1);
        let (rows, _) = self.control.page(&listing, None).await?;
        rows.first().map(Row::value).transpose()
    }
}

fn bad_cursor(cursor: &str) -> Error {
    Error::Invalid(format!("{cursor:?} is no cursor of the audit log"))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
