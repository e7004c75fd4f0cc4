//! DeleteTable.

use super::TableRef;
use crate::{Cloud, Error};

impl Cloud {
    /// Deletes a table and all its items; [`NotFound`](crate::ErrorKind::NotFound) where there is none.
    pub async fn delete_table(&self, table: &TableRef) -> Result<(), Error> {
        self.clients(&table.region, table.account.as_ref())
            .dynamodb
            .delete_table()
            .table_name(table.name.as_str())
            .send()
            .await
            .map_err(|error| Error::from_sdk("DeleteTable", table.to_string(), &error))?;
        Ok(())
    }
}
