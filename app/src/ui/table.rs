//! A table that scrolls by itself where it is too wide, and can be reached by keyboard then.

use leptos::prelude::*;

/// Frames a `<table>`.
#[component]
pub(crate) fn TableFrame(
    /// What the table holds.
    #[prop(into)]
    label: String,
    /// The table.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-frame" role="region" aria-label=label tabindex="0">
            {children()}
        </div>
    }
}

/// The head of a column that the table can be sorted by: a link to the table sorted so, or the other way round.
#[component]
pub(crate) fn SortHeader(
    /// The column's name.
    #[prop(into)]
    label: String,
    /// The property that it is sorted by.
    property: &'static str,
    /// What the table is sorted by: `property`, or `-property` for the largest first.
    sort: String,
    /// Whether the largest comes first where it is not sorted by this yet.
    #[prop(optional)]
    largest_first: bool,
    /// Whether the cells are numbers.
    #[prop(optional)]
    numeric: bool,
    /// The address of the table sorted by something.
    address: Callback<String, String>,
) -> impl IntoView {
    let descending = format!("-{property}");
    let (order, next) = match sort.as_str() {
        sort if sort == property => (Some("ascending"), descending),
        sort if sort == descending => (Some("descending"), property.to_owned()),
        _ if largest_first => (None, descending),
        _ => (None, property.to_owned()),
    };
    view! {
        <th scope="col" class:num=numeric aria-sort=order>
            <a class="sort" href=address.run(next)>
                {label}
                <svg viewBox="0 0 8 12" width="8" height="12" aria-hidden="true">
                    <path class="up" d="M4 1.5 7 5H1z" />
                    <path class="down" d="M4 10.5 1 7h6z" />
                </svg>
            </a>
        </th>
    }
}
