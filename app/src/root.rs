//! The root component: contexts, routes and the frame around every page.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use crate::api::installation::installation;
use crate::api::preferences::preferences;
use crate::api::session::user;
use crate::components::header::Header;
use crate::components::viewer::provide_viewer;
use crate::pages::access::AccessPage;
use crate::pages::audit::AuditPage;
use crate::pages::compliance::CompliancePage;
use crate::pages::kit::KitPage;
use crate::pages::new_restore::NewRestorePage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::overview::OverviewPage;
use crate::pages::policies::PoliciesPage;
use crate::pages::portal::{PortalDatabasePage, PortalPage};
use crate::pages::recovery_point::RecoveryPointPage;
use crate::pages::recovery_points::RecoveryPointsPage;
use crate::pages::restore::RestorePage;
use crate::pages::restores::RestoresPage;
use crate::pages::settings::SettingsPage;
use crate::pages::sign_in::SignInPage;
use crate::pages::sources::SourcesPage;

/// Every page, with the frame around it.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let user = user();
    if user.is_none() {
        send_to_sign_in();
    }
    provide_context(installation());
    provide_viewer(user);
    let preferences = preferences();

    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Data Restore".to_owned() } else { format!("{title} · Data Restore") }
        } />
        <Router>
            <a class="skip" href="#main">
                "Skip to content"
            </a>
            <Header preferences />
            <main id="main" tabindex="-1">
                <Routes fallback=NotFoundPage>
                    <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async />
                    <Route path=path!("/sources") view=SourcesPage ssr=SsrMode::Async />
                    <Route path=path!("/recovery-points") view=RecoveryPointsPage ssr=SsrMode::Async />
                    <Route path=path!("/recovery-points/:id") view=RecoveryPointPage ssr=SsrMode::Async />
                    <Route path=path!("/restores") view=RestoresPage ssr=SsrMode::Async />
                    <Route path=path!("/restores/new") view=NewRestorePage ssr=SsrMode::Async />
                    <Route path=path!("/restores/:id") view=RestorePage ssr=SsrMode::Async />
                    <Route path=path!("/policies") view=PoliciesPage ssr=SsrMode::Async />
                    <Route path=path!("/compliance") view=CompliancePage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=SettingsPage ssr=SsrMode::Async />
                    <Route path=path!("/access") view=AccessPage ssr=SsrMode::Async />
                    <Route path=path!("/portal") view=PortalPage ssr=SsrMode::Async />
                    <Route path=path!("/portal/databases/:database") view=PortalDatabasePage ssr=SsrMode::Async />
                    <Route path=path!("/ui") view=KitPage ssr=SsrMode::Async />
                    <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                </Routes>
            </main>
        </Router>
    }
}

/// Sends a signed-out reader to the sign-in page and back to where they wanted to be afterwards.
fn send_to_sign_in() {
    let Some(parts) = use_context::<http::request::Parts>() else {
        // Routes are being listed; nobody asked for a page.
        return;
    };
    if parts.uri.path() == "/sign-in" {
        return;
    }
    let wanted = parts
        .uri
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str);
    leptos_axum::redirect(&format!("/sign-in?next={}", crate::ui::link::encode(wanted)));
}
