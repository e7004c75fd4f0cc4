//! A shorter way for many equal calls: the SDK's own parts, without what it does anew for each call.
//!
//! For each call the SDK lays its configuration over again, resolves the endpoint by rules, and runs some twenty
//! interceptors: about 130 µs for a BatchWriteItem, more than DynamoDB's JSON and the signature together. None of it
//! changes from one batch to the next. So one ordinary call in a while is watched just before it is transmitted, and
//! what it had come to is kept: its endpoint and headers, the signer and what it signs for, the identity cache and its
//! resolver, the HTTP connector with its timeouts, the deserializer. A batch on the lane takes a body, asks the identity
//! cache (which refreshes credentials as ever), signs, sends and reads the answer with those very parts.
//!
//! Whatever goes wrong closes the lane, and the next call goes the SDK's whole way: clock skew, a changed endpoint, new
//! credentials of another account are dealt with there.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_sdk_dynamodb::operation::batch_write_item::{
    BatchWriteItem, BatchWriteItemError, BatchWriteItemOutput,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::{AuthScheme as _, AuthSchemeEndpointConfig};
use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnector as _, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::identity::ResolveCachedIdentity as _;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse as _, SharedResponseDeserializer};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::endpoint::Endpoint;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;

use super::PutBatch;
use super::batch_write::OPERATION;
use crate::{Error, ErrorKind};

/// So long the lane stays open, so that what the SDK would resolve anew is followed soon.
const OPEN_FOR: Duration = Duration::from_mins(1);

/// Headers that each request makes for itself, or that belong to the one call that was watched.
const OWN_HEADERS: [&str; 6] = [
    "authorization", "x-amz-date", "x-amz-security-token", "content-length", "amz-sdk-invocation-id",
    "amz-sdk-request",
];

/// The lane of one Region and account; closed until an ordinary call has opened it.
#[derive(Debug, Default)]
pub(crate) struct ExpressLane {
    open: RwLock<Option<Arc<Lane>>>,
}

impl ExpressLane {
    /// The lane, where it is open.
    pub(super) fn open(&self) -> Option<Arc<Lane>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.as_ref()
            .filter(|lane| lane.opened_at.elapsed() < OPEN_FOR)
            .map(Arc::clone)
    }

    /// Closes it, until an ordinary call opens it again.
    pub(super) fn close(&self) {
        *self.open.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What opens the lane when it is put into an ordinary call; not `wanted`, it does nothing.
    pub(super) fn opener(self: &Arc<Self>, wanted: bool) -> Opener {
        Opener {
            lane: wanted.then(|| Arc::clone(self)),
        }
    }
}

/// Watches an ordinary call.
#[derive(Debug)]
pub(super) struct Opener {
    lane: Option<Arc<ExpressLane>>,
}

impl Intercept for Opener {
    fn name(&self) -> &'static str {
        "ExpressLane"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(express) = &self.lane {
            // A call that cannot be copied is no failure: the lane stays closed and every call goes the whole way.
            let lane = Lane::of(context.request(), components, config).map(Arc::new);
            *express.open.write().unwrap_or_else(PoisonError::into_inner) = lane;
        }
        Ok(())
    }
}

/// What an ordinary call had come to.
#[derive(Debug)]
pub(super) struct Lane {
    opened_at: Instant,
    /// The request without body and signature.
    head: HttpRequest,
    endpoint: Endpoint,
    components: RuntimeComponents,
    /// What the signer and the identity cache ask for, and the operation's deserializer.
    config: ConfigBag,
    connector: SharedHttpConnector,
}

impl Lane {
    fn of(request: &HttpRequest, components: &RuntimeComponents, config: &ConfigBag) -> Option<Self> {
        let mut head = HttpRequest::empty();
        head.set_method(request.method()).ok()?;
        head.set_uri(request.uri().to_owned()).ok()?;
        for (name, value) in request.headers() {
            if !OWN_HEADERS.contains(&name) {
                head.headers_mut().append(name.to_owned(), value.to_owned());
            }
        }
        let endpoint = config.load::<Endpoint>()?;
        if endpoint.properties().contains_key("authSchemes") {
            // Signing rules of an endpoint that only the SDK's own way can read.
            return None;
        }
        let mut signing = Layer::new("express lane");
        signing.store_put(config.load::<SigV4OperationSigningConfig>()?.clone());
        signing.store_put(config.load::<SigningName>()?.clone());
        signing.store_put(config.load::<SigningRegion>()?.clone());
        let mut own = ConfigBag::base();
        own.push_shared_layer(BatchWriteItem::new().config()?);
        own.push_layer(signing);
        let timeouts = config.load::<TimeoutConfig>()?;
        let mut settings = HttpConnectorSettings::builder();
        settings.set_connect_timeout(timeouts.connect_timeout());
        settings.set_read_timeout(timeouts.read_timeout());
        Some(Self {
            opened_at: Instant::now(),
            head,
            endpoint: endpoint.clone(),
            components: components.clone(),
            config: own,
            connector: components
                .http_client()?
                .http_connector(&settings.build(), components),
        })
    }

    /// Sends a batch and reads the answer.
    pub(super) async fn batch_write(&self, batch: &PutBatch) -> Result<BatchWriteItemOutput, Error> {
        let failed = |kind, cause: &dyn std::fmt::Display| {
            Error::new(OPERATION, batch.table().to_string(), kind, cause.to_string())
        };
        let request = self
            .request(batch)
            .await
            .map_err(|error| failed(ErrorKind::Other, &error))?;
        let mut response = self
            .connector
            .call(request)
            .await
            .map_err(|error| failed(ErrorKind::Unreachable, &error))?;
        let body = ByteStream::new(response.take_body())
            .collect()
            .await
            .map_err(|error| failed(ErrorKind::Unreachable, &error))?;
        *response.body_mut() = SdkBody::from(body.into_bytes());
        let deserializer = self
            .config
            .load::<SharedResponseDeserializer>()
            .ok_or_else(|| failed(ErrorKind::Other, &"no deserializer"))?;
        let answer = deserializer.deserialize_nonstreaming_with_config(&response, &self.config);
        match answer {
            Ok(output) => output
                .downcast::<BatchWriteItemOutput>()
                .map_err(|_| failed(ErrorKind::Other, &"the answer is of another operation")),
            Err(error) => {
                let cause = error
                    .as_operation_error()
                    .and_then(|error| error.downcast_ref::<BatchWriteItemError>());
                Err(match cause {
                    Some(cause) => Error::from_service(
                        OPERATION,
                        batch.table().to_string(),
                        cause,
                        response.status().as_u16(),
                    ),
                    None => failed(ErrorKind::Other, &format!("{error:?}")),
                })
            }
        }
    }

    /// The signed request.
    async fn request(&self, batch: &PutBatch) -> Result<HttpRequest, BoxError> {
        let mut request = self.head.try_clone().ok_or("the request cannot be copied")?;
        let headers = request.headers_mut();
        headers.insert("content-length", batch.body.len().to_string());
        *request.body_mut() = SdkBody::from(batch.body.clone());
        let scheme = self
            .components
            .auth_scheme(aws_runtime::auth::sigv4::SCHEME_ID)
            .ok_or("no signature scheme")?;
        let resolver = scheme
            .identity_resolver(&self.components)
            .ok_or("no identity resolver")?;
        let identity = self
            .components
            .identity_cache()
            .resolve_cached_identity(resolver, &self.components, &self.config)
            .await?;
        let signs_for = self
            .endpoint
            .auth_schemes()
            .iter()
            .find(|scheme| scheme.name() == "sigv4");
        scheme.signer().sign_http_request(
            &mut request,
            &identity,
            signs_for.map_or_else(
                AuthSchemeEndpointConfig::empty,
                AuthSchemeEndpointConfig::from_typed,
            ),
            &self.components,
            &self.config,
        )?;
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use local_aws::{LocalAws, Options};
    use recovery::plan::Capacity;
    use recovery::types::AttributeType;

    use super::*;
    use crate::dynamodb::{AttributeName, KeyDefinition, PutBatchBuilder, TableDefinition, TableRef};
    use crate::{Cloud, CloudConfig, StaticCredentials};

    #[tokio::test]
    async fn an_ordinary_call_opens_the_lane_and_a_failed_one_closes_it() {
        let aws = LocalAws::start(Options::default()).await.unwrap();
        let account = &aws.accounts()[0];
        let id: recovery::ids::AccountId = account.id.parse().unwrap();
        let credentials = StaticCredentials {
            access_key_id: account.access_key_id.clone(),
            secret_access_key: account.secret_access_key.clone(),
        };
        let cloud = Cloud::connect(CloudConfig {
            endpoint_url: Some(aws.endpoint().to_owned()),
            credentials: [(id.clone(), credentials)].into(),
            home_account: Some(id),
            ..CloudConfig::default()
        })
        .await;
        let table = Arc::new(TableRef::new(
            "eu-west-1".parse().unwrap(),
            "shows".parse().unwrap(),
        ));
        let definition = TableDefinition {
            partition: KeyDefinition {
                name: "id".into(),
                attribute_type: AttributeType::S,
            },
            sort: None,
            capacity: Capacity::OnDemand,
            warm_write_units: None,
        };
        cloud.create_table(&table, &definition).await.unwrap();
        cloud.wait_active(&table, Duration::from_secs(10)).await.unwrap();
        let batch = |key: &str| {
            let mut builder = PutBatchBuilder::new(Arc::clone(&table));
            let put = builder.put(|item| {
                item.string(&AttributeName::new("id"), key);
                Ok::<_, ()>(())
            });
            put.unwrap();
            builder.take().unwrap()
        };
        let clients = cloud.clients(&table.region, None);
        assert!(clients.express_lane.open().is_none());
        cloud.batch_write(&batch("first")).await.unwrap();
        let lane = clients
            .express_lane
            .open()
            .expect("an ordinary call opens the lane");
        lane.batch_write(&batch("second")).await.unwrap();
        // An empty key is refused on the lane, and then by the whole way, which opens it anew for the next call.
        let refused = lane.batch_write(&batch("")).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Invalid, "{refused}");
        let again = cloud.batch_write(&batch("")).await.unwrap_err();
        assert_eq!((refused.kind, refused.code), (again.kind, again.code));
        let reopened = clients.express_lane.open().expect("the whole way opened it anew");
        assert!(!Arc::ptr_eq(&lane, &reopened), "the failed call closed it");
    }
}
