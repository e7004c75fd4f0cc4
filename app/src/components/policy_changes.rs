//! What the policies need of AWS Backup, and the button that does it.

use jiff::Timestamp;
use leptos::form::ActionForm;
use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::policy::PolicyChanges;

use super::failure_view::FailureLine;
use super::viewer::refusal;
use crate::api::policies::ApplyPolicies;
use crate::ui::format;
use crate::ui::time::Ago;

/// The changes as a diff, and a button that makes exactly these. Nothing where nothing is needed.
#[component]
pub(crate) fn PolicyChangesCard(
    /// What they need.
    needed: PolicyChanges,
    /// Does it.
    apply: ServerAction<ApplyPolicies>,
    /// Now, as the data say.
    now: Timestamp,
) -> impl IntoView {
    let failure = apply.value().get_untracked().and_then(Result::err);
    let count = needed.changes.len() as u64;
    let failed = failure.map(|failure| view! { <FailureLine failure /> });
    if count == 0 {
        return failed.into_any();
    }
    let refused = refusal(Permission::ApplyPolicies);
    let is_refused = refused.is_some();
    let at = needed.seen_at;
    let title = format::counted(count, "change is needed", "changes are needed");
    view! {
        <section class="card" aria-labelledby="policy-changes">
            <header>
                <h2 id="policy-changes">{title}</h2>
                <span class="meta">"of AWS Backup, seen " <Ago at now /></span>
            </header>
            <div class="stack">
                <pre class="diff">{needed.diff.join("\n")}</pre>
                <p class="quiet">
                    "Nothing is ever removed: no recovery point, vault, plan, rule, copy action or selection. Where anything else is \
                     needed by now, nothing is done."
                </p>
                <ActionForm action=apply attr:class="action-row">
                    <input type="hidden" name="digest" value=needed.digest />
                    <button class="btn primary" disabled=is_refused>
                        "Apply policies"
                    </button>
                </ActionForm>
                {refused.map(|why| view! { <p class="why-not">{why} "."</p> })}
                {failed}
            </div>
        </section>
    }
    .into_any()
}
