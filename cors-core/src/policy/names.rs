use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::method;

/// The names that a policy lists for one header field, and the value of the field.
#[derive(Clone, Debug)]
pub(crate) struct NameList {
    /// Sorted, without `*`.
    names: Box<[Box<str>]>,
    any: bool,
    /// The names in the order in which they were listed, joined. `None` if there are none.
    listed: Option<Box<str>>,
    /// The value of the field. `None` if no field is sent.
    value: Option<Box<str>>,
}

impl NameList {
    /// Creates a list of valid names, without duplicates. In the value, `*` replaces all names except `named_beside_any`.
    pub(super) fn new(
        names: impl IntoIterator<Item = String>,
        named_beside_any: Option<&str>,
    ) -> Self {
        let mut listed: Vec<String> = Vec::new();
        let mut sorted: BTreeSet<Box<str>> = BTreeSet::new();
        let mut any = false;
        for name in names {
            if name == "*" {
                any = true;
            } else if sorted.insert(name.as_str().into()) {
                listed.push(name);
            }
        }
        if any {
            listed.retain(|name| Some(name.as_str()) == named_beside_any);
            listed.insert(0, "*".to_string());
        }
        let joined = (!listed.is_empty()).then(|| listed.join(", ").into_boxed_str());
        Self {
            names: sorted.into_iter().collect(),
            any,
            value: joined.clone(),
            listed: joined,
        }
    }

    /// Creates a list of valid methods. The value begins with the safelisted methods. Browsers do not need them, but people and other
    /// clients do.
    pub(super) fn of_methods(methods: Vec<String>) -> Self {
        let mut list = Self::new(methods, None);
        if !list.any {
            let others = list
                .listed()
                .filter(|name| !method::is_safelisted(name.as_bytes()));
            let all: Vec<&str> = method::SAFELISTED.into_iter().chain(others).collect();
            list.value = Some(all.join(", ").into_boxed_str());
        }
        list
    }

    pub(crate) fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    pub(crate) fn is_any(&self) -> bool {
        self.any
    }

    pub(crate) fn contains(&self, name: &[u8]) -> bool {
        self.names
            .binary_search_by(|known| known.as_bytes().cmp(name))
            .is_ok()
    }

    /// Compares `name`, in any case, with the names, which are in lower case.
    pub(crate) fn contains_ignoring_case(&self, name: &[u8]) -> bool {
        let lower = || name.iter().map(u8::to_ascii_lowercase);
        self.names
            .binary_search_by(|known| known.bytes().cmp(lower()))
            .is_ok()
    }

    /// Returns the listed names, including `*`.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &str> {
        let listed = self.listed_text().into_iter();
        listed.flat_map(|text| text.split(", "))
    }

    /// Returns the listed names, joined.
    pub(crate) fn listed_text(&self) -> Option<&str> {
        self.listed.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> NameList {
        NameList::new(names.iter().map(ToString::to_string), Some("authorization"))
    }

    #[test]
    fn names_are_joined_once_each_in_the_order_listed() {
        assert_eq!(list(&["b", "a", "b"]).value(), Some("b, a"));
        assert_eq!(list(&[]).value(), None);
        assert!(list(&["b", "a"]).contains(b"a"));
        assert!(list(&["b", "a"]).contains_ignoring_case(b"A"));
        assert!(!list(&["b", "a"]).contains(b"A"));
    }

    #[test]
    fn the_value_of_a_list_of_methods_begins_with_the_safelisted_ones() {
        for (methods, value) in [
            (&[][..], "GET, HEAD, POST"),
            (&["PUT"], "GET, HEAD, POST, PUT"),
            (&["PUT", "GET", "PUT", "POST"], "GET, HEAD, POST, PUT"),
            (&["*"], "*"),
            (&["*", "PUT"], "*"),
        ] {
            let methods = methods.iter().map(ToString::to_string).collect();
            let list = NameList::of_methods(methods);
            assert_eq!(list.value(), Some(value));
        }
        let list = NameList::of_methods(Vec::from(["PUT".to_string(), "GET".to_string()]));
        assert_eq!(list.listed_text(), Some("PUT, GET"));
    }

    #[test]
    fn any_is_sent_alone_or_with_authorization() {
        assert_eq!(list(&["*"]).value(), Some("*"));
        assert_eq!(
            list(&["x", "*", "authorization"]).value(),
            Some("*, authorization")
        );
        assert!(list(&["*"]).is_any());
    }
}
