//! The databases of every account and Region, each opened at its first request.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::backend::Backend;
use crate::control::Place;

/// The databases that are open.
#[derive(Debug)]
pub(super) struct Databases {
    /// `None`: every database is in memory.
    folder: Option<PathBuf>,
    open: Mutex<HashMap<Place, Arc<Backend>>>,
}

impl Databases {
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            open: Mutex::default(),
        }
    }

    /// The database of a place.
    pub(super) async fn of(&self, place: &Place) -> Result<Arc<Backend>, String> {
        let mut open = self.open.lock().await;
        if let Some(backend) = open.get(place) {
            return Ok(Arc::clone(backend));
        }
        let backend = Arc::new(Backend::open(self.folder.as_deref(), place).await?);
        open.insert(place.clone(), Arc::clone(&backend));
        Ok(backend)
    }

    pub(super) async fn stop(&self) {
        for (_, backend) in self.open.lock().await.drain() {
            backend.stop().await;
        }
    }
}
