//! `/settings`: Regions, accounts, versions, the configuration in force, and when everything it depends on last answered.

use leptos::prelude::*;
use leptos_meta::Title;
use recovery::about::{About, ConfiguredAccount, ConfiguredRegion, Server, Setting};
use recovery::dependency::{Dependency, Standing};

use crate::api::host::read_about;
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::ui::format::{self, TimeForm};
use crate::ui::status::{Status, Tone};
use crate::ui::table::TableFrame;
use crate::ui::time::{Ago, Time};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u32 = 15;

/// `/settings`.
#[component]
pub(crate) fn SettingsPage() -> impl IntoView {
    let about = Resource::new(|| (), |()| read_about());
    view! {
        <Title text="Settings and about" />
        <Loaded resource=about alone=true view=move |about| view! { <Content about /> }.into_any() />
    }
}

#[component]
fn Content(about: About) -> impl IntoView {
    let About {
        server,
        regions,
        accounts,
        settings,
        dependencies,
        now,
    } = about;
    let (tone, words) = sentence(&dependencies);
    let all: Vec<Setting> = server.settings.iter().cloned().chain(settings).collect();
    let place = server.configured_in.clone();
    view! {
        <div class="page-head">
            <div class="headline">
                <h1>"Settings and about"</h1>
                <p>
                    <Status tone>{words}</Status>
                </p>
            </div>
            <div class="tools">
                <LiveStatus every=REFRESH_SECONDS now />
            </div>
        </div>
        <div class="column">
            <Dependencies dependencies now />
            <Regions regions />
            <Accounts accounts />
            <Versions server now />
            <section class="card list" aria-labelledby="configuration">
                <header>
                    <h2 id="configuration">"Configuration in force"</h2>
                    <span class="meta">{format!("from {place}; secrets are never shown")}</span>
                </header>
                <TableFrame label="Table of the configuration">
                    <table class="grid rows settings">
                        <thead>
                            <tr>
                                <th scope="col">"Setting"</th>
                                <th scope="col">"Value"</th>
                            </tr>
                        </thead>
                        <tbody>
                            {all
                                .into_iter()
                                .map(|setting| {
                                    view! {
                                        <tr>
                                            <th scope="row">
                                                <code>{setting.name}</code>
                                            </th>
                                            <td class="wide">
                                                <code>{setting.value}</code>
                                            </td>
                                        </tr>
                                    }
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                </TableFrame>
            </section>
        </div>
    }
}

fn tone_of(standing: Standing) -> (Tone, &'static str) {
    match standing {
        Standing::Answers => (Tone::Success, "Answers"),
        Standing::NotCalled => (Tone::NotStarted, "Not called yet"),
        Standing::Refuses => (Tone::Warning, "Refuses or fails"),
        Standing::Unreachable => (Tone::Error, "Unreachable"),
    }
}

/// How everything stands.
fn sentence(dependencies: &[Dependency]) -> (Tone, String) {
    let count = |meant: Standing| {
        let stands = |seen: &&Dependency| seen.contact.standing() == meant;
        dependencies.iter().filter(stands).count() as u64
    };
    let services = |number: u64, verb: &str, verbs: &str| {
        let verb = if number == 1 { verb } else { verbs };
        format!("{} {verb}", format::counted(number, "service", "services"))
    };
    let (unreachable, refusing) = (count(Standing::Unreachable), count(Standing::Refuses));
    match (unreachable, refusing, count(Standing::Answers)) {
        (0, 0, 0) => (Tone::NotStarted, "No service has been called yet".to_owned()),
        (0, 0, _) => (Tone::Success, "Every service that was called answers".to_owned()),
        (0, refusing, _) => (
            Tone::Warning,
            services(refusing, "refuses or fails", "refuse or fail"),
        ),
        (unreachable, _, _) => (
            Tone::Error,
            services(unreachable, "cannot be reached", "cannot be reached"),
        ),
    }
}

/// Each service in each Region and account.
#[component]
fn Dependencies(dependencies: Vec<Dependency>, now: jiff::Timestamp) -> impl IntoView {
    view! {
        <section class="card list" aria-labelledby="dependencies">
            <header>
                <h2 id="dependencies">"Services"</h2>
                <span class="meta">"as this server's process has seen them, those that fail first"</span>
            </header>
            <TableFrame label="Table of services">
                <table class="grid rows">
                    <thead>
                        <tr>
                            <th scope="col">"Service"</th>
                            <th scope="col">"Region"</th>
                            <th scope="col">"Account"</th>
                            <th scope="col">"Status"</th>
                            <th scope="col">"Last answer"</th>
                            <th scope="col">"Last failure"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {dependencies.into_iter().map(|dependency| dependency_row(dependency, now)).collect_view()}
                    </tbody>
                </table>
            </TableFrame>
        </section>
    }
}

fn dependency_row(dependency: Dependency, now: jiff::Timestamp) -> impl IntoView {
    let contact = dependency.contact;
    let (tone, words) = tone_of(contact.standing());
    let since = contact.failing_since;
    let account = dependency
        .account
        .map_or_else(|| "own credentials".to_owned(), |account| account.to_string());
    view! {
        <tr>
            <th scope="row">{dependency.service}</th>
            <td data-label="Region">
                <code>{dependency.region.to_string()}</code>
            </td>
            <td data-label="Account">{account}</td>
            <td data-label="Status">
                <Status tone>{words}</Status>
                {since.map(|at| view! { <small>"since " <Time at form=TimeForm::ShortZone /></small> })}
            </td>
            <td data-label="Last answer">
                {match contact.last_success {
                    Some(at) => view! { <Ago at now /> }.into_any(),
                    None => "never".into_any(),
                }}
            </td>
            <td data-label="Last failure" class="wide">
                {match contact.last_failure {
                    Some(failed) => {
                        let at = failed.at;
                        view! {
                            <Ago at now />
                            <small class="words">{failed.words}</small>
                        }
                        .into_any()
                    }
                    None => "none".into_any(),
                }}
            </td>
        </tr>
    }
}

#[component]
fn Regions(regions: Vec<ConfiguredRegion>) -> impl IntoView {
    view! {
        <section class="card list" aria-labelledby="regions">
            <header>
                <h2 id="regions">"Regions"</h2>
                <span class="meta">"home first"</span>
            </header>
            <TableFrame label="Table of Regions">
                <table class="grid rows">
                    <thead>
                        <tr>
                            <th scope="col">"Region"</th>
                            <th scope="col">"Used for"</th>
                            <th scope="col">"Bucket"</th>
                            <th scope="col">"Vaults"</th>
                        </tr>
                    </thead>
                    <tbody>{regions.into_iter().map(region_row).collect_view()}</tbody>
                </table>
            </TableFrame>
        </section>
    }
}

fn region_row(region: ConfiguredRegion) -> impl IntoView {
    let uses: Vec<&str> = [
        (region.is_home, "home"),
        (region.is_control, "control table"),
        (true, "copies"),
    ]
    .into_iter()
    .filter_map(|(used, name)| used.then_some(name))
    .collect();
    let name = region.place.name.clone();
    let vaults = if region.vaults.is_empty() {
        vec!["none".to_owned()]
    } else {
        let told = |(name, account): (String, _)| format!("{name} ({account})");
        region.vaults.into_iter().map(told).collect()
    };
    view! {
        <tr>
            <th scope="row">
                <code>{region.place.region.to_string()}</code>
                {name.map(|name| view! { <small class="quiet">{name}</small> })}
            </th>
            <td data-label="Used for">{uses.join(", ")}</td>
            <td data-label="Bucket">
                <code>{region.bucket}</code>
                <small class="quiet">{region.account.to_string()}</small>
            </td>
            <td data-label="Vaults">{vaults.into_iter().map(|vault| view! { <div>{vault}</div> }).collect_view()}</td>
        </tr>
    }
}

#[component]
fn Accounts(accounts: Vec<ConfiguredAccount>) -> impl IntoView {
    view! {
        <section class="card list" aria-labelledby="accounts">
            <header>
                <h2 id="accounts">"Accounts"</h2>
                <span class="meta">"home first"</span>
            </header>
            <TableFrame label="Table of accounts">
                <table class="grid rows">
                    <thead>
                        <tr>
                            <th scope="col">"Account"</th>
                            <th scope="col">"Reached by"</th>
                            <th scope="col">"External id"</th>
                        </tr>
                    </thead>
                    <tbody>{accounts.into_iter().flat_map(account_rows).collect_view()}</tbody>
                </table>
            </TableFrame>
        </section>
    }
}

/// One row for each role, or one for the server's own credentials.
fn account_rows(account: ConfiguredAccount) -> Vec<AnyView> {
    let row = |by: String, regions: String, external: &'static str| {
        let id = account.id.to_string();
        let home = account
            .is_home
            .then(|| view! { <small class="quiet">"home"</small> });
        view! {
            <tr>
                <th scope="row">{id} {home}</th>
                <td data-label="Reached by">
                    <code>{by}</code>
                    <small class="quiet">{regions}</small>
                </td>
                <td data-label="External id">{external}</td>
            </tr>
        }
        .into_any()
    };
    if account.roles.is_empty() {
        return vec![row(
            "the server's own credentials".to_owned(),
            String::new(),
            "not needed",
        )];
    }
    let of = |role: &recovery::about::ConfiguredRole| {
        let regions: Vec<String> = role.regions.iter().map(ToString::to_string).collect();
        let regions = if regions.is_empty() {
            "every Region".to_owned()
        } else {
            regions.join(", ")
        };
        let external = if role.has_external_id { "set" } else { "not set" };
        row(role.arn.clone(), regions, external)
    };
    account.roles.iter().map(of).collect()
}

#[component]
fn Versions(server: Server, now: jiff::Timestamp) -> impl IntoView {
    let started = server.started_at;
    view! {
        <section class="card" aria-labelledby="versions">
            <header>
                <h2 id="versions">"Versions"</h2>
            </header>
            <dl class="about">
                <div>
                    <dt>"AWS Data Restore"</dt>
                    <dd>{server.version}</dd>
                </div>
                <div>
                    <dt>"Commit"</dt>
                    <dd>{server.commit.unwrap_or_else(|| "not recorded by this build".to_owned())}</dd>
                </div>
                <div>
                    <dt>"Started"</dt>
                    <dd>
                        <Time at=started /> " (" <Ago at=started now /> ")"
                    </dd>
                </div>
                {server
                    .built_with
                    .into_iter()
                    .map(|(name, version)| {
                        view! {
                            <div>
                                <dt>
                                    <code>{name}</code>
                                </dt>
                                <dd>{version}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
        </section>
    }
}
