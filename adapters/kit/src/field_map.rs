use omnicors_core::ResponseHeaderName;

/// The header fields of a response, in the types of a framework.
///
/// An adapter implements this for its framework's map. Names are compared without case.
///
/// ```
/// use omnicors_adapter::omnicors_core::{RequestParts, ResponseHeaderName, evaluate};
/// use omnicors_adapter::{ForwardHeaders, PolicyConfig, PreparedValues, ResponseFieldMap};
///
/// #[derive(Default)]
/// struct HeaderMap(Vec<(String, String)>);
///
/// impl ResponseFieldMap for HeaderMap {
///     type Value = String;
///
///     fn constant(text: &'static str) -> String {
///         text.to_owned()
///     }
///
///     fn owned(text: String) -> Option<String> {
///         Some(text)
///     }
///
///     fn bytes(value: &String) -> &[u8] {
///         value.as_bytes()
///     }
///
///     fn each_name(&self, visit: impl FnMut(&str)) {
///         self.0.iter().map(|field| field.0.as_str()).for_each(visit);
///     }
///
///     fn values(&self, name: ResponseHeaderName) -> impl Iterator<Item = &[u8]> {
///         let fields = self.0.iter().filter(move |field| name.matches(&field.0));
///         fields.map(|field| field.1.as_bytes())
///     }
///
///     fn remove(&mut self, name: ResponseHeaderName) {
///         self.0.retain(|field| !name.matches(&field.0));
///     }
///
///     fn insert(&mut self, name: ResponseHeaderName, value: String) -> Option<()> {
///         self.append(name, value)
///     }
///
///     fn append(&mut self, name: ResponseHeaderName, value: String) -> Option<()> {
///         self.0.push((name.as_str().to_owned(), value));
///         Some(())
///     }
/// }
///
/// let policy = PolicyConfig::public_read_only().build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let decision = evaluate(&policy, &request);
/// let values = PreparedValues::from(&policy);
/// let mut fields = ForwardHeaders::new(decision.headers(), &values, |_| None);
///
/// let mut headers = HeaderMap::default();
/// fields.apply(&mut headers);
/// let allowed = headers.values(ResponseHeaderName::AccessControlAllowOrigin);
/// assert!(allowed.eq([b"*"]));
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
pub trait ResponseFieldMap {
    /// The type of a field value.
    type Value: Clone;

    /// Converts a text that is a valid field value. See the example of [`ResponseFieldMap`].
    fn constant(text: &'static str) -> Self::Value;

    /// Converts a text that is a valid field value. Returns `None` if the framework does not accept it.
    /// See the example of [`ResponseFieldMap`].
    fn owned(text: String) -> Option<Self::Value>;

    /// Returns the bytes of a value. See the example of [`ResponseFieldMap`].
    fn bytes(value: &Self::Value) -> &[u8];

    /// Calls `visit` with the name of each field, in any case. See the example of [`ResponseFieldMap`].
    fn each_name(&self, visit: impl FnMut(&str));

    /// Returns the values of all fields with this name. See the example of [`ResponseFieldMap`].
    fn values(&self, name: ResponseHeaderName) -> impl Iterator<Item = &[u8]>;

    /// Removes all fields with this name. See the example of [`ResponseFieldMap`].
    fn remove(&mut self, name: ResponseHeaderName);

    /// Adds a field whose name is not in the map yet. Returns `None` if the map is full.
    /// See the example of [`ResponseFieldMap`].
    fn insert(&mut self, name: ResponseHeaderName, value: Self::Value) -> Option<()>;

    /// Adds a field after the fields with the same name. Returns `None` if the map is full.
    /// See the example of [`ResponseFieldMap`].
    fn append(&mut self, name: ResponseHeaderName, value: Self::Value) -> Option<()>;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A header map that is full when it has `room` fields.
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
            let fields = fields.filter(move |(other, _)| name.matches(other));
            fields.map(|(_, value)| value.as_bytes())
        }

        fn remove(&mut self, name: ResponseHeaderName) {
            self.fields.retain(|(other, _)| !name.matches(other));
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
