//! `/policies`: what is expected of sources, what in the accounts contradicts it, and what is protected at all.

use leptos::prelude::*;
use leptos_meta::Title;
use recovery::policy::{Finding, PolicyCheck, RegionPolicy, Severity};
use recovery::resource::{Inventory, Protected, Restorable, Unprotected};

use crate::api::policies::{ApplyPolicies, Policies, read_policies};
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::components::policy_changes::PolicyChangesCard;
use crate::ui::format::{self, TimeForm};
use crate::ui::prose::Prose;
use crate::ui::status::{Status, Tone};
use crate::ui::table::TableFrame;
use crate::ui::time::{Ago, Time};

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u32 = 60;

/// `/policies`.
#[component]
pub(crate) fn PoliciesPage() -> impl IntoView {
    let apply = ServerAction::<ApplyPolicies>::new();
    let policies = Resource::new(|| (), |()| read_policies());
    view! {
        <Title text="Policies" />
        <div class="page-head">
            <div class="headline">
                <h1>"Policies"</h1>
                <p>"What is expected of each source, what AWS Backup holds of it, and what contradicts."</p>
            </div>
        </div>
        <Loaded resource=policies view=move |policies| view! { <Content policies apply /> }.into_any() />
    }
}

#[component]
fn Content(policies: Policies, apply: ServerAction<ApplyPolicies>) -> impl IntoView {
    let Policies {
        policies,
        needed,
        inventories,
        now,
    } = policies;
    view! {
        <div class="column">
            <p class="updated">
                <LiveStatus every=REFRESH_SECONDS now />
            </p>
            <PolicyChangesCard needed apply now />
            {policies.into_iter().map(|check| view! { <PolicyCard check now /> }).collect_view()}
            {inventories.into_iter().map(|inventory| view! { <InventoryCard inventory now /> }).collect_view()}
        </div>
    }
}

/// One policy.
#[component]
fn PolicyCard(check: PolicyCheck, now: jiff::Timestamp) -> impl IntoView {
    let id = format!("policy-{}", check.name);
    let labelledby = id.clone();
    let title = if check.name == "default" {
        "Every source".to_owned()
    } else {
        check.name.clone()
    };
    let is_unknown = !check
        .findings
        .iter()
        .any(|finding| finding.severity == Severity::Contradiction);
    let (tone, state) = match (check.holds, is_unknown) {
        (true, _) => (Tone::Success, "Holds"),
        (false, true) => (Tone::Stopped, "Not looked at whole"),
        (false, false) => (Tone::Error, "Contradicted"),
    };
    let schedule = check.policy.schedule;
    let plan = check.wanted.plan.clone();
    let at = check.checked_at;
    let vaults = check.held.vaults.clone();
    let regions = check.policy.regions.clone();
    let summary = format!(
        "every {}, late after {}",
        format::duration(schedule.interval_seconds),
        format::duration(schedule.late_after_seconds)
    );
    view! {
        <section class="card list" aria-labelledby=labelledby>
            <header>
                <h2 id=id>{title.clone()}</h2>
                <Status tone>{state}</Status>
                <span class="meta">
                    {summary} ", plan " <code>{plan.name}</code> " in " <code>{plan.region.to_string()}</code> ", seen "
                    <Ago at now />
                </span>
            </header>
            {(!check.findings.is_empty())
                .then(|| {
                    view! { <ul class="findings">{check.findings.into_iter().map(finding).collect_view()}</ul> }
                })}
            <TableFrame label=format!("Policy of {title}")>
                <table class="grid rows">
                    <thead>
                        <tr>
                            <th scope="col">"Region"</th>
                            <th scope="col">"RPO target"</th>
                            <th scope="col">"Recovery points kept"</th>
                            <th scope="col">"Copies"</th>
                            <th scope="col">"Vaults"</th>
                        </tr>
                    </thead>
                    <tbody>
                        {regions
                            .into_iter()
                            .map(|region| {
                                let here = vaults
                                    .iter()
                                    .filter(|vault| vault.region == region.region)
                                    .map(|vault| {
                                        let state = match (&vault.vault, &vault.unseen) {
                                            (Some(there), _) => {
                                                format!("{} recovery points, {}", there.recovery_points, there.protection(now))
                                            }
                                            (None, Some(_)) => "not seen".to_owned(),
                                            (None, None) => "missing".to_owned(),
                                        };
                                        format!("{} ({}): {state}", vault.name, vault.account)
                                    })
                                    .collect();
                                region_row(&region, here)
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </TableFrame>
        </section>
    }
}

fn region_row(region: &RegionPolicy, vaults: Vec<String>) -> impl IntoView + use<> {
    let kept = match region.retention_days {
        Some(days) => format!("{days} d"),
        None => "not said".to_owned(),
    };
    let lifecycle = match (
        region.lifecycle.glacier_after_days, region.lifecycle.delete_after_days,
    ) {
        (None, None) => "kept".to_owned(),
        (Some(glacier), None) => format!("Glacier after {glacier} d"),
        (None, Some(delete)) => format!("deleted after {delete} d"),
        (Some(glacier), Some(delete)) => format!("Glacier after {glacier} d, deleted after {delete} d"),
    };
    let vaults = if vaults.is_empty() {
        vec!["none needed".to_owned()]
    } else {
        vaults
    };
    view! {
        <tr>
            <th scope="row">
                <code>{region.region.to_string()}</code>
            </th>
            <td data-label="RPO target">{format::duration(region.rpo_target_seconds)}</td>
            <td data-label="Recovery points kept">{kept}</td>
            <td data-label="Copies">{lifecycle}</td>
            <td data-label="Vaults" class="wide">
                {vaults.into_iter().map(|vault| view! { <div>{vault}</div> }).collect_view()}
            </td>
        </tr>
    }
}

fn finding(finding: Finding) -> impl IntoView {
    let (tone, name) = match finding.severity {
        Severity::Contradiction => (Tone::Error, "Wrong"),
        Severity::Unknown => (Tone::Stopped, "Unknown"),
        Severity::Remark => (Tone::Info, "Remark"),
    };
    view! {
        <li>
            <Status tone>{name}</Status>
            <div>
                <p>
                    <Prose text=finding.message />
                </p>
                <p class="quiet">
                    {format!("{}, {}. ", finding.region, finding.account)} <Prose text=finding.hint />
                </p>
            </div>
        </li>
    }
}

/// What AWS Backup holds in one account and Region.
#[component]
fn InventoryCard(inventory: Inventory, now: jiff::Timestamp) -> impl IntoView {
    let title = format!("{} ({})", inventory.region, inventory.account);
    let id = format!("resources-{}-{}", inventory.region, inventory.account);
    let labelledby = id.clone();
    let is_empty = inventory.protected.is_empty() && inventory.unprotected.is_empty();
    let (tone, state) = match (inventory.unseen.is_empty(), inventory.unprotected.len()) {
        (false, _) => (Tone::Stopped, "Not looked at whole".to_owned()),
        (true, 0) => (Tone::Success, "Every database is protected".to_owned()),
        (true, 1) => (Tone::Error, "1 database is not protected".to_owned()),
        (true, many) => (Tone::Error, format!("{many} databases are not protected")),
    };
    let at = inventory.seen_at;
    view! {
        <section class="card list" aria-labelledby=labelledby>
            <header>
                <h2 id=id>{title.clone()}</h2>
                <Status tone>{state}</Status>
                <span class="meta">
                    "what AWS Backup protects, seen " <Ago at now />
                </span>
            </header>
            {inventory.unseen.into_iter().map(|cause| view! { <p class="alert warning">{cause}</p> }).collect_view()}
            {(!is_empty)
                .then(|| {
                    view! {
                        <TableFrame label=format!("Resources in {title}")>
                            <table class="grid rows">
                                <thead>
                                    <tr>
                                        <th scope="col">"Name"</th>
                                        <th scope="col">"Type"</th>
                                        <th scope="col">"Protected"</th>
                                        <th scope="col" class="num">
                                            "Recovery points"
                                        </th>
                                        <th scope="col">"Last backup"</th>
                                        <th scope="col">"Restore into DynamoDB"</th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {inventory.unprotected.into_iter().map(unprotected).collect_view()}
                                    {inventory.protected.into_iter().map(protected).collect_view()}
                                </tbody>
                            </table>
                        </TableFrame>
                    }
                })}
        </section>
    }
}

fn unprotected(database: Unprotected) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">
                {database.name} <small class="quiet">{database.arn}</small>
            </th>
            <td data-label="Type">{database.engine.unwrap_or_else(|| "RDS".to_owned())}</td>
            <td data-label="Protected">
                <Status tone=Tone::Error>"No recovery point"</Status>
            </td>
            <td data-label="Recovery points" class="num">
                "0"
            </td>
            <td data-label="Last backup">"never"</td>
            <td data-label="Restore into DynamoDB">{restorable(database.restorable)}</td>
        </tr>
    }
}

fn protected(resource: Protected) -> impl IntoView {
    let count: u64 = resource.recovery_points.iter().map(|vault| vault.count).sum();
    let vaults: Vec<String> = resource
        .recovery_points
        .iter()
        .map(|vault| vault.vault.clone())
        .collect();
    view! {
        <tr>
            <th scope="row">
                {resource.name.unwrap_or_default()} <small class="quiet">{resource.arn}</small>
            </th>
            <td data-label="Type">{resource.resource_type}</td>
            <td data-label="Protected">
                <Status tone=Tone::Success>{format!("In {}", vaults.join(", "))}</Status>
            </td>
            <td data-label="Recovery points" class="num">
                {format::count(count)}
            </td>
            <td data-label="Last backup">
                {resource.last_backup_at.map(|at| view! { <Time at form=TimeForm::Full /> })}
            </td>
            <td data-label="Restore into DynamoDB">{restorable(resource.restorable)}</td>
        </tr>
    }
}

fn restorable(restorable: Restorable) -> &'static str {
    match restorable {
        Restorable::Yes => "yes",
        Restorable::OtherEngine => "no: another engine",
        Restorable::ListedOnly => "no: listed only",
        Restorable::Unknown => "unknown",
    }
}
