//! The way through a long list: its filters and its pages are in the address.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::empty_state::EmptyState;
use super::link::with_query;

/// A list as its address asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    path: &'static str,
    filters: Vec<(&'static str, Option<String>)>,
    /// What it is sorted by: `name`, or `-name` for the largest first.
    sort: Option<String>,
    /// The columns that are chosen; none where that was left to the page.
    columns: Vec<String>,
    /// Where the page begins; the first page has none.
    pub(crate) cursor: Option<String>,
}

impl Listing {
    /// The list at `path`, which takes `filters`, as the address of this page asks for it.
    pub(crate) fn of_address(path: &'static str, filters: &'static [&'static str]) -> Self {
        let query = use_query_map().get_untracked();
        let value = |name: &str| query.get(name).filter(|value| !value.is_empty());
        Self {
            path,
            filters: filters.iter().map(|name| (*name, value(name))).collect(),
            sort: value("sort"),
            columns: query
                .get_all("column")
                .unwrap_or_default()
                .iter()
                .flat_map(|names| names.split(','))
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            cursor: value("cursor"),
        }
    }

    /// What is asked for by a filter.
    pub(crate) fn filter(&self, name: &str) -> Option<String> {
        let filter = self.filters.iter().find(|(known, _)| *known == name);
        filter.and_then(|(_, value)| value.clone())
    }

    /// Whether a filter is set.
    pub(crate) fn is_filtered(&self) -> bool {
        self.filters.iter().any(|(_, value)| value.is_some())
    }

    /// The same with another value of a filter, from its first page on.
    pub(crate) fn filtered(mut self, name: &'static str, value: Option<String>) -> Self {
        self.filters.retain(|(known, _)| *known != name);
        self.filters.push((name, value));
        self.cursor = None;
        self
    }

    /// The address of its first page.
    pub(crate) fn address(&self) -> String {
        self.page(None)
    }

    /// The list's own path.
    pub(crate) fn path(&self) -> &'static str {
        self.path
    }

    /// What it is sorted by.
    pub(crate) fn sort(&self) -> Option<String> {
        self.sort.clone()
    }

    /// The columns that are chosen; none where that was left to the page.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The first page of the same, sorted otherwise.
    pub(crate) fn sorted(&self, sort: &str) -> String {
        let sort = Some(sort.to_owned()).filter(|sort| !sort.is_empty());
        let other = Self { sort, ..self.clone() };
        other.page(None)
    }

    /// The page of the same filters that begins at `cursor`.
    fn page(&self, cursor: Option<&str>) -> String {
        let columns = self.columns.join(",");
        let filters = self.filters.iter().map(|(name, value)| (*name, value.as_deref()));
        let view = [
            ("sort", self.sort.as_deref()),
            ("column", Some(columns.as_str())),
            ("cursor", cursor),
        ];
        with_query(self.path, filters.chain(view))
    }
}

/// Links to the first page and the next one; nothing where all fits on one page.
#[component]
pub(crate) fn Pager(
    /// The page that is shown.
    listing: Listing,
    /// Where the next page begins, if there is one.
    next: Option<String>,
    /// The words of the link to the first page.
    #[prop(default = "Newest")]
    first_words: &'static str,
    /// The words of the link to the next page.
    #[prop(default = "Older")]
    next_words: &'static str,
) -> impl IntoView {
    let first = listing.cursor.is_some().then(|| listing.page(None));
    let next = next.map(|cursor| listing.page(Some(&cursor)));
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages">
                {first
                    .map(|href| {
                        view! {
                            <a class="btn" href=href>
                                {first_words}
                            </a>
                        }
                    })}
                {next
                    .map(|href| {
                        view! {
                            <a class="btn" href=href rel="next">
                                {next_words}
                            </a>
                        }
                    })}
            </nav>
        }
    })
}

/// What stands in place of a page without entries: whether nothing matches, or there is nothing yet.
#[component]
pub(crate) fn EmptyPage(
    /// The page that is shown.
    listing: Listing,
    /// The title where nothing matches.
    no_match: &'static str,
    /// The words of the link to everything.
    show_all: &'static str,
    /// The title where there is nothing yet.
    none_yet: &'static str,
    /// When there will be something, and what to do.
    children: Children,
) -> impl IntoView {
    if listing.is_filtered() || listing.cursor.is_some() {
        let all = Listing {
            filters: Vec::new(),
            ..listing
        };
        view! {
            <EmptyState title=no_match>
                <p>
                    <a class="btn" href=all.page(None)>
                        {show_all}
                    </a>
                </p>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <EmptyState title=none_yet>{children()}</EmptyState> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_keep_the_filters_and_the_first_one_has_no_cursor() {
        let listing = Listing {
            path: "/audit",
            filters: vec![("subject", Some("r 1".to_owned())), ("state", None)],
            sort: None,
            columns: Vec::new(),
            cursor: Some("b".to_owned()),
        };
        assert_eq!(listing.page(None), "/audit?subject=r%201");
        assert_eq!(listing.page(Some("c")), "/audit?subject=r%201&cursor=c");
        assert_eq!(listing.filter("subject").as_deref(), Some("r 1"));
        assert!(listing.is_filtered());
        assert_eq!(listing.filter("state"), None);
        let listing = Listing {
            columns: vec!["made".to_owned(), "size".to_owned()],
            ..listing
        };
        assert_eq!(
            listing.sorted("-size"),
            "/audit?subject=r%201&sort=-size&column=made%2Csize"
        );
        let other = listing.filtered("subject", Some("x".to_owned()));
        assert_eq!(other.page(None), "/audit?subject=x&column=made%2Csize");
    }
}
