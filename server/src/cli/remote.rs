//! A server, as the commands with `--server` use it: its API, its access rules, its audit log.

use std::time::Duration;

use recovery::archive::Tier;
use recovery::ids::{RecoveryPointId, Region, RunId, SourceId};
use recovery::lifecycle;
use recovery::page::Page;
use recovery::plan::Plan;
use recovery::point::RecoveryPoint;
use recovery::policy::{PoliciesApplied, PolicyChanges, PolicyCheck};
use recovery::repair::Repaired;
use recovery::request::{Approval, Draft, PlanRequest, Planned};
use recovery::resource::Inventory;
use recovery::run::Run;
use recovery::schema_record::SchemaRecord;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::location::Location;
use crate::failure::{Failure, Result};

/// Preflights read whole tables.
const TIMEOUT: Duration = Duration::from_mins(10);
/// How often a run is asked after while it goes on.
const POLL_EVERY: Duration = Duration::from_millis(500);

/// The API of a server.
pub struct Remote {
    base: Url,
    token: String,
    client: reqwest::Client,
}

impl Remote {
    /// Makes no call. The token comes from DATA_RESTORE_TOKEN, never from the command line, where others see it.
    pub fn new(url: &str) -> Result<Self> {
        let base = Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
            .ok_or_else(|| {
                Failure::usage(format!("--server {url:?} is not an http or https URL"))
                    .hint("Write it like https://restore.example.com.")
            })?;
        let token = std::env::var("DATA_RESTORE_TOKEN")
            .ok()
            .filter(|token| !token.is_empty())
            .ok_or_else(|| {
                Failure::usage("DATA_RESTORE_TOKEN is not set, and a server lets nobody in without a token")
                    .hint("Set it to a token of that server (drt_…).")
            })?;
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(Duration::from_secs(10))
            // A redirect would lead to a sign-in page, or carry the token elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("data-restore/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Failure::new("failed", format!("Preparing the HTTP client failed: {error}")))?;
        Ok(Self { base, token, client })
    }

    /// The recovery point whose copy in `region` lies at `copy`.
    pub async fn recovery_point(&self, copy: &Location, region: &Region) -> Result<RecoveryPoint> {
        let id: RecoveryPointId = copy.export().parse().map_err(|_| unknown_copy(copy, region))?;
        let point: RecoveryPoint = match self.get(&format!("recovery-points/{id}")).await {
            Err(failure) if failure.code == "not_found" => return Err(unknown_copy(copy, region)),
            answer => answer?,
        };
        let known = point.copies.iter().any(|known| {
            known.bucket == copy.bucket && known.prefix == copy.prefix && &known.region == region
        });
        if known {
            Ok(point)
        } else {
            Err(unknown_copy(copy, region))
        }
    }

    /// A page of a list.
    pub async fn page<T: DeserializeOwned>(
        &self,
        list: &str,
        query: &[(&str, Option<&str>)],
    ) -> Result<Page<T>> {
        self.get(&with_query(list, query)).await
    }

    /// Checks every copy now.
    pub async fn verify(&self, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        self.post(&format!("recovery-points/{id}/verify"), &Value::Null)
            .await
    }

    /// Exports a recovery point again.
    pub async fn export_again(&self, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        self.post(&format!("recovery-points/{id}/export"), &Value::Null)
            .await
    }

    /// Cancels its export.
    pub async fn cancel_export(&self, id: &RecoveryPointId) -> Result<RecoveryPoint> {
        self.post(&format!("recovery-points/{id}/export/cancel"), &Value::Null)
            .await
    }

    /// Repairs the copy in `region` and checks every copy again.
    pub async fn repair(&self, id: &RecoveryPointId, region: &Region) -> Result<Repaired> {
        self.post(
            &format!("recovery-points/{id}/repair"),
            &json!({ "region": region }),
        )
        .await
    }

    /// Asks for a thaw of the copy in `region`.
    pub async fn thaw(
        &self,
        id: &RecoveryPointId,
        region: &Region,
        tier: Tier,
        days: u32,
    ) -> Result<RecoveryPoint> {
        let body = json!({ "region": region, "tier": tier, "days": days });
        self.post(&format!("recovery-points/{id}/thaw"), &body).await
    }

    /// What its policy's lifecycle asks for of a source's copies.
    pub async fn lifecycle(&self, source: &SourceId) -> Result<lifecycle::Report> {
        self.get(&format!("sources/{source}/lifecycle")).await
    }

    /// What there is to choose from.
    pub async fn draft(&self, id: &RecoveryPointId, region: &Region) -> Result<Draft> {
        self.get(&format!("recovery-points/{id}/draft?region={region}"))
            .await
    }

    /// A plan and its preflight.
    pub async fn plan(&self, request: &PlanRequest) -> Result<Planned> {
        self.post("plans", &json!(request)).await
    }

    /// Every policy with what contradicts it.
    pub async fn policies(&self) -> Result<Vec<PolicyCheck>> {
        let page: Page<PolicyCheck> = self.get("policies").await?;
        Ok(page.items)
    }

    /// The policy of one source.
    pub async fn policy(&self, source: &SourceId) -> Result<PolicyCheck> {
        self.get(&format!("policies/{source}")).await
    }

    /// What the policies, or the one of a source, need.
    pub async fn policy_changes(&self, of: Option<&SourceId>) -> Result<PolicyChanges> {
        let query = of.map(|source| format!("?source={source}")).unwrap_or_default();
        self.get(&format!("policy-changes{query}")).await
    }

    /// Makes exactly those changes.
    pub async fn apply_policies(&self, of: Option<&SourceId>, digest: &str) -> Result<PoliciesApplied> {
        self.post("policy-changes", &json!({ "source": of, "digest": digest }))
            .await
    }

    /// What AWS Backup protects and what it does not.
    pub async fn resources(&self) -> Result<Vec<Inventory>> {
        let page: Page<Inventory> = self.get("resources").await?;
        Ok(page.items)
    }

    /// What a run's tables were.
    pub async fn schema(&self, id: &RunId) -> Result<SchemaRecord> {
        self.get(&format!("restores/{id}/schema")).await
    }

    /// Starts a run.
    pub async fn start(&self, plan: &Plan, approval: &Approval) -> Result<Run> {
        let Approval {
            reason,
            overwrite,
            thaw,
        } = approval;
        let body = json!({ "plan": plan, "reason": reason, "overwrite": overwrite, "thaw": thaw });
        self.post("restores", &body).await
    }

    /// Starts a run of a plan that the server makes, once the copy can be read.
    pub async fn start_request(&self, request: &PlanRequest, approval: &Approval) -> Result<Run> {
        let mut body = json!(request);
        if let (Value::Object(fields), Value::Object(said)) = (&mut body, json!(approval)) {
            fields.extend(said);
        }
        self.post("restores", &body).await
    }

    /// Asks a run to stop.
    pub async fn cancel(&self, id: &RunId) -> Result<Run> {
        self.post(&format!("restores/{id}/cancel"), &Value::Null).await
    }

    /// Asks a run to rest.
    pub async fn pause(&self, id: &RunId) -> Result<Run> {
        self.post(&format!("restores/{id}/pause"), &Value::Null).await
    }

    /// Lets a paused run go on.
    pub async fn resume(&self, id: &RunId) -> Result<Run> {
        self.post(&format!("restores/{id}/resume"), &Value::Null).await
    }

    /// Follows a run until it has ended. The server may be restarted meanwhile.
    pub async fn follow(&self, id: &RunId, mut seen: impl FnMut(&Run)) -> Result<Run> {
        const UNREACHABLE_MAX: u32 = 120;
        let mut unreachable = 0;
        loop {
            match self.get::<Run>(&format!("restores/{id}")).await {
                Ok(run) => {
                    unreachable = 0;
                    seen(&run);
                    if run.outcome.is_some() {
                        return Ok(run);
                    }
                }
                Err(failure)
                    if matches!(failure.code, "unreachable" | "unavailable")
                        && unreachable < UNREACHABLE_MAX =>
                {
                    unreachable += 1;
                }
                Err(failure) => {
                    return Err(failure.hint(format!(
                        "The run goes on at the server: {}restores/{id}",
                        self.base
                    )));
                }
            }
            tokio::time::sleep(POLL_EVERY).await;
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.send(self.request(Method::GET, path)?, path).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T> {
        let mut request = self.request(Method::POST, path)?;
        if !body.is_null() {
            request = request.json(body);
        }
        self.send(request, path).await
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let url = self
            .base
            .join("/api/v1/")
            .and_then(|url| url.join(path))
            .map_err(|error| Failure::new("failed", format!("Addressing {path} failed: {error}")))?;
        Ok(self.client.request(method, url).bearer_auth(&self.token))
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder, path: &str) -> Result<T> {
        let host = self.base.as_str();
        let response = request.send().await.map_err(|error| {
            Failure::new(
                "unreachable",
                format!("Calling {host} failed: {}", sources(&error)),
            )
            .hint("Check the URL and whether the server is up.")
        })?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| {
            Failure::new(
                "unreachable",
                format!("Reading the answer of {host} failed: {}", sources(&error)),
            )
        })?;
        if !status.is_success() {
            return Err(refusal(host, path, status, &body));
        }
        serde_json::from_slice(&body).map_err(|error| {
            Failure::new(
                "failed",
                format!("{host} answered {path} with something else than expected: {error}"),
            )
            .hint("Is it a Data Restore server of this version?")
        })
    }
}

/// `path?a=1&b=2` of the pairs that have a value.
fn with_query(path: &str, query: &[(&str, Option<&str>)]) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in query {
        if let Some(value) = value {
            pairs.append_pair(name, value);
        }
    }
    format!("{path}?{}", pairs.finish())
}

fn unknown_copy(copy: &Location, region: &Region) -> Failure {
    Failure::new(
        "not_found",
        format!("The server knows no copy {copy} in {region}"),
    )
    .hint("Its API lists copies: GET /api/v1/recovery-points.")
}

/// A problem document as a failed command.
fn refusal(host: &str, path: &str, status: StatusCode, body: &[u8]) -> Failure {
    let code = match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY => "unavailable",
        status if status.is_client_error() => "refused",
        _ => "failed",
    };
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(detail) = problem["detail"].as_str() else {
        return Failure::new(code, format!("{host} answered {path} with {status}"))
            .hint("Is it a Data Restore server?");
    };
    let mut failure = Failure::new(code, format!("{host} refused {path}: {detail}")).detail(&problem);
    failure.hint = problem["hint"].as_str().map(str::to_owned);
    failure
}

fn sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
