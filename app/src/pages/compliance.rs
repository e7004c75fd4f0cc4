//! `/compliance`: which controls a source met on which day, and what shows it.

use jiff::civil::Date;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use recovery::compliance::{Cell, Control, DAYS, Report, Row, Standing};

use crate::api::compliance::{Compliance, read_compliance};
use crate::components::live_status::LiveStatus;
use crate::components::loaded::Loaded;
use crate::ui::empty_state::EmptyState;
use crate::ui::link::with_query;
use crate::ui::segmented::Segmented;
use crate::ui::split_panel::SplitPanel;
use crate::ui::status::{Status, StatusIcon, Tone};
use crate::ui::table::TableFrame;
use crate::ui::time::Time;

/// The page's own path.
const PATH: &str = "/compliance";

/// How often the page asks for news, seconds.
const REFRESH_SECONDS: u32 = 60;

/// What the days may be chosen to be.
const CHOICES: [usize; 4] = [7, 14, DAYS, 90];

/// What the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Asked {
    source: Option<String>,
    days: Option<usize>,
    /// The cell whose evidence is shown.
    day: Option<Date>,
    control: Option<String>,
}

impl Asked {
    /// The same with other days, nothing selected.
    fn over(&self, days: usize) -> String {
        with_query(
            PATH,
            [
                ("source", self.source.as_deref()),
                ("days", Some(&*days.to_string())),
            ],
        )
    }

    /// The same with a cell selected.
    fn selecting(&self, control: Control, day: Date) -> String {
        let days = self.days.map(|days| days.to_string());
        with_query(
            PATH,
            [
                ("source", self.source.as_deref()),
                ("days", days.as_deref()),
                ("control", Some(control.name())),
                ("day", Some(&*day.to_string())),
            ],
        )
    }
}

/// `/compliance?source=&days=&control=&day=`.
#[component]
pub(crate) fn CompliancePage() -> impl IntoView {
    let query = use_query_map().get_untracked();
    let asked = Asked {
        source: query.get("source").filter(|source| !source.is_empty()),
        days: query.get("days").and_then(|days| days.parse().ok()),
        day: query.get("day").and_then(|day| day.parse().ok()),
        control: query.get("control"),
    };
    let (source, days) = (asked.source.clone(), asked.days);
    let compliance = Resource::new(|| (), move |()| read_compliance(source.clone(), days));
    let choices = CHOICES
        .into_iter()
        .map(|days| {
            let is_current = asked.days.unwrap_or(DAYS) == days;
            (asked.over(days), format!("{days} days"), is_current)
        })
        .collect();
    view! {
        <Title text="Compliance" />
        <div class="page-head">
            <div class="headline">
                <h1>"Compliance"</h1>
                <p>"Which controls a source met on which day, and what shows it. Days are UTC."</p>
            </div>
            <div class="tools"><Segmented label="Days" choices /></div>
        </div>
        <Loaded resource=compliance view=move |compliance| view! { <Content compliance asked=asked.clone() /> }.into_any() />
    }
}

#[component]
fn Content(compliance: Compliance, asked: Asked) -> impl IntoView {
    let Compliance { sources, report } = compliance;
    let Some(report) = report else {
        return view! {
            <EmptyState title="No source is backed up yet">
                <p>"Controls are held against the recovery points of a source, and there is none yet."</p>
            </EmptyState>
        }
        .into_any();
    };
    let chosen = report.source.to_string();
    let days = asked.days.unwrap_or(DAYS);
    let csv = format!("/api/v1/sources/{chosen}/compliance.csv?days={days}");
    let is_open = asked.day.is_some() && asked.control.is_some();
    let panel = asked.day.zip(asked.control.clone()).and_then(|(day, control)| {
        let row = report.rows.iter().find(|row| row.control.name() == control)?;
        let place = report.days.iter().position(|known| *known == day)?;
        let cell = row.cells.get(place)?.clone();
        let close = asked.over(days);
        let source = report.source.to_string();
        Some(view! { <CellPanel source row=row.clone() cell day close /> })
    });
    view! {
        <form class="filters controls-of" method="get" action=PATH>
            <label>
                "Source"
                <select name="source">
                    {sources
                        .into_iter()
                        .map(|source| {
                            let is_chosen = source == chosen;
                            view! {
                                <option value=source.clone() selected=is_chosen>
                                    {source.clone()}
                                </option>
                            }
                        })
                        .collect_view()}
                </select>
            </label>
            <input type="hidden" name="days" value=days.to_string() />
            <button class="btn">"Show"</button>
            <a class="btn" href=csv download="compliance.csv">
                "Download CSV"
            </a>
        </form>
        <div class="split" class:open=is_open>
            <div class="split-list">
                <ReportCard report asked />
                <Legend />
            </div>
            {panel}
        </div>
    }
    .into_any()
}

/// Controls × days.
#[component]
fn ReportCard(report: Report, asked: Asked) -> impl IntoView {
    let Report {
        source,
        mut days,
        mut rows,
        now,
    } = report;
    // The newest beside the controls, where it is seen on a phone too.
    days.reverse();
    for row in &mut rows {
        row.cells.reverse();
    }
    let id = "compliance-of";
    let wrong: usize = rows
        .iter()
        .flat_map(|row| &row.cells)
        .filter(|cell| cell.standing == Standing::NotMet)
        .count();
    let summary = match wrong {
        0 => view! { <Status tone=Tone::Success>"Nothing was found not met"</Status> }.into_any(),
        1 => view! { <Status tone=Tone::Error>"1 control was not met on a day"</Status> }.into_any(),
        wrong => {
            let text = format!("{wrong} times a control was not met");
            view! { <Status tone=Tone::Error>{text}</Status> }.into_any()
        }
    };
    let dates = days.clone();
    view! {
        <section class="card list" aria-labelledby=id>
            <header>
                <h2 id=id>{source.to_string()}</h2>
                {summary}
                <span class="meta">"as of " <Time at=now /></span>
                <LiveStatus every=REFRESH_SECONDS now />
            </header>
            <TableFrame label="Controls by day">
                <table class="compliance">
                    <thead>
                        <tr>
                            <th scope="col">"Control"</th>
                            {dates.into_iter().map(day_head).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        {rows
                            .into_iter()
                            .map(|row| {
                                let days = days.clone();
                                view! {
                                    <tr>
                                        <th scope="row">
                                            {row.control.title()} <small class="quiet">{row.requirement}</small>
                                        </th>
                                        {days
                                            .into_iter()
                                            .zip(row.cells)
                                            .map(|(day, cell)| cell_link(row.control, day, &cell, &asked))
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

/// The day of the month, and the month with its last.
fn day_head(day: Date) -> impl IntoView {
    let is_last = day.day() == day.days_in_month();
    let month = is_last.then(|| day.strftime("%b").to_string());
    let weekday = day.strftime("%A %-d %B %Y").to_string();
    view! {
        <th scope="col" class="day">
            <abbr title=weekday>{day.day()}</abbr>
            {month.map(|month| view! { <small>{month}</small> })}
        </th>
    }
}

fn cell_link(control: Control, day: Date, cell: &Cell, asked: &Asked) -> impl IntoView + use<> {
    let standing = cell.standing;
    let label = format!(
        "{}, {day}: {}. {}",
        control.title(),
        standing.title(),
        cell.evidence
    );
    let href = asked.selecting(control, day);
    let is_current = asked.day == Some(day) && asked.control.as_deref() == Some(control.name());
    view! {
        <td class=format!("cell {}", class_of(standing))>
            <a href=href aria-label=label.clone() aria-current=is_current.then_some("true") title=label>
                <StatusIcon tone=tone_of(standing) />
            </a>
        </td>
    }
}

fn tone_of(standing: Standing) -> Tone {
    match standing {
        Standing::Met => Tone::Success,
        Standing::NotMet => Tone::Error,
        Standing::Open => Tone::Pending,
        Standing::Unknown => Tone::Warning,
        Standing::NotRequired => Tone::Stopped,
    }
}

fn class_of(standing: Standing) -> &'static str {
    tone_of(standing).class()
}

/// One control on one day, with what it rests on.
#[component]
fn CellPanel(source: String, row: Row, cell: Cell, day: Date, close: String) -> impl IntoView {
    let filter = format!("source = {source} and made = {day}");
    let of_day = with_query("/recovery-points", [("filter", Some(&*filter))]);
    let actions = match (row.control, &cell.run) {
        (_, Some(run)) => view! {
            <a class="btn primary" href=format!("/restores/{run}")>
                "Open the restore"
            </a>
        }
        .into_any(),
        (Control::Frequency | Control::Verified | Control::CrossRegionCopy, None) => view! {
            <a class="btn primary" href=of_day>
                "Recovery points of the day"
            </a>
        }
        .into_any(),
        (Control::RestoreTested, None) => view! {
            <a class="btn primary" href="/restores">
                "Restores"
            </a>
        }
        .into_any(),
        _ => view! {
            <a class="btn primary" href="/policies">
                "Policies"
            </a>
        }
        .into_any(),
    };
    let standing = cell.standing;
    view! {
        <SplitPanel
            label="Evidence"
            close
            crumb=format!("{source} / {day}").into_any()
            title=row.control.title().into_any()
            status=view! { <Status tone=tone_of(standing)>{standing.title()}</Status> }.into_any()
            actions
        >
            <section>
                <h3>"Asked for"</h3>
                <p>{row.requirement}</p>
            </section>
            <section>
                <h3>"What shows it"</h3>
                <p>{cell.evidence}</p>
                {cell
                    .looked_at
                    .map(|at| {
                        view! {
                            <p class="meta">"Plans and vaults were looked at on " <Time at /></p>
                        }
                    })}
            </section>
        </SplitPanel>
    }
}

/// What the signs mean.
#[component]
fn Legend() -> impl IntoView {
    let all = [
        Standing::Met,
        Standing::NotMet,
        Standing::Open,
        Standing::Unknown,
        Standing::NotRequired,
    ];
    view! {
        <div class="legend">
            <ul aria-label="Signs">
            {all
                .into_iter()
                .map(|standing| {
                    view! {
                        <li>
                            <Status tone=tone_of(standing)>{standing.title()}</Status>
                        </li>
                    }
                })
                .collect_view()}
            </ul>
        </div>
    }
}
