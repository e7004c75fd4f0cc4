//! Messages in the database: added, taken, put back, removed.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};
use serde_json::Value;

use super::Sqs;
use super::queue::Queue;
use crate::control::{Arn, RecordError};

/// A message as it is received.
#[derive(Debug)]
pub(super) struct Message {
    pub id: String,
    pub receipt: String,
    pub body: String,
    pub attributes: Value,
    pub sender: String,
    pub sent_at: i64,
    pub first_received_at: i64,
    pub received: i64,
}

impl Sqs {
    /// Adds a message, visible after `delay` seconds. Its identifier.
    pub(super) fn enqueue(
        &self,
        queue: &Queue,
        body: &str,
        attributes: &Value,
        delay: i64,
        sender: &str,
    ) -> Result<String, RecordError> {
        let id = uuid::Uuid::new_v4().to_string();
        let now = self.now();
        let values = params![
            queue.arn(),
            id,
            body,
            attributes.to_string(),
            sender,
            now,
            now + delay * 1_000
        ];
        self.plane.records.with(|connection| {
            connection
                .prepare_cached(
                    "INSERT INTO message (queue, id, body, attributes, sender, sent_at, visible_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(values)
        })?;
        self.arrived.notify_waiters();
        Ok(id)
    }

    /// Takes up to `most` visible messages, invisible for `timeout` seconds from now. What was received too often
    /// goes to the dead-letter queue instead; what is too old is gone.
    pub(super) fn take(&self, queue: &Queue, most: usize, timeout: i64) -> Result<Vec<Message>, RecordError> {
        let (arn, now) = (queue.arn(), self.now());
        let oldest = now - queue.number("MessageRetentionPeriod") * 1_000;
        let redrive = queue.redrive().and_then(|redrive| {
            let target = Arn::parse(&redrive.target)?.resource.to_owned();
            Some((redrive.count()?, redrive.target, target))
        });
        self.plane.records.with(|connection| {
            let transaction = connection.unchecked_transaction()?;
            transaction
                .prepare_cached("DELETE FROM message WHERE queue = ? AND sent_at < ?")?
                .execute(params![arn, oldest])?;
            if let Some((count, target, _)) = &redrive {
                transaction
                    .prepare_cached(
                        "UPDATE message SET queue = ?, receipt = NULL WHERE queue = ? AND visible_at <= ? AND received >= ?",
                    )?
                    .execute(params![target, arn, now, count])?;
            }
            let mut messages = Vec::new();
            {
                let mut visible = transaction.prepare_cached(
                    "SELECT seq, id, body, attributes, sender, sent_at, first_received_at, received FROM message
                     WHERE queue = ? AND visible_at <= ? ORDER BY seq LIMIT ?",
                )?;
                let mut rows = visible.query(params![arn, now, most])?;
                let mut update = transaction.prepare_cached(
                    "UPDATE message SET visible_at = ?, received = received + 1, receipt = ?, first_received_at = ? WHERE seq = ?",
                )?;
                while let Some(row) = rows.next()? {
                    let seq: i64 = row.get(0)?;
                    let receipt = format!("{}#{seq}", uuid::Uuid::new_v4().simple());
                    let first_received_at = row.get::<_, Option<i64>>(6)?.unwrap_or(now);
                    update.execute(params![now + timeout * 1_000, receipt, first_received_at, seq])?;
                    let attributes: String = row.get(3)?;
                    messages.push(Message {
                        id: row.get(1)?,
                        receipt,
                        body: row.get(2)?,
                        attributes: serde_json::from_str(&attributes).unwrap_or(Value::Null),
                        sender: row.get(4)?,
                        sent_at: row.get(5)?,
                        first_received_at,
                        received: row.get::<_, i64>(7)? + 1,
                    });
                }
            }
            transaction.commit()?;
            Ok(messages)
        })
    }

    /// Removes the message of a receipt. `false` if the receipt is none of the queue's.
    pub(super) fn remove(&self, queue: &Queue, receipt: &str) -> Result<bool, RecordError> {
        let Some(seq) = number(receipt) else {
            return Ok(false);
        };
        // SQS deletes with an outdated receipt too, and deleting twice succeeds.
        self.plane.records.with(|connection| {
            connection
                .prepare_cached("DELETE FROM message WHERE queue = ? AND seq = ? AND receipt IS NOT NULL")?
                .execute(params![queue.arn(), seq])
        })?;
        Ok(true)
    }

    /// Makes the message of a receipt visible `timeout` seconds from now. `None` if the receipt is none,
    /// `Some(false)` if the message isn't in flight.
    pub(super) fn set_visible(
        &self,
        queue: &Queue,
        receipt: &str,
        timeout: i64,
    ) -> Result<Option<bool>, RecordError> {
        let Some(seq) = number(receipt) else {
            return Ok(None);
        };
        let now = self.now();
        let changed = self.plane.records.with(|connection| {
            connection
                .prepare_cached(
                    "UPDATE message SET visible_at = ? WHERE queue = ? AND seq = ? AND receipt = ? AND visible_at > ?",
                )?
                .execute(params![now + timeout * 1_000, queue.arn(), seq, receipt, now])
        })?;
        if timeout == 0 {
            self.arrived.notify_waiters();
        }
        Ok(Some(changed == 1))
    }

    /// Removes every message.
    pub(super) fn clear(&self, queue: &Queue) -> Result<(), RecordError> {
        self.plane
            .records
            .with(|connection| connection.execute("DELETE FROM message WHERE queue = ?", [queue.arn()]))?;
        Ok(())
    }

    /// Visible, in flight, delayed.
    pub(super) fn counts(&self, queue: &Queue) -> Result<(i64, i64, i64), RecordError> {
        let counts = self.plane.records.with(|connection| {
            connection
                .prepare_cached(
                    "SELECT COUNT(*) FILTER (WHERE visible_at <= ?1),
                            COUNT(*) FILTER (WHERE visible_at > ?1 AND received > 0),
                            COUNT(*) FILTER (WHERE visible_at > ?1 AND received = 0)
                     FROM message WHERE queue = ?2",
                )?
                .query_row(params![self.now(), queue.arn()], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()
        })?;
        Ok(counts.unwrap_or_default())
    }

    fn now(&self) -> i64 {
        let now: Timestamp = self.plane.clock.now();
        now.as_millisecond()
    }
}

/// A receipt ends in its message's number.
fn number(receipt: &str) -> Option<i64> {
    receipt.rsplit_once('#')?.1.parse().ok()
}
