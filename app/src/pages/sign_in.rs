//! Signing in: a plain form, which works before and without wasm.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::components::header::Logo;
use crate::components::viewer::viewer;
use crate::ui::link::is_own_path;

/// `/sign-in?next=&error=`.
#[component]
pub(crate) fn SignInPage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let next = query
        .get("next")
        .filter(|next| is_own_path(next))
        .unwrap_or_else(|| "/".to_owned());
    let error = query.get("error").map(|code| message(&code));
    let described = error.is_some().then_some("sign-in-error");
    let user = viewer();
    let go_on = next.clone();
    view! {
        <Title text="Sign in" />
        <section class="sign-in">
            <div class="sign-in-mark">
                <Logo />
            </div>
            <h1>"Sign in to Data Restore"</h1>
            {user
                .map(|user| {
                    view! {
                        <p class="sub">
                            "You are signed in as " <b>{user.name}</b> ". " <a href=go_on>"Go on"</a>
                            ", or sign in as somebody else."
                        </p>
                    }
                })}
            {error
                .map(|error| {
                    view! {
                        <p class="alert error" role="alert" id="sign-in-error">
                            {error}
                        </p>
                    }
                })} <form method="post" action="/sign-in" class="stack">
                <input type="hidden" name="next" value=next />
                <label class="field">
                    <span>"Name"</span>
                    <input
                        name="name"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        required
                        autofocus
                        aria-describedby=described
                    />
                </label>
                <label class="field">
                    <span>"Password"</span>
                    <input
                        name="password"
                        type="password"
                        autocomplete="current-password"
                        required
                        aria-describedby=described
                    />
                </label>
                <button class="btn primary">"Sign in"</button>
            </form>
        </section>
    }
}

/// What an error code of the sign-in form says to people.
fn message(code: &str) -> &'static str {
    match code {
        "wait" => "Too many attempts. Wait a minute, then try again.",
        _ => "Name and password do not match. Check both and try again.",
    }
}
