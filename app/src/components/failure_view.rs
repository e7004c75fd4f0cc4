//! Why there is nothing to show, and what to do about it. Each reason looks different.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::api::Failure;
use crate::ui::copy_button::CopyLine;
use crate::ui::empty_state::EmptyState;
use crate::ui::link::with_query;
use crate::ui::status::{Status, Tone};

/// Stands in the place of a page's content, with the status code that belongs to it.
#[component]
pub(crate) fn FailureView(
    /// Why.
    failure: Failure,
    /// Whether it is the whole page.
    alone: bool,
) -> impl IntoView {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(match failure {
            Failure::SignedOut => http::StatusCode::UNAUTHORIZED,
            Failure::NotPermitted { .. } => http::StatusCode::FORBIDDEN,
            Failure::NotFound { .. } => http::StatusCode::NOT_FOUND,
            Failure::Filter(_) => http::StatusCode::BAD_REQUEST,
            Failure::Refused { .. } => http::StatusCode::CONFLICT,
            Failure::Unreachable { .. } => http::StatusCode::SERVICE_UNAVAILABLE,
        });
    }
    let hint = failure.hint().map(str::to_owned);
    let text = failure.to_string();
    match failure {
        Failure::SignedOut => {
            let location = use_location();
            let search = location.search.get_untracked();
            let mark = if search.is_empty() || search.starts_with('?') {
                ""
            } else {
                "?"
            };
            let here = format!("{}{mark}{search}", location.pathname.get_untracked());
            let href = with_query("/sign-in", [("next", Some(here.as_str()))]);
            view! {
                <EmptyState title="You are signed out" alone>
                    <p>"Your session has ended. Sign in to go on where you were."</p>
                    <p>
                        <a class="btn primary" href=href>
                            "Sign in"
                        </a>
                    </p>
                </EmptyState>
            }
            .into_any()
        }
        Failure::NotPermitted { needs } => view! {
            <EmptyState title="You may not do this" alone>
                <p>{format!("It needs the {} role. Ask somebody who has it.", needs.name())}</p>
            </EmptyState>
        }
        .into_any(),
        Failure::NotFound { .. } => view! {
            <EmptyState title="Not found" alone>
                <p>{text}</p>
                <p>"It may have been removed, or the address is mistyped."</p>
                <p>
                    <a class="btn" href="/">
                        "Go to the overview"
                    </a>
                </p>
            </EmptyState>
        }
        .into_any(),
        Failure::Refused { .. } => view! {
            <EmptyState title="This cannot be done" alone>
                <p>{text}</p>
                {hint.map(|hint| view! { <p>{hint}</p> })}
            </EmptyState>
        }
        .into_any(),
        Failure::Filter(error) => view! {
            <EmptyState title="The filter is not understood" alone>
                <p>{format!("At character {}: {}.", error.position, error.problem)}</p>
                {(!error.possible.is_empty())
                    .then(|| {
                        view! {
                            <p>"Possible there:"</p>
                            <ul class="possible">
                                {error
                                    .possible
                                    .into_iter()
                                    .map(|possible| {
                                        view! {
                                            <li>
                                                <code>{possible}</code>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        }
                    })}
            </EmptyState>
        }
        .into_any(),
        Failure::Unreachable { request_id, .. } => view! {
            <EmptyState title="No answer" alone>
                <p>{text}</p>
                {hint.map(|hint| view! { <p>{hint}</p> })}
                <p>"Nothing can be said about the backups until this works again."</p>
                {request_id
                    .map(|id| {
                        view! {
                            <p>"The server's logs tell more under this request id."</p>
                            <CopyLine text=id what="request id" />
                        }
                    })}
            </EmptyState>
        }
        .into_any(),
    }
}

/// A line that explains a failed action in its place.
#[component]
pub(crate) fn FailureLine(
    /// Why.
    failure: Failure,
) -> impl IntoView {
    let hint = failure.hint().map(str::to_owned);
    view! {
        <div class="alert error" role="alert">
            <Status tone=Tone::Error>{failure.to_string()}</Status>
            {hint.map(|hint| view! { <p>{hint}</p> })}
        </div>
    }
}
