use std::mem;

use omnicors_core::adapter::{
    ConstantFields, constant_fields, dependent_fields, missing_from_vary,
};
use omnicors_core::{
    FieldValue, HeaderField, Operation, RequestKind, ResponseHeaderName, ResponseHeaders,
};
use smallvec::SmallVec;

/// The fields of a decision, waiting for the response of the application. They borrow nothing.
///
/// `V` is the framework's type for field values. How they are put into its header map is said by [`ResponseFieldMap`].
// It has few members, and no list of fields, because it is moved several times before it is used.
#[derive(Clone, Debug)]
#[must_use = "without these fields, a browser keeps the response from the page"]
pub struct ForwardHeaders<V> {
    removed: &'static [ResponseHeaderName],
    constant: ConstantFields,
    /// The echo of the origin.
    allow_origin: Option<V>,
    /// If true, `Timing-Allow-Origin` has the same value: the core sends both for the same origin or neither.
    timing_allow_origin: bool,
    expose_headers: Option<V>,
    /// The others. Only a preflight has any, and it is rarely forwarded.
    of_preflight: Option<Box<[Field<V>]>>,
}

/// The name and the value of a response field, and whether it is the first of that name.
type Field<V> = (ResponseHeaderName, V, Operation);

/// The header fields of a response, in the types of a framework.
///
/// The [crate's example](crate#a-complete-adapter) implements it.
pub trait ResponseFieldMap {
    /// The type of a field value.
    type Value: Clone;

    /// Returns a value with this text, which is a valid field value.
    fn constant(text: &'static str) -> Self::Value;

    /// Calls `visit` with the name of each field, in any case.
    fn each_name(&self, visit: impl FnMut(&str));

    /// Returns the values of all `Vary` fields, whatever the case of their names.
    fn vary(&self) -> impl Iterator<Item = &[u8]>;

    /// Removes all fields of this name, whatever their case.
    fn remove(&mut self, name: ResponseHeaderName);

    /// Adds a field whose name no other field has yet. Returns `None` if there is no room.
    fn insert(&mut self, name: ResponseHeaderName, value: Self::Value) -> Option<()>;

    /// Adds a field after those of the same name. Returns `None` if there is no room.
    fn append(&mut self, name: ResponseHeaderName, value: Self::Value) -> Option<()>;
}

/// No fields: the response is left as it is.
impl<V> Default for ForwardHeaders<V> {
    fn default() -> Self {
        Self {
            removed: &[],
            constant: ConstantFields::default(),
            allow_origin: None,
            timing_allow_origin: false,
            expose_headers: None,
            of_preflight: None,
        }
    }
}

impl<V: Clone> ForwardHeaders<V> {
    /// Takes the fields of a decision, and a function that makes the value of a field, as
    /// [`PreparedValues::value_of`](crate::PreparedValues::value_of) does.
    #[inline]
    pub fn new(
        headers: &ResponseHeaders<'_>,
        value: impl Fn(HeaderField<'_>) -> Option<V>,
    ) -> Self {
        use ResponseHeaderName as Name;
        let mut forward = Self {
            removed: headers.removed(),
            constant: constant_fields(headers),
            ..Self::default()
        };
        for field in dependent_fields(headers) {
            match field.name {
                Name::AccessControlAllowOrigin => forward.allow_origin = value(field),
                Name::TimingAllowOrigin => {
                    debug_assert!(is_value_of_allow_origin(headers, field));
                    forward.timing_allow_origin = true;
                }
                Name::AccessControlExposeHeaders => forward.expose_headers = value(field),
                // Below.
                _ => {}
            }
        }
        if headers.kind() == RequestKind::Preflight {
            forward.of_preflight = Some(fields_of_preflight(headers, value));
        }
        forward
    }

    /// Returns true if [`apply`](Self::apply) does nothing: because CORS does not apply to the request, or because these
    /// fields have been applied already.
    #[inline]
    pub fn is_empty(&self) -> bool {
        // Every decision removes some fields.
        self.removed.is_empty()
    }

    /// Puts the fields into the header map of a response: removes the application's own CORS fields, sets those of the
    /// decision, and merges `Vary`.
    ///
    /// The fields are moved into the map. They are [empty](Self::is_empty) afterwards, and a second call does nothing.
    pub fn apply(&mut self, headers: &mut impl ResponseFieldMap<Value = V>) {
        if self.is_empty() {
            return;
        }
        let removed = mem::take(&mut self.removed);
        // Few applications set any of these, and one look at each name is cheaper than a search for each of ours.
        let (mut has_vary, mut has_removed) = (false, false);
        headers.each_name(|name| {
            if let Some(name) = ResponseHeaderName::named(name) {
                has_vary |= name == ResponseHeaderName::Vary;
                has_removed |= removed.contains(&name);
            }
        });
        if has_removed {
            remove(headers, removed);
        }
        // If the map is full, the rest is left out.
        let _ = self.add_to(headers, has_vary);
    }

    /// Returns `None` if the map is full before all fields are in it.
    #[inline]
    fn add_to<M: ResponseFieldMap<Value = V>>(
        &mut self,
        headers: &mut M,
        has_vary: bool,
    ) -> Option<()> {
        // First, because a response must not allow an origin if it has no room to say that it depends on the origin.
        for field in self.constant.by_ref() {
            let FieldValue::Constant(text) = field.value else {
                continue;
            };
            if has_vary && field.operation == Operation::Merge {
                merge_vary(headers, text)?;
            } else {
                headers.insert(field.name, M::constant(text))?;
            }
        }
        if let Some(origin) = self.allow_origin.take() {
            if self.timing_allow_origin {
                headers.insert(ResponseHeaderName::TimingAllowOrigin, origin.clone())?;
            }
            headers.insert(ResponseHeaderName::AccessControlAllowOrigin, origin)?;
        }
        if let Some(names) = self.expose_headers.take() {
            headers.insert(ResponseHeaderName::AccessControlExposeHeaders, names)?;
        }
        if let Some(fields) = self.of_preflight.take() {
            for (name, value, operation) in fields {
                if operation == Operation::Append {
                    headers.append(name, value)?;
                } else {
                    headers.insert(name, value)?;
                }
            }
        }
        Some(())
    }
}

/// Returns true if the value of a field is also that of `Access-Control-Allow-Origin`.
fn is_value_of_allow_origin(headers: &ResponseHeaders<'_>, field: HeaderField<'_>) -> bool {
    let mut fields = dependent_fields(headers);
    fields.any(|other| {
        other.name == ResponseHeaderName::AccessControlAllowOrigin && other.value == field.value
    })
}

#[cold]
fn fields_of_preflight<V>(
    headers: &ResponseHeaders<'_>,
    value: impl Fn(HeaderField<'_>) -> Option<V>,
) -> Box<[Field<V>]> {
    let of_preflight = || {
        let fields = dependent_fields(headers);
        fields.filter(|field| field.name != ResponseHeaderName::AccessControlAllowOrigin)
    };
    let owned = |field: HeaderField<'_>| Some((field.name, value(field)?, field.operation));
    // With the exact capacity, so that it neither grows nor shrinks.
    let mut fields = Vec::with_capacity(of_preflight().count());
    fields.extend(of_preflight().filter_map(owned));
    fields.into()
}

#[cold]
fn remove(headers: &mut impl ResponseFieldMap, names: &[ResponseHeaderName]) {
    for name in names {
        headers.remove(*name);
    }
}

/// Adds to `Vary` the names that it does not have yet. Returns `None` if there is no room.
fn merge_vary<M: ResponseFieldMap>(headers: &mut M, names: &'static str) -> Option<()> {
    let missing: SmallVec<[&str; 3]> = missing_from_vary(names, || headers.vary()).collect();
    // Usually all of them are missing, and then they are one value.
    if missing.len() == names.split(", ").count() {
        return headers.append(ResponseHeaderName::Vary, M::constant(names));
    }
    for name in missing {
        headers.append(ResponseHeaderName::Vary, M::constant(name))?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use omnicors_core::{LookupResult, Policy, PolicyConfig, RequestParts, evaluate};

    use super::*;

    /// A header map with room for a number of fields.
    #[derive(Clone, Debug, PartialEq)]
    struct Map {
        fields: Vec<(&'static str, String)>,
        room: usize,
    }

    impl Map {
        fn with_room(room: usize) -> Self {
            let fields = Vec::new();
            Self { fields, room }
        }
    }

    impl ResponseFieldMap for Map {
        type Value = String;

        fn constant(text: &'static str) -> String {
            text.to_owned()
        }

        fn each_name(&self, visit: impl FnMut(&str)) {
            self.fields.iter().map(|(name, _)| *name).for_each(visit);
        }

        fn vary(&self) -> impl Iterator<Item = &[u8]> {
            let vary = |name| ResponseHeaderName::Vary.matches(name);
            let fields = self.fields.iter().filter(move |(name, _)| vary(name));
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

    fn vary(existing: &[&str], ours: &'static str) -> Vec<String> {
        let mut headers = Map::with_room(9);
        for value in existing {
            headers.fields.push(("Vary", (*value).to_owned()));
        }
        merge_vary(&mut headers, ours).unwrap();
        headers.fields.into_iter().map(|(_, value)| value).collect()
    }

    /// The fields for an allowed origin.
    fn fields() -> ForwardHeaders<String> {
        let policy = PolicyConfig::new().allow_origins(["https://a.example"]);
        let policy = policy.build().unwrap();
        let request = RequestParts::new("GET").origin("https://a.example");
        let decision = evaluate(&policy, &request);
        let value = |field: HeaderField<'_>| Some(field.value.as_str().to_owned());
        ForwardHeaders::new(decision.headers(), value)
    }

    #[test]
    fn vary_is_merged_without_duplicates() {
        assert_eq!(vary(&[], "Origin"), ["Origin"]);
        assert_eq!(
            vary(&["accept-encoding"], "Origin"),
            ["accept-encoding", "Origin"]
        );
        assert_eq!(
            vary(&["accept-encoding, origin"], "Origin"),
            ["accept-encoding, origin"]
        );
        assert_eq!(
            vary(
                &["accept", "ORIGIN"],
                "Origin, Access-Control-Request-Method"
            ),
            ["accept", "ORIGIN", "Access-Control-Request-Method"]
        );
        assert_eq!(vary(&["*"], "Origin"), ["*"]);
    }

    /// Asserts that the fields applied to a response are those of the decision. Returns true if `Timing-Allow-Origin` is among
    /// them, for which no value is made.
    #[track_caller]
    fn assert_fields_are_applied(policy: &Policy, request: &RequestParts<'_>) -> bool {
        let decision = evaluate(policy, request);
        let headers = decision.headers();
        let value = |field: HeaderField<'_>| Some(field.value.as_str().to_owned());
        let mut applied = Map::with_room(99);
        ForwardHeaders::new(headers, value).apply(&mut applied);
        let fields = headers.iter();
        let fields = fields.map(|field| (field.name.as_str(), field.value.as_str().to_owned()));
        let mut expected: Vec<_> = fields.collect();
        // The order of fields with different names has no meaning.
        expected.sort_unstable();
        applied.fields.sort_unstable();
        assert_eq!(applied.fields, expected, "{policy} {request:?}");
        let mut names = expected.iter().map(|(name, _)| *name);
        names.any(|name| name == ResponseHeaderName::TimingAllowOrigin.as_str())
    }

    #[test]
    fn all_fields_of_a_decision_are_applied_whatever_the_policy() {
        const LISTED: &str = "https://a.example";
        let listed = || PolicyConfig::new().allow_origins([LISTED]);
        let all = || PolicyConfig::new().allow_origins(["*"]);
        let origins = [
            all(),
            all()
                .allow_credentials(true)
                .dangerously_allow_any_origin_with_credentials(true),
            listed(),
            listed().allow_origins(["https://*.a.example"]),
            listed().allow_origins_if(|origin| origin.host() == "predicate.example"),
            listed().lookup_origins(true),
            listed()
                .allow_origins(["null"])
                .dangerously_allow_opaque_origins(true),
        ];
        let others: [fn(PolicyConfig) -> PolicyConfig; 5] = [
            |config| config,
            |config| config.allow_credentials(true),
            |config| config.expose_headers(["etag"]).allow_methods(["PUT"]),
            |config| config.refuse_disallowed_origins(true),
            |config| config.forward_preflights(true).allow_headers(["x-a"]),
        ];
        let configs = origins.iter().flat_map(|config| {
            let configs = others.map(|other| other(config.clone()));
            configs.map(|config| config.timing_allow_origin(true))
        });
        // Any origin with credentials is a fault without the opt-out.
        let policies = configs.filter_map(|config| config.build().ok());
        let mut with_timing = 0;
        for policy in policies {
            for origin in [
                LISTED,
                "https://b.a.example",
                "https://predicate.example",
                "https://lookup.example",
                "null",
            ] {
                for result in [
                    LookupResult::Allowed,
                    LookupResult::NotAllowed,
                    LookupResult::Failed,
                ] {
                    let with_origin = |request: RequestParts<'static>| {
                        let request = request.origin(origin).lookup_result(result);
                        assert_fields_are_applied(&policy, &request)
                    };
                    let preflight = RequestParts::new("OPTIONS").request_method("PUT");
                    with_timing += usize::from(with_origin(preflight));
                    with_timing += usize::from(with_origin(RequestParts::new("GET")));
                }
            }
            with_timing += usize::from(assert_fields_are_applied(
                &policy,
                &RequestParts::new("GET"),
            ));
        }
        assert!(with_timing > 100, "{with_timing}");
    }

    #[test]
    fn fields_are_applied_once() {
        let mut fields = fields();
        let mut headers = Map::with_room(9);
        assert!(!fields.is_empty());
        fields.apply(&mut headers);
        assert!(fields.is_empty());
        let once = headers.clone();
        fields.apply(&mut headers);
        assert_eq!(headers, once);
        assert_eq!(headers.fields.len(), 2);
    }

    #[test]
    fn a_map_without_room_for_vary_allows_no_origin() {
        for (room, expected) in [
            (0, &[][..]),
            (1, &["vary"]),
            (2, &["vary", "access-control-allow-origin"]),
        ] {
            let mut headers = Map::with_room(room);
            fields().apply(&mut headers);
            let names: Vec<_> = headers.fields.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, expected);
        }
    }
}
