//! How far the preflight looks, and whether it shows values.

use leptos::prelude::*;
use recovery::actor::Permission;
use recovery::preflight::Depth;

use crate::components::viewer::refusal;

/// The fields of the preflight.
#[component]
pub(super) fn PreflightFields(
    /// How far it looks.
    depth: Depth,
    /// Whether it shows values.
    show_values: bool,
) -> impl IntoView {
    let cannot = refusal(Permission::ShowValues);
    let is_refused = cannot.is_some();
    view! {
        <section class="card" aria-labelledby="preflight">
            <header>
                <h2 id="preflight">
                    <span class="n">"5"</span>
                    "Preflight"
                </h2>
                <span class="meta">"nothing is written"</span>
            </header>
            <div class="fields">
                <label class="field">
                    <span>"Looks at"</span>
                    <select name="preflight">
                        <option value="exact" selected=depth == Depth::Exact>
                            "Every row"
                        </option>
                        <option value="quick" selected=depth == Depth::Quick>
                            "Footers alone, which is quicker"
                        </option>
                    </select>
                </label>
                <label class="check">
                    <input type="checkbox" name="values" value="1" checked=show_values && !is_refused disabled=is_refused />
                    "Show values in examples"
                </label>
            </div>
            <p class="quiet">
                {cannot
                    .map_or_else(
                        || "Values are masked otherwise. Who shows them is in the audit log.".to_owned(),
                        |why| format!("{why}."),
                    )}
            </p>
        </section>
    }
}
