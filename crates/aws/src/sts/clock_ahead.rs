//! The time that AWS answers with, from the head of GetCallerIdentity's answer.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;
use jiff::{SignedDuration, Timestamp};
use recovery::ids::Region;

use crate::Cloud;
use crate::time::timestamp;

/// Keeps an answer's `Date`, which also a refusal has.
#[derive(Clone, Debug, Default)]
struct Date(Arc<Mutex<Option<Timestamp>>>);

impl Intercept for Date {
    fn name(&self) -> &'static str {
        "Date"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.as_ref().and_then(timestamp);
        Ok(())
    }
}

impl Cloud {
    /// How far this machine's clock is ahead of AWS's in `region`, to the second; negative where it is behind, `None` where
    /// nobody answered. AWS refuses what was signed more than five minutes away from its own time.
    pub async fn clock_ahead(&self, region: &Region) -> Option<SignedDuration> {
        let date = Date::default();
        // A refusal tells the time as well.
        drop(
            self.clients(region, None)
                .sts
                .get_caller_identity()
                .customize()
                .interceptor(date.clone())
                .send()
                .await,
        );
        let answered = date.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(Timestamp::now().duration_since(answered))
    }
}
