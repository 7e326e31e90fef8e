use std::mem;

use http::HeaderValue;
use omnicors_core::{
    ConstantLines, HeaderLine, LineValue, Operation, RequestKind, ResponseHeaderName,
    ResponseHeaders, missing_from_vary,
};
use smallvec::SmallVec;

/// What to put onto the response of the application. Borrows nothing, and can wait for it.
///
/// With values of the `http` crate; or with those of a framework that has its own, whose map says as [`ResponseLines`] how they
/// are put in.
// A few fields, and not a list of lines: it is moved several times before it is used.
#[derive(Clone, Debug)]
#[must_use = "without them, a browser keeps the response from the page"]
pub struct ForwardHeaders<V = HeaderValue> {
    removed: &'static [ResponseHeaderName],
    constant: ConstantLines,
    /// The echo of the origin, which `Timing-Allow-Origin` says as well.
    allow_origin: Option<V>,
    timing_allow_origin: bool,
    expose_headers: Option<V>,
    /// The others, which only a preflight gets; and that is hardly ever forwarded.
    of_preflight: Option<Box<[Line<V>]>>,
}

/// Name and value of a response header line, and whether it is the first one of that name.
type Line<V> = (ResponseHeaderName, V, Operation);

/// The header lines of a response, in the types of a framework.
///
/// ```
/// use omnicors_http::omnicors_core::{Decision, RequestParts, ResponseHeaderName, evaluate};
/// use omnicors_http::{ForwardHeaders, PolicyConfig, ResponseLines};
///
/// struct Lines(Vec<(&'static str, String)>);
///
/// impl ResponseLines for Lines {
///     type Value = String;
///
///     fn constant(text: &'static str) -> String {
///         text.to_owned()
///     }
///
///     fn each_name(&self, tell: impl FnMut(&str)) {
///         self.0.iter().map(|(name, _)| *name).for_each(tell);
///     }
///
///     fn vary(&self) -> impl Iterator<Item = &[u8]> {
///         let lines = self.0.iter().filter(|(name, _)| ResponseHeaderName::Vary.matches(name));
///         lines.map(|(_, value)| value.as_bytes())
///     }
///
///     fn remove(&mut self, name: ResponseHeaderName) {
///         self.0.retain(|(its, _)| !name.matches(its));
///     }
///
///     fn insert(&mut self, name: ResponseHeaderName, value: String) -> Option<()> {
///         self.append(name, value)
///     }
///
///     fn append(&mut self, name: ResponseHeaderName, value: String) -> Option<()> {
///         self.0.push((name.as_str(), value));
///         Some(())
///     }
/// }
///
/// let policy = PolicyConfig::new().allow_origins(["https://example.com"]).build()?;
/// let request = RequestParts::new("GET").origin("https://example.com");
/// if let Decision::Forward { headers } = evaluate(&policy, &request) {
///     let mut headers = ForwardHeaders::new(&headers, |line| Some(line.value.as_str().to_owned()));
///     let mut response = Lines(vec![("Access-Control-Allow-Origin", "*".to_owned())]);
///     headers.apply_once(&mut response);
///     let origin = ("access-control-allow-origin", "https://example.com".to_owned());
///     assert_eq!(response.0, [("vary", "Origin".to_owned()), origin]);
/// }
/// # Ok::<(), omnicors_http::PolicyError>(())
/// ```
pub trait ResponseLines {
    /// The value of a line.
    type Value: Clone;

    /// The value with this text, which is one.
    fn constant(text: &'static str) -> Self::Value;

    /// Tells the names of all lines, in whatever case.
    fn each_name(&self, tell: impl FnMut(&str));

    /// The values of all `Vary` lines, in whatever case that name is.
    fn vary(&self) -> impl Iterator<Item = &[u8]>;

    /// Removes all lines of this name, in whatever case it is.
    fn remove(&mut self, name: ResponseHeaderName);

    /// Adds a line of a name that no line has yet; `None` where there is no room.
    fn insert(&mut self, name: ResponseHeaderName, value: Self::Value) -> Option<()>;

    /// Adds a line, behind those of its name; `None` where there is no room.
    fn append(&mut self, name: ResponseHeaderName, value: Self::Value) -> Option<()>;
}

/// Nothing: the response is left as it is.
impl<V> Default for ForwardHeaders<V> {
    fn default() -> Self {
        Self {
            removed: &[],
            constant: ConstantLines::default(),
            allow_origin: None,
            timing_allow_origin: false,
            expose_headers: None,
            of_preflight: None,
        }
    }
}

impl<V: Clone> ForwardHeaders<V> {
    /// Takes the lines of a decision, and what makes a value of one, as
    /// [`PreparedValues::value_of`](crate::PreparedValues::value_of) does.
    #[inline]
    pub fn new(headers: &ResponseHeaders<'_>, value: impl Fn(HeaderLine<'_>) -> Option<V>) -> Self {
        use ResponseHeaderName as Name;
        let mut forward = Self {
            removed: headers.removed(),
            constant: headers.constant(),
            ..Self::default()
        };
        for line in headers.dependent() {
            match line.name {
                Name::AccessControlAllowOrigin => forward.allow_origin = value(line),
                Name::TimingAllowOrigin => forward.timing_allow_origin = true,
                Name::AccessControlExposeHeaders => forward.expose_headers = value(line),
                // Below.
                _ => {}
            }
        }
        if headers.kind() == RequestKind::Preflight {
            forward.of_preflight = Some(lines_of_preflight(headers, value));
        }
        forward
    }

    /// True if the response is left as it is, because CORS is none of our business for the request.
    #[inline]
    pub fn is_nothing(&self) -> bool {
        // Any decision removes some.
        self.removed.is_empty()
    }

    /// True if they are what a decision says, and that neither echoes an origin nor answers a preflight: then there is no need to
    /// make them anew.
    pub fn say(&self, headers: &ResponseHeaders<'_>) -> bool
    where
        V: AsRef<str>,
    {
        let exposed = self.expose_headers.iter().map(|names| {
            let name = ResponseHeaderName::AccessControlExposeHeaders;
            (name, names.as_ref())
        });
        let dependent = headers.dependent();
        self.allow_origin.is_none()
            && self.of_preflight.is_none()
            && self.removed == headers.removed()
            && self.constant == headers.constant()
            && exposed.eq(dependent.map(|line| (line.name, line.value.as_str())))
    }

    /// Puts the headers among those of a response: the application's own CORS lines are removed, ours are set, and
    /// `Vary` is merged. They are used up, without having been moved, and are [nothing](Self::is_nothing) afterwards.
    pub fn apply_once(&mut self, headers: &mut impl ResponseLines<Value = V>) {
        if self.is_nothing() {
            return;
        }
        let removed = mem::take(&mut self.removed);
        // Hardly any application sets one, and to look at each line takes less than to look for any.
        let (mut has_vary, mut has_stale) = (false, false);
        headers.each_name(|name| {
            if let Some(name) = ResponseHeaderName::named(name) {
                has_vary |= name == ResponseHeaderName::Vary;
                has_stale |= removed.contains(&name);
            }
        });
        if has_stale {
            remove(headers, removed);
        }
        // A full map goes without the rest.
        let _ = self.add_to(headers, has_vary);
    }

    /// `None` where the map is full before all is in it.
    #[inline]
    fn add_to<M: ResponseLines<Value = V>>(
        &mut self,
        headers: &mut M,
        has_vary: bool,
    ) -> Option<()> {
        // First, because an origin is not to be allowed in a response that has no room to say that it depends on it.
        for line in self.constant.by_ref() {
            let LineValue::Constant(text) = line.value else {
                continue;
            };
            if has_vary && line.operation == Operation::Merge {
                merge_vary(headers, text)?;
            } else {
                headers.insert(line.name, M::constant(text))?;
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
        if let Some(lines) = self.of_preflight.take() {
            for (name, value, operation) in lines {
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
fn lines_of_preflight<V>(
    headers: &ResponseHeaders<'_>,
    value: impl Fn(HeaderLine<'_>) -> Option<V>,
) -> Box<[Line<V>]> {
    let of_preflight = || {
        let lines = headers.dependent();
        lines.filter(|line| line.name != ResponseHeaderName::AccessControlAllowOrigin)
    };
    let owned = |line: HeaderLine<'_>| Some((line.name, value(line)?, line.operation));
    // As long as it has to be, so that it need not grow, nor shrink.
    let mut lines = Vec::with_capacity(of_preflight().count());
    lines.extend(of_preflight().filter_map(owned));
    lines.into()
}

#[cold]
fn remove(headers: &mut impl ResponseLines, names: &[ResponseHeaderName]) {
    for name in names {
        headers.remove(*name);
    }
}

/// Adds to `Vary` what it does not say yet; `None` where there is no room.
fn merge_vary<M: ResponseLines>(headers: &mut M, names: &'static str) -> Option<()> {
    let missing: SmallVec<[&str; 3]> = missing_from_vary(names, || headers.vary()).collect();
    // Mostly all of them are, and then they are one value.
    if missing.len() == names.split(", ").count() {
        return headers.append(ResponseHeaderName::Vary, M::constant(names));
    }
    for name in missing {
        headers.append(ResponseHeaderName::Vary, M::constant(name))?;
    }
    Some(())
}

// Beyond 128 bytes, each move is a call.
const _: () = assert!(size_of::<ForwardHeaders>() <= 120);

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName, VARY};
    use omnicors_core::{PolicyConfig, RequestParts, evaluate};

    use super::*;

    fn vary(existing: &[&str], ours: &'static str) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in existing {
            headers.append(VARY, line.parse().unwrap());
        }
        merge_vary(&mut headers, ours).unwrap();
        headers
            .get_all(VARY)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn vary_is_merged_and_never_says_a_thing_twice() {
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

    #[test]
    fn what_is_used_up_is_nothing() {
        let policy = PolicyConfig::new().allow_origins(["https://a.example"]);
        let policy = policy.build().unwrap();
        let request = RequestParts::new("GET").origin("https://a.example");
        let decision = evaluate(&policy, &request);
        let value = |line: HeaderLine<'_>| HeaderValue::from_bytes(line.value.as_bytes()).ok();
        let mut forward = ForwardHeaders::new(decision.headers(), value);
        let mut headers = HeaderMap::new();
        assert!(!forward.is_nothing());
        forward.apply_once(&mut headers);
        assert!(forward.is_nothing());
        let once = headers.clone();
        forward.apply_once(&mut headers);
        assert_eq!(headers, once);
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn a_full_map_goes_without() {
        let mut headers = HeaderMap::new();
        for number in 0_u32.. {
            let name = HeaderName::try_from(format!("x-{number}")).unwrap();
            if headers
                .try_insert(name, HeaderValue::from_static(""))
                .is_err()
            {
                break;
            }
        }
        let policy = PolicyConfig::new().allow_origins(["https://a.example"]);
        let policy = policy.build().unwrap();
        let request = RequestParts::new("GET").origin("https://a.example");
        let decision = evaluate(&policy, &request);
        let value = |line: HeaderLine<'_>| HeaderValue::from_bytes(line.value.as_bytes()).ok();
        ForwardHeaders::new(decision.headers(), value).apply(&mut headers);
        assert!(!headers.contains_key(VARY));
        assert!(!headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
    }
}
