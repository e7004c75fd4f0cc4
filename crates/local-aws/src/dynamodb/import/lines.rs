//! The lines of an object: unpacked as they arrive, a few chunks in memory at a time.

use std::io::{self, BufRead, BufReader, Read};

use bytes::{Buf, Bytes};
use flate2::bufread::MultiGzDecoder;
use tokio::sync::mpsc;

/// A line longer than this holds no item: 400 KB of attributes of one byte each take less as JSON.
const LINE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Read at once.
const BUFFER_BYTES: usize = 128 * 1024;

/// How an object is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// `InputCompressionType`, where absent is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "" | "NONE" => Some(Self::None),
            "GZIP" => Some(Self::Gzip),
            "ZSTD" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// Chunks that come through a channel, for a thread that reads.
struct Arriving {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.chunks.blocking_recv() {
                Some(chunk) => self.rest = chunk?,
                None => return Ok(0),
            }
        }
        let length = self.rest.len().min(buffer.len());
        self.rest.split_to(length).copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

/// The lines of one object, read on a thread that may block.
pub(super) struct Lines {
    reader: Box<dyn BufRead>,
    line: Vec<u8>,
}

impl Lines {
    pub(super) fn new(
        chunks: mpsc::Receiver<io::Result<Bytes>>,
        compression: Compression,
    ) -> io::Result<Self> {
        let arriving = BufReader::with_capacity(
            BUFFER_BYTES,
            Arriving {
                chunks,
                rest: Bytes::new(),
            },
        );
        let reader: Box<dyn BufRead> = match compression {
            Compression::None => Box::new(arriving),
            Compression::Gzip => Box::new(BufReader::with_capacity(
                BUFFER_BYTES,
                MultiGzDecoder::new(arriving),
            )),
            Compression::Zstd => Box::new(BufReader::with_capacity(
                BUFFER_BYTES,
                zstd::stream::read::Decoder::with_buffer(arriving)?,
            )),
        };
        Ok(Self {
            reader,
            line: Vec::new(),
        })
    }

    /// The next line that isn't empty, with its end; `None` behind the last one.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            self.line.clear();
            let read = (&mut self.reader)
                .take(LINE_BYTES_MAX + 1)
                .read_until(b'\n', &mut self.line)?;
            if read == 0 {
                return Ok(None);
            }
            if read as u64 > LINE_BYTES_MAX {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("a line has more than {LINE_BYTES_MAX} bytes"),
                ));
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(Some(&self.line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// The lines of an object that arrives in chunks of `size` bytes.
    fn lines(content: &[u8], size: usize, compression: Compression) -> io::Result<Vec<String>> {
        let chunks: Vec<Bytes> = content.chunks(size).map(Bytes::copy_from_slice).collect();
        let (sender, receiver) = mpsc::channel(chunks.len().max(1));
        for chunk in chunks {
            sender.try_send(Ok(chunk)).unwrap();
        }
        drop(sender);
        let mut lines = Lines::new(receiver, compression)?;
        let mut texts = Vec::new();
        while let Some(line) = lines.next()? {
            texts.push(String::from_utf8_lossy(line).trim_end().to_owned());
        }
        Ok(texts)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn lines_come_out_whole_however_they_arrive() {
        let text = "{\"a\":1}\n\n{\"b\":2}\r\n{\"c\":3}";
        let expected = ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"];
        let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
        let members = [gzip("{\"a\":1}\n"), gzip("\n{\"b\":2}\r\n{\"c\":3}")].concat();
        for size in [1, 3, 1000] {
            for (content, compression) in [
                (text.as_bytes(), Compression::None),
                (&gzip(text), Compression::Gzip),
                (&members, Compression::Gzip),
                (&zstd, Compression::Zstd),
            ] {
                assert_eq!(
                    lines(content, size, compression).unwrap(),
                    expected,
                    "{compression:?}"
                );
            }
        }
    }

    #[test]
    fn an_object_that_is_cut_off_is_an_error() {
        let whole = gzip("{\"a\":1}\n");
        assert!(lines(&whole[..whole.len() - 4], 1000, Compression::Gzip).is_err());
        assert!(lines(b"plain", 1000, Compression::Gzip).is_err());
    }
}
