//! What a footer claims of its schema, before the claims are acted upon: the parquet crate sets memory aside for as many
//! children as an element says that it has, and calls itself once for each level of them.
//!
//! Footers are in Thrift's compact protocol:
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// The most elements of a schema that is read; a table of MySQL has 4,096 columns at most.
const ELEMENTS_MAX: u64 = 65_536;

/// The deepest nesting of columns that is read. RDS writes columns side by side; what nests is refused by name later.
const COLUMNS_DEPTH_MAX: usize = 64;

/// The deepest nesting of Thrift's own; statistics of a column chunk lie eight deep.
const THRIFT_DEPTH_MAX: usize = 32;

/// `FileMetaData.schema`, a list of the tree's elements, each before its children.
const SCHEMA: i16 = 2;

/// `SchemaElement.num_children`.
const CHILDREN: i16 = 5;

/// `SchemaElement.logicalType`, the last field there is.
const LOGICAL_TYPE: i16 = 10;

/// Types of Thrift's compact protocol.
const STOP: u8 = 0;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const I8: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// Says what is wrong with the schema's claims, or that the footer is no Thrift.
pub(super) fn check(footer: &[u8]) -> Result<(), String> {
    let mut thrift = Thrift(footer);
    let no_thrift = || "its footer cannot be read: it is no Thrift".to_owned();
    let mut last = 0;
    while let (id, kind @ 1..) = thrift.field(&mut last).ok_or_else(no_thrift)? {
        if id != SCHEMA {
            thrift.skip(kind, THRIFT_DEPTH_MAX).ok_or_else(no_thrift)?;
            continue;
        }
        let elements = thrift.elements(kind).ok_or_else(no_thrift)?;
        if elements > ELEMENTS_MAX {
            return Err(format!("its schema claims {elements} elements"));
        }
        let mut tree = Tree {
            left: elements,
            open: Vec::new(),
        };
        for _ in 0..elements {
            tree.add(thrift.children().ok_or_else(no_thrift)?)?;
        }
    }
    Ok(())
}

/// A schema's elements as they come, each before its children.
struct Tree {
    /// Elements that nobody has claimed as a child.
    left: u64,
    /// How many children are still to come, of each group that is open.
    open: Vec<u64>,
}

impl Tree {
    /// Takes the next element, which claims so many children.
    fn add(&mut self, children: u64) -> Result<(), String> {
        self.left = self
            .left
            .checked_sub(children)
            .ok_or("its schema claims more columns than it has")?;
        while self.open.pop_if(|to_come| *to_come == 0).is_some() {}
        if let Some(to_come) = self.open.last_mut() {
            *to_come -= 1;
        }
        if children > 0 {
            self.open.push(children);
        }
        if self.open.len() > COLUMNS_DEPTH_MAX {
            return Err(format!("its columns nest deeper than {COLUMNS_DEPTH_MAX} levels"));
        }
        Ok(())
    }
}

/// Bytes of the compact protocol that have not been read. What answers `None` has met their end, or no Thrift.
struct Thrift<'a>(&'a [u8]);

impl Thrift<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn pass(&mut self, bytes: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(bytes).ok()?..)?;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// The next field of a struct, by number and type; of type [`STOP`] at the struct's end.
    fn field(&mut self, last: &mut i16) -> Option<(i16, u8)> {
        let head = self.byte()?;
        let (delta, kind) = (head >> 4, head & 0xf);
        if kind == STOP {
            return Some((*last, STOP));
        }
        *last = match delta {
            0 => i16::try_from(self.signed()?).ok()?,
            _ => last.checked_add(delta.into())?,
        };
        Some((*last, kind))
    }

    /// How many elements a list has, and their type.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.unsigned()?,
            count => count.into(),
        };
        Some((count, head & 0xf))
    }

    /// How many structs the list of this type has.
    fn elements(&mut self, kind: u8) -> Option<u64> {
        let (count, STRUCT) = self.list().filter(|_| kind == LIST)? else {
            return None;
        };
        Some(count)
    }

    /// How many children the next element of the schema claims. The parquet crate reads a field that it knows as what it
    /// ought to be, so a field of another type is none here: it would have the crate read other bytes.
    fn children(&mut self) -> Option<u64> {
        let mut children = 0;
        let mut last = 0;
        while let (id, kind @ 1..) = self.field(&mut last)? {
            match (id, kind) {
                (CHILDREN, I32) => children = u64::try_from(self.signed()?).ok()?,
                (1..=3 | 6..=9, I32) | (4, BINARY) => self.skip(kind, 1)?,
                (LOGICAL_TYPE, STRUCT) => self.logical_type()?,
                (..=LOGICAL_TYPE, _) => return None,
                _ => self.skip(kind, THRIFT_DEPTH_MAX)?,
            }
        }
        Some(children)
    }

    /// Passes a union of structs, which have these fields: DECIMAL (5), TIME (7), TIMESTAMP (8), INTEGER (10),
    /// VARIANT (16), GEOMETRY (17), GEOGRAPHY (18).
    fn logical_type(&mut self) -> Option<()> {
        let mut last = 0;
        while let (variant, kind @ 1..) = self.field(&mut last)? {
            (kind == STRUCT).then_some(())?;
            let mut last = 0;
            while let (id, kind @ 1..) = self.field(&mut last)? {
                match (variant, id, kind) {
                    (5, 1 | 2, I32)
                    | (7 | 8, 1, TRUE | FALSE)
                    | (10 | 16, 1, I8)
                    | (10, 2, TRUE | FALSE)
                    | (17 | 18, 1, BINARY)
                    | (18, 2, I32) => self.skip(kind, 1)?,
                    (7 | 8, 2, STRUCT) => self.time_unit()?,
                    (5 | 7 | 8 | 10 | 16..=18, ..=2, _) => return None,
                    _ => self.skip(kind, THRIFT_DEPTH_MAX)?,
                }
            }
        }
        Some(())
    }

    /// Passes a union of structs that have no field.
    fn time_unit(&mut self) -> Option<()> {
        let mut last = 0;
        while let (_, kind @ 1..) = self.field(&mut last)? {
            (kind == STRUCT && self.byte()? == 0).then_some(())?;
        }
        Some(())
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            // A field's type is its value.
            TRUE | FALSE => Some(()),
            I8 => self.pass(1),
            I16 | I32 | I64 => self.unsigned().map(drop),
            DOUBLE => self.pass(8),
            BINARY => {
                let length = self.unsigned()?;
                self.pass(length)
            }
            LIST | SET => {
                let (count, kind) = self.list()?;
                (0..count).try_for_each(|_| self.skip_element(kind, depth))
            }
            MAP => {
                let count = self.unsigned()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                (0..count).try_for_each(|_| {
                    self.skip_element(kinds >> 4, depth)?;
                    self.skip_element(kinds & 0xf, depth)
                })
            }
            STRUCT => {
                let mut last = 0;
                while let (_, kind @ 1..) = self.field(&mut last)? {
                    self.skip(kind, depth)?;
                }
                Some(())
            }
            UUID => self.pass(16),
            _ => None,
        }
    }

    /// Passes an element of a list or map. No footer has a list of truth values, which take a byte here each; the parquet
    /// crate passes them as if they took none.
    fn skip_element(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            TRUE | FALSE => None,
            _ => self.skip(kind, depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A footer whose schema's elements claim so many children each, and nothing else.
    fn footer(children: &[u8]) -> Vec<u8> {
        let mut footer = vec![0x15, 2, 0x10 | LIST, 0xf0 | STRUCT];
        let [low, high] =
            [children.len() & 0x7f, children.len() >> 7].map(|bits| u8::try_from(bits).unwrap());
        footer.extend([low | 0x80, high]);
        for own in children {
            // The name `c`, then the children in zigzag.
            footer.extend([0x40 | BINARY, 1, b'c', 0x10 | I32, own << 1, 0]);
        }
        footer.push(0);
        footer
    }

    fn check_of(children: &[u8], expected: &str) {
        let found = check(&footer(children)).map_or_else(|fault| fault, |()| "fine".to_owned());
        assert_eq!(found, expected, "{children:?}");
    }

    #[test]
    fn a_schema_claims_no_more_than_it_has() {
        check_of(&[2, 0, 0], "fine");
        check_of(&[2, 0, 2, 0, 0], "fine");
        check_of(&[60, 0, 0], "its schema claims more columns than it has");
        check_of(&[1; 64], "fine");
        check_of(&[1; 65], "its columns nest deeper than 64 levels");
        // Siblings do not nest.
        check_of(&[vec![63], [1, 0].repeat(63)].concat(), "fine");
    }

    #[test]
    fn a_footer_that_ends_early_is_no_thrift() {
        let whole = footer(&[1, 0]);
        for end in 0..whole.len() {
            let fault = check(&whole[..end]).unwrap_err();
            assert!(fault.ends_with("it is no Thrift"), "{end}: {fault}");
        }
    }
}
