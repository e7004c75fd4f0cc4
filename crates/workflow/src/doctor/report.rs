//! What was found, and what to do about it.

use std::fmt;

use aws::ErrorKind;
use serde::Serialize;

/// Everything that an examination found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether there is no error; warnings and notes do not count.
    pub healthy: bool,
    /// ARN of whoever looked; what he may not see is told as a finding.
    pub examined_as: Option<String>,
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
    /// What was looked at.
    pub checked: Vec<Checked>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable name for scripts: `bucket_versioning`, `replication_rule`, …
    pub check: &'static str,
    /// What it is about, with its Region.
    pub subject: String,
    /// What is wrong with it, and what follows from that.
    pub cause: String,
    /// What to do.
    pub fix: String,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The check's name.
    pub check: &'static str,
    /// What it was about.
    pub subject: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Something does not work, or data is not safe.
    Error,
    /// It works, and one day it will not; or it could not be looked at.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// The word for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Report {
    pub(super) fn new(examined_as: Option<String>, notes: Vec<Notes>) -> Self {
        let mut findings: Vec<Finding> = Vec::new();
        let mut checked = Vec::new();
        for part in notes {
            findings.extend(part.findings);
            checked.extend(part.checked);
        }
        findings.sort_by_key(|finding| finding.severity);
        Self {
            healthy: findings.iter().all(|finding| finding.severity != Severity::Error),
            examined_as,
            findings,
            checked,
        }
    }

    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}

/// What one part of the examination notes down.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    findings: Vec<Finding>,
    checked: Vec<Checked>,
}

/// One check of one subject, which is noted as looked at as soon as it is begun.
pub(super) struct Check<'a> {
    notes: &'a mut Notes,
    name: &'static str,
    subject: String,
}

impl Notes {
    /// Begins a check.
    pub(super) fn check(&mut self, check: &'static str, subject: impl fmt::Display) -> Check<'_> {
        let subject = subject.to_string();
        self.checked.push(Checked {
            check,
            subject: subject.clone(),
        });
        Check {
            notes: self,
            name: check,
            subject,
        }
    }

    /// All parts in one.
    pub(super) fn joined(parts: Vec<Self>) -> Self {
        let mut whole = Self::default();
        for part in parts {
            whole.findings.extend(part.findings);
            whole.checked.extend(part.checked);
        }
        whole
    }
}

impl Check<'_> {
    pub(super) fn error(self, cause: impl Into<String>, fix: impl Into<String>) {
        self.found(Severity::Error, cause, fix);
    }

    pub(super) fn warning(self, cause: impl Into<String>, fix: impl Into<String>) {
        self.found(Severity::Warning, cause, fix);
    }

    pub(super) fn note(self, cause: impl Into<String>, fix: impl Into<String>) {
        self.found(Severity::Note, cause, fix);
    }

    fn found(self, severity: Severity, cause: impl Into<String>, fix: impl Into<String>) {
        self.notes.findings.push(Finding {
            severity,
            check: self.name,
            subject: self.subject,
            cause: cause.into(),
            fix: fix.into(),
        });
    }

    /// A call of the server's own that failed: then it fails for the server, too.
    pub(super) fn call_failed(self, error: &aws::Error, action: &str, missing: &str) {
        let fix = match error.kind {
            ErrorKind::NotFound => missing.to_owned(),
            ErrorKind::AccessDenied => format!(
                "Allow {action} on it to the server's role, and to whoever runs this; service.yaml and readers.yaml in \
                 infra/cloudformation have the policies. With a key policy or a bucket policy of your own, look there too."
            ),
            ErrorKind::WrongRegion => "Correct the Region in data-restore.toml.".to_owned(),
            _ => error
                .hint()
                .unwrap_or("Try again; if it stays, look at AWS's service health.")
                .to_owned(),
        };
        self.error(error.to_string(), fix);
    }

    /// A call that only this examination makes and that failed: what it asks for stays unknown.
    pub(super) fn unseen(self, error: &aws::Error, action: &str) {
        self.warning(
            format!("It could not be looked at: {error}"),
            format!("Run this with credentials that may {action}; the role in infra/cloudformation/readers.yaml does."),
        );
    }
}
