//! Reads and conditional writes of the control table.

use std::collections::HashMap;
use std::time::Duration;

use aws::dynamodb::{
    BATCH_KEYS_MAX, Condition, Item, KeyDefinition, Query, SortKey, TableDefinition, TableRef, Value, Write,
};
use aws::{Cloud, ErrorKind};
use rand::Rng;
use recovery::plan::Capacity;
use recovery::types::AttributeType;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Key, Record};
use crate::error::{Error, Result};

const PK: &str = "pk";
const SK: &str = "sk";
const BODY: &str = "body";
const VERSION: &str = "version";

/// How long a new control table may take to become active.
const TABLE_PATIENCE: Duration = Duration::from_mins(3);

/// Tries of one call against throttles and colliding transactions.
const TRIES_MAX: u32 = 6;

/// How long the first of them waits, about; each waits twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(30);

/// The control table of one installation. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Control {
    cloud: Cloud,
    table: TableRef,
}

/// One change of a set that is made whole or not at all.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Writes an item that must not be there.
    Create(Key, String),
    /// Writes an item that must still have this version.
    Replace(Key, String, i64),
    /// Writes an item whatever is there.
    Put(Key, String),
    /// Deletes an item whatever is there.
    Delete(Key),
}

/// Which items of a partition to list.
#[derive(Clone, Debug)]
pub(crate) struct Listing {
    partition: String,
    sort: Option<SortKey>,
    newest_first: bool,
    limit: Option<usize>,
}

/// One listed item.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) sk: String,
    pub(crate) body: String,
    pub(crate) version: i64,
}

impl Change {
    /// Writes `value` where nothing is.
    pub(crate) fn create<T: Serialize>(key: Key, value: &T) -> Result<Self> {
        let body = encode(&key, value)?;
        Ok(Self::Create(key, body))
    }

    /// Writes `value` in place of what was read with `version`.
    pub(crate) fn replace<T: Serialize>(key: Key, value: &T, version: i64) -> Result<Self> {
        let body = encode(&key, value)?;
        Ok(Self::Replace(key, body, version))
    }

    /// Writes `value`.
    pub(crate) fn put<T: Serialize>(key: Key, value: &T) -> Result<Self> {
        let body = encode(&key, value)?;
        Ok(Self::Put(key, body))
    }

    fn key(&self) -> &Key {
        match self {
            Self::Create(key, _) | Self::Replace(key, _, _) | Self::Put(key, _) | Self::Delete(key) => key,
        }
    }

    /// Body and version that the item has once the change is made; `None` for a deletion.
    fn result(&self) -> Option<(&str, i64)> {
        match self {
            Self::Create(_, body) | Self::Put(_, body) => Some((body, 1)),
            Self::Replace(_, body, version) => Some((body, version + 1)),
            Self::Delete(_) => None,
        }
    }

    fn condition(&self) -> Option<Condition> {
        match self {
            Self::Create(..) => Some(Condition::absent(PK)),
            Self::Replace(_, _, version) => Some(Condition::equals(VERSION, Value::number(version))),
            Self::Put(..) | Self::Delete(_) => None,
        }
    }
}

impl Listing {
    /// The whole partition, in key order.
    pub(crate) fn all(partition: impl Into<String>) -> Self {
        Self {
            partition: partition.into(),
            sort: None,
            newest_first: false,
            limit: None,
        }
    }

    pub(crate) fn newest_first(mut self) -> Self {
        self.newest_first = true;
        self
    }

    /// At most so many items in one page.
    pub(crate) fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Sort keys that begin so.
    pub(crate) fn begins_with(mut self, prefix: impl Into<String>) -> Self {
        self.sort = Some(SortKey::BeginsWith(Value::string(prefix)));
        self
    }

    /// Sort keys from the first to the second, both included.
    pub(crate) fn between(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        self.sort = Some(SortKey::Between(Value::string(from), Value::string(to)));
        self
    }
}

impl Row {
    /// The value that the item holds.
    pub(crate) fn value<T: DeserializeOwned>(&self) -> Result<T> {
        decode(&self.sk, &self.body)
    }
}

impl Control {
    /// Opens the table, creating it where it is missing. Several processes may do so at once.
    pub(crate) async fn open(cloud: Cloud, table: TableRef) -> Result<Self> {
        match cloud.describe_table(&table).await {
            Ok(found) => {
                let is_ours = found.partition.name == PK
                    && found.partition.attribute_type == AttributeType::S
                    && found
                        .sort
                        .as_ref()
                        .is_some_and(|sort| sort.name == SK && sort.attribute_type == AttributeType::S);
                if !is_ours {
                    return Err(Error::Settings(format!(
                        "{table} is no control table: its keys are not {PK} (S) and {SK} (S)"
                    )));
                }
            }
            Err(error) if error.is_not_found() => {
                let key = |name: &str| KeyDefinition {
                    name: name.to_owned(),
                    attribute_type: AttributeType::S,
                };
                let definition = TableDefinition {
                    partition: key(PK),
                    sort: Some(key(SK)),
                    capacity: Capacity::OnDemand,
                    warm_write_units: None,
                };
                match cloud.create_table(&table, &definition).await {
                    Ok(()) => tracing::info!(%table, "created the control table"),
                    Err(error) if error.kind == ErrorKind::AlreadyExists => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error.into()),
        }
        cloud.wait_active(&table, TABLE_PATIENCE).await?;
        Ok(Self { cloud, table })
    }

    /// The record of that key.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Record<T>>> {
        let Some(row) = self.row(key).await? else {
            return Ok(None);
        };
        Ok(Some(Record {
            value: decode(&key.to_string(), &row.body)?,
            version: row.version,
        }))
    }

    /// The values of those keys, of each that is there.
    pub(crate) async fn get_all<T: DeserializeOwned>(&self, keys: &[Key]) -> Result<HashMap<Key, T>> {
        let mut found = HashMap::with_capacity(keys.len());
        for some in keys.chunks(BATCH_KEYS_MAX) {
            let mut open: Vec<Item> = some.iter().map(|key| item_key(&key.pk, &key.sk)).collect();
            let mut pause = FIRST_PAUSE;
            for attempt in 1.. {
                let read = self.cloud.batch_get(&self.table, &open).await?;
                for item in &read.items {
                    let Row { sk, body, .. } = row(item);
                    let pk = item.string(PK).unwrap_or_default().to_owned();
                    let key = Key { pk, sk };
                    let value = decode(&key.to_string(), &body)?;
                    found.insert(key, value);
                }
                open = read.left;
                if open.is_empty() {
                    break;
                }
                if attempt == TRIES_MAX {
                    let cause = format!("{} of {} keys came back unread", open.len(), some.len());
                    let kind = ErrorKind::Throttled;
                    let error = aws::Error::new("BatchGetItem", self.table.to_string(), kind, cause);
                    return Err(error.into());
                }
                wait(&mut pause).await;
            }
        }
        Ok(found)
    }

    /// Makes all of `changes`, or none. A condition that does not hold is [`Error::is_precondition`].
    ///
    /// An answer that got lost on its way is no failure: what is there is then compared with what was to be written.
    pub(crate) async fn write(&self, changes: Vec<Change>) -> Result<()> {
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let error = match self.write_once(&changes).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            match error.kind {
                ErrorKind::Precondition => {
                    return if self.is_made(&changes).await? {
                        Ok(())
                    } else {
                        Err(error.into())
                    };
                }
                ErrorKind::Throttled if attempt < TRIES_MAX => wait(&mut pause).await,
                _ => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// One page of a partition behind the sort key `after`, and the sort key behind which the next one begins.
    pub(crate) async fn page(
        &self,
        listing: &Listing,
        after: Option<&str>,
    ) -> Result<(Vec<Row>, Option<String>)> {
        let mut query = Query::partition(PK, Value::string(listing.partition.clone()));
        if let Some(sort) = &listing.sort {
            query = query.sort(SK, sort.clone());
        }
        if listing.newest_first {
            query = query.backward();
        }
        if let Some(limit) = listing.limit {
            query = query.limit(u32::try_from(limit).unwrap_or(u32::MAX));
        }
        let start = after.map(|sk| item_key(&listing.partition, sk));
        let page = self.cloud.query(&self.table, query.start_after(start)).await?;
        let next = page
            .next
            .as_ref()
            .and_then(|key| key.string(SK))
            .map(str::to_owned);
        Ok((page.items.iter().map(row).collect(), next))
    }

    /// Every item of a listing, up to `max`.
    pub(crate) async fn list(&self, listing: &Listing, max: usize) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let (page, next) = self.page(listing, after.as_deref()).await?;
            rows.extend(page);
            if rows.len() >= max || next.is_none() {
                rows.truncate(max);
                return Ok(rows);
            }
            after = next;
        }
    }

    async fn row(&self, key: &Key) -> Result<Option<Row>, aws::Error> {
        let item = self
            .cloud
            .get_item(&self.table, item_key(&key.pk, &key.sk))
            .await?;
        Ok(item.as_ref().map(row))
    }

    async fn write_once(&self, changes: &[Change]) -> Result<(), aws::Error> {
        if let [change] = changes {
            let key = change.key();
            return match change.result() {
                Some((body, version)) => {
                    let item = item(key, body, version);
                    self.cloud.put_item(&self.table, item, change.condition()).await
                }
                None => {
                    self.cloud
                        .delete_item(&self.table, item_key(&key.pk, &key.sk), None)
                        .await
                }
            };
        }
        let writes = changes
            .iter()
            .map(|change| {
                let key = change.key();
                match change.result() {
                    Some((body, version)) => Write::Put {
                        item: item(key, body, version),
                        condition: change.condition(),
                    },
                    None => Write::Delete {
                        key: item_key(&key.pk, &key.sk),
                        condition: None,
                    },
                }
            })
            .collect();
        self.cloud.transact_write(&self.table, writes).await
    }

    async fn is_made(&self, changes: &[Change]) -> Result<bool> {
        for change in changes {
            let found = self.row(change.key()).await?;
            let found = found.as_ref().map(|row| (row.body.as_str(), row.version));
            if found != change.result() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

async fn wait(pause: &mut Duration) {
    let jitter = rand::rng().random_range(0.5..1.5);
    tokio::time::sleep(pause.mul_f64(jitter)).await;
    *pause *= 2;
}

fn item_key(pk: &str, sk: &str) -> Item {
    Item::with_capacity(2)
        .with(PK, Value::string(pk))
        .with(SK, Value::string(sk))
}

fn item(key: &Key, body: &str, version: i64) -> Item {
    item_key(&key.pk, &key.sk)
        .with(BODY, Value::string(body))
        .with(VERSION, Value::number(version))
}

fn row(item: &Item) -> Row {
    Row {
        sk: item.string(SK).unwrap_or_default().to_owned(),
        body: item.string(BODY).unwrap_or_default().to_owned(),
        version: item.integer(VERSION).unwrap_or_default(),
    }
}

fn encode<T: Serialize>(key: &Key, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Record {
        key: key.to_string(),
        cause: error.to_string(),
    })
}

fn decode<T: DeserializeOwned>(key: &str, body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(|error| Error::Record {
        key: key.to_owned(),
        cause: error.to_string(),
    })
}
