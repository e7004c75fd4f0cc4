//! How a table is shown: its order and its columns, kept in the address.

use leptos::prelude::*;

use super::pager::Listing;

/// A column that a table may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name in the address.
    pub(crate) name: &'static str,
    /// Its name on the page.
    pub(crate) label: &'static str,
    /// Whether it is there where nothing was chosen.
    pub(crate) is_default: bool,
}

/// The columns of `all` that are chosen, in their own order; the default ones where none is.
pub(crate) fn chosen(all: &'static [Column], listing: &Listing) -> Vec<Column> {
    let is_chosen = |column: &Column| {
        let names = listing.columns();
        if names
            .iter()
            .any(|name| all.iter().any(|known| known.name == name))
        {
            names.iter().any(|name| name == column.name)
        } else {
            column.is_default
        }
    };
    all.iter().copied().filter(is_chosen).collect()
}

/// A form with both, in a menu. With wasm each choice is followed at once.
#[component]
pub(crate) fn ViewMenu(
    /// The table as it is asked for.
    listing: Listing,
    /// What it can be sorted by: the value in the address, and its name.
    orders: Vec<(&'static str, &'static str)>,
    /// The columns that it may have.
    columns: &'static [Column],
) -> impl IntoView {
    let path = listing.path();
    let shown = chosen(columns, &listing);
    let sort = listing.sort().unwrap_or_default();
    // A header may sort by what the menu does not name; choosing columns keeps that.
    let other = (!orders.iter().any(|(value, _)| *value == sort)).then(|| {
        let sort = sort.clone();
        view! {
            <option value=sort selected=true>
                "As the table's head says"
            </option>
        }
    });
    view! {
        <details class="menu view-menu">
            <summary class="btn">"View"</summary>
            <form method="get" action=path class="menu-body" data-submits="">
                {listing.filter("filter").map(|filter| view! { <input type="hidden" name="filter" value=filter /> })}
                <label class="field">
                    <span>"Sorted by"</span>
                    <select name="sort">
                        {orders
                            .into_iter()
                            .map(|(value, label)| {
                                view! {
                                    <option value=value selected={value == sort}>
                                        {label}
                                    </option>
                                }
                            })
                            .collect_view()}
                        {other}
                    </select>
                </label>
                <fieldset class="checks">
                    <legend>"Columns"</legend>
                    {columns
                        .iter()
                        .copied()
                        .map(|column| {
                            view! {
                                <label class="check">
                                    <input
                                        type="checkbox"
                                        name="column"
                                        value=column.name
                                        checked=shown.contains(&column)
                                    />
                                    {column.label}
                                </label>
                            }
                        })
                        .collect_view()}
                </fieldset>
                <button class="btn">"Show"</button>
            </form>
        </details>
    }
}
