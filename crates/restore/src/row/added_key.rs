//! Keys that a restore adds to rows: made of the rows of the copy by [`RowKeys`], and looked at in the items that
//! DynamoDB gives back by [`AddedKey`].

use std::fmt::Write as _;

use aws::dynamodb::{Item, ValueRef};
use recovery::plan::{Key, TablePlan, Unit};
use recovery::synthetic_key::SyntheticKey;

/// Digits of an object's number within a plan and of a row's within its object, so that places sort as rows lie. Longer
/// numbers keep all their digits.
const PLACE_DIGITS: [usize; 2] = [7, 11];

/// Bytes that an added key takes of each item, name and value; 0 where none is added.
pub(crate) fn added_bytes(key: &Key) -> usize {
    let value = match key.synthetic {
        None => return 0,
        Some(SyntheticKey::RowDigest) => 2 * blake3::OUT_LEN,
        Some(SyntheticKey::RowPlace) => PLACE_DIGITS[0] + 1 + PLACE_DIGITS[1],
    };
    key.partition.column.len() + value
}

/// Makes the keys of rows, in the order in which they are read.
#[derive(Debug)]
pub(crate) struct RowKeys {
    kind: SyntheticKey,
    /// The object that is read, the first of the plan being 1.
    object: usize,
    /// Rows of the object before the next one.
    rows_before: u64,
    text: String,
}

impl RowKeys {
    /// For the rows of a table whose key is added.
    pub(crate) fn of(key: &Key) -> Option<Self> {
        key.synthetic.map(|kind| Self {
            kind,
            object: 0,
            rows_before: 0,
            text: String::new(),
        })
    }

    /// For the rows of a unit.
    pub(crate) fn of_unit(table: &TablePlan, unit: &Unit) -> Option<Self> {
        let mut keys = Self::of(&table.key)?;
        let object = unit.object as usize;
        let before = |groups: &Vec<u64>| groups.iter().take(unit.row_group_start as usize).sum();
        keys.begin(
            object,
            table
                .objects
                .get(object)
                .map_or(0, |object| before(&object.row_groups)),
        );
        Some(keys)
    }

    /// Goes on behind so many rows of the plan's object at that position.
    pub(crate) fn begin(&mut self, object: usize, rows_before: u64) {
        (self.object, self.rows_before) = (object + 1, rows_before);
    }

    /// The key of the next row, whose canonical form is `form`.
    pub(crate) fn next(&mut self, form: &[u8]) -> &str {
        self.rows_before += 1;
        self.text.clear();
        match self.kind {
            SyntheticKey::RowDigest => self.text.push_str(&blake3::hash(form).to_hex()),
            SyntheticKey::RowPlace => push_place(&mut self.text, self.object, self.rows_before),
        }
        &self.text
    }
}

fn push_place(text: &mut String, object: usize, row: u64) {
    let [of_object, of_row] = PLACE_DIGITS;
    // Writing to a String cannot fail.
    let _ = write!(text, "{object:0of_object$}-{row:0of_row$}");
}

/// The attribute that a table's items have besides its columns.
#[derive(Clone, Debug)]
pub(crate) struct AddedKey {
    pub(crate) name: String,
    kind: SyntheticKey,
    /// Rows of the table.
    rows: u64,
    /// Rows of each object of the plan, where it is at hand.
    objects: Option<Vec<u64>>,
}

impl AddedKey {
    /// Of a table of so many rows whose plan is not at hand: any object may have had any of them.
    pub(crate) fn of(key: &Key, rows: u64) -> Option<Self> {
        key.synthetic.map(|kind| Self {
            name: key.partition.column.clone(),
            kind,
            rows,
            objects: None,
        })
    }

    /// Of a plan's table.
    pub(crate) fn of_table(table: &TablePlan) -> Option<Self> {
        let rows = table.objects.iter().map(|object| object.row_groups.iter().sum());
        Some(Self {
            objects: Some(rows.collect()),
            ..Self::of(&table.key, table.rows)?
        })
    }

    /// Whether the item has it, and as a row of this canonical form has or may have it.
    pub(crate) fn is_true(&self, item: &Item, form: &[u8]) -> bool {
        let Some(ValueRef::S(text)) = item.get(&self.name) else {
            return false;
        };
        match self.kind {
            SyntheticKey::RowDigest => text == hex::encode(blake3::hash(form).as_bytes()),
            SyntheticKey::RowPlace => self.is_place(text).unwrap_or(false),
        }
    }

    /// Whether it is the place of a row of the plan, in its very form.
    fn is_place(&self, text: &str) -> Option<bool> {
        let (object, row) = text.split_once('-')?;
        let (object, row): (usize, u64) = (object.parse().ok()?, row.parse().ok()?);
        let rows = match &self.objects {
            None => self.rows,
            Some(objects) => *objects.get(object.checked_sub(1)?)?,
        };
        let mut same = String::new();
        push_place(&mut same, object, row);
        Some(object > 0 && (1..=rows).contains(&row) && same == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws::dynamodb::Value;
    use recovery::plan::{Capacity, Existing, KeyAttribute, Pace, PlannedObject, Way};
    use recovery::types::AttributeType;

    fn added(kind: SyntheticKey, objects: &[u64]) -> AddedKey {
        let own = AddedKey::of(&Key::added(kind, "_row"), objects.iter().sum()).unwrap();
        AddedKey {
            objects: Some(objects.to_vec()),
            ..own
        }
    }

    fn is_true(key: &AddedKey, value: Value) -> bool {
        key.is_true(&Item::default().with("_row", value), b"form")
    }

    #[test]
    fn a_digest_is_the_forms_own_in_lower_case() {
        let key = added(SyntheticKey::RowDigest, &[]);
        let digest = blake3::hash(b"form").to_hex().to_string();
        assert!(is_true(&key, Value::string(&digest)));
        assert!(!is_true(&key, Value::string(digest.to_uppercase())));
        assert!(!is_true(&key, Value::string(&digest[..63])));
        assert!(!is_true(&key, Value::string("")));
        assert!(!is_true(&key, Value::Null));
        assert!(!key.is_true(&Item::default(), b"form"), "it is missing");
    }

    #[test]
    fn a_place_is_one_of_the_plans_rows() {
        let key = added(SyntheticKey::RowPlace, &[5, 0, 12]);
        for (text, expected) in [
            ("0000001-00000000001", true),
            ("0000001-00000000005", true),
            ("0000003-00000000012", true),
            ("0000001-00000000006", false),
            ("0000001-00000000000", false),
            ("0000002-00000000001", false),
            ("0000004-00000000001", false),
            ("0000000-00000000001", false),
            ("1-1", false),
            ("0000001-+0000000001", false),
            ("0000001-00000000001 ", false),
            ("", false),
        ] {
            assert_eq!(is_true(&key, Value::string(text)), expected, "{text}");
        }
        let anywhere = AddedKey::of(&Key::added(SyntheticKey::RowPlace, "_row"), 99).unwrap();
        assert!(is_true(&anywhere, Value::string("0000009-00000000099")));
        assert!(!is_true(&anywhere, Value::string("0000000-00000000099")));
        assert!(!is_true(&anywhere, Value::string("0000009-00000000100")));
    }

    #[test]
    fn places_go_on_behind_the_row_groups_before_a_unit_and_sort_as_rows_lie() {
        let object = |row_groups: &[u64]| PlannedObject {
            key: "k".into(),
            size: 1,
            checksum: None,
            etag: "e".into(),
            row_groups: row_groups.to_vec(),
        };
        let table = TablePlan {
            source: "db.t".parse().unwrap(),
            target: "target".parse().unwrap(),
            existing: Existing::default(),
            key: Key::added(SyntheticKey::RowPlace, "_row"),
            capacity: Capacity::default(),
            pace: Pace::default(),
            way: Way::default(),
            columns: Vec::new(),
            objects: vec![object(&[9]), object(&[90, 9, 3])],
            rows: 111,
        };
        let unit = Unit {
            index: 3,
            table: 0,
            object: 1,
            row_group_start: 2,
            row_group_end: 3,
            rows: 3,
        };
        let mut keys = RowKeys::of_unit(&table, &unit).unwrap();
        let texts = [b"one", b"two"].map(|form| keys.next(form).to_owned());
        assert_eq!(texts, ["0000002-00000000100", "0000002-00000000101"]);
        assert_eq!(added_bytes(&table.key), "_row".len() + texts[0].len());
        let ordinary = Key {
            partition: KeyAttribute {
                column: "id".into(),
                attribute_type: AttributeType::N,
            },
            sort: None,
            synthetic: None,
        };
        assert!(RowKeys::of(&ordinary).is_none() && AddedKey::of(&ordinary, 1).is_none());
        assert_eq!(added_bytes(&ordinary), 0);
    }
}
