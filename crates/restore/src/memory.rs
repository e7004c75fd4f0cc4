//! How much may lie in memory at once, over everything that shares the bound.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A bound in bytes. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    /// One permit for each KiB.
    kib: Arc<Semaphore>,
    all: u32,
}

/// Leave to hold some bytes, until it is dropped.
pub(crate) type Held = OwnedSemaphorePermit;

impl Memory {
    /// Room for so many MiB.
    pub(crate) fn mib(mib: u32) -> Self {
        let all = mib * 1_024;
        Self {
            kib: Arc::new(Semaphore::new(all as usize)),
            all,
        }
    }

    /// Waits until there is room for so many bytes. What is larger than the whole bound has it to itself.
    pub(crate) async fn hold(&self, bytes: u64) -> Option<Held> {
        let kib = u32::try_from(bytes.div_ceil(1_024))
            .unwrap_or(self.all)
            .clamp(1, self.all);
        // The semaphore is never closed, so an error cannot come.
        Arc::clone(&self.kib).acquire_many_owned(kib).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_is_larger_than_all_waits_for_all_and_then_goes() {
        let memory = Memory::mib(1);
        let small = memory.hold(10).await;
        let large = memory.hold(u64::MAX);
        tokio::pin!(large);
        let waited = tokio::time::timeout(Duration::from_millis(20), &mut large).await;
        assert!(waited.is_err(), "it does not fit beside the small one");
        drop(small);
        let large = large.await;
        assert!(
            tokio::time::timeout(Duration::from_millis(20), memory.hold(1))
                .await
                .is_err()
        );
        drop(large);
        memory.hold(1).await;
    }
}
