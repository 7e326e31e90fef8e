use omnicors_core::ResponseHeaderName;

/// The header fields of a response, in the types of a framework.
///
/// The [crate's example](crate#a-complete-adapter) implements it.
pub trait ResponseFieldMap {
    /// The type of a field value.
    type Value: Clone;

    /// Returns a value with this text, which is a valid field value.
    fn constant(text: &'static str) -> Self::Value;

    /// Returns a value with this text, which is a valid field value, or `None` if the framework does not take it.
    fn owned(text: String) -> Option<Self::Value>;

    /// Returns the bytes of a value.
    fn bytes(value: &Self::Value) -> &[u8];

    /// Calls `visit` with the name of each field, in any case.
    fn each_name(&self, visit: impl FnMut(&str));

    /// Returns the values of all fields of this name, whatever their case.
    fn values(&self, name: ResponseHeaderName) -> impl Iterator<Item = &[u8]>;

    /// Removes all fields of this name, whatever their case.
    fn remove(&mut self, name: ResponseHeaderName);

    /// Adds a field whose name no other field has yet. Returns `None` if there is no room.
    fn insert(&mut self, name: ResponseHeaderName, value: Self::Value) -> Option<()>;

    /// Adds a field after those of the same name. Returns `None` if there is no room.
    fn append(&mut self, name: ResponseHeaderName, value: Self::Value) -> Option<()>;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A header map with room for a number of fields.
    #[derive(Clone, Debug, PartialEq)]
    pub(crate) struct Map {
        pub(crate) fields: Vec<(&'static str, String)>,
        pub(crate) room: usize,
    }

    impl Map {
        pub(crate) fn with_room(room: usize) -> Self {
            let fields = Vec::new();
            Self { fields, room }
        }
    }

    impl ResponseFieldMap for Map {
        type Value = String;

        fn constant(text: &'static str) -> String {
            text.to_owned()
        }

        fn owned(text: String) -> Option<String> {
            Some(text)
        }

        fn bytes(value: &String) -> &[u8] {
            value.as_bytes()
        }

        fn each_name(&self, visit: impl FnMut(&str)) {
            self.fields.iter().map(|(name, _)| *name).for_each(visit);
        }

        fn values(&self, name: ResponseHeaderName) -> impl Iterator<Item = &[u8]> {
            let fields = self.fields.iter();
            let fields = fields.filter(move |(its, _)| name.matches(its));
            fields.map(|(_, value)| value.as_bytes())
        }

        fn remove(&mut self, name: ResponseHeaderName) {
            self.fields.retain(|(its, _)| !name.matches(its));
        }

        fn insert(&mut self, name: ResponseHeaderName, value: String) -> Option<()> {
            self.append(name, value)
        }

        fn append(&mut self, name: ResponseHeaderName, value: String) -> Option<()> {
            let has_room = self.fields.len() < self.room;
            has_room.then(|| self.fields.push((name.as_str(), value)))
        }
    }
}
