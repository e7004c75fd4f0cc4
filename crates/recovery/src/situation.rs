//! What is wrong, and since when, in one sentence; or that all is well.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{RecoveryPointId, Region, SourceId};
use crate::source::{RegionRpo, SourceTimeline};
use crate::timeline::{Lane, MarkState};

/// How grave it is. The order is that of gravity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Every source is restorable within its target in every Region, and nothing went wrong in the window.
    Well,
    /// Within target, but something went wrong in the window.
    Attention,
    /// There is nothing to judge. Missing data is never well.
    Unknown,
    /// A source is over its target in a Region.
    Wrong,
}

/// The situation of some sources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// The gravest standing.
    pub standing: Standing,
    /// One sentence without a full stop.
    pub headline: String,
    /// What makes it so, the gravest first. Empty when all is well.
    pub remarks: Vec<Remark>,
    /// Remarks that were left out of the list.
    #[serde(default)]
    pub left_out: usize,
}

impl Situation {
    /// The same with its `max` gravest remarks.
    #[must_use]
    pub fn shortened(mut self, max: usize) -> Self {
        self.left_out += self.remarks.len().saturating_sub(max);
        self.remarks.truncate(max);
        self
    }
}

/// One thing that is not as it should be: `tvshows in eu-west-1` `has had no new restorable copy since` 04:00
/// `(target 2 h): 2 copies pending`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// How grave it is.
    pub standing: Standing,
    /// The source.
    pub source: SourceId,
    /// The Region, where it is only one.
    pub region: Option<Region>,
    /// The sentence up to the time.
    pub before: String,
    /// The time that the sentence names.
    pub at: Option<Timestamp>,
    /// The sentence behind the time, without a full stop.
    pub after: String,
}

/// The situation of all `timelines` together.
pub fn situation(timelines: &[SourceTimeline]) -> Situation {
    let mut remarks: Vec<Remark> = timelines.iter().flat_map(remarks_of).collect();
    remarks.sort_by_key(|remark| std::cmp::Reverse(remark.standing));
    let standing = standing(timelines.is_empty(), &remarks);
    let wrong: Vec<&Remark> = of(&remarks, Standing::Wrong);
    let unknown: Vec<&Remark> = of(&remarks, Standing::Unknown);
    let headline = match standing {
        Standing::Unknown if timelines.is_empty() => "No source is known yet".to_owned(),
        Standing::Unknown => match unknown.as_slice() {
            [one] => format!("{} has nothing to restore yet", subject(one)),
            many => format!("Nothing to restore yet in {} places", many.len()),
        },
        Standing::Wrong => match wrong.as_slice() {
            [one] => format!("{} is behind its recovery point objective", subject(one)),
            many => format!("{} copies are behind their recovery point objective", many.len()),
        },
        Standing::Attention => format!(
            "Every source is within its target; {} a look",
            match remarks.len() {
                1 => "one thing needs".to_owned(),
                many => format!("{many} things need"),
            }
        ),
        Standing::Well => match timelines {
            [one] => format!("{} can be restored in every Region", one.source.source.id),
            many => format!("All {} sources can be restored in every Region", many.len()),
        },
    };
    Situation {
        standing,
        headline,
        remarks,
        left_out: 0,
    }
}

/// A copy that was verified and is no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostCopy {
    /// The source.
    pub source: SourceId,
    /// The recovery point.
    pub recovery_point: RecoveryPointId,
    /// The copy's Region.
    pub region: Region,
    /// Since when that is known.
    pub at: Timestamp,
}

/// A situation with copies that were verified and are no longer, however old they are: nothing is well meanwhile.
#[must_use]
pub fn with_lost_copies(mut situation: Situation, lost: &[LostCopy]) -> Situation {
    if lost.is_empty() {
        return situation;
    }
    let told = match lost {
        [one] => format!(
            "The copy of {} in {} was verified and is damaged now",
            one.source, one.region
        ),
        many => format!("{} copies were verified and are damaged now", many.len()),
    };
    situation.headline = if situation.standing == Standing::Wrong {
        format!("{}; {}", situation.headline, lower_first(&told))
    } else {
        told
    };
    situation.standing = situation.standing.max(Standing::Attention);
    let remarks = lost.iter().map(|lost| Remark {
        standing: Standing::Attention,
        source: lost.source.clone(),
        region: Some(lost.region.clone()),
        before: "has a copy that was verified and is so no longer, seen".to_owned(),
        at: Some(lost.at),
        after: format!("({}): repair it", lost.recovery_point),
    });
    situation.remarks = remarks.chain(situation.remarks).collect();
    // Those over their target stay the first; among equals, the lost copies are.
    situation
        .remarks
        .sort_by_key(|remark| std::cmp::Reverse(remark.standing));
    situation
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The situation of one source, with a headline short enough to stand beside its name.
pub fn situation_of_source(timeline: &SourceTimeline) -> Situation {
    let mut remarks = remarks_of(timeline);
    remarks.sort_by_key(|remark| std::cmp::Reverse(remark.standing));
    let standing = standing(timeline.source.regions.is_empty(), &remarks);
    let behind: Vec<&RegionRpo> = timeline
        .source
        .regions
        .iter()
        .filter(|region| !region.rpo.within_target)
        .collect();
    let headline = match (standing, behind.as_slice()) {
        (Standing::Wrong, [one]) => format!("{} over target", one.region),
        (Standing::Wrong, many) => {
            format!(
                "{} of {} Regions over target",
                many.len(),
                timeline.source.regions.len()
            )
        }
        (Standing::Unknown, _) => "Nothing to restore yet".to_owned(),
        (Standing::Attention, _) => "Within target; needs a look".to_owned(),
        (Standing::Well, _) => "Within target in every Region".to_owned(),
    };
    Situation {
        standing,
        headline,
        remarks,
        left_out: 0,
    }
}

fn standing(is_empty: bool, remarks: &[Remark]) -> Standing {
    if is_empty {
        return Standing::Unknown;
    }
    remarks
        .iter()
        .map(|remark| remark.standing)
        .max()
        .unwrap_or(Standing::Well)
}

fn of(remarks: &[Remark], standing: Standing) -> Vec<&Remark> {
    remarks
        .iter()
        .filter(|remark| remark.standing == standing)
        .collect()
}

fn subject(remark: &Remark) -> String {
    match &remark.region {
        Some(region) => format!("{} in {region}", remark.source),
        None => remark.source.to_string(),
    }
}

fn remarks_of(timeline: &SourceTimeline) -> Vec<Remark> {
    let source = &timeline.source.source.id;
    let mut remarks = Vec::new();
    for region in &timeline.source.regions {
        if region.rpo.within_target {
            continue;
        }
        let lane = timeline.lanes.iter().find(|lane| lane.region == region.region);
        remarks.push(behind(source, region, lane));
    }
    // A backup that was not made is missing in every lane; it is said once.
    if let Some(lane) = timeline.lanes.first() {
        remarks.extend(counted(
            source,
            None,
            lane,
            MarkState::Missed,
            |count| match count {
                1 => "missed a backup at".to_owned(),
                many => format!("missed {many} backups, the last at"),
            },
        ));
        remarks.extend(counted(
            source,
            None,
            lane,
            MarkState::Failed,
            |count| match count {
                1 => "has a recovery point that could not be exported, of".to_owned(),
                many => format!("has {many} recovery points that could not be exported, the last of"),
            },
        ));
    }
    if let Some(lane) = timeline.lanes.first() {
        remarks.extend(counted(
            source,
            None,
            lane,
            MarkState::Partial,
            |count| match count {
                1 => "has a partial recovery point, of".to_owned(),
                many => format!("has {many} partial recovery points, the last of"),
            },
        ));
        remarks.extend(counted(
            source,
            None,
            lane,
            MarkState::Deleted,
            |count| match count {
                1 => "lost a recovery point that somebody deleted before its time, of".to_owned(),
                many => format!(
                    "lost {many} recovery points that somebody deleted before their time, the last of"
                ),
            },
        ));
        remarks.extend(counted(
            source,
            None,
            lane,
            MarkState::Expired,
            |count| match count {
                1 => "has a recovery point that expired before it was exported, of".to_owned(),
                many => {
                    format!("has {many} recovery points that expired before they were exported, the last of")
                }
            },
        ));
    }
    for lane in &timeline.lanes {
        remarks.extend(counted(
            source,
            Some(&lane.region),
            lane,
            MarkState::Incomplete,
            |count| match count {
                1 => "has an incomplete copy, of".to_owned(),
                many => format!("has {many} incomplete copies, the last of"),
            },
        ));
        let unreachable = counted(
            source,
            Some(&lane.region),
            lane,
            MarkState::Unreachable,
            |count| match count {
                1 => "has a copy that cannot be reached since".to_owned(),
                many => format!("has {many} copies that cannot be reached since"),
            },
        );
        remarks.extend(unreachable.map(|remark| Remark {
            at: lane.unreachable_since.or(remark.at),
            ..remark
        }));
    }
    remarks
}

/// The remark on a Region that is over its target, with the marks behind its newest restorable copy as the cause.
fn behind(source: &SourceId, region: &RegionRpo, lane: Option<&Lane>) -> Remark {
    let since = region.newest_restorable_at;
    let cause = lane.map_or_else(String::new, |lane| {
        let newer = lane
            .marks
            .iter()
            .filter(|mark| since.is_none_or(|since| mark.at > since));
        let mut counts: Vec<(MarkState, usize)> = Vec::new();
        for mark in newer {
            match counts.iter_mut().find(|(state, _)| *state == mark.state) {
                Some((_, count)) => *count += 1,
                None => counts.push((mark.state, 1)),
            }
        }
        let parts: Vec<String> = counts
            .into_iter()
            .map(|(state, count)| format!("{count} {}", state.word()))
            .collect();
        if parts.is_empty() {
            String::new()
        } else {
            format!(": {}", parts.join(", "))
        }
    });
    let target = target(region.rpo.target_seconds);
    match since {
        Some(at) => Remark {
            standing: Standing::Wrong,
            source: source.clone(),
            region: Some(region.region.clone()),
            before: "has had no new restorable copy since".to_owned(),
            at: Some(at),
            after: format!("(target {target}){cause}"),
        },
        None => Remark {
            standing: Standing::Unknown,
            source: source.clone(),
            region: Some(region.region.clone()),
            before: format!("has no restorable copy yet (target {target}){cause}"),
            at: None,
            after: String::new(),
        },
    }
}

fn counted(
    source: &SourceId,
    region: Option<&Region>,
    lane: &Lane,
    state: MarkState,
    words: impl Fn(usize) -> String,
) -> Option<Remark> {
    let marks: Vec<_> = lane.marks.iter().filter(|mark| mark.state == state).collect();
    let last = marks.last()?;
    Some(Remark {
        standing: Standing::Attention,
        source: source.clone(),
        region: region.cloned(),
        before: words(marks.len()),
        at: Some(last.at),
        after: String::new(),
    })
}

/// A target in its largest whole unit: `2 h`, `90 min`.
fn target(seconds: i64) -> String {
    match seconds {
        s if s % 3600 == 0 => format!("{} h", s / 3600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpo::rpo;
    use crate::source::{Source, SourceSummary};
    use crate::timeline::Mark;
    use jiff::SignedDuration;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-20T{time}:00Z").parse().unwrap()
    }

    /// One source with its Regions, each with its marks; the target is two hours, now is 08:00.
    fn timeline(regions: &[(&str, &[(&str, MarkState)])]) -> SourceTimeline {
        let now = at("08:00");
        let target = SignedDuration::from_hours(2);
        let lanes: Vec<Lane> = regions
            .iter()
            .map(|(region, marks)| Lane {
                region: region.parse().unwrap(),
                marks: marks
                    .iter()
                    .map(|(time, state)| Mark {
                        at: at(time),
                        state: *state,
                        recovery_point: None,
                    })
                    .collect(),
                bands: Vec::new(),
                unreachable_since: None,
            })
            .collect();
        let figures = lanes
            .iter()
            .enumerate()
            .map(|(index, lane)| {
                let restorable = lane
                    .marks
                    .iter()
                    .rev()
                    .find(|mark| mark.state == MarkState::Verified)
                    .map(|mark| mark.at);
                RegionRpo {
                    region: lane.region.clone(),
                    is_home: index == 0,
                    rpo: rpo(restorable, restorable, target, now),
                    newest_restorable: None,
                    newest_restorable_at: restorable,
                }
            })
            .collect();
        SourceTimeline {
            source: SourceSummary {
                source: Source {
                    id: "tvshows".parse().unwrap(),
                    arn: "arn:aws:rds:us-east-1:111122223333:db:tvshows".into(),
                    region: "us-east-1".parse().unwrap(),
                    account: "111122223333".parse().unwrap(),
                    engine: None,
                    class: None,
                    interval_seconds: 3600,
                    rpo_target_seconds: target.as_secs(),
                    expected: Vec::new(),
                },
                newest_recovery_point: None,
                regions: figures,
            },
            lanes,
            from: at("00:00"),
            to: now,
            now,
        }
    }

    #[test]
    fn a_copy_that_rots_is_told_however_old_it_is() {
        let well = timeline(&[("us-east-1", &[("07:00", MarkState::Verified)])]);
        let lost = LostCopy {
            source: "tvshows".parse().unwrap(),
            recovery_point: "tvshows-20260101t080000z-3f9a2c".parse().unwrap(),
            region: "us-west-2".parse().unwrap(),
            at: at("07:30"),
        };
        let before = situation(std::slice::from_ref(&well));
        assert_eq!(with_lost_copies(before.clone(), &[]), before);
        let told = with_lost_copies(before, std::slice::from_ref(&lost));
        assert_eq!(told.standing, Standing::Attention);
        assert_eq!(
            told.headline,
            "The copy of tvshows in us-west-2 was verified and is damaged now"
        );
        assert_eq!(told.remarks[0].at, Some(at("07:30")));
        let behind = timeline(&[("us-east-1", &[("01:00", MarkState::Verified)])]);
        let told = with_lost_copies(situation(&[behind]), &[lost.clone(), lost]);
        assert_eq!(told.standing, Standing::Wrong);
        assert!(
            told.headline.contains("objective; 2 copies were verified"),
            "{}",
            told.headline
        );
        assert_eq!(told.remarks[0].standing, Standing::Wrong);
    }

    fn text(situation: &Situation) -> String {
        let mut text = format!("{:?}: {}", situation.standing, situation.headline);
        for remark in &situation.remarks {
            let time = remark
                .at
                .map_or_else(String::new, |at| at.strftime(" %H:%M").to_string());
            let line = format!("\n{} {}{time} {}", subject(remark), remark.before, remark.after);
            text.push_str(&line);
        }
        text
    }

    #[test]
    fn the_gravest_thing_is_said_first_and_with_its_cause() {
        use MarkState::{Incomplete, Missed, Pending, Verified};
        let well = timeline(&[
            ("us-east-1", &[("07:00", Verified)]),
            ("eu-west-1", &[("07:00", Verified)]),
        ]);
        assert_eq!(
            text(&situation(std::slice::from_ref(&well))),
            "Well: tvshows can be restored in every Region"
        );
        let behind = timeline(&[
            (
                "us-east-1",
                &[("04:00", Verified), ("05:00", Missed), ("07:00", Verified)],
            ),
            (
                "eu-west-1",
                &[
                    ("04:00", Verified),
                    ("05:00", Missed),
                    ("06:00", Pending),
                    ("07:00", Pending),
                ],
            ),
        ]);
        assert_eq!(
            text(&situation(&[well, behind.clone()])),
            "Wrong: tvshows in eu-west-1 is behind its recovery point objective\n\
             tvshows in eu-west-1 has had no new restorable copy since 04:00 (target 2 h): 1 missed, 2 pending\n\
             tvshows missed a backup at 05:00 "
        );
        assert_eq!(situation_of_source(&behind).headline, "eu-west-1 over target");
        let short = situation(std::slice::from_ref(&behind)).shortened(1);
        assert_eq!((short.remarks.len(), short.left_out), (1, 1));
        let look = timeline(&[("us-east-1", &[("06:00", Incomplete), ("07:00", Verified)])]);
        assert_eq!(
            text(&situation(&[look])),
            "Attention: Every source is within its target; one thing needs a look\n\
             tvshows in us-east-1 has an incomplete copy, of 06:00 "
        );
    }

    #[test]
    fn missing_data_is_never_well() {
        assert_eq!(text(&situation(&[])), "Unknown: No source is known yet");
        let nothing = timeline(&[("us-east-1", &[])]);
        assert_eq!(
            text(&situation(std::slice::from_ref(&nothing))),
            "Unknown: tvshows in us-east-1 has nothing to restore yet\n\
             tvshows in us-east-1 has no restorable copy yet (target 2 h) "
        );
        assert_eq!(situation_of_source(&nothing).standing, Standing::Unknown);
    }
}
