//! `/access`: who may come in, what each role may do, and which sources customers see.

use leptos::prelude::*;
use leptos_meta::Title;
use recovery::access::{Access, Entry, Kind};
use recovery::actor::{Permission, Role};

use crate::api::host::read_access;
use crate::components::loaded::Loaded;
use crate::ui::format;
use crate::ui::status::{Status, Tone};
use crate::ui::table::TableFrame;
use crate::ui::time::Time;

/// `/access`.
#[component]
pub(crate) fn AccessPage() -> impl IntoView {
    let access = Resource::new(|| (), |()| read_access());
    view! {
        <Title text="Customers and access" />
        <div class="page-head">
            <div class="headline">
                <h1>"Customers and access"</h1>
                <p>"Who may come in, what each role may do, and which sources a customer sees in the portal."</p>
            </div>
        </div>
        <Loaded resource=access view=move |access| view! { <Content access /> }.into_any() />
    }
}

#[component]
fn Content(access: Access) -> impl IntoView {
    let Access {
        entries,
        configured_in,
    } = access;
    let of = |kind: Kind, customer: bool| -> Vec<Entry> {
        let meant = |entry: &&Entry| entry.kind == kind && (entry.role == Role::Customer) == customer;
        entries.iter().filter(meant).cloned().collect()
    };
    let customers: Vec<Entry> = [Kind::Person, Kind::Token]
        .into_iter()
        .flat_map(|kind| of(kind, true))
        .collect();
    let people = of(Kind::Person, false);
    let tokens = of(Kind::Token, false);
    view! {
        <div class="column">
            <section class="card list" aria-labelledby="people">
                <header>
                    <h2 id="people">"People and tokens"</h2>
                    <span class="meta">
                        {format::counted(people.len() as u64, "person", "people")} ", "
                        {format::counted(tokens.len() as u64, "token", "tokens")} ", for every source"
                    </span>
                </header>
                {table("Table of people and tokens", people.into_iter().chain(tokens).collect())}
            </section>
            <section class="card list" aria-labelledby="customers">
                <header>
                    <h2 id="customers">"Customers"</h2>
                    <span class="meta">"each sees the portal with these sources, and nothing else"</span>
                </header>
                {table("Table of customers", customers)}
            </section>
            <Roles />
            <section class="card" aria-labelledby="changes">
                <header>
                    <h2 id="changes">"Changing it"</h2>
                </header>
                <p>
                    "People and tokens are changed in the configuration, "
                    <code>"[[users]]"</code> " and " <code>"[[tokens]]"</code> ", which this server read from "
                    <b>{configured_in}</b> ". A change holds from the next start on, for open sessions too."
                </p>
            </section>
        </div>
    }
}

fn table(label: &'static str, entries: Vec<Entry>) -> AnyView {
    if entries.is_empty() {
        return view! { <p class="note">"None is configured."</p> }.into_any();
    }
    view! {
        <TableFrame label>
            <table class="grid rows">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Role"</th>
                        <th scope="col">"Sources"</th>
                        <th scope="col">"Signed in"</th>
                    </tr>
                </thead>
                <tbody>{entries.into_iter().map(row).collect_view()}</tbody>
            </table>
        </TableFrame>
    }
    .into_any()
}

fn row(entry: Entry) -> impl IntoView {
    let kind = match entry.kind {
        Kind::Person => "person",
        Kind::Token => "token",
    };
    let sources = match &entry.sources {
        None => "all".to_owned(),
        Some(sources) => sources
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    };
    let signed_in = match (entry.kind, entry.signed_in_at) {
        (_, Some(at)) => view! { <Time at /> }.into_any(),
        (Kind::Person, None) => "no open session here".into_any(),
        (Kind::Token, None) => "tokens do not sign in".into_any(),
    };
    view! {
        <tr>
            <th scope="row">{entry.name}</th>
            <td data-label="Kind">{kind}</td>
            <td data-label="Role">{entry.role.name()}</td>
            <td data-label="Sources">{sources}</td>
            <td data-label="Signed in">{signed_in}</td>
        </tr>
    }
}

/// The one table of permissions.
#[component]
fn Roles() -> impl IntoView {
    view! {
        <section class="card list" aria-labelledby="roles">
            <header>
                <h2 id="roles">"What each role may do"</h2>
                <span class="meta">"the table that the server itself goes by"</span>
            </header>
            <TableFrame label="Roles and permissions">
                <table class="grid access-roles">
                    <thead>
                        <tr>
                            <th scope="col">"Permission"</th>
                            {Role::ALL.into_iter().map(|role| view! { <th scope="col">{role.name()}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        {Permission::ALL
                            .into_iter()
                            .map(|permission| {
                                view! {
                                    <tr>
                                        <th scope="row">{permission.title()}</th>
                                        {Role::ALL
                                            .into_iter()
                                            .map(|role| view! { <td>{held(role, permission)}</td> })
                                            .collect_view()}
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </TableFrame>
        </section>
    }
}

fn held(role: Role, permission: Permission) -> AnyView {
    match (permission.is_of_workers(), role.may(permission)) {
        (true, _) => view! { <span class="quiet">"workers only"</span> }.into_any(),
        (false, true) => view! { <Status tone=Tone::Success>"Yes"</Status> }.into_any(),
        (false, false) => view! { <span class="quiet">"no"</span> }.into_any(),
    }
}
