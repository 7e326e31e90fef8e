use std::mem;

use omnicors_core::adapter::{
    ConstantFields, ExposeHeadersMerge, constant_fields, dependent_fields, expose_headers_merge,
};
use omnicors_core::{FieldValue, HeaderField, Operation, ResponseHeaderName, ResponseHeaders};
use smallvec::SmallVec;

use crate::field_map::ResponseFieldMap;
#[cfg(feature = "tracing")]
use crate::second_layer;
use crate::vary::{VaryNames, merge_vary};

/// The fields of a decision to forward a request, kept until the application has responded. They borrow nothing.
///
/// `V` is the framework's type for field values. The framework's header map implements [`ResponseFieldMap`], whose example
/// applies fields to a map.
///
/// ```
/// use omnicors_adapter::omnicors_core::{RequestParts, evaluate};
/// use omnicors_adapter::{ForwardHeaders, PolicyConfig};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let decision = evaluate(&policy, &request);
/// let fields = ForwardHeaders::new(decision.headers(), |field| Some(field.value.as_str().to_owned()));
/// assert!(!fields.is_empty());
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
// Members instead of a list of fields, because this is moved several times before it is applied.
#[derive(Clone, Debug)]
#[must_use = "without these fields, a browser does not let the page read the response"]
pub struct ForwardHeaders<V> {
    removed: &'static [ResponseHeaderName],
    constant: ConstantFields,
    /// The value of `Access-Control-Allow-Origin` and of `Timing-Allow-Origin`. If a response has both, they are equal.
    origin: Option<V>,
    allow_origin: bool,
    timing_allow_origin: bool,
    expose_headers: Option<V>,
    expose_headers_merge: Option<ExposeHeadersMerge>,
    /// The other fields. Only a preflight has them, and it is rarely forwarded.
    // A thin pointer, and one allocation.
    of_preflight: Option<Box<PreflightFields<V>>>,
    vary_on: VaryNames,
}

/// The name and the value of a response field, and how it is added.
type Field<V> = (ResponseHeaderName, V, Operation);

/// At most four fields, unless the preflight has several `Access-Control-Request-Headers` fields that are echoed.
type PreflightFields<V> = SmallVec<[Field<V>; 4]>;

/// No fields: the response is not changed.
impl<V> Default for ForwardHeaders<V> {
    fn default() -> Self {
        Self {
            removed: &[],
            constant: ConstantFields::default(),
            origin: None,
            allow_origin: false,
            timing_allow_origin: false,
            expose_headers: None,
            expose_headers_merge: None,
            of_preflight: None,
            vary_on: VaryNames::default(),
        }
    }
}

impl<V: Clone> ForwardHeaders<V> {
    /// Takes the fields of a decision. `value` converts the value of a field, as
    /// [`PreparedValues::value_of`](crate::PreparedValues::value_of) does. A field without a value is left out.
    ///
    /// ```
    /// use omnicors_adapter::omnicors_core::{RequestParts, evaluate};
    /// use omnicors_adapter::{ForwardHeaders, PolicyConfig};
    ///
    /// let policy = PolicyConfig::public_read_only().build()?;
    /// let decision = evaluate(&policy, &RequestParts::new("GET"));
    /// let fields = ForwardHeaders::new(decision.headers(), |field| Some(field.value.as_str().to_owned()));
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn new(
        headers: &ResponseHeaders<'_>,
        value: impl Fn(HeaderField<'_>) -> Option<V>,
    ) -> Self {
        use ResponseHeaderName as Name;
        let mut has_others = false;
        let mut forward = Self {
            removed: headers.removed(),
            constant: constant_fields(headers),
            expose_headers_merge: expose_headers_merge(headers),
            ..Self::default()
        };
        for field in dependent_fields(headers) {
            let place = match field.name {
                Name::AccessControlAllowOrigin => {
                    forward.allow_origin = true;
                    &mut forward.origin
                }
                Name::AccessControlExposeHeaders => &mut forward.expose_headers,
                Name::TimingAllowOrigin => {
                    debug_assert!(has_no_other_allow_origin(headers, field));
                    forward.timing_allow_origin = true;
                    if forward.allow_origin {
                        continue;
                    }
                    &mut forward.origin
                }
                _ => {
                    has_others = true;
                    continue;
                }
            };
            *place = value(field);
        }
        if has_others {
            forward.of_preflight = Some(Box::new(fields_of_preflight(headers, value)));
        }
        forward
    }

    /// Returns true if [`apply`](Self::apply) does nothing: because the request bypasses CORS, or because the fields have been
    /// applied already.
    ///
    /// ```
    /// use omnicors_adapter::ForwardHeaders;
    ///
    /// assert!(ForwardHeaders::<String>::default().is_empty());
    /// ```
    #[inline]
    pub fn is_empty(&self) -> bool {
        // Every decision removes some fields.
        self.removed.is_empty() && self.vary_on.is_empty()
    }

    /// Sets the names to merge into `Vary`: the [`vary_names`](crate::Choice::vary_names) of the choice.
    ///
    /// Call this for every request. If no policy was chosen for a request, call it on `ForwardHeaders::default()`.
    ///
    /// ```
    /// use omnicors_adapter::{ForwardHeaders, VaryNames};
    ///
    /// fn bypass_cors(names: VaryNames) -> ForwardHeaders<String> {
    ///     let mut fields = ForwardHeaders::default();
    ///     fields.vary_on(names);
    ///     fields
    /// }
    /// ```
    #[inline]
    pub fn vary_on(&mut self, names: VaryNames) {
        self.vary_on = names;
    }

    /// Applies the fields to a response: removes the application's own CORS fields, adds the fields of the decision, and merges
    /// `Vary`.
    ///
    /// The fields are moved into the map. Afterwards this is [empty](Self::is_empty), and a second call does nothing.
    ///
    /// If the map is full, fields are left out. `Vary` is added first, so a response never allows an origin without it.
    ///
    /// ```
    /// use omnicors_adapter::{ForwardHeaders, ResponseFieldMap};
    ///
    /// /// Completes the response of the application.
    /// fn complete<M: ResponseFieldMap>(headers: &mut M, fields: &mut ForwardHeaders<M::Value>) {
    ///     fields.apply(headers);
    ///     assert!(fields.is_empty());
    /// }
    /// ```
    pub fn apply(&mut self, headers: &mut impl ResponseFieldMap<Value = V>) {
        if self.is_empty() {
            return;
        }
        let removed = mem::take(&mut self.removed);
        // Few applications set any of these fields. Reading each name once is cheaper than searching for each of our names.
        let (mut has_vary, mut has_removed) = (false, false);
        headers.each_name(|name| {
            if let Some(name) = ResponseHeaderName::named(name) {
                has_vary |= name == ResponseHeaderName::Vary;
                has_removed |= removed.contains(&name);
            }
        });
        if has_removed {
            #[cfg(feature = "tracing")]
            second_layer::see_removed(headers, self.allow_origin_bytes(headers));
            if let Some(merge) = self.expose_headers_merge {
                merge_expose_headers(headers, merge, &mut self.expose_headers);
            }
            remove(headers, removed);
        }
        // If the map is full, the rest is left out.
        let _ = self.add_to(headers, has_vary, has_removed);
    }

    /// Returns the value of the `Access-Control-Allow-Origin` that is added.
    #[cfg(feature = "tracing")]
    #[cold]
    fn allow_origin_bytes<M: ResponseFieldMap<Value = V>>(&self, _: &M) -> Option<&[u8]> {
        if self.allow_origin {
            return self.origin.as_ref().map(M::bytes);
        }
        let mut constant = self.constant.clone();
        let field =
            constant.find(|field| field.name == ResponseHeaderName::AccessControlAllowOrigin)?;
        match field.value {
            FieldValue::Constant(text) => Some(text.as_bytes()),
            _ => None,
        }
    }

    /// Returns `None` if the map is full before all fields are in it.
    #[inline]
    fn add_to<M: ResponseFieldMap<Value = V>>(
        &mut self,
        headers: &mut M,
        mut has_vary: bool,
        #[cfg_attr(
            not(feature = "tracing"),
            expect(unused_variables, reason = "only a warning needs it")
        )]
        has_removed: bool,
    ) -> Option<()> {
        // `Vary` is first: without it, a cache could give a response that allows an origin to another origin.
        if !self.vary_on.is_empty() {
            has_vary = true;
            mem::take(&mut self.vary_on).try_merge_into(headers)?;
        }
        for field in mem::take(&mut self.constant) {
            let FieldValue::Constant(text) = field.value else {
                continue;
            };
            if has_vary && field.operation == Operation::Merge {
                #[cfg(feature = "tracing")]
                if self.allow_origin && !has_removed {
                    second_layer::see_vary(headers, text);
                }
                merge_vary(headers, text)?;
            } else {
                headers.insert(field.name, M::constant(text))?;
            }
        }
        if let Some(origin) = self.origin.take() {
            if self.allow_origin && self.timing_allow_origin {
                headers.insert(ResponseHeaderName::TimingAllowOrigin, origin.clone())?;
            }
            let name = if self.allow_origin {
                ResponseHeaderName::AccessControlAllowOrigin
            } else {
                ResponseHeaderName::TimingAllowOrigin
            };
            headers.insert(name, origin)?;
        }
        if let Some(names) = self.expose_headers.take() {
            headers.insert(ResponseHeaderName::AccessControlExposeHeaders, names)?;
        }
        if let Some(fields) = self.of_preflight.take() {
            for (name, value, operation) in *fields {
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

/// Returns true if every `Access-Control-Allow-Origin` has the same value as the field.
fn has_no_other_allow_origin(headers: &ResponseHeaders<'_>, field: HeaderField<'_>) -> bool {
    let mut fields = headers.iter();
    fields.all(|other| {
        other.name != ResponseHeaderName::AccessControlAllowOrigin || other.value == field.value
    })
}

#[cold]
fn fields_of_preflight<V>(
    headers: &ResponseHeaders<'_>,
    value: impl Fn(HeaderField<'_>) -> Option<V>,
) -> PreflightFields<V> {
    let of_preflight = || {
        let fields = dependent_fields(headers);
        fields.filter(|field| field.name != ResponseHeaderName::AccessControlAllowOrigin)
    };
    let owned = |field: HeaderField<'_>| Some((field.name, value(field)?, field.operation));
    // The exact capacity, so that the list does not grow.
    let mut fields = SmallVec::with_capacity(of_preflight().count());
    fields.extend(of_preflight().filter_map(owned));
    fields
}

/// Adds the application's own names to those of the policy.
#[cold]
fn merge_expose_headers<M: ResponseFieldMap>(
    headers: &M,
    merge: ExposeHeadersMerge,
    ours: &mut Option<M::Value>,
) {
    let theirs = headers.values(ResponseHeaderName::AccessControlExposeHeaders);
    let merged = merge.merge(ours.as_ref().map(M::bytes), theirs);
    if let Some(merged) = merged.and_then(M::owned) {
        *ours = Some(merged);
    }
}

#[cold]
fn remove(headers: &mut impl ResponseFieldMap, names: &[ResponseHeaderName]) {
    for name in names {
        headers.remove(*name);
    }
}

#[cfg(test)]
mod tests;
