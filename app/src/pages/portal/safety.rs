//! Whether a database's data is safe, as figures.

use leptos::prelude::*;
use recovery::portal::{Database, Kept, RestoreTest, Safety, Standing};

use crate::ui::format::{self, TimeForm};
use crate::ui::status::{Status, StatusIcon, Tone};
use crate::ui::time::{Ago, Time};

/// How a standing looks.
pub(super) fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Safe => Tone::Success,
        Standing::Partly => Tone::Warning,
        Standing::Late => Tone::Error,
        Standing::Unknown => Tone::Stopped,
    }
}

/// `mysql 8.4.3, runs in Oregon, USA (us-west-2)`.
pub(super) fn ran_by(database: &Database) -> String {
    let place = database
        .place
        .as_ref()
        .map(|place| match &place.name {
            Some(name) => format!("runs in {name} ({})", place.region),
            None => format!("runs in {}", place.region),
        })
        .or_else(|| Some("nothing is known of it yet".to_owned()));
    let parts: Vec<String> = database.engine.clone().into_iter().chain(place).collect();
    parts.join(", ")
}

/// Since when the data is not as safe as agreed.
pub(super) fn since(database: &Database) -> Option<AnyView> {
    let now = database.now;
    let at = database.safety.since?;
    let words = match database.safety.standing {
        Standing::Late => "Every copy has been older than agreed since ",
        Standing::Unknown => "No copy has been within reach since ",
        Standing::Partly | Standing::Safe => "Not every copy has been as agreed since ",
    };
    Some(
        view! {
            <p class="portal-since">
                {words} <b><Time at /></b> " (" <Ago at now /> ")."
            </p>
        }
        .into_any(),
    )
}

/// The answers to what everybody asks first.
#[component]
pub(super) fn Facts(database: Database) -> impl IntoView {
    let now = database.now;
    let newest = match database.safety.newest_copy_at {
        Some(at) => view! {
            <span class="portal-figure">
                <Ago at now />
            </span>
            <small>
                "Your data as of " <Time at form=TimeForm::ShortZone /> "; agreed is at most "
                {agreed(&database.safety)} "."
            </small>
        }
        .into_any(),
        None => view! {
            <span class="portal-figure">"None known"</span>
            <small>"Until there is one, nothing could be brought back."</small>
        }
        .into_any(),
    };
    view! {
        <dl class="portal-facts">
            <div>
                <dt>"Newest copy that could be restored"</dt>
                <dd>{newest}</dd>
            </div>
            <div>
                <dt>"Kept in"</dt>
                <dd>
                    {if database.safety.kept.is_empty() {
                        view! { <span class="portal-figure">"Not known"</span> }.into_any()
                    } else {
                        view! {
                            <ul class="portal-places">
                                {database.safety.kept.iter().map(|kept| view! { <li>{place(kept)}</li> }).collect_view()}
                            </ul>
                        }
                        .into_any()
                    }}
                </dd>
            </div>
            <div>
                <dt>"Restore last tested"</dt>
                <dd>
                    <Test test=database.restore_test now />
                </dd>
            </div>
        </dl>
    }
}

/// How old copies may be: `2 h`, or `2 h to 4 h` where places differ.
fn agreed(safety: &Safety) -> String {
    let ages = || safety.kept.iter().map(|kept| kept.agreed_age_seconds);
    match (ages().min(), ages().max()) {
        (Some(least), Some(most)) if least != most => {
            format!(
                "{} to {}, by place",
                format::duration(least),
                format::duration(most)
            )
        }
        (Some(age), _) => format!("{} old", format::duration(age)),
        _ => "not known".to_owned(),
    }
}

fn place(kept: &Kept) -> impl IntoView + use<> {
    let (tone, words) = standing_of(kept);
    view! {
        <StatusIcon tone />
        <span>
            {kept.place.words().to_owned()} " " <code>{kept.place.region.to_string()}</code>
            {(tone != Tone::Success).then(|| view! { <small>{words}</small> })}
        </span>
    }
}

/// How a place's copies stand.
pub(super) fn standing_of(kept: &Kept) -> (Tone, &'static str) {
    match (kept.newest_copy_at, kept.is_recent, kept.unreachable_since) {
        (None, _, Some(_)) | (Some(_), false, Some(_)) => (Tone::Error, "Cannot be reached"),
        (None, _, None) => (Tone::Stopped, "No copy yet"),
        (Some(_), false, None) => (Tone::Error, "Older than agreed"),
        (Some(_), true, Some(_)) => (Tone::Warning, "As recent as agreed; cannot be reached now"),
        (Some(_), true, None) => (Tone::Success, "As recent as agreed"),
    }
}

/// When a restore was last tested.
#[component]
pub(super) fn Test(
    /// What is known.
    test: RestoreTest,
    /// Now, as the data say.
    now: jiff::Timestamp,
) -> impl IntoView {
    let days = test.agreed_days;
    let Some(last) = test.last else {
        let words = if test.all_seen {
            "No restore of this database has been tested so far"
        } else {
            "None among the newest restores; older ones were not looked at"
        };
        return view! {
            <span class="portal-figure">
                <StatusIcon tone=Tone::Stopped />
                "Never"
            </span>
            <small>{format!("{words}; agreed is every {days} days.")}</small>
        }
        .into_any();
    };
    let (tone, words) = if test.is_recent {
        (Tone::Success, "agreed is")
    } else {
        (Tone::Warning, "that is longer ago than agreed,")
    };
    let at = last.at;
    view! {
        <span class="portal-figure">
            <StatusIcon tone />
            <Ago at now />
        </span>
        <small>
            {format!("{} restored from {} and found equal; ", format::counted(last.rows, "row", "rows"), last.from.words())}
            {format!("{words} every {days} days.")}
        </small>
    }
    .into_any()
}

/// What else went wrong in the last day.
#[component]
pub(super) fn Notes(safety: Safety) -> impl IntoView {
    let none = safety.notes.is_empty();
    (!none).then(|| {
        view! {
            <div class="portal-notes">
                <h3>"In the last 24 hours"</h3>
                <ul>
                    {safety
                        .notes
                        .into_iter()
                        .map(|note| {
                            view! {
                                <li>
                                    <Status tone=Tone::Warning>
                                        {note.text} " " <Time at=note.at form=TimeForm::ShortZone /> "."
                                    </Status>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </div>
        }
    })
}
