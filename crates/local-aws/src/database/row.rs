//! One row as text, in one reused buffer.

use std::fmt::{self, Write as _};

/// A row's values as MySQL's text protocol sends them; `None` is NULL. One `Row` is filled again and again,
/// so reading a table allocates nothing per row.
#[derive(Debug, Default)]
pub struct Row {
    text: Vec<u8>,
    cells: Vec<Option<(usize, usize)>>,
}

impl Row {
    /// Empties the row for the next one.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
    }

    /// Appends NULL.
    pub fn null(&mut self) {
        self.cells.push(None);
    }

    /// Appends bytes: text in UTF-8, or a binary value as it is.
    pub fn bytes(&mut self, value: &[u8]) {
        let start = self.text.len();
        self.text.extend_from_slice(value);
        self.cells.push(Some((start, self.text.len())));
    }

    /// Appends text.
    pub fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// Appends what `value` displays as.
    pub fn show(&mut self, value: impl fmt::Display) {
        let start = self.text.len();
        // A Vec never refuses a write.
        let _ = write!(Sink(&mut self.text), "{value}");
        self.cells.push(Some((start, self.text.len())));
    }

    /// Appends what `value` displays as, or NULL.
    pub fn show_or_null(&mut self, value: Option<impl fmt::Display>) {
        match value {
            Some(value) => self.show(value),
            None => self.null(),
        }
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether the row holds no values yet.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The bytes of all values together.
    pub fn size(&self) -> usize {
        self.text.len()
    }

    /// Value `index`; `None` is NULL.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.cells
            .get(index)
            .copied()
            .flatten()
            .map(|(start, end)| &self.text[start..end])
    }

    /// The values in the order of the columns.
    pub fn values(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.cells
            .iter()
            .map(|cell| cell.map(|(start, end)| &self.text[start..end]))
    }
}

struct Sink<'a>(&'a mut Vec<u8>);

impl fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
