//! Objects' bytes on disk: one immutable file per uploaded body, named by chance, shared by whatever versions name it.
//!
//! A body is written to `incoming/` and renamed into `blobs/` when it is whole; only then may metadata name it. What
//! a crash leaves behind (half-written bodies, blobs that nothing names) is swept at the next start.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use s3s::crypto::Checksum as _;
use tokio::sync::mpsc;

use super::checksum::{Algorithm, Hasher};
use super::{Content, S3Failure};

/// Chunks on their way from the network to the disk, at most.
const CHUNKS_MAX: usize = 16;

/// The folder of bodies.
#[derive(Clone, Debug)]
pub(super) struct Blobs {
    incoming: PathBuf,
    blobs: PathBuf,
}

/// A whole body on disk that no metadata names yet.
#[derive(Debug)]
pub(super) struct Blob {
    pub(super) id: String,
    pub(super) size: u64,
    pub(super) md5: [u8; 16],
    /// Base64, by each algorithm asked for, in that order.
    checksums: Vec<(Algorithm, String)>,
}

impl Blob {
    /// By one of the algorithms that it was written with.
    pub(super) fn checksum(&self, algorithm: Algorithm) -> Option<&str> {
        self.checksums
            .iter()
            .find(|(of, _)| *of == algorithm)
            .map(|(_, value)| value.as_str())
    }
}

impl Blobs {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let blobs = Self {
            incoming: folder.join("incoming"),
            blobs: folder.join("blobs"),
        };
        if blobs.incoming.exists() {
            std::fs::remove_dir_all(&blobs.incoming)?;
        }
        std::fs::create_dir_all(&blobs.incoming)?;
        std::fs::create_dir_all(&blobs.blobs)?;
        Ok(blobs)
    }

    /// Removes every blob that isn't `named`; how many there were.
    pub(super) fn sweep(&self, named: &HashSet<String>) -> io::Result<usize> {
        let mut swept = 0;
        for shard in std::fs::read_dir(&self.blobs)? {
            for entry in std::fs::read_dir(shard?.path())? {
                let entry = entry?;
                if !entry
                    .file_name()
                    .to_str()
                    .is_some_and(|name| named.contains(name))
                {
                    std::fs::remove_file(entry.path())?;
                    swept += 1;
                }
            }
        }
        Ok(swept)
    }

    fn path(&self, id: &str) -> PathBuf {
        self.blobs.join(&id[..2]).join(id)
    }

    /// Opens a blob for reading; it stays readable when it is removed meanwhile.
    pub(super) fn file(&self, id: &str) -> io::Result<File> {
        File::open(self.path(id))
    }

    /// Removes blobs that no metadata names any more. What cannot be removed is swept at the next start.
    pub(super) async fn remove(&self, ids: Vec<String>) {
        if ids.is_empty() {
            return;
        }
        let blobs = self.clone();
        let removed = tokio::task::spawn_blocking(move || {
            for id in ids {
                if let Err(error) = std::fs::remove_file(blobs.path(&id)) {
                    tracing::warn!(%error, id, "a blob could not be removed");
                }
            }
        });
        let _ = removed.await;
    }

    /// Writes a body as it streams in, hashing on the way.
    pub(super) async fn write<S, E>(&self, body: S, algorithms: &[Algorithm]) -> Result<Blob, S3Failure>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: std::fmt::Display,
    {
        let (sender, receiver) = mpsc::channel(CHUNKS_MAX);
        let (blobs, algorithms) = (self.clone(), algorithms.to_vec());
        let writing = tokio::task::spawn_blocking(move || blobs.write_chunks(receiver, &algorithms));
        let mut body = std::pin::pin!(body);
        let mut broken = None;
        while let Some(chunk) = body.next().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(error) => {
                    broken = Some(S3Failure::IncompleteBody(error.to_string()));
                    break;
                }
            };
            if sender.send(Some(chunk)).await.is_err() {
                // The writer has stopped with an error that is better than ours.
                break;
            }
        }
        if broken.is_none() {
            // Only this makes the file a blob: a dropped request leaves nothing.
            let _ = sender.send(None).await;
        }
        drop(sender);
        let written = writing.await.map_err(|error| S3Failure::storage(&error))?;
        match broken {
            Some(failure) => Err(failure),
            None => written,
        }
    }

    fn write_chunks(
        &self,
        mut chunks: mpsc::Receiver<Option<Bytes>>,
        algorithms: &[Algorithm],
    ) -> Result<Blob, S3Failure> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        let incoming = self.incoming.join(&id);
        let result = (|| {
            let mut file = BufWriter::with_capacity(64 * 1024, File::create_new(&incoming)?);
            let mut hashers: Vec<_> = algorithms.iter().map(|of| (*of, Hasher::new(*of))).collect();
            let (mut md5, mut size) = (s3s::crypto::Md5::new(), 0);
            loop {
                match chunks.blocking_recv() {
                    Some(Some(chunk)) => {
                        md5.update(&chunk);
                        for (_, hasher) in &mut hashers {
                            hasher.update(&chunk);
                        }
                        size += chunk.len() as u64;
                        file.write_all(&chunk)?;
                    }
                    Some(None) => break,
                    None => return Err(S3Failure::IncompleteBody("the body ended early".to_owned())),
                }
            }
            file.flush()?;
            let path = self.path(&id);
            if let Some(shard) = path.parent() {
                std::fs::create_dir_all(shard)?;
            }
            std::fs::rename(&incoming, &path)?;
            let checksums = hashers
                .into_iter()
                .map(|(of, hasher)| (of, hasher.finish()))
                .collect();
            Ok(Blob {
                id: id.clone(),
                size,
                md5: md5.finalize(),
                checksums,
            })
        })();
        if result.is_err() {
            let _ = std::fs::remove_file(&incoming);
        }
        result
    }

    /// Writes the content of an in-process PUT.
    pub(super) async fn write_content(
        &self,
        content: Content,
        algorithm: Algorithm,
    ) -> Result<Blob, S3Failure> {
        match content {
            Content::Bytes(bytes) => {
                let body = futures::stream::iter([Ok::<_, io::Error>(bytes)]);
                self.write(body, &[algorithm]).await
            }
            Content::File(path) => {
                let file = tokio::fs::File::open(&path).await?;
                let body = tokio_util::io::ReaderStream::with_capacity(file, 256 * 1024);
                self.write(body, &[algorithm]).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(blobs: &Blobs) -> (usize, usize) {
        let files = |folder: &Path| {
            let mut count = 0;
            let mut folders = vec![folder.to_owned()];
            while let Some(folder) = folders.pop() {
                for entry in std::fs::read_dir(folder).unwrap() {
                    let entry = entry.unwrap();
                    if entry.file_type().unwrap().is_dir() {
                        folders.push(entry.path());
                    } else {
                        count += 1;
                    }
                }
            }
            count
        };
        (files(&blobs.incoming), files(&blobs.blobs))
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let body = futures::stream::iter([Ok(Bytes::from_static(b"half")), Err(io::Error::other("reset"))]);
        let failed = blobs.write(body, &[Algorithm::Crc64Nvme]).await;
        assert!(matches!(failed, Err(S3Failure::IncompleteBody(_))), "{failed:?}");
        assert_eq!(count(&blobs), (0, 0));
    }

    #[tokio::test]
    async fn the_sweep_removes_only_what_nothing_names() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let mut ids = Vec::new();
        for body in ["kept", "lost"] {
            let content = Content::Bytes(Bytes::from_static(body.as_bytes()));
            ids.push(
                blobs
                    .write_content(content, Algorithm::Crc64Nvme)
                    .await
                    .unwrap()
                    .id,
            );
        }
        assert_eq!(blobs.sweep(&HashSet::from([ids[0].clone()])).unwrap(), 1);
        assert!(blobs.file(&ids[0]).is_ok());
        assert!(blobs.file(&ids[1]).is_err());
    }
}
