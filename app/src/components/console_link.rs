//! Links to the AWS console.

use leptos::prelude::*;

use crate::api::installation::installation;

/// A link to a resource in the AWS console, in a tab of its own; nothing where the installation is not on AWS.
#[component]
pub(crate) fn ConsoleLink(
    /// Where, by [`recovery::console`].
    href: String,
    /// What it shows, as part of a name: `the vault`.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    installation().is_aws.then(|| {
        let label = format!("Open {what} in the AWS console");
        view! {
            <a class="console" href=href rel="external noopener noreferrer" target="_blank" aria-label=label.clone() title=label>
                <svg viewBox="0 0 12 12" width="11" height="11" aria-hidden="true">
                    <path d="M4.5 2H2v8h8V7.5M6.5 2H10v3.5M10 2 5.5 6.5" />
                </svg>
                "AWS"
            </a>
        }
    })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::api::installation::Installation;

    fn rendered(is_aws: bool) -> String {
        let owner = Owner::new();
        owner.with(|| {
            provide_context(Installation { is_aws });
            let href = recovery::console::vault(&"us-east-1".parse().unwrap(), "hourly");
            view! { <ConsoleLink href what="the vault" /> }.to_html()
        })
    }

    #[test]
    fn there_is_a_link_on_aws_alone() {
        let html = rendered(true);
        assert!(
            html.contains("us-east-1.console.aws.amazon.com/backup/home"),
            "{html}"
        );
        assert!(
            html.contains("aria-label=\"Open the vault in the AWS console\""),
            "{html}"
        );
        assert!(html.contains("noopener"), "{html}");
        assert!(!rendered(false).contains("<a"));
    }
}
