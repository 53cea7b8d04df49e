//! Headers of a record, as a serializer sees them.

/// Kafka's `Headers`: names with values, in order. A name may be there several times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    list: Vec<(String, Option<Vec<u8>>)>,
}

impl Headers {
    /// No headers.
    pub fn new() -> Headers {
        Headers::default()
    }

    /// Adds one at the end. `None` is a null value.
    pub fn add(&mut self, name: impl Into<String>, value: Option<Vec<u8>>) {
        self.list.push((name.into(), value));
    }

    /// Takes out all of this name.
    pub fn remove(&mut self, name: &str) {
        self.list.retain(|(other, _)| other != name);
    }

    /// Takes out all, and keeps the memory for the next record.
    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// The value of the last one of this name, which is the one that counts.
    pub fn last(&self, name: &str) -> Option<Option<&[u8]>> {
        self.iter().rev().find(|&(other, _)| other == name).map(|(_, value)| value)
    }

    /// All, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, Option<&[u8]>)> + ExactSizeIterator + Clone {
        self.list.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_name_counts_and_order_stays() {
        let mut headers = Headers::new();
        headers.add("a", Some(vec![1]));
        headers.add("b", None);
        headers.add("a", Some(vec![2]));
        assert_eq!(headers.last("a"), Some(Some(&[2][..])));
        assert_eq!(headers.last("b"), Some(None));
        assert_eq!(headers.last("c"), None);
        let names: Vec<&str> = headers.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b", "a"]);
        headers.remove("a");
        assert_eq!((headers.len(), headers.last("a")), (1, None));
        headers.clear();
        assert!(headers.is_empty());
    }
}
