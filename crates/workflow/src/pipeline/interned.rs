//! Values that very many refer to, each kept once under a number.

use std::collections::HashMap;
use std::hash::Hash;

/// Values by number.
#[derive(Debug)]
pub(super) struct Interned<T> {
    values: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    /// The number of `value`, which is kept from now on.
    pub(super) fn number(&mut self, value: &T) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let number = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        self.values.push(value.clone());
        self.numbers.insert(value.clone(), number);
        number
    }

    /// The value of a number that was given.
    pub(super) fn value(&self, number: u32) -> Option<&T> {
        self.values.get(usize::try_from(number).ok()?)
    }

    /// The number of a value that is kept.
    pub(super) fn known(&self, value: &T) -> Option<u32> {
        self.numbers.get(value).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_keeps_its_number() {
        let mut names = Interned::default();
        assert_eq!(
            (
                names.number(&"shop"),
                names.number(&"blog"),
                names.number(&"shop")
            ),
            (0, 1, 0)
        );
        assert_eq!((names.value(1), names.value(2)), (Some(&"blog"), None));
        assert_eq!((names.known(&"blog"), names.known(&"wiki")), (Some(1), None));
    }
}
