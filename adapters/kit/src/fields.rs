use std::mem;

use omnicors_core::adapter::{
    EchoedField, ExposeHeadersMerge, ResponseOutline, other_echoed_fields,
};
use omnicors_core::{
    FieldValue, HeaderField, HeaderFields, Operation, ResponseHeaderName, ResponseHeaders,
};
use smallvec::SmallVec;

use crate::field_map::ResponseFieldMap;
use crate::prepared::{PreparedPolicy, PreparedValues};
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
/// use omnicors_adapter::{ForwardHeaders, PolicyConfig, PreparedValues};
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let values = PreparedValues::<String>::from(&policy);
/// let request = RequestParts::new("GET").origin("https://example.com");
/// let decision = evaluate(&policy, &request);
/// // The policy echoes only the origin.
/// let fields = ForwardHeaders::new(decision.headers(), &values, |_| Some("https://example.com".to_owned()));
/// assert!(!fields.is_empty());
/// # Ok::<(), omnicors_adapter::PolicyError>(())
/// ```
// Small, because this is moved several times before it is applied.
#[derive(Clone, Debug)]
#[must_use = "without these fields, a browser does not let the page read the response"]
pub struct ForwardHeaders<V> {
    outline: ResponseOutline,
    /// The `Origin` of the request, if one of the fields has this value.
    origin: Option<V>,
    /// The values of the policy, if one of the fields has such a value.
    values: Option<PreparedValues<V>>,
    /// The other fields that echo the request. Only a preflight has them, and it is rarely forwarded.
    // A thin pointer, and one allocation.
    echoed: Option<Box<EchoedFields<V>>>,
    vary_on: VaryNames,
}

/// The name and the value of a response field, and how it is added.
type Field<V> = (ResponseHeaderName, V, Operation);

/// At most two fields, unless the preflight has several `Access-Control-Request-Headers` fields that are echoed.
type EchoedFields<V> = SmallVec<[Field<V>; 2]>;

/// No fields: the response is not changed.
impl<V> Default for ForwardHeaders<V> {
    fn default() -> Self {
        Self {
            outline: ResponseOutline::default(),
            origin: None,
            values: None,
            echoed: None,
            vary_on: VaryNames::default(),
        }
    }
}

impl<V: Clone> ForwardHeaders<V> {
    /// Takes the fields of a decision. `values` are those of the decision's policy. `echo` returns the value of a request field that is
    /// echoed: `Origin`, or, for a preflight, another one. Without a value, the response field is left out.
    ///
    /// ```
    /// use http::HeaderValue;
    /// use http::header::{HeaderMap, ORIGIN};
    /// use omnicors_adapter::omnicors_core::adapter::EchoedField;
    /// use omnicors_adapter::omnicors_core::{RequestParts, evaluate};
    /// use omnicors_adapter::{ForwardHeaders, PolicyConfig, PreparedValues};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let values = PreparedValues::<HeaderValue>::from(&policy);
    ///
    /// let request = HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static("https://example.com"))]);
    /// let parts = RequestParts::new("GET").origin("https://example.com");
    /// let decision = evaluate(&policy, &parts);
    /// let fields = ForwardHeaders::new(decision.headers(), &values, |field| match field {
    ///     EchoedField::Origin => request.get(ORIGIN).cloned(),
    ///     // The policy does not echo other fields.
    ///     _ => None,
    /// });
    /// assert!(!fields.is_empty());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn new(
        headers: &ResponseHeaders<'_>,
        values: &PreparedValues<V>,
        echo: impl Fn(EchoedField) -> Option<V>,
    ) -> Self {
        let outline = ResponseOutline::of(headers);
        let mut forward = Self::with_outline(&outline, values, || echo(EchoedField::Origin));
        if let Some(others) = other_echoed_fields(headers) {
            forward.echoed = Some(Box::new(echoes(others, echo)));
        }
        forward
    }

    /// Takes the fields of a prepared [outline](PreparedPolicy::outline). `values` are those of the same policy. `origin` returns the value of
    /// the request's `Origin`, and is called if one of the fields has this value.
    ///
    /// ```
    /// use omnicors_adapter::{ForwardHeaders, PolicyConfig, PreparedPolicy, PreparedValues};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let policy = PreparedPolicy::<PreparedValues<String>>::shared(policy);
    /// let request = [("origin", "https://example.com")];
    /// if let Some(outline) = policy.outline("GET", &request, None) {
    ///     let origin = || Some("https://example.com".to_owned());
    ///     let fields = ForwardHeaders::with_outline(outline, policy.values(), origin);
    ///     assert!(!fields.is_empty());
    /// }
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    #[inline]
    pub fn with_outline(
        outline: &ResponseOutline,
        values: &PreparedValues<V>,
        origin: impl FnOnce() -> Option<V>,
    ) -> Self {
        Self {
            outline: *outline,
            origin: if outline.echoes_origin() {
                origin()
            } else {
                None
            },
            values: outline.needs_policy().then(|| values.clone()),
            echoed: None,
            vary_on: VaryNames::default(),
        }
    }

    /// Returns the fields for all requests without `Origin` that are forwarded.
    ///
    /// ```
    /// use omnicors_adapter::{ForwardHeaders, PolicyConfig, PreparedPolicy, PreparedValues};
    ///
    /// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
    /// let policy = PreparedPolicy::<PreparedValues<String>>::shared(policy);
    /// assert!(!ForwardHeaders::of_non_cors(&policy, policy.values()).is_empty());
    /// # Ok::<(), omnicors_adapter::PolicyError>(())
    /// ```
    pub fn of_non_cors<P>(policy: &PreparedPolicy<P>, values: &PreparedValues<V>) -> Self {
        // No field of such a request is echoed.
        Self::with_outline(&policy.non_cors(), values, || None)
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
        self.outline.is_empty() && self.vary_on.is_empty()
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
    pub fn apply<M: ResponseFieldMap<Value = V>>(&mut self, headers: &mut M) {
        if self.is_empty() {
            return;
        }
        let outline = mem::take(&mut self.outline);
        // Few applications set any of these fields. Reading each name once is cheaper than searching for each of our names.
        let (mut has_vary, mut has_removed) = (false, false);
        headers.each_name(|name| {
            if let Some(name) = ResponseHeaderName::named(name) {
                has_vary |= name == ResponseHeaderName::Vary;
                has_removed |= outline.removes(name);
            }
        });
        let mut merged = None;
        if has_removed {
            #[cfg(feature = "tracing")]
            second_layer::see_removed(headers, self.allow_origin::<M>(outline).as_deref());
            if let Some(merge) = outline.expose_headers_merge() {
                merged = merged_expose_headers(headers, merge, self.values.as_ref());
            }
            remove(headers, outline);
        }
        // Before anything is added: the names to vary on can have the same text.
        #[cfg(feature = "tracing")]
        if has_vary && !has_removed && self.origin.is_some() {
            second_layer::see_vary(headers, outline);
        }
        // If the map is full, the rest is left out.
        let _ = self.add_to(headers, outline, merged, has_vary);
    }

    /// Returns the value of the `Access-Control-Allow-Origin` that is added.
    #[cfg(feature = "tracing")]
    #[cold]
    fn allow_origin<M: ResponseFieldMap<Value = V>>(
        &self,
        outline: ResponseOutline,
    ) -> Option<Vec<u8>> {
        const NAME: ResponseHeaderName = ResponseHeaderName::AccessControlAllowOrigin;
        if outline.origin_fields().any(|name| name == NAME) {
            return self.origin.as_ref().map(|origin| M::bytes(origin).to_vec());
        }
        if outline.policy_fields().any(|name| name == NAME) {
            let value = self.values.as_ref()?.get(NAME)?;
            return Some(M::bytes(value).to_vec());
        }
        let mut constant = outline.constant_fields();
        let field = constant.find(|field| field.name == NAME)?;
        Some(field.value.as_bytes().to_vec())
    }

    /// Returns `None` if the map is full before all fields are in it.
    #[inline]
    fn add_to<M: ResponseFieldMap<Value = V>>(
        &mut self,
        headers: &mut M,
        outline: ResponseOutline,
        merged: Option<V>,
        mut has_vary: bool,
    ) -> Option<()> {
        // `Vary` is first: without it, a cache could give a response that allows an origin to another origin.
        if !self.vary_on.is_empty() {
            has_vary = true;
            mem::take(&mut self.vary_on).try_merge_into(headers)?;
        }
        for field in outline.constant_fields() {
            let FieldValue::Constant(text) = field.value else {
                continue;
            };
            if has_vary && field.operation == Operation::Merge {
                merge_vary(headers, text)?;
            } else {
                headers.insert(field.name, M::constant(text))?;
            }
        }
        if let Some(origin) = self.origin.take() {
            let mut names = outline.origin_fields();
            let first = names.next();
            for name in names {
                headers.insert(name, origin.clone())?;
            }
            if let Some(name) = first {
                headers.insert(name, origin)?;
            }
        }
        let values = self.values.take();
        for name in outline.policy_fields() {
            if merged.is_some() && name == ResponseHeaderName::AccessControlExposeHeaders {
                continue;
            }
            if let Some(value) = values.as_ref().and_then(|values| values.get(name)) {
                headers.insert(name, value.clone())?;
            }
        }
        if let Some(names) = merged {
            headers.insert(ResponseHeaderName::AccessControlExposeHeaders, names)?;
        }
        if let Some(fields) = self.echoed.take() {
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

#[cold]
fn echoes<V>(
    fields: HeaderFields<'_, '_>,
    echo: impl Fn(EchoedField) -> Option<V>,
) -> EchoedFields<V> {
    let owned = |field: HeaderField<'_>| match field.value {
        FieldValue::Echo(echoed, _) => Some((field.name, echo(echoed)?, field.operation)),
        _ => None,
    };
    // The exact capacity, so that the list does not grow.
    let mut list = SmallVec::with_capacity(fields.clone().count());
    list.extend(fields.filter_map(owned));
    list
}

/// Returns the application's own names, added to those of the policy, if there are any.
#[cold]
fn merged_expose_headers<M: ResponseFieldMap>(
    headers: &M,
    merge: ExposeHeadersMerge,
    values: Option<&PreparedValues<M::Value>>,
) -> Option<M::Value> {
    const NAME: ResponseHeaderName = ResponseHeaderName::AccessControlExposeHeaders;
    let ours = values.and_then(|values| values.get(NAME)).map(M::bytes);
    M::owned(merge.merge(ours, headers.values(NAME))?)
}

#[cold]
fn remove(headers: &mut impl ResponseFieldMap, outline: ResponseOutline) {
    let removed = ResponseHeaderName::ALL.into_iter();
    for name in removed.filter(|name| outline.removes(*name)) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests;
