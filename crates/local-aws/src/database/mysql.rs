//! A real MySQL or MariaDB behind an embedded RDS instance, read in one consistent snapshot.

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, Value};

use super::column::{Declared, original_type};
use super::{Column, Kind, Row, Table};

/// Schemas that belong to the server, never to its user.
const SYSTEM_SCHEMAS: &str = "'information_schema','mysql','performance_schema','sys'";

/// Why a database could not be read.
#[derive(Debug, thiserror::Error)]
pub enum MySqlError {
    /// The URL is none.
    #[error("reading the MySQL URL: {0}; write it as mysql://user:password@host:port/database")]
    Url(#[from] mysql_async::UrlError),
    /// The server could not be reached, or refused.
    #[error(
        "{operation} on MySQL at {server}: {cause}; check that the server runs and that the user may read the schema"
    )]
    Server {
        /// What was tried.
        operation: &'static str,
        /// Host and port.
        server: String,
        /// What the server or the connection said.
        cause: mysql_async::Error,
    },
}

/// One consistent snapshot of a server, as long as it is kept.
#[derive(Debug)]
pub struct MySqlReader {
    conn: Conn,
    server: String,
}

/// A table as the server describes it.
#[derive(Debug)]
pub struct Described {
    /// Its columns.
    pub table: Table,
    /// Why it cannot be exported: it has a column of a type that RDS's export does not know.
    pub unsupported: Option<String>,
}

impl MySqlReader {
    /// Connects and opens a consistent snapshot: every table is read as of now, whatever is written meanwhile.
    pub async fn open(url: &str) -> Result<Self, MySqlError> {
        let opts = Opts::from_url(url)?;
        let server = format!("{}:{}", opts.ip_or_hostname(), opts.tcp_port());
        let failed = |operation| {
            let server = server.clone();
            move |cause| MySqlError::Server {
                operation,
                server,
                cause,
            }
        };
        let mut conn = Conn::new(opts).await.map_err(failed("connecting"))?;
        for statement in [
            // Text arrives as UTF-8, TIMESTAMP as UTC and CHAR without padding, whatever the server's defaults.
            "SET NAMES utf8mb4",
            "SET SESSION time_zone = '+00:00', sql_mode = ''",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT",
        ] {
            conn.query_drop(statement)
                .await
                .map_err(failed("opening a consistent snapshot"))?;
        }
        Ok(Self { conn, server })
    }

    /// The version the server reports.
    pub async fn version(&mut self) -> Result<String, MySqlError> {
        let version: Option<String> = self
            .conn
            .query_first("SELECT VERSION()")
            .await
            .map_err(|cause| self.failed("asking for the version", cause))?;
        Ok(version.unwrap_or_default())
    }

    /// Every base table of the URL's schema, or of all schemas that are not the server's own.
    pub async fn tables(&mut self) -> Result<Vec<Described>, MySqlError> {
        let sql = format!(
            "SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE, c.COLUMN_TYPE, c.IS_NULLABLE, \
             c.CHARACTER_MAXIMUM_LENGTH, c.NUMERIC_PRECISION, c.NUMERIC_SCALE, c.DATETIME_PRECISION \
             FROM information_schema.COLUMNS c JOIN information_schema.TABLES t \
             ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME \
             WHERE t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND c.TABLE_SCHEMA NOT IN ({SYSTEM_SCHEMAS}) \
             AND (DATABASE() IS NULL OR c.TABLE_SCHEMA = DATABASE()) \
             ORDER BY c.TABLE_SCHEMA, c.TABLE_NAME, c.ORDINAL_POSITION"
        );
        let rows: Vec<mysql_async::Row> = self
            .conn
            .query(sql)
            .await
            .map_err(|cause| self.failed("reading information_schema", cause))?;
        let mut tables: Vec<Described> = Vec::new();
        for row in rows {
            let text = |index: usize| match row.as_ref(index) {
                Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
                _ => String::new(),
            };
            let number = |index: usize| text(index).parse::<u64>().ok();
            let (schema, name) = (text(0), text(1));
            if tables
                .last()
                .is_none_or(|last| last.table.schema != schema || last.table.name != name)
            {
                tables.push(Described {
                    table: Table {
                        schema,
                        name,
                        columns: Vec::new(),
                    },
                    unsupported: None,
                });
            }
            let Some(described) = tables.last_mut() else {
                continue;
            };
            let (data_type, column_type) = (text(3), text(4));
            let declared = Declared {
                data_type: &data_type,
                column_type: &column_type,
                precision: number(7),
                scale: number(8),
            };
            let Some(kind) = Kind::of(&declared) else {
                described.unsupported =
                    Some(format!("column {} has the unsupported type {data_type}", text(2)));
                continue;
            };
            described.table.columns.push(Column {
                name: text(2),
                original_type: original_type(&declared),
                kind,
                nullable: text(5) == "YES",
                char_max_length: number(6),
                numeric_precision: number(7),
                datetime_precision: number(9),
            });
        }
        Ok(tables)
    }

    /// Gives each row of `table` to `sink` until one is refused: `Ok(Err(_))` is the sink's refusal.
    pub async fn read<E>(
        &mut self,
        table: &Table,
        sink: &mut (dyn FnMut(&Row) -> Result<(), E> + Send),
    ) -> Result<Result<(), E>, MySqlError> {
        let columns: Vec<String> = table.columns.iter().map(selected).collect();
        let sql = format!(
            "SELECT {} FROM {}.{}",
            columns.join(", "),
            quoted(&table.schema),
            quoted(&table.name)
        );
        let server = self.server.clone();
        let failed = |cause| MySqlError::Server {
            operation: "reading a table",
            server: server.clone(),
            cause,
        };
        let mut result = self.conn.query_iter(sql).await.map_err(&failed)?;
        let mut row = Row::default();
        let mut outcome = Ok(());
        while let Some(values) = result.next().await.map_err(&failed)? {
            row.clear();
            for index in 0..table.columns.len() {
                match values.as_ref(index) {
                    Some(Value::Bytes(bytes)) => row.bytes(bytes),
                    // The text protocol has no other kinds of value than bytes and NULL.
                    _ => row.null(),
                }
            }
            outcome = sink(&row);
            if outcome.is_err() {
                break;
            }
        }
        result.drop_result().await.map_err(&failed)?;
        Ok(outcome)
    }

    /// Ends the snapshot.
    pub async fn close(self) {
        // The server ends the transaction with the connection in any case.
        let _ = self.conn.disconnect().await;
    }

    fn failed(&self, operation: &'static str, cause: mysql_async::Error) -> MySqlError {
        MySqlError::Server {
            operation,
            server: self.server.clone(),
            cause,
        }
    }
}

/// FLOAT is shown with six digits, which loses some; as a double it is shown with all it has. It is multiplied by one,
/// for a zero that is added takes the sign from a negative zero.
fn selected(column: &Column) -> String {
    let name = quoted(&column.name);
    if column.kind == Kind::Float {
        format!("{name} * 1e0")
    } else {
        name
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}
