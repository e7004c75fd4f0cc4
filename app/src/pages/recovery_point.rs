//! `/recovery-points/{id}`: everything known of one recovery point.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use recovery::console;

use crate::api::exports::AskForExport;
use crate::api::points::{CheckAgain, PointView, RepairCopies, ThawCopy, read_point};
use crate::components::console_link::ConsoleLink;
use crate::components::copies::CopyCards;
use crate::components::export_button::ExportButton;
use crate::components::filter_bar::points_of;
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::components::point_actions::PointActions;
use crate::components::point_steps::PointSteps;
use crate::components::repair_copies::RepairPanel;
use crate::components::state_badge::StateBadge;
use crate::components::tables::TablesInFull;
use crate::ui::copy_button::{CopyButton, CopyLine};
use crate::ui::crumbs::Crumbs;
use crate::ui::format::{self, TimeForm};
use crate::ui::time::{Ago, Time};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u32 = 15;

/// `/recovery-points/{id}`.
#[component]
pub(crate) fn RecoveryPointPage() -> impl IntoView {
    let params = use_params_map().get_untracked();
    let id = params.get("id").unwrap_or_default();
    let check = ServerAction::<CheckAgain>::new();
    let ask = ServerAction::<AskForExport>::new();
    let repair = ServerAction::<RepairCopies>::new();
    let thaw = ServerAction::<ThawCopy>::new();
    let point = Resource::new(|| (), move |()| read_point(id.clone()));
    view! { <Loaded resource=point alone=true view=move |point| view! { <Content view=point check ask repair thaw /> }.into_any() /> }
}

#[component]
fn Content(
    view: PointView,
    check: ServerAction<CheckAgain>,
    ask: ServerAction<AskForExport>,
    repair: ServerAction<RepairCopies>,
    thaw: ServerAction<ThawCopy>,
) -> impl IntoView {
    let PointView { point, thaws, now } = view;
    let at = point.created_at;
    let title = format!("{}, {}", point.source, format::time(at, 0, true, TimeForm::Full));
    let source = point.source.to_string();
    let above = vec![
        ("/recovery-points".to_owned(), "Recovery points".to_owned()),
        (points_of(&source), source.clone()),
    ];
    let actions = view! { <PointActions point=&point region=None check /> };
    let steps = view! {
        <PointSteps point=&point region=None />
        <ExportButton point=&point ask />
    };
    let repairs = view! { <RepairPanel point=&point repair /> };
    let held_against = match point.adopted_at {
        Some(_) => "each held against the evidence beside it, object by object",
        None => "each compared with the export, object by object",
    };
    let adopted = point.adopted_at.map(|at| {
        view! {
            <p class="note">
                "Known from the evidence beside its copies: no vault that is looked at from here lists it. Taken up "
                <Time at form=TimeForm::Full /> "."
            </p>
        }
    });
    let is_exported = !point.tables.is_empty();
    // The folder of an export is named after its task.
    let task = point.copies.iter().find(|copy| copy.is_export).map(|copy| {
        let prefix = copy.prefix.as_str();
        prefix
            .rsplit_once('/')
            .map_or(prefix, |(_, task)| task)
            .to_owned()
    });
    let export = task.map(|task| {
        view! {
            <h3 class="with-copy">
                "Export task of RDS"
                <ConsoleLink href=console::export_task(&point.region, &task) what="the export task" />
            </h3>
            <CopyLine text=task.clone() what="task" wrap=true />
        }
    });
    let size = is_exported.then(|| {
        format!(
            "{} · {} · {}",
            format::counted(point.tables.len() as u64, "table", "tables"),
            format::counted(point.rows(), "row", "rows"),
            format::bytes(point.bytes())
        )
    });
    view! {
        <Title text=title />
        <Crumbs above here=format::time(at, 0, true, TimeForm::Full) />
        <div class="page-head">
            <div class="headline">
                <h1>
                    {source} " of " <Time at form=TimeForm::Full />
                </h1>
                <p class="status-line">
                    <StateBadge state=point.state />
                    <span class="meta">
                        <Ago at now />
                    </span>
                    {size.map(|size| view! { <span class="meta">{size}</span> })}
                </p>
            </div>
            <div class="tools">
                <LiveStatus every=REFRESH_SECONDS now />
                {actions}
            </div>
        </div>
        <div class="columns">
            <div class="column">
                <section class="card" aria-labelledby="copies">
                    <header>
                        <h2 id="copies">"Copies"</h2>
                        <span class="meta">{held_against}</span>
                    </header>
                    {adopted}
                    {repairs}
                    <CopyCards point=point.id.to_string() copies=point.copies thaws thaw now />
                </section>
                <section class="card" aria-labelledby="tables">
                    <header>
                        <h2 id="tables">"Tables"</h2>
                        <span class="meta">"rows and sizes as the Parquet footers state them"</span>
                    </header>
                    <TablesInFull tables=point.tables />
                </section>
            </div>
            <div class="column side">
                <section class="card" aria-labelledby="steps">
                    <header>
                        <h2 id="steps">"How it got here"</h2>
                    </header>
                    {steps}
                </section>
                <section class="card" aria-labelledby="identity">
                    <header>
                        <h2 id="identity">"Identity"</h2>
                    </header>
                    <dl class="facts">
                        <div>
                            <dt>"Vault"</dt>
                            <dd class="with-copy">
                                {point.vault.clone()}
                                <ConsoleLink href=console::vault(&point.region, &point.vault) what="the vault" />
                            </dd>
                        </div>
                        <div>
                            <dt>"Region"</dt>
                            <dd>
                                <code>{point.region.to_string()}</code>
                            </dd>
                        </div>
                        <div>
                            <dt>"Account"</dt>
                            <dd class="with-copy">
                                <code>{point.account.to_string()}</code>
                                <CopyButton text=point.account.to_string() what="account" />
                            </dd>
                        </div>
                        {point
                            .late_by_seconds
                            .map(|seconds| {
                                view! {
                                    <div>
                                        <dt>"Late by"</dt>
                                        <dd>{format::duration(seconds)}</dd>
                                    </div>
                                }
                            })}
                        <div>
                            <dt>"Expires"</dt>
                            <dd>
                                {match point.expires_at {
                                    Some(at) => view! { <Time at form=TimeForm::Full /> }.into_any(),
                                    None => view! { "never" }.into_any(),
                                }}
                            </dd>
                        </div>
                        {point
                            .ended_at
                            .map(|at| {
                                view! {
                                    <div>
                                        <dt>"Ended"</dt>
                                        <dd>
                                            <Time at form=TimeForm::Full />
                                        </dd>
                                    </div>
                                }
                            })}
                    </dl>
                    {point
                        .copied_from
                        .map(|vault| {
                            view! {
                                <h3>"Copied from"</h3>
                                <CopyLine text=vault what="ARN of the vault" wrap=true />
                            }
                        })}
                    <h3 class="with-copy">
                        "ARN"
                        <ConsoleLink
                            href=console::recovery_point(&point.region, &point.vault, &point.arn)
                            what="the recovery point"
                        />
                    </h3>
                    <CopyLine text=point.arn.to_string() what="ARN" wrap=true />
                    <h3>"Label, the same in every Region"</h3>
                    <CopyLine text=point.id.to_string() what="label" wrap=true />
                    {export}
                </section>
            </div>
        </div>
    }
}
