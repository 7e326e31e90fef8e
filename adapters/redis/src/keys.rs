/// The names of the four keys.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    /// The set of origins.
    pub(crate) origins: String,
    /// The stream of changes. The id of an entry is `<revision>-0`.
    pub(crate) changes: String,
    /// The revision of the last change.
    pub(crate) revision: String,
    /// A random text that `init` writes. It is not there if the server has lost its data.
    pub(crate) history: String,
}

impl Keys {
    /// The braces put all keys into one slot of a cluster.
    pub(crate) fn with_prefix(prefix: &str) -> Self {
        let key = |name| format!("{{{prefix}}}:{name}");
        Self {
            origins: key("origins"),
            changes: key("changes"),
            revision: key("revision"),
            history: key("history"),
        }
    }

    /// Returns the keys in the order in which the scripts expect them.
    pub(crate) fn all(&self) -> [&str; 4] {
        [&self.origins, &self.changes, &self.revision, &self.history]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_the_default_prefix_are_those_of_the_documentation() {
        let expected = ["origins", "changes", "revision", "history"];
        let expected = expected.map(|name| format!("{{omnicors}}:{name}"));
        assert_eq!(Keys::with_prefix("omnicors").all(), expected);
    }
}
