use std::mem;

use http::header::{
    self, ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, Entry, HeaderName, VARY,
};
use http::{HeaderMap, HeaderValue, Response};
use omnicors_core::{
    HeaderLine, LineValue, Operation, RequestKind, ResponseHeaderName, ResponseHeaders,
    missing_from_vary,
};
use smallvec::SmallVec;

use crate::policy::constant;

/// What to put onto the response of the application. Borrows nothing, and can wait for it.
///
/// A few fields, and not a list of lines: it is moved several times before it is used.
#[derive(Clone, Debug)]
#[must_use = "without them, a browser keeps the response from the page"]
pub struct ForwardHeaders {
    removed: &'static [ResponseHeaderName],
    vary: Option<&'static str>,
    allow_origin: Option<HeaderValue>,
    allow_credentials: bool,
    expose_headers: Option<HeaderValue>,
    timing_allow_origin: bool,
    /// Those that only a preflight gets, which is hardly ever forwarded.
    of_preflight: Vec<Line>,
}

/// A response header line that borrows nothing.
#[derive(Clone, Debug)]
struct Line {
    name: ResponseHeaderName,
    value: HeaderValue,
    operation: Operation,
}

impl ForwardHeaders {
    /// Takes the lines of a decision, and what makes a value of one.
    #[inline]
    pub(crate) fn new(
        headers: &ResponseHeaders<'_>,
        value: impl Fn(HeaderLine<'_>) -> Option<HeaderValue>,
    ) -> Self {
        use ResponseHeaderName as Name;
        let get = |name| headers.get(name).and_then(&value);
        Self {
            removed: headers.removed(),
            vary: match headers.get(Name::Vary).map(|line| line.value) {
                Some(LineValue::Constant(names)) => Some(names),
                _ => None,
            },
            allow_origin: get(Name::AccessControlAllowOrigin),
            allow_credentials: headers.get(Name::AccessControlAllowCredentials).is_some(),
            expose_headers: get(Name::AccessControlExposeHeaders),
            timing_allow_origin: headers.get(Name::TimingAllowOrigin).is_some(),
            of_preflight: if headers.kind() == RequestKind::Preflight {
                lines_of_preflight(headers, value)
            } else {
                Vec::new()
            },
        }
    }

    /// Puts the headers onto a response, and gives it back.
    pub fn onto<B>(mut self, mut response: Response<B>) -> Response<B> {
        self.apply_once(response.headers_mut());
        response
    }

    /// Puts the headers among those of a response: the application's own CORS lines are removed, ours are set, and
    /// `Vary` is merged.
    pub fn apply(mut self, headers: &mut HeaderMap) {
        self.apply_once(headers);
    }

    /// The same without moving them, for a future that holds them: they are used up.
    pub fn apply_once(&mut self, headers: &mut HeaderMap) {
        const SHORTEST: usize = ResponseHeaderName::TimingAllowOrigin.as_str().len();
        // Hardly any application sets one, and to see that takes less than to try to remove each: few names are as long.
        let has_stale = headers.keys().any(|name| {
            let name = name.as_str();
            let mut removed = self.removed.iter();
            name.len() >= SHORTEST && removed.any(|removed| removed.as_str() == name)
        });
        if has_stale {
            for name in self.removed {
                headers.remove(header_name(*name));
            }
        }
        // A full map goes without the rest.
        let _ = self.add_to(headers);
    }

    /// `None` where the map is full before all is in it.
    fn add_to(&mut self, headers: &mut HeaderMap) -> Option<()> {
        // First, because an origin is not to be allowed in a response that has no room to say that it depends on it.
        if let Some(names) = self.vary.take() {
            merge_vary(headers, names)?;
        }
        let mut set = |name, value| headers.try_insert(name, value).ok().map(drop);
        if let Some(origin) = self.allow_origin.take() {
            if mem::take(&mut self.timing_allow_origin) {
                set(TIMING_ALLOW_ORIGIN, origin.clone())?;
            }
            set(ACCESS_CONTROL_ALLOW_ORIGIN, origin)?;
        }
        if mem::take(&mut self.allow_credentials) {
            set(ACCESS_CONTROL_ALLOW_CREDENTIALS, constant("true"))?;
        }
        if let Some(names) = self.expose_headers.take() {
            set(ACCESS_CONTROL_EXPOSE_HEADERS, names)?;
        }
        for line in self.of_preflight.drain(..) {
            add(headers, line.name, line.operation, line.value)?;
        }
        Some(())
    }
}

#[cold]
fn lines_of_preflight(
    headers: &ResponseHeaders<'_>,
    value: impl Fn(HeaderLine<'_>) -> Option<HeaderValue>,
) -> Vec<Line> {
    let owned = |line: HeaderLine<'_>| {
        Some(Line {
            name: line.name,
            value: value(line)?,
            operation: line.operation,
        })
    };
    headers.of_preflight().filter_map(owned).collect()
}

/// Adds a line to a map; `None` where that is full.
pub(crate) fn add(
    headers: &mut HeaderMap,
    name: ResponseHeaderName,
    operation: Operation,
    value: HeaderValue,
) -> Option<()> {
    let name = header_name(name);
    match operation {
        // `Vary` is merged where there may be some: see `merge_vary`.
        Operation::Set | Operation::Merge => headers.try_insert(name, value).ok().map(drop),
        Operation::Append => headers.try_append(name, value).ok().map(drop),
    }
}

/// Adds to `Vary` what it does not say yet; `None` where the map is full.
fn merge_vary(headers: &mut HeaderMap, names: &'static str) -> Option<()> {
    if let Entry::Vacant(vary) = headers.try_entry(VARY).ok()? {
        return vary.try_insert(constant(names)).ok().map(drop);
    }
    let existing = || headers.get_all(VARY).iter().map(HeaderValue::as_bytes);
    let missing: SmallVec<[&str; 3]> = missing_from_vary(names, existing).collect();
    // Mostly all of them are, and then they are one value.
    if missing.len() == names.split(", ").count() {
        return headers.try_append(VARY, constant(names)).ok().map(drop);
    }
    for name in missing {
        headers.try_append(VARY, constant(name)).ok()?;
    }
    Some(())
}

const TIMING_ALLOW_ORIGIN: HeaderName =
    HeaderName::from_static(ResponseHeaderName::TimingAllowOrigin.as_str());

fn header_name(name: ResponseHeaderName) -> HeaderName {
    const ALLOW_PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static(ResponseHeaderName::AccessControlAllowPrivateNetwork.as_str());
    match name {
        ResponseHeaderName::AccessControlAllowOrigin => ACCESS_CONTROL_ALLOW_ORIGIN,
        ResponseHeaderName::AccessControlAllowCredentials => ACCESS_CONTROL_ALLOW_CREDENTIALS,
        ResponseHeaderName::AccessControlAllowMethods => header::ACCESS_CONTROL_ALLOW_METHODS,
        ResponseHeaderName::AccessControlAllowHeaders => header::ACCESS_CONTROL_ALLOW_HEADERS,
        ResponseHeaderName::AccessControlMaxAge => header::ACCESS_CONTROL_MAX_AGE,
        ResponseHeaderName::AccessControlAllowPrivateNetwork => ALLOW_PRIVATE_NETWORK,
        ResponseHeaderName::AccessControlExposeHeaders => ACCESS_CONTROL_EXPOSE_HEADERS,
        ResponseHeaderName::TimingAllowOrigin => TIMING_ALLOW_ORIGIN,
        ResponseHeaderName::Vary => VARY,
    }
}

#[cfg(test)]
mod tests {
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
