//! A copy in Glacier: what each thaw takes and costs, and the button that agrees to one and lets the restore wait for it.

use leptos::form::ActionForm;
use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::archive::ThawOption;
use recovery::plan::Existing;
use recovery::preflight::{Choice, Preflight};
use recovery::request::PlanRequest;

use crate::api::restores::StartThawed;
use crate::components::failure_view::FailureLine;
use crate::components::findings::Findings;
use crate::components::viewer::refusal;
use crate::ui::format;
use crate::ui::status::{Status, Tone};

/// The ways to thaw the copy that a preflight offers.
pub(super) fn thaws(preflight: &Preflight) -> Vec<ThawOption> {
    let choices = preflight.blocking().flat_map(|finding| &finding.choices);
    choices
        .filter_map(|choice| match choice {
            Choice::AgreeToThaw(option) => Some(option.clone()),
            _ => None,
        })
        .collect()
}

/// In the place of a plan, which there can be once the copy is thawed.
#[component]
pub(super) fn ThawFirst(
    /// What was found: that it lies in Glacier.
    preflight: Preflight,
    /// What is asked for.
    request: PlanRequest,
    /// The ways to thaw it.
    options: Vec<ThawOption>,
    /// Where a choice leads.
    address: impl Fn(&Choice) -> Option<String>,
) -> impl IntoView {
    let start = ServerAction::<StartThawed>::new();
    let failure = start.value().get_untracked().and_then(Result::err);
    let refused = refusal(Permission::Restore).or_else(|| refusal(Permission::Thaw));
    let is_refused = refused.is_some();
    // A request was read from the address; it is always written back.
    let json = serde_json::to_string(&request).unwrap_or_default();
    let overwritten = request
        .tables
        .iter()
        .filter(|table| table.existing == Existing::Overwrite)
        .map(|table| table.target.to_string())
        .collect::<Vec<_>>()
        .join(" ");
    let as_of = options.first().map(|option| {
        format!(
            "Times as AWS states them; list prices of {}, without the thawed objects' storage for 3 days.",
            option.as_of
        )
    });
    let count = options.len();
    let fields = options
        .into_iter()
        .enumerate()
        .map(|(place, option)| {
            let name = option.tier.name();
            // The last one costs least.
            let is_first = place + 1 == count;
            view! {
                <label class="check">
                    <input type="radio" name="tier" value=name checked=is_first disabled=is_refused />
                    <span>
                        <b>{name}</b>
                        {format!(": {}", option.takes_and_costs())}
                    </span>
                </label>
            }
        })
        .collect_view();
    let title = format!(
        "{} to {}, after a thaw",
        format::counted(request.tables.len() as u64, "table", "tables"),
        request.target_region
    );
    view! {
        <header>
            <h2>{title}</h2>
            <Status tone=Tone::Warning>"In Glacier"</Status>
        </header>
        <div class="panel-body">
            <section>
                <h3>"Preflight"</h3>
                <Findings preflight address />
            </section>
            <p class="quiet">
                "The restore asks S3, waits, also over restarts, and then makes the plan. Every row is read before anything is \
                 written; where something speaks against it, the restore fails and nothing is written."
            </p>
        </div>
        <footer class="panel-actions">
            <ActionForm action=start attr:class="stack">
                <input type="hidden" name="request" value=json />
                <fieldset class="thaws">
                    <legend>"Thaw, which costs money"</legend>
                    {fields}
                </fieldset>
                {as_of.map(|text| view! { <p class="meta">{text}</p> })}
                <label class="field">
                    <span>"Reason, kept in the audit log"</span>
                    <input
                        type="text"
                        name="reason"
                        maxlength="500"
                        autocomplete="off"
                        placeholder="Ticket or a sentence"
                        disabled=is_refused
                    />
                </label>
                {(!overwritten.is_empty() && !is_refused)
                    .then(|| {
                        view! {
                            <label class="field">
                                <span>
                                    "Items will be overwritten. Type " <code>{overwritten}</code> " to confirm"
                                </span>
                                <input
                                    type="text"
                                    name="overwrite"
                                    required
                                    autocomplete="off"
                                    autocapitalize="none"
                                    spellcheck="false"
                                />
                            </label>
                        }
                    })}
                <div class="action-row">
                    <button class="btn primary" disabled=is_refused>
                        "Thaw and restore"
                    </button>
                </div>
            </ActionForm>
            {refused.map(|why| view! { <p class="why-not">{why} "."</p> })}
            {failure.map(|failure| view! { <FailureLine failure /> })}
        </footer>
    }
}
