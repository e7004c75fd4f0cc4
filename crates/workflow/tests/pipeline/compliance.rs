//! Controls by day, from what the pipeline, a restore, plans and vaults left behind.

use jiff::SignedDuration;
use recovery::compliance::{Cell, Control, Report, Standing};
use recovery::ids::SourceId;
use workflow::Error;

use crate::scene::{HOME, Scene};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_and_what_was_seen_of_vaults_stands_on_its_day() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let source: SourceId = "securecart".parse().unwrap();
    scene.verified_point(&workflow).await;
    // Nothing is made for a day and a half.
    let backup = scene.aws.control().backup();
    backup.back_up_every(scene.account.as_str(), HOME, "securecart", "hourly", None);
    assert_eq!(workflow.observe_policies().await.unwrap(), 1);
    scene.pass(SignedDuration::from_hours(36)).await;
    workflow.reconcile().await.unwrap();

    let report = workflow.compliance(&source, 3, None).await.unwrap();
    assert_eq!(report.days.len(), 3);
    let [first, second, today] =
        [0, 1, 2].map(|day| move |report: &Report, control| cell(report, control, day));
    let frequency = second(&report, Control::Frequency);
    assert_eq!(frequency.standing, Standing::NotMet, "{frequency:?}");
    assert!(frequency.evidence.contains("missed"), "{frequency:?}");
    assert_eq!(first(&report, Control::Frequency).standing, Standing::NotRequired);
    assert_ne!(today(&report, Control::Frequency).standing, Standing::Met);
    let verified = second(&report, Control::Verified);
    assert_eq!(
        (verified.standing, verified.evidence.as_str()),
        (Standing::Met, "1 of 1 verified."),
    );
    let across = second(&report, Control::CrossRegionCopy);
    assert_eq!(across.standing, Standing::Met, "{across:?}");
    // Vaults were looked at on one day only; the vault of the other Regions is missing.
    let locks = second(&report, Control::Immutability);
    assert_eq!(locks.standing, Standing::NotMet, "{locks:?}");
    assert!(locks.looked_at.is_some());
    assert_eq!(today(&report, Control::Immutability).standing, Standing::Unknown);
    assert_eq!(today(&report, Control::RestoreTested).standing, Standing::NotMet);

    for (days, last) in [(0, None), (401, None), (1, Some("2199-01-01".parse().unwrap()))] {
        let refused = workflow.compliance(&source, days, last).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid(_)), "{refused}");
    }
    let unknown = workflow.compliance(&"nobody".parse().unwrap(), 3, None).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })));
}

fn cell(report: &Report, control: Control, day: usize) -> Cell {
    let row = report.rows.iter().find(|row| row.control == control).unwrap();
    row.cells[day].clone()
}
