//! The API's description, made from the handlers themselves, so that no call can be missing.

use axum::middleware::from_fn_with_state;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, OpenApi};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::identity;
use crate::routes::{
    about, audit, compliance, plans, policies, portal, recovery_points, recovery_points_csv, resources,
    restore_events, restores, sources, sources_csv,
};
use crate::serve::problem::Problem;
use crate::serve::state::App;

/// What the description says of itself.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "AWS Data Restore",
        description = "Recovery points, their verified copies, and restores into DynamoDB.\n\n\
                       Sign in with `Authorization: Bearer <token>` or with the session cookie of a browser. Lists \
                       are `{\"items\": […], \"next_cursor\": null | \"…\"}`. Errors are RFC 9457 problem documents \
                       with the request's id. More fields may be added to answers at any time."
    ),
    servers((url = "/api/v1")),
    security(("token" = []), ("session" = [])),
    modifiers(&Schemes),
    components(schemas(Problem)),
    tags(
        (name = "sources", description = "What is backed up, and both RPOs per Region"),
        (name = "recovery points", description = "Backups, their exports, and their copies with verdicts"),
        (name = "policies", description = "What is expected of sources, and what in the accounts contradicts it"),
        (name = "restores", description = "Plans and their runs"),
        (name = "portal", description = "What customers see of their own databases"),
        (name = "installation", description = "What it is configured to do, what it depends on, and who may come in"),
        (name = "audit", description = "Who did what, and how it ended")
    )
)]
struct Description;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, api: &mut OpenApi) {
        let components = api.components.get_or_insert_with(Components::new);
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(identity::COOKIE))),
        );
    }
}

/// Every call below `/api/v1`, and their description. A call is in one of two groups, so there is none that anybody may make.
pub fn calls(app: &App) -> (axum::Router<App>, OpenApi) {
    let (routers, mut api) = described();
    let [readers, customers] = routers;
    let router = readers
        .route_layer(from_fn_with_state(app.clone(), identity::require_read))
        .merge(customers.route_layer(from_fn_with_state(app.clone(), identity::require_portal)));
    env!("CARGO_PKG_VERSION").clone_into(&mut api.info.version);
    (router, api)
}

/// The calls of those who may read, those of customers, and the description of both.
fn described() -> ([axum::Router<App>; 2], OpenApi) {
    let (readers, mut api) = readers();
    let (customers, portal) = OpenApiRouter::<App>::new()
        .routes(routes!(portal::list))
        .routes(routes!(portal::get))
        .routes(routes!(portal::evidence))
        .split_for_parts();
    api.merge(portal);
    ([readers, customers], api)
}

fn readers() -> (axum::Router<App>, OpenApi) {
    OpenApiRouter::<App>::with_openapi(Description::openapi())
        .routes(routes!(sources::list))
        .routes(routes!(sources_csv::table))
        .routes(routes!(sources::get))
        .routes(routes!(sources::timings))
        .routes(routes!(sources::lifecycle))
        .routes(routes!(compliance::get))
        .routes(routes!(compliance::table))
        .routes(routes!(recovery_points::list))
        .routes(routes!(recovery_points_csv::table))
        .routes(routes!(recovery_points::get))
        .routes(routes!(recovery_points::verify))
        .routes(routes!(recovery_points::export))
        .routes(routes!(recovery_points::cancel_export))
        .routes(routes!(recovery_points::repair))
        .routes(routes!(recovery_points::thaw))
        .routes(routes!(recovery_points::thaw_options))
        .routes(routes!(recovery_points::evidence))
        .routes(routes!(recovery_points::draft))
        .routes(routes!(policies::list))
        .routes(routes!(policies::get))
        .routes(routes!(policies::changes, policies::apply))
        .routes(routes!(resources::list))
        .routes(routes!(plans::make))
        .routes(routes!(restores::start, restores::list))
        .routes(routes!(restores::get))
        .routes(routes!(restores::plan))
        .routes(routes!(restores::schema))
        .routes(routes!(restores::cancel))
        .routes(routes!(restores::pause))
        .routes(routes!(restores::resume))
        .routes(routes!(restore_events::watch))
        .routes(routes!(audit::list))
        .routes(routes!(about::get))
        .routes(routes!(about::access))
        .split_for_parts()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reference_leads_to_a_schema_and_every_call_is_described() {
        let (_, api) = described();
        let json = serde_json::to_value(&api).unwrap();
        let schemas: BTreeSet<&str> = json["components"]["schemas"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let text = json.to_string();
        for part in text.split("#/components/schemas/").skip(1) {
            let name = part.split('"').next().unwrap();
            assert!(schemas.contains(name), "{name} is referred to and not described");
        }
        for (path, item) in json["paths"].as_object().unwrap() {
            for (method, call) in item.as_object().unwrap() {
                assert!(call["summary"].is_string(), "{method} {path} has no summary");
                for status in ["401", "403", "404", "503"] {
                    assert!(
                        call["responses"][status].is_object(),
                        "{method} {path} lacks {status}"
                    );
                }
            }
        }
    }
}
