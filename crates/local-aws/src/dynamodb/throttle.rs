//! The throttle in front of DynamoDB: provisioned capacity with its bursts, and the start limits of on-demand tables.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>
//!
//! It stands on the machine's clock, for it is about rates. Partitions aren't emulated: a table is one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value};

use super::backend::Backend;
use super::bucket::{Bucket, Capacity};
use super::traffic::{self, Direction, Traffic};
use super::{fault, json};
use crate::control::Place;

/// The limits that a new on-demand table starts with, in units per second.
const ON_DEMAND_WRITES: f64 = 4_000.0;
const ON_DEMAND_READS: f64 = 12_000.0;

const PROVISIONED_MESSAGE: &str = "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
     provisioning level with the UpdateTable API.";

const ON_DEMAND_MESSAGE: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or \
     index so please try again shortly. If exceptions persist, check if you have a hot key: \
     https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html";

/// Every table's buckets.
#[derive(Debug)]
pub(super) struct Throttle {
    by_default: bool,
    /// Whether any table may be throttled at all; while none is, requests aren't even read.
    active: AtomicBool,
    tables: Mutex<HashMap<(Place, String), Table>>,
}

#[derive(Debug, Default)]
struct Table {
    switched: Option<bool>,
    /// The capacity is as DescribeTable said; forgotten when the table is changed.
    described: bool,
    buckets: Option<Buckets>,
}

#[derive(Debug)]
struct Buckets {
    reads: Bucket,
    writes: Bucket,
    on_demand: bool,
}

impl Buckets {
    fn of(&mut self, direction: Direction) -> &mut Bucket {
        match direction {
            Direction::Read => &mut self.reads,
            Direction::Write => &mut self.writes,
        }
    }
}

impl Throttle {
    pub(super) fn new(by_default: bool) -> Self {
        Self {
            by_default,
            active: AtomicBool::new(by_default),
            tables: Mutex::new(HashMap::new()),
        }
    }

    pub(super) fn set(&self, place: &Place, table: &str, throttled: Option<bool>) {
        let mut tables = self.tables();
        tables
            .entry((place.clone(), table.to_owned()))
            .or_default()
            .switched = throttled;
        let any = self.by_default || tables.values().any(|table| table.switched == Some(true));
        self.active.store(any, Ordering::Release);
    }

    fn tables(&self) -> MutexGuard<'_, HashMap<(Place, String), Table>> {
        // The buckets are consistent between statements, so a panic elsewhere leaves them usable.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes a request on as far as its tables' capacity lets it.
    pub(super) async fn pass(
        &self,
        place: &Place,
        backend: &Backend,
        operation: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Response<Bytes>, String> {
        if !self.active.load(Ordering::Acquire) {
            return backend.forward(headers, body).await;
        }
        // The database words the refusal of what cannot be read.
        let Ok(mut request) = serde_json::from_slice::<Map<String, Value>>(&body) else {
            return backend.forward(headers, body).await;
        };
        let pass = Pass {
            throttle: self,
            place,
            backend,
            headers,
        };
        match traffic::of(operation, &request) {
            Traffic::Free => {
                let response = backend.forward(headers, body).await?;
                if matches!(operation, "CreateTable" | "UpdateTable" | "DeleteTable") {
                    self.forget(place, request.get("TableName").and_then(Value::as_str));
                }
                Ok(response)
            }
            Traffic::Put { table, units } => {
                pass.describe(&table).await?;
                match self.with(place, &table, |buckets| {
                    buckets.writes.take(units, Instant::now())
                }) {
                    Some(false) => Ok(self.exceeded(place, &table)),
                    _ => backend.forward(headers, body).await,
                }
            }
            Traffic::Unknown { tables, direction } => {
                for table in &tables {
                    pass.describe(table).await?;
                    let any = self.with(place, table, |buckets| {
                        buckets.of(direction).has_any(Instant::now())
                    });
                    if any == Some(false) {
                        return Ok(self.exceeded(place, table));
                    }
                }
                pass.charged(&mut request, direction).await
            }
            Traffic::BatchWrite => pass.batch_write(request).await,
            Traffic::BatchGet => pass.batch_get(request).await,
        }
    }

    /// Works on a table's buckets; `None` for a table that isn't throttled.
    fn with<T>(&self, place: &Place, table: &str, work: impl FnOnce(&mut Buckets) -> T) -> Option<T> {
        let mut tables = self.tables();
        let table = tables.get_mut(&(place.clone(), table.to_owned()))?;
        if !table.switched.unwrap_or(self.by_default) {
            return None;
        }
        table.buckets.as_mut().map(work)
    }

    fn forget(&self, place: &Place, table: Option<&str>) {
        let Some(table) = table else { return };
        if let Some(table) = self.tables().get_mut(&(place.clone(), table.to_owned())) {
            table.described = false;
        }
    }

    fn exceeded(&self, place: &Place, table: &str) -> Response<Bytes> {
        let on_demand = self
            .with(place, table, |buckets| buckets.on_demand)
            .unwrap_or(false);
        if on_demand {
            fault(StatusCode::BAD_REQUEST, "ThrottlingException", ON_DEMAND_MESSAGE)
        } else {
            fault(
                StatusCode::BAD_REQUEST,
                "ProvisionedThroughputExceededException",
                PROVISIONED_MESSAGE,
            )
        }
    }
}

/// One request on its way.
struct Pass<'a> {
    throttle: &'a Throttle,
    place: &'a Place,
    backend: &'a Backend,
    headers: &'a HeaderMap,
}

impl Pass<'_> {
    /// Learns a throttled table's capacity, unless it is known.
    async fn describe(&self, table: &str) -> Result<(), String> {
        let key = (self.place.clone(), table.to_owned());
        {
            let mut tables = self.throttle.tables();
            let throttled = self.throttle.by_default;
            let known = tables.get(&key).map_or((false, throttled), |table| {
                (table.described, table.switched.unwrap_or(throttled))
            });
            if known.0 || !known.1 {
                return Ok(());
            }
            tables.entry(key.clone()).or_default();
        }
        let mut headers = self.headers.clone();
        headers.insert(
            "x-amz-target",
            HeaderValue::from_static("DynamoDB_20120810.DescribeTable"),
        );
        let body = serde_json::json!({ "TableName": table }).to_string();
        let response = self.backend.forward(&headers, Bytes::from(body)).await?;
        let description: Value =
            serde_json::from_slice(response.body()).map_err(|error| error.to_string())?;
        let Some(description) = description.get("Table") else {
            return Ok(());
        };
        let (reads, writes, on_demand) = capacity(description);
        let now = Instant::now();
        let mut tables = self.throttle.tables();
        let table = tables.entry(key).or_default();
        table.described = true;
        match &mut table.buckets {
            Some(buckets) => {
                buckets.reads.set_capacity(reads, now);
                buckets.writes.set_capacity(writes, now);
                buckets.on_demand = on_demand;
            }
            None => {
                table.buckets = Some(Buckets {
                    reads: Bucket::new(reads, now),
                    writes: Bucket::new(writes, now),
                    on_demand,
                });
            }
        }
        Ok(())
    }

    /// Forwards a request whose cost only its answer tells, and charges that.
    async fn charged(
        &self,
        request: &mut Map<String, Value>,
        direction: Direction,
    ) -> Result<Response<Bytes>, String> {
        let asked = request
            .get("ReturnConsumedCapacity")
            .and_then(Value::as_str)
            .unwrap_or("NONE")
            != "NONE";
        if !asked {
            request.insert("ReturnConsumedCapacity".to_owned(), Value::from("TOTAL"));
        }
        let body = serde_json::to_vec(request).map_err(|error| error.to_string())?;
        let response = self.backend.forward(self.headers, Bytes::from(body)).await?;
        let Ok(mut answer) = serde_json::from_slice::<Map<String, Value>>(response.body()) else {
            return Ok(response);
        };
        for (table, units) in traffic::consumed(&answer) {
            self.throttle.with(self.place, &table, |buckets| {
                buckets.of(direction).charge(units, Instant::now());
            });
        }
        if asked || answer.remove("ConsumedCapacity").is_none() {
            return Ok(response);
        }
        Ok(json(response.status(), &Value::Object(answer)))
    }

    /// Lets as many items pass as there is capacity for; the rest come back unprocessed.
    async fn batch_write(&self, mut request: Map<String, Value>) -> Result<Response<Bytes>, String> {
        let Some(Value::Object(tables)) = request.get_mut("RequestItems") else {
            return self.forward(&request).await;
        };
        let mut unprocessed: Map<String, Value> = Map::new();
        let mut admitted = 0;
        for (table, entries) in tables.iter_mut() {
            self.describe(table).await?;
            let Value::Array(entries) = entries else { continue };
            let now = Instant::now();
            let mut kept = Vec::with_capacity(entries.len());
            let mut held = Vec::new();
            for entry in entries.drain(..) {
                let units = traffic::batch_write_units(&entry);
                match self
                    .throttle
                    .with(self.place, table, |buckets| buckets.writes.take(units, now))
                {
                    Some(false) => held.push(entry),
                    _ => kept.push(entry),
                }
            }
            admitted += kept.len();
            *entries = kept;
            if !held.is_empty() {
                unprocessed.insert(table.clone(), Value::Array(held));
            }
        }
        if unprocessed.is_empty() {
            return self.forward(&request).await;
        }
        if admitted == 0 {
            let table = unprocessed.keys().next().map(String::as_str).unwrap_or_default();
            return Ok(self.throttle.exceeded(self.place, table));
        }
        tables.retain(|_, entries| entries.as_array().is_none_or(|entries| !entries.is_empty()));
        let response = self.forward(&request).await?;
        merge(&response, "UnprocessedItems", unprocessed)
    }

    /// Lets the tables pass that have capacity; the keys of the others come back unprocessed.
    async fn batch_get(&self, mut request: Map<String, Value>) -> Result<Response<Bytes>, String> {
        let Some(Value::Object(tables)) = request.get_mut("RequestItems") else {
            return self.forward(&request).await;
        };
        let mut unprocessed: Map<String, Value> = Map::new();
        for table in tables.keys().cloned().collect::<Vec<_>>() {
            self.describe(&table).await?;
            let any = self.throttle.with(self.place, &table, |buckets| {
                buckets.reads.has_any(Instant::now())
            });
            if any == Some(false)
                && let Some(keys) = tables.remove(&table)
            {
                unprocessed.insert(table, keys);
            }
        }
        if tables.is_empty()
            && let Some(table) = unprocessed.keys().next()
        {
            return Ok(self.throttle.exceeded(self.place, table));
        }
        let response = self.charged(&mut request, Direction::Read).await?;
        if unprocessed.is_empty() {
            Ok(response)
        } else {
            merge(&response, "UnprocessedKeys", unprocessed)
        }
    }

    async fn forward(&self, request: &Map<String, Value>) -> Result<Response<Bytes>, String> {
        let body = serde_json::to_vec(request).map_err(|error| error.to_string())?;
        self.backend.forward(self.headers, Bytes::from(body)).await
    }
}

/// Adds what was held back to what the database itself left unprocessed.
fn merge(
    response: &Response<Bytes>,
    field: &str,
    held: Map<String, Value>,
) -> Result<Response<Bytes>, String> {
    if !response.status().is_success() {
        return Ok(response.clone());
    }
    let mut answer: Map<String, Value> =
        serde_json::from_slice(response.body()).map_err(|error| error.to_string())?;
    let unprocessed = answer.entry(field).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(unprocessed) = unprocessed {
        for (table, entries) in held {
            match (unprocessed.get_mut(&table), entries) {
                (Some(Value::Array(already)), Value::Array(entries)) => already.extend(entries),
                (_, entries) => {
                    unprocessed.insert(table, entries);
                }
            }
        }
    }
    Ok(json(StatusCode::OK, &Value::Object(answer)))
}

/// Reads, writes, and whether the table is on demand, from a TableDescription.
fn capacity(description: &Value) -> (Capacity, Capacity, bool) {
    let mode = description
        .pointer("/BillingModeSummary/BillingMode")
        .and_then(Value::as_str);
    if mode == Some("PAY_PER_REQUEST") {
        return (
            Capacity::OnDemand(ON_DEMAND_READS),
            Capacity::OnDemand(ON_DEMAND_WRITES),
            true,
        );
    }
    let provisioned = |field: &str| {
        let units = description
            .get("ProvisionedThroughput")
            .and_then(|throughput| throughput.get(field));
        Capacity::Provisioned(units.and_then(Value::as_f64).unwrap_or(1.0))
    };
    (
        provisioned("ReadCapacityUnits"),
        provisioned("WriteCapacityUnits"),
        false,
    )
}
