//! What becomes of copies with time: they move to Glacier, and they end. Pure: it is told before anything is done.
//!
//! The product moves and deletes nothing itself. It tags a copy's objects ([`TAG`]), and the lifecycle rules of the bucket
//! act on the tag at the next midnight UTC or the one after. A tag's value names the bucket's Region, because S3 replicates
//! tags: what ends a copy in one Region means nothing to the rules of another.
//!
//! What a source could be restored from last in a Region is never touched, nor what object lock keeps, nor what nobody
//! knows the state of.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ids::{RecoveryPointId, Region};
use crate::point::{Copy, RecoveryPoint};
use crate::policy::Lifecycle;
use crate::verdict::Verdict;

/// The tag that the buckets' lifecycle rules go by.
pub const TAG: &str = "data-restore-lifecycle";

/// Steps of a plan that are listed; the rest is counted.
pub const STEPS_MAX: usize = 100;

/// What a lifecycle does with a copy, in S3's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LifecycleAction))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Its objects move to a Glacier class.
    Transition,
    /// Its objects end. Its evidence stays.
    Expiration,
}

impl Action {
    /// The value of [`TAG`] that asks for it in a bucket of `region`: `expiration-eu-west-1`.
    pub fn tag_value(self, region: &Region) -> String {
        format!("{}-{region}", self.name())
    }

    /// `transition` or `expiration`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transition => "transition",
            Self::Expiration => "expiration",
        }
    }

    /// In a sentence: `moves to Glacier`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Transition => "moves to Glacier",
            Self::Expiration => "ends",
        }
    }
}

/// What was asked of S3 for a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = CopyLifecycle))]
pub struct Asked {
    /// What.
    pub action: Action,
    /// Since when it is decided: no restore begins from a copy that ends.
    pub decided_at: Timestamp,
    /// When every object had its tag; `None`: not yet.
    pub tagged_at: Option<Timestamp>,
}

/// A copy that is old enough for its policy's lifecycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LifecycleStep))]
pub struct Step {
    /// The recovery point.
    pub recovery_point: RecoveryPointId,
    /// The copy's Region.
    pub region: Region,
    /// What its age asks for.
    pub action: Action,
    /// Bytes, as its last check found them.
    pub bytes: u64,
    /// Why: its age, or what spares it.
    pub why: String,
}

/// What a source's policy asks for now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LifecyclePlan))]
pub struct Plan {
    /// What is due, the newest recovery points first; at most 100.
    pub due: Vec<Step>,
    /// How many are due.
    pub due_count: u64,
    /// What is old enough and is spared, with the reason; at most 100.
    pub spared: Vec<Step>,
    /// How many are spared.
    pub spared_count: u64,
}

/// A go over a source's copies: what S3 was asked for, and what was spared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LifecycleGo))]
pub struct Go {
    /// When it began.
    pub at: Timestamp,
    /// What it did.
    #[serde(flatten)]
    pub plan: Plan,
}

/// The lifecycle of a source's copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = LifecycleReport))]
pub struct Report {
    /// What its policy asks for now, as far as the catalogue tells.
    pub now: Plan,
    /// The last time that the server acted: there is also what was spared because of a lock or a hold of S3.
    pub last: Option<Go>,
}

impl Plan {
    /// Adds what was found of a copy.
    pub fn add(&mut self, outcome: Outcome) {
        let (steps, count, step) = match outcome {
            Outcome::Nothing => return,
            Outcome::Due(step) => (&mut self.due, &mut self.due_count, step),
            Outcome::Spared(step) => (&mut self.spared, &mut self.spared_count, step),
        };
        *count += 1;
        if steps.len() < STEPS_MAX {
            steps.push(step);
        }
    }
}

/// What a copy's age asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing, or nothing more.
    Nothing,
    /// This.
    Due(Step),
    /// This, but something spares the copy.
    Spared(Step),
}

/// The age from which a lifecycle asks for anything; `None`: never.
pub fn begins_after(lifecycle: &Lifecycle) -> Option<SignedDuration> {
    [lifecycle.glacier_after_days, lifecycle.delete_after_days]
        .into_iter()
        .flatten()
        .min()
        .map(days)
}

/// What `lifecycle` asks for of the copy of `point` in `region`. `last` is the newest recovery point that the source can be
/// restored from there; `is_in_use` says that a restore reads the recovery point now.
pub fn outcome(
    point: &RecoveryPoint,
    copy: &Copy,
    lifecycle: &Lifecycle,
    last: Option<&RecoveryPointId>,
    is_in_use: bool,
    now: Timestamp,
) -> Outcome {
    let age = now.duration_since(point.created_at);
    let Some((action, after)) = asked_for(copy, lifecycle, age) else {
        return Outcome::Nothing;
    };
    let spared = if last.is_none() {
        Some(format!(
            "nothing is known in {} that {} could be restored from instead",
            copy.region, point.source
        ))
    } else if last == Some(&point.id) {
        Some(format!(
            "it is the last that {} can be restored from in {}",
            point.source, copy.region
        ))
    } else if is_in_use {
        Some("a restore reads it".to_owned())
    } else {
        spared(copy)
    };
    let is_spared = spared.is_some();
    let step = Step {
        recovery_point: point.id.clone(),
        region: copy.region.clone(),
        action,
        bytes: copy.evidence.as_ref().map_or(0, |evidence| evidence.bytes),
        why: spared.unwrap_or_else(|| {
            format!(
                "its recovery point is {} days old, and the policy says {after}",
                age.as_hours() / 24
            )
        }),
    };
    if is_spared {
        Outcome::Spared(step)
    } else {
        Outcome::Due(step)
    }
}

/// What a copy's age asks for that was not asked for yet, and the days after which.
fn asked_for(copy: &Copy, lifecycle: &Lifecycle, age: SignedDuration) -> Option<(Action, u32)> {
    let asked = copy.lifecycle.as_ref();
    let is_asked = |action| asked.is_some_and(|asked| asked.action == action && asked.tagged_at.is_some());
    let expiration = lifecycle.delete_after_days.filter(|after| age >= days(*after));
    if let Some(after) = expiration {
        return (!is_asked(Action::Expiration)).then_some((Action::Expiration, after));
    }
    let after = lifecycle.glacier_after_days.filter(|after| age >= days(*after))?;
    let is_there = copy.archived.is_some() || is_asked(Action::Transition);
    // What was decided to end is not turned back by a policy that was changed afterwards.
    let ends = asked.is_some_and(|asked| asked.action == Action::Expiration);
    (!is_there && !ends).then_some((Action::Transition, after))
}

/// Why a copy stays as it is, whatever its age.
fn spared(copy: &Copy) -> Option<String> {
    match &copy.verdict {
        Verdict::Unknown { .. } => Some("it cannot be reached".to_owned()),
        Verdict::Pending => Some("its objects are still arriving or being compared".to_owned()),
        Verdict::Incomplete { .. } => {
            Some("it is not whole; repair it first, or delete it yourself".to_owned())
        }
        Verdict::Verified | Verdict::Expired { .. } => None,
    }
}

fn days(days: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::Archived;
    use crate::point::State;

    const NOW: Timestamp = Timestamp::constant(1_795_000_000, 0);

    fn point(age_days: u32, verdict: Verdict) -> RecoveryPoint {
        let arn = format!("arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-{age_days}")
            .parse()
            .unwrap();
        let created_at = NOW - days(age_days);
        let account: crate::ids::AccountId = "111122223333".parse().unwrap();
        RecoveryPoint {
            id: crate::label::label("tvshows", created_at, &arn),
            source: "tvshows".parse().unwrap(),
            arn,
            vault: "hourly".into(),
            region: "us-east-1".parse().unwrap(),
            account: account.clone(),
            created_at,
            late_by_seconds: None,
            expires_at: None,
            ended_at: None,
            copied_from: None,
            adopted_at: None,
            state: State::Verified,
            steps: Vec::new(),
            copies: vec![Copy {
                region: "us-east-1".parse().unwrap(),
                account,
                bucket: "b".into(),
                prefix: "p".into(),
                is_export: true,
                verdict,
                checked_at: None,
                verified_at: None,
                evidence: None,
                manifest: None,
                verified_manifest: None,
                lost_at: None,
                archived: None,
                lifecycle: None,
            }],
            tables: Vec::new(),
        }
    }

    fn asked(action: Action, is_tagged: bool) -> Asked {
        Asked {
            action,
            decided_at: NOW,
            tagged_at: is_tagged.then_some(NOW),
        }
    }

    const POLICY: Lifecycle = Lifecycle {
        glacier_after_days: Some(10),
        delete_after_days: Some(30),
    };

    /// `+transition`, `-expiration: why`, or nothing.
    fn found(point: &RecoveryPoint, last: &RecoveryPoint, is_in_use: bool) -> String {
        match outcome(point, &point.copies[0], &POLICY, Some(&last.id), is_in_use, NOW) {
            Outcome::Nothing => String::new(),
            Outcome::Due(step) => format!("+{}", step.action.name()),
            Outcome::Spared(step) => format!("-{}: {}", step.action.name(), step.why),
        }
    }

    #[test]
    fn age_asks_and_what_must_stay_is_spared() {
        let last = point(0, Verdict::Verified);
        let of = |age, verdict| found(&point(age, verdict), &last, false);
        assert_eq!(of(9, Verdict::Verified), "");
        assert_eq!(of(10, Verdict::Verified), "+transition");
        assert_eq!(of(29, Verdict::Verified), "+transition");
        assert_eq!(of(30, Verdict::Verified), "+expiration");
        assert_eq!(
            of(30, Verdict::Pending),
            "-expiration: its objects are still arriving or being compared"
        );
        let unknown = Verdict::Unknown {
            since: NOW,
            cause: "timed out".into(),
        };
        assert_eq!(of(10, unknown), "-transition: it cannot be reached");
        let incomplete = Verdict::Incomplete {
            missing: vec!["a".into()],
            different: vec![],
        };
        assert!(of(99, incomplete).starts_with("-expiration: it is not whole"));
        let old = point(99, Verdict::Verified);
        let is_last = "-expiration: it is the last that tvshows can be restored from in us-east-1";
        assert_eq!(found(&old, &old, false), is_last);
        let nothing = outcome(&old, &old.copies[0], &POLICY, None, false, NOW);
        assert!(
            matches!(nothing, Outcome::Spared(_)),
            "nothing restorable is known"
        );
        assert_eq!(found(&old, &last, true), "-expiration: a restore reads it");
    }

    #[test]
    fn what_was_asked_is_not_asked_again_and_not_turned_back() {
        let last = point(0, Verdict::Verified);
        let mut old = point(10, Verdict::Verified);
        old.copies[0].lifecycle = Some(asked(Action::Transition, true));
        assert_eq!(found(&old, &last, false), "");
        old.copies[0].lifecycle = Some(asked(Action::Transition, false));
        assert_eq!(
            found(&old, &last, false),
            "+transition",
            "its tags are not all there"
        );
        old.copies[0].lifecycle = Some(asked(Action::Expiration, true));
        assert_eq!(found(&old, &last, false), "");
        let mut frozen = point(10, Verdict::Verified);
        frozen.copies[0].archived = Some(Archived {
            class: "GLACIER".into(),
            objects: 1,
            bytes: 1,
            thawing: 0,
            readable: 0,
            readable_until: None,
        });
        assert_eq!(found(&frozen, &last, false), "");
        let mut moved = point(30, Verdict::Verified);
        moved.copies[0].lifecycle = Some(asked(Action::Transition, true));
        assert_eq!(found(&moved, &last, false), "+expiration");
        let mut ending = point(30, Verdict::Expired { at: NOW });
        ending.copies[0].lifecycle = Some(asked(Action::Expiration, false));
        assert_eq!(
            found(&ending, &last, false),
            "+expiration",
            "its tags are not all there"
        );
    }

    #[test]
    fn a_tag_means_one_region() {
        let region: Region = "eu-west-1".parse().unwrap();
        assert_eq!(Action::Expiration.tag_value(&region), "expiration-eu-west-1");
        assert_eq!(begins_after(&POLICY), Some(days(10)));
        assert_eq!(begins_after(&Lifecycle::default()), None);
    }
}
