//! BatchWriteItem of puts.

use std::sync::Arc;

use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemOutput;
use aws_smithy_types::body::SdkBody;

use super::{Item, PutBatch};
use crate::{Cloud, Error, ErrorKind};

pub(super) const OPERATION: &str = "BatchWriteItem";

/// What became of a batch.
#[derive(Debug, Default)]
pub struct BatchWritten {
    /// Items that DynamoDB did not take this time. They are to be sent again, later and slower.
    pub unprocessed: Option<PutBatch>,
}

impl Cloud {
    /// Sends a batch, once.
    ///
    /// Nothing here retries: a throttle or a fault comes back at once as an error, or as unprocessed items, because
    /// whoever writes many batches must slow down over all of them and not within each.
    ///
    /// The first call to a Region goes the SDK's whole way and opens the express lane (`express_lane.rs`), which the
    /// following ones take until one of them fails. A call that the lane may itself have spoilt is made again the
    /// whole way, whose error is the one that counts.
    pub async fn batch_write(&self, batch: &PutBatch) -> Result<BatchWritten, Error> {
        let table = batch.table();
        let clients = self.clients(&table.region, table.account.as_ref());
        if let Some(lane) = clients.express_lane.open() {
            match lane.batch_write(batch).await {
                Ok(answer) => return written(batch, &answer),
                Err(error) if error.kind == ErrorKind::Throttled => return Err(error),
                Err(error) => {
                    clients.express_lane.close();
                    if error.is_transient() {
                        return Err(error);
                    }
                    tracing::debug!(%error, "making the call again the SDK's whole way");
                }
            }
        }
        let (body, length) = (batch.body.clone(), batch.body.len().to_string());
        let answer = clients
            .dynamodb_once
            .batch_write_item()
            .request_items(table.name.as_str(), Vec::new())
            .customize()
            .mutate_request(move |request| {
                *request.body_mut() = SdkBody::from(body.clone());
                request.headers_mut().insert("content-length", length.clone());
            })
            .interceptor(clients.express_lane.opener(!self.config.without_express_lane))
            .send()
            .await
            .map_err(|error| Error::from_sdk(OPERATION, table.to_string(), &error))?;
        written(batch, &answer)
    }
}

/// What DynamoDB took of `batch`.
fn written(batch: &PutBatch, answer: &BatchWriteItemOutput) -> Result<BatchWritten, Error> {
    let odd = |cause: String| Error::new(OPERATION, batch.table().to_string(), ErrorKind::Service, cause);
    let mut left = Vec::new();
    for (name, requests) in answer.unprocessed_items().into_iter().flatten() {
        if name != batch.table().name.as_str() {
            return Err(odd(format!(
                "items of table {name} came back, which were not sent"
            )));
        }
        for request in requests {
            let put = request
                .put_request()
                .ok_or_else(|| odd("a request that is no put came back, which was not sent".to_owned()))?;
            left.push(Item::from(put.item().clone()));
        }
    }
    if left.len() > batch.items() {
        return Err(odd(format!(
            "{} items came back of {} that were sent",
            left.len(),
            batch.items()
        )));
    }
    if left.is_empty() {
        return Ok(BatchWritten::default());
    }
    let unprocessed = PutBatch::of_items(&Arc::clone(&batch.table), &left);
    let unprocessed = unprocessed.ok_or_else(|| odd("an item came back that was not sent".to_owned()))?;
    Ok(BatchWritten {
        unprocessed: Some(unprocessed),
    })
}
