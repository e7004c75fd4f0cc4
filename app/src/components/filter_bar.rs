//! A property filter: a field with suggestions, and what can be written there.

use leptos::prelude::*;
use leptos_router::components::Form;
use recovery::filter::{Property, Schema, equals, suggestions};

use crate::ui::combobox::{Choice, Combobox, Preselected};
use crate::ui::link::with_query;
use crate::ui::pager::Listing;

/// The values that are known of a property, where its kind does not tell them.
pub(crate) type Known = Signal<Vec<(&'static str, Vec<String>)>>;

/// The address of the recovery points of a source.
pub(crate) fn points_of(source: &str) -> String {
    with_query(
        "/recovery-points",
        [("filter", Some(equals("source", source).as_str()))],
    )
}

/// The form of a table's filter.
#[component]
pub(crate) fn FilterBar(
    /// The table as it is asked for.
    #[prop(into)]
    listing: Signal<Listing>,
    /// What it can be filtered by.
    schema: &'static Schema,
    /// Values to suggest.
    known: Known,
    /// An example.
    example: &'static str,
) -> impl IntoView {
    let first = listing.get_untracked();
    let path = first.path();
    let text = RwSignal::new(first.filter("filter").unwrap_or_default());
    // The address is the truth: going back shows the filter that belongs to it.
    Effect::new(move |_| text.set(listing.with(|listing| listing.filter("filter").unwrap_or_default())));
    let choices = Signal::derive(move || {
        let known = known.get();
        let of = |property: &Property| {
            let found = known.iter().find(|(name, _)| *name == property.name);
            found.map(|(_, values)| values.clone()).unwrap_or_default()
        };
        suggestions(&text.get(), schema, of)
            .into_iter()
            .map(|suggestion| Choice {
                value: suggestion.text,
                label: suggestion.adds,
                detail: suggestion.means,
            })
            .collect()
    });
    let choose = Callback::new(move |choice: Choice| text.set(choice.value));
    view! {
        <Form method="GET" action=path noscroll=true attr:class="filter-bar" attr:role="search">
            <Combobox
                id="filter"
                name="filter"
                label="Filter by properties"
                placeholder=example
                text
                choices
                preselected=Preselected::None
                choose
            />
            {move || {
                let listing = listing.get();
                let columns = listing.columns().join(",");
                view! {
                    {listing.sort().map(|sort| view! { <input type="hidden" name="sort" value=sort /> })}
                    {(!columns.is_empty()).then(|| view! { <input type="hidden" name="column" value=columns /> })}
                }
            }}
            <button class="btn">"Filter"</button>
            {move || {
                let listing = listing.get();
                listing
                    .is_filtered()
                    .then(|| {
                        view! {
                            <a class="clear" href=listing.filtered("filter", None).address()>
                                "Clear filter"
                            </a>
                        }
                    })
            }}
        </Form>
        <details class="filter-help">
            <summary>"What can be filtered by"</summary>
            <p class="quiet">
                "Compare a property with " <code>"="</code> " " <code>"!="</code> " " <code>":"</code> " (contains) " <code>"<"</code>
                " " <code>"<="</code> " " <code>">"</code> " " <code>">="</code> ", join conditions with " <code>"and"</code> ", "
                <code>"or"</code> " and parentheses, and put a value with spaces in quotes."
            </p>
            <dl class="properties">
                {schema
                    .properties
                    .iter()
                    .map(|property| {
                        view! {
                            <div>
                                <dt>
                                    <code>{property.name}</code>
                                </dt>
                                <dd>
                                    {property.means} <small class="quiet">{property.kind.form()}</small>
                                </dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </details>
    }
}
