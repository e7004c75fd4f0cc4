//! Marks that would lie on one another are drawn as one, but only marks of one state: a good one never covers a bad one.

use jiff::Timestamp;
use recovery::ids::RecoveryPointId;
use recovery::timeline::{Mark, MarkState};

use super::scale::Scale;

/// At most so many clusters of one state fit side by side.
const SLOTS: i32 = 110;

/// Marks of one state that follow one another closely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cluster {
    pub(super) state: MarkState,
    /// The first mark.
    pub(super) from: Timestamp,
    /// The last mark: the one that is drawn and linked.
    pub(super) at: Timestamp,
    /// How many marks it holds.
    pub(super) count: usize,
    /// The last mark's recovery point.
    pub(super) recovery_point: Option<RecoveryPointId>,
    /// Every recovery point of it.
    members: Vec<RecoveryPointId>,
}

impl Cluster {
    /// Whether it holds this recovery point.
    pub(super) fn holds(&self, point: &str) -> bool {
        self.members.iter().any(|member| member.as_str() == point)
    }
}

/// The marks within the window, oldest first, gathered where they are too close for the width.
pub(super) fn clusters(marks: &[Mark], scale: Scale) -> Vec<Cluster> {
    let nearest = scale.length() / SLOTS;
    let mut clusters: Vec<Cluster> = Vec::new();
    for mark in marks {
        if mark.at < scale.from() || mark.at > scale.to() {
            continue;
        }
        match clusters.last_mut() {
            Some(last) if last.state == mark.state && mark.at.duration_since(last.from) < nearest => {
                last.at = mark.at;
                last.count += 1;
                last.recovery_point.clone_from(&mark.recovery_point);
                last.members.extend(mark.recovery_point.clone());
            }
            _ => clusters.push(Cluster {
                state: mark.state,
                from: mark.at,
                at: mark.at,
                count: 1,
                recovery_point: mark.recovery_point.clone(),
                members: mark.recovery_point.iter().cloned().collect(),
            }),
        }
    }
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_marks_of_one_state_are_one_and_a_bad_one_stands_alone() {
        use MarkState::{Incomplete, Verified};
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let scale = Scale::new(at(0), at(24 * 60));
        let marks: Vec<Mark> = [
            (0, Verified),
            (5, Verified),
            (8, Incomplete),
            (10, Verified),
            (60, Verified),
        ]
        .into_iter()
        .map(|(minute, state)| Mark {
            at: at(minute),
            state,
            recovery_point: None,
        })
        .collect();
        let found: Vec<_> = clusters(&marks, scale)
            .into_iter()
            .map(|cluster| (cluster.at, cluster.state, cluster.count))
            .collect();
        assert_eq!(
            found,
            [
                (at(5), Verified, 2),
                (at(8), Incomplete, 1),
                (at(10), Verified, 1),
                (at(60), Verified, 1)
            ]
        );
    }
}
