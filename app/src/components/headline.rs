//! One sentence on top that says what is wrong and since when, or that all is well.

use leptos::prelude::*;
use recovery::situation::{Remark, Situation, Standing};

use crate::ui::format::TimeForm;
use crate::ui::status::{StatusIcon, Tone};
use crate::ui::time::Time;

/// How a standing looks.
pub(crate) fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Well => Tone::Success,
        Standing::Attention => Tone::Warning,
        Standing::Unknown => Tone::Stopped,
        Standing::Wrong => Tone::Error,
    }
}

/// At most so many remarks are written out; the timelines show the rest.
const REMARKS_MAX: usize = 4;

/// The page's title and what it rests on.
#[component]
pub(crate) fn Headline(
    /// The situation.
    situation: Situation,
) -> impl IntoView {
    let more = situation.remarks.len().saturating_sub(REMARKS_MAX) + situation.left_out;
    view! {
        <div class="headline">
            <h1>
                <StatusIcon tone=tone(situation.standing) />
                {situation.headline}
            </h1>
            {if situation.remarks.is_empty() && situation.standing == Standing::Well {
                view! { <p>"Every newest copy is verified, object by object, within its target."</p> }.into_any()
            } else {
                view! {
                    <ul class="remarks">
                        {situation
                            .remarks
                            .into_iter()
                            .take(REMARKS_MAX)
                            .map(|remark| view! { <RemarkLine remark /> })
                            .collect_view()}
                        {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
                    </ul>
                }
                .into_any()
            }}
        </div>
    }
}

#[component]
fn RemarkLine(remark: Remark) -> impl IntoView {
    let class = match remark.standing {
        Standing::Wrong => "remark wrong",
        Standing::Well | Standing::Attention | Standing::Unknown => "remark",
    };
    let subject = match &remark.region {
        Some(region) => format!("{} in {region}", remark.source),
        None => remark.source.to_string(),
    };
    view! {
        <li class=class>
            <b>{subject}</b>
            " "
            {remark.before}
            {remark
                .at
                .map(|at| {
                    view! {
                        " "
                        <Time at form=TimeForm::ShortZone />
                    }
                })}
            {(!remark.after.is_empty()).then(|| format!(" {}", remark.after))}
            "."
        </li>
    }
}
