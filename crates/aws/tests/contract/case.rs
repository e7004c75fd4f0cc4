//! One case of the contract, and what came of all of them.

use std::any::Any;
use std::pin::Pin;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};

use crate::differences::{self, Difference};
use crate::place::Place;

/// How long a case may take on the slowest of them, beside others that compile.
const PATIENCE: Duration = Duration::from_secs(90);

/// Cases that run at once: emulators answer on one core.
const AT_ONCE: usize = 4;

/// What is promised, as a test that panics where it is not kept.
pub struct Case {
    pub name: &'static str,
    pub run: fn(Place) -> Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Cases by the names of their functions, each `async fn(&Place)`.
macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        vec![$($crate::case::Case {
            name: stringify!($name),
            run: |at| Box::pin(async move { $name(&at).await }),
        }),*]
    };
}
pub(crate) use cases;

/// Runs the cases of a service on whomever the environment names, and panics unless every one of them is kept, but for the
/// known differences, each of which still is one.
pub async fn keeps(service: &'static str, cases: Vec<Case>) {
    let start = Place::of_environment(service).await;
    let known = differences::of(start.peer(), service);
    for difference in &known {
        let is_case = cases.iter().any(|case| case.name == difference.case);
        assert!(
            is_case,
            "differences.rs names a case that is none: {}",
            difference.case
        );
    }
    let wrong: Vec<String> = stream::iter(cases.into_iter().enumerate())
        .map(|(number, case)| {
            let place = start.clone().of_case(number);
            let known = known
                .iter()
                .find(|difference| difference.case == case.name)
                .copied();
            async move { judged(case.name, outcome(&case, place).await, known) }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(async |wrong| wrong)
        .collect()
        .await;
    assert!(
        wrong.is_empty(),
        "{service} of {}:\n{}",
        start.peer(),
        wrong.join("\n")
    );
}

/// Nothing, or what a case found amiss.
async fn outcome(case: &Case, place: Place) -> Result<(), String> {
    match tokio::time::timeout(PATIENCE, tokio::spawn((case.run)(place))).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(ended)) => Err(ended
            .try_into_panic()
            .map_or_else(|ended| ended.to_string(), said)),
        Err(_) => Err(format!("it has not ended within {} s", PATIENCE.as_secs())),
    }
}

fn said(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast::<String>().map(|text| *text);
    text.or_else(|panic| panic.downcast::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|_| "it panicked without a word".to_owned())
}

/// What is wrong with an outcome, if anything is.
fn judged(case: &str, outcome: Result<(), String>, known: Option<&Difference>) -> Option<String> {
    match (outcome, known) {
        (Ok(()), None) => None,
        (Err(cause), Some(difference)) => {
            eprintln!("{case} differs, as is known: {}; {cause}", difference.reason);
            None
        }
        (Err(cause), None) => Some(format!("  {case}: {cause}")),
        (Ok(()), Some(difference)) => Some(format!(
            "  {case}: it no longer differs ({}); take it out of differences.rs",
            difference.reason
        )),
    }
}
