//! A recovery point with its steps, copies and tables: what a page shows and the API answers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::archive::Archived;
use crate::ids::{AccountId, RecoveryPointArn, RecoveryPointId, Region, SourceId};
use crate::lifecycle::Asked;
use crate::table::TableSummary;
use crate::verdict::Verdict;

/// Where a recovery point stands on its way to verified copies in every Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RecoveryPointState))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// AWS Backup is still making it.
    Creating,
    /// It waits for its export (RDS's five-export limit, or the bucket).
    AwaitingExport,
    /// RDS is exporting it.
    Exporting,
    /// The export failed; the step says why.
    ExportFailed,
    /// Exported; at least one replica has not been verified yet and may still arrive.
    Replicating,
    /// Every copy is verified.
    Verified,
    /// At least one copy is incomplete or differs.
    Incomplete,
    /// No copy is incomplete, but at least one cannot be reached.
    Unreachable,
    /// AWS Backup gave it up before it was whole (PARTIAL).
    Partial,
    /// AWS Backup copied it from another vault. The recovery point that it is of is exported; this one is not.
    Copied,
    /// Its lifecycle has ended it. Its exported copies may live on.
    Expired,
    /// It was deleted before its lifecycle would have ended it, and not by this product, which deletes none. Its exported
    /// copies may live on.
    Deleted,
}

impl State {
    /// The state's name in the API, for filters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::AwaitingExport => "awaiting_export",
            Self::Exporting => "exporting",
            Self::ExportFailed => "export_failed",
            Self::Replicating => "replicating",
            Self::Verified => "verified",
            Self::Incomplete => "incomplete",
            Self::Unreachable => "unreachable",
            Self::Partial => "partial",
            Self::Copied => "copied",
            Self::Expired => "expired",
            Self::Deleted => "deleted",
        }
    }

    /// Every state, in the order of the pipeline.
    pub const ALL: [Self; 12] = [
        Self::Creating,
        Self::AwaitingExport,
        Self::Exporting,
        Self::ExportFailed,
        Self::Replicating,
        Self::Verified,
        Self::Incomplete,
        Self::Unreachable,
        Self::Partial,
        Self::Copied,
        Self::Expired,
        Self::Deleted,
    ];

    /// Whether AWS Backup has the recovery point, whole, and made it of the source itself.
    pub fn is_held(self) -> bool {
        !matches!(
            self,
            Self::Creating | Self::Partial | Self::Copied | Self::Expired | Self::Deleted
        )
    }
}

/// One copy of an export: `s3://bucket/prefix` in one Region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = RegionalCopy))]
pub struct Copy {
    /// The Region of the bucket.
    pub region: Region,
    /// The account that owns the bucket.
    pub account: AccountId,
    /// The bucket.
    pub bucket: String,
    /// The key prefix of the export, with its label and without a trailing slash.
    pub prefix: String,
    /// Whether this is the export itself and not a replica.
    pub is_export: bool,
    /// What the last check found.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// When the verdict was last found or confirmed.
    pub checked_at: Option<Timestamp>,
    /// When the copy was first found `Verified`.
    pub verified_at: Option<Timestamp>,
    /// What the verdict rests on.
    pub evidence: Option<Evidence>,
    /// Where the evidence of the last check is written down, object by object.
    #[serde(default)]
    pub manifest: Option<ManifestRef>,
    /// The same of the last check that found the copy `Verified`: later checks of an export are held against it.
    #[serde(default)]
    pub verified_manifest: Option<ManifestRef>,
    /// Since when a copy that was `Verified` is known to be so no longer.
    #[serde(default)]
    pub lost_at: Option<Timestamp>,
    /// What of it lies in Glacier; `None` where it can be read at once.
    #[serde(default)]
    pub archived: Option<Archived>,
    /// What its policy's lifecycle has asked of S3.
    #[serde(default)]
    pub lifecycle: Option<Asked>,
}

impl Copy {
    /// Whether it may be restored, and can be read at once.
    pub fn is_ready(&self) -> bool {
        self.verdict.is_restorable() && !self.needs_thaw()
    }

    /// Whether something of it has to be thawed before it can be read.
    pub fn needs_thaw(&self) -> bool {
        self.archived.as_ref().is_some_and(Archived::needs_thaw)
    }

    /// `s3://bucket/prefix`, as the CLI takes it.
    pub fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }
}

/// An evidence manifest, as the record of a copy refers to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = EvidenceManifest))]
pub struct ManifestRef {
    /// Its key in the copy's bucket, and in that of every other copy.
    pub key: String,
    /// The SHA-256 that it carries and must have, hex.
    pub sha256: String,
    /// When the check was made that it tells of.
    pub checked_at: Timestamp,
}

/// The figures behind a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Evidence {
    /// Objects of the export.
    pub objects_expected: u64,
    /// Objects found in this copy.
    pub objects_found: u64,
    /// Objects proven equal, by checksum algorithm, in words: `CRC64NVME equal for 4 of 4 objects`.
    pub basis: String,
    /// Bytes found in this copy.
    pub bytes: u64,
    /// Objects that this copy has and the export has not.
    pub extra: Vec<String>,
}

/// A step of the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// AWS Backup made the recovery point.
    BackedUp,
    /// RDS exported it to Parquet.
    Exported,
    /// S3 replicated the export to a Region.
    Replicated,
    /// The copy in a Region was compared object by object.
    Verified,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It waits for the step before it.
    NotStarted,
    /// It is being done.
    InProgress,
    /// Done.
    Done,
    /// It failed; `detail` says why and what to do.
    Failed,
}

/// One step with its times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    /// Which step.
    pub step: StepName,
    /// The Region it concerns, for replication and verification.
    pub region: Option<Region>,
    /// How far it is.
    pub status: StepStatus,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Progress, outcome or failure in words.
    pub detail: String,
}

/// A recovery point and everything known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryPoint {
    /// Its label: the same in every Region.
    pub id: RecoveryPointId,
    /// What was backed up.
    pub source: SourceId,
    /// AWS Backup's ARN.
    pub arn: RecoveryPointArn,
    /// The backup vault.
    pub vault: String,
    /// The Region that AWS Backup keeps it in.
    pub region: Region,
    /// The account that owns it.
    pub account: AccountId,
    /// When AWS Backup made it.
    pub created_at: Timestamp,
    /// By how many seconds it came late, where its schedule says so and no other one had answered before.
    #[serde(default)]
    pub late_by_seconds: Option<i64>,
    /// When its lifecycle ends it; `None`: never, as far as AWS Backup says.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// When it ended. It stays in the catalogue.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// ARN of the vault that AWS Backup copied it from; `None`: it was made of the source itself.
    #[serde(default)]
    pub copied_from: Option<String>,
    /// When it was taken up from the evidence beside its copies, no vault that is looked at listing it; `None`: a vault lists
    /// it, or did.
    #[serde(default)]
    pub adopted_at: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// The pipeline's steps, in order.
    pub steps: Vec<Step>,
    /// The export and its replicas; empty until an export has begun.
    pub copies: Vec<Copy>,
    /// What the export holds; empty until it is complete.
    pub tables: Vec<TableSummary>,
}

impl RecoveryPoint {
    /// The copy in `region`, if there is one.
    pub fn copy_in(&self, region: &Region) -> Option<&Copy> {
        self.copies.iter().find(|copy| &copy.region == region)
    }

    /// Rows over all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// Bytes of Parquet over all tables.
    pub fn bytes(&self) -> u64 {
        self.tables.iter().map(|table| table.bytes).sum()
    }
}

/// The state that copies with these verdicts give an exported recovery point. Copies that their lifecycle has ended count
/// for nothing while there are others.
pub fn state_of_copies<'a>(verdicts: impl IntoIterator<Item = &'a Verdict>) -> State {
    let (mut state, mut all, mut expired) = (State::Verified, 0, 0);
    for verdict in verdicts {
        all += 1;
        expired += usize::from(verdict.is_expired());
        state = match (verdict, state) {
            (Verdict::Incomplete { .. }, _) | (_, State::Incomplete) => State::Incomplete,
            (Verdict::Unknown { .. }, _) | (_, State::Unreachable) => State::Unreachable,
            (Verdict::Pending, _) => State::Replicating,
            (Verdict::Verified | Verdict::Expired { .. }, state) => state,
        };
    }
    if all > 0 && all == expired {
        return State::Expired;
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_copy_decides_the_state() {
        let pending = Verdict::Pending;
        let verified = Verdict::Verified;
        let incomplete = Verdict::Incomplete {
            missing: vec!["a".into()],
            different: vec![],
        };
        let unknown = Verdict::Unknown {
            since: Timestamp::UNIX_EPOCH,
            cause: "timed out".into(),
        };
        assert_eq!(state_of_copies([&verified, &verified]), State::Verified);
        assert_eq!(state_of_copies([&pending, &verified]), State::Replicating);
        assert_eq!(state_of_copies([&pending, &unknown]), State::Unreachable);
        let expired = Verdict::Expired {
            at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(state_of_copies([&expired, &verified]), State::Verified);
        assert_eq!(state_of_copies([&expired, &expired]), State::Expired);
        assert_eq!(
            state_of_copies([&incomplete, &unknown, &pending]),
            State::Incomplete
        );
    }

    #[test]
    fn a_copy_reads_as_the_api_documents_it() {
        let copy = Copy {
            region: "us-west-2".parse().unwrap(),
            account: "111122223333".parse().unwrap(),
            bucket: "b".into(),
            prefix: "p/x".into(),
            is_export: false,
            verdict: Verdict::Incomplete {
                missing: vec!["a".into()],
                different: vec![],
            },
            checked_at: None,
            verified_at: None,
            evidence: None,
            manifest: None,
            verified_manifest: None,
            lost_at: None,
            archived: None,
            lifecycle: None,
        };
        let json = serde_json::to_value(&copy).unwrap();
        assert_eq!(json["verdict"], "Incomplete");
        assert_eq!(json["missing"][0], "a");
        assert_eq!(serde_json::from_value::<Copy>(json).unwrap(), copy);
    }
}
