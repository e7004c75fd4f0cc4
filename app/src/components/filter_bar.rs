//! A property filter: a field with suggestions, and what can be written there.

use leptos::prelude::*;
use recovery::filter::equals;

use crate::islands::filter_field::{FilterField, Filtered, Known};
use crate::ui::link::with_query;
use crate::ui::pager::Listing;

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
    listing: Listing,
    /// What is filtered.
    filtered: Filtered,
    /// Values to suggest.
    known: Known,
    /// An example.
    example: &'static str,
) -> impl IntoView {
    let schema = filtered.schema();
    let columns = listing.columns().join(",");
    let value = listing.filter("filter").unwrap_or_default();
    let clear = listing
        .is_filtered()
        .then(|| listing.clone().filtered("filter", None).address());
    view! {
        <form method="get" action=listing.path() class="filter-bar" role="search">
            <FilterField filtered value known example=example.to_owned() />
            {listing.sort().map(|sort| view! { <input type="hidden" name="sort" value=sort /> })}
            {(!columns.is_empty()).then(|| view! { <input type="hidden" name="column" value=columns /> })}
            <button class="btn">"Filter"</button>
            {clear
                .map(|href| {
                    view! {
                        <a class="clear" href=href>
                            "Clear filter"
                        </a>
                    }
                })}
        </form>
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
