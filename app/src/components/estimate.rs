//! What a restore takes: capacity, time, money.

use leptos::prelude::*;
use recovery::estimate::{By, Estimate, WayEstimate};

use crate::ui::format;

/// The estimate, table by table.
#[component]
pub(crate) fn EstimateTable(
    /// The estimate.
    estimate: Estimate,
) -> impl IntoView {
    let mut bases: Vec<String> = Vec::new();
    for way in estimate.tables.iter().flat_map(|table| &table.ways) {
        if !bases.contains(&way.basis) {
            bases.push(way.basis.clone());
        }
    }
    let currency = estimate.prices.as_ref().map(|prices| prices.currency.clone());
    let money = match (&estimate.prices, estimate.cost()) {
        (Some(prices), Some(total)) => format!(
            "Together {total} {} at the prices of {} in {}, without free tier and storage.",
            prices.currency, prices.as_of, prices.region
        ),
        _ => "No price of this Region is known; the configuration may give some.".to_owned(),
    };
    let about = (!estimate.is_exact()).then_some("Sizes are estimated from footers. ");
    let has_money = currency.is_some();
    let columns = if has_money { "5" } else { "4" };
    view! {
        <table class="brief estimate">
            <caption class="visually-hidden">"Capacity, time and money by target table and way"</caption>
            <thead>
                <tr>
                    <th scope="col">"Way"</th>
                    <th scope="col" class="num">
                        "Write units"
                    </th>
                    <th scope="col" class="num">
                        "Writing"
                    </th>
                    <th scope="col" class="num">
                        "Reading back"
                    </th>
                    {currency
                        .map(|currency| {
                            view! {
                                <th scope="col" class="num">
                                    {currency}
                                </th>
                            }
                        })}
                </tr>
            </thead>
            {estimate
                .tables
                .into_iter()
                .map(|table| {
                    let ways = table.ways.into_iter().enumerate();
                    let advice = table.recommended.map(|advice| (advice.way, advice.because));
                    view! {
                        <tbody>
                            <tr>
                                <th scope="rowgroup" colspan=columns>
                                    <code>{table.target.to_string()}</code>
                                    <small class="quiet">{format::bytes(table.bytes)}</small>
                                </th>
                            </tr>
                            {ways
                                .map(|(index, way)| {
                                    let because = advice.as_ref().filter(|(better, _)| *better == way.way);
                                    let because = because.map(|(_, because)| because.clone());
                                    row(&way, index == 0, has_money, because)
                                })
                                .collect_view()}
                        </tbody>
                    }
                })
                .collect_view()}
        </table>
        <p class="quiet">
            {about} "Times are the least that DynamoDB allows: " {bases.join("; ")} ". " {money}
        </p>
    }
}

/// A way: the plan's own, or another beside it.
fn row(
    way: &WayEstimate,
    is_planned: bool,
    has_money: bool,
    better_because: Option<String>,
) -> impl IntoView + use<> {
    let seconds = |seconds: u64| format::duration(i64::try_from(seconds).unwrap_or(i64::MAX));
    let name = match way.way {
        By::Write => "batches",
        By::Import => "import",
    };
    let or = (!is_planned).then_some("or ");
    let cost = way
        .cost
        .map_or_else(|| "unknown".to_owned(), |cost| cost.total().to_string());
    view! {
        <tr>
            <th scope="row">
                {or} {name} {better_because.map(|because| view! { <small class="quiet" title=because>"recommended"</small> })}
            </th>
            <td class="num">{format::count(way.write_units)}</td>
            <td class="num">{way.write_seconds.map_or_else(|| "unknown".to_owned(), seconds)}</td>
            <td class="num">{seconds(way.read_seconds)}</td>
            {has_money.then(|| view! { <td class="num">{cost}</td> })}
        </tr>
    }
}
