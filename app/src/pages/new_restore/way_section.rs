//! How the items come into the tables.

use leptos::prelude::*;
use recovery::plan::Way;

use crate::ui::form::Field;

/// The ways, one of them chosen; where the objects of an import lie is asked for of that way alone.
#[component]
pub(super) fn WayFields(
    /// What is chosen.
    way: Way,
) -> impl IntoView {
    let is_write = way.is_write();
    let (bucket, prefix) = match way {
        Way::Write => Default::default(),
        Way::Import { bucket, prefix } => (bucket, prefix),
    };
    view! {
        <section class="card" aria-labelledby="way">
            <header>
                <h2 id="way">
                    <span class="n">"4"</span>
                    "Way"
                </h2>
                <span class="meta">"how the items come into the tables"</span>
            </header>
            <div class="choices" role="radiogroup" aria-labelledby="way">
                <label class="choice">
                    <span class="check">
                        <input type="radio" name="way" value="write" checked=is_write />
                        <b>"Write in batches"</b>
                    </span>
                    <small class="quiet">
                        "Takes the tables' write capacity. Can be paused and stopped."
                    </small>
                </label>
                <label class="choice">
                    <span class="check">
                        <input type="radio" name="way" value="import" class="import" checked=!is_write />
                        <b>"Import from S3"</b>
                    </span>
                    <small class="quiet">
                        "For large tables: DynamoDB makes them from objects put into S3, without write capacity. What it has \
                         begun cannot be stopped."
                    </small>
                </label>
            </div>
            <div class="import-work">
                <div class="fields">
                    <Field name="work_bucket" value=bucket length_max=63>
                        "Work bucket, in the target Region"
                    </Field>
                    <Field name="work_prefix" value=prefix length_max=512>
                        "Prefix, if not the bucket's root"
                    </Field>
                </div>
                <p class="quiet">"The objects lie there while the restore goes on, and are removed when it ends."</p>
            </div>
        </section>
    }
}
