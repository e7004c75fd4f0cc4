//! Whether a database's data is safe: in each place that must keep a copy, and on the whole.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::place::Place;
use crate::source::{RegionRpo, SourceTimeline};
use crate::timeline::{Lane, MarkState};

/// How safe data is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalStanding))]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Every place keeps a checked copy that is as recent as agreed.
    Safe,
    /// At least one place does, another one does not, or cannot be reached.
    Partly,
    /// There are checked copies, and none is as recent as agreed.
    Late,
    /// No checked copy is known, or none is within reach. Missing data is never safe.
    Unknown,
}

/// Whether data is safe, and since when not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalSafety))]
pub struct Safety {
    /// How safe it is.
    pub standing: Standing,
    /// The same as a sentence without a full stop.
    pub headline: String,
    /// Since when it is not safe, where it is not and that can be said.
    pub since: Option<Timestamp>,
    /// The state of the data that the newest checked copy of any place brings back.
    pub newest_copy_at: Option<Timestamp>,
    /// Every place that must keep a copy, the database's own first.
    pub kept: Vec<Kept>,
    /// What else went wrong in the last day.
    pub notes: Vec<Note>,
}

/// What one place keeps of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalKept))]
pub struct Kept {
    /// The place.
    pub place: Place,
    /// Whether its newest checked copy is as recent as agreed.
    pub is_recent: bool,
    /// The state of the data that its newest checked copy brings back; `None` while there is none.
    pub newest_copy_at: Option<Timestamp>,
    /// How old that may be, seconds.
    pub agreed_age_seconds: i64,
    /// Since when it is older than that.
    pub late_since: Option<Timestamp>,
    /// Since when the place cannot be reached, while it cannot.
    pub unreachable_since: Option<Timestamp>,
}

/// Something that went wrong in the last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PortalNote))]
pub struct Note {
    /// What, as a sentence that its time ends.
    pub text: String,
    /// When, of several the last.
    pub at: Timestamp,
}

impl Safety {
    /// What `timeline` shows, whose lanes are of the last day.
    pub fn of(timeline: &SourceTimeline) -> Self {
        let kept: Vec<Kept> = timeline
            .source
            .regions
            .iter()
            .map(|region| {
                let lane = timeline.lanes.iter().find(|lane| lane.region == region.region);
                Kept::of(region, lane)
            })
            .collect();
        let standing = standing(&kept);
        Self {
            standing,
            headline: headline(standing, &kept),
            since: match standing {
                Standing::Safe => None,
                Standing::Partly => kept.iter().filter_map(Kept::unsure_since).min(),
                // As long as one copy was recent enough and within reach, the data was safe somewhere.
                Standing::Late | Standing::Unknown => kept.iter().filter_map(Kept::unsure_since).max(),
            },
            newest_copy_at: kept.iter().filter_map(|kept| kept.newest_copy_at).max(),
            kept,
            notes: notes(&timeline.lanes),
        }
    }

    /// Of a database that nothing is known of.
    pub(super) fn unknown() -> Self {
        Self {
            standing: Standing::Unknown,
            headline: headline(Standing::Unknown, &[]),
            since: None,
            newest_copy_at: None,
            kept: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl Kept {
    fn of(region: &RegionRpo, lane: Option<&Lane>) -> Self {
        let agreed = SignedDuration::from_secs(region.rpo.target_seconds);
        let is_recent = region.rpo.within_target;
        Self {
            place: Place::of(&region.region),
            is_recent,
            newest_copy_at: region.newest_restorable_at,
            agreed_age_seconds: region.rpo.target_seconds,
            late_since: region
                .newest_restorable_at
                .filter(|_| !is_recent)
                .and_then(|at| at.checked_add(agreed).ok()),
            unreachable_since: lane.and_then(|lane| lane.unreachable_since),
        }
    }
}

impl Kept {
    /// Whether what is kept here is as agreed, and can be reached.
    fn is_sure(&self) -> bool {
        self.is_recent && self.unreachable_since.is_none()
    }

    /// Since when it is not, as far as that can be said.
    fn unsure_since(&self) -> Option<Timestamp> {
        let since = [self.late_since, self.unreachable_since];
        since.into_iter().flatten().min()
    }
}

fn standing(kept: &[Kept]) -> Standing {
    let sure = kept.iter().filter(|kept| kept.is_sure()).count();
    if kept.iter().all(|kept| kept.newest_copy_at.is_none()) {
        Standing::Unknown
    } else if sure == kept.len() {
        Standing::Safe
    } else if sure > 0 {
        Standing::Partly
    } else if kept.iter().any(|kept| kept.is_recent) {
        Standing::Unknown
    } else {
        Standing::Late
    }
}

fn headline(standing: Standing, kept: &[Kept]) -> String {
    match standing {
        Standing::Safe if kept.len() == 1 => "Your data is safe".to_owned(),
        Standing::Safe => format!("Your data is safe in {} places", kept.len()),
        Standing::Partly => {
            let behind: Vec<&Kept> = kept.iter().filter(|kept| !kept.is_sure()).collect();
            match behind.as_slice() {
                [one] if one.unreachable_since.is_some() => {
                    format!(
                        "Your data can be restored, but {} cannot be reached",
                        one.place.words()
                    )
                }
                [one] if one.newest_copy_at.is_none() => {
                    format!(
                        "Your data can be restored, but there is no copy in {} yet",
                        one.place.words()
                    )
                }
                [one] => format!(
                    "Your data can be restored, but the copy in {} is older than agreed",
                    one.place.words()
                ),
                many => format!(
                    "Your data can be restored, but {} of {} places have no copy as agreed",
                    many.len(),
                    kept.len()
                ),
            }
        }
        Standing::Late => "The newest copy that could be restored is older than agreed".to_owned(),
        Standing::Unknown if kept.iter().any(|kept| kept.is_recent) => {
            "There are copies, and none can be reached".to_owned()
        }
        Standing::Unknown => "No copy is known that could be restored".to_owned(),
    }
}

/// What went wrong besides. A backup that was not made is missing everywhere; it is said once.
fn notes(lanes: &[Lane]) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some(lane) = lanes.first() {
        let missed = |state: MarkState| state == MarkState::Missed;
        notes.extend(note(lane, missed, |count| match count {
            1 => "A backup was not made that was due on".to_owned(),
            many => format!("{many} backups were not made, the last was due on"),
        }));
        let unusable = |state: MarkState| {
            matches!(
                state,
                MarkState::Failed | MarkState::Partial | MarkState::Expired | MarkState::Deleted
            )
        };
        notes.extend(note(lane, unusable, |count| match count {
            1 => "A backup could not be kept as a copy, of".to_owned(),
            many => format!("{many} backups could not be kept as copies, the last of"),
        }));
    }
    for lane in lanes {
        let place = Place::of(&lane.region);
        notes.extend(note(
            lane,
            |state| state == MarkState::Incomplete,
            |count| match count {
                1 => format!(
                    "A copy in {} is damaged or incomplete, of the backup of",
                    place.words()
                ),
                many => format!(
                    "{many} copies in {} are damaged or incomplete, the last of the backup of",
                    place.words()
                ),
            },
        ));
    }
    notes
}

fn note(lane: &Lane, is_meant: impl Fn(MarkState) -> bool, words: impl Fn(usize) -> String) -> Option<Note> {
    let times: Vec<Timestamp> = lane
        .marks
        .iter()
        .filter(|mark| is_meant(mark.state))
        .map(|mark| mark.at)
        .collect();
    let at = times.iter().max().copied()?;
    Some(Note {
        text: words(times.len()),
        at,
    })
}
