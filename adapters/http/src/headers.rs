use http::header::{self, HeaderName, VARY};
use http::{HeaderMap, HeaderValue, Response};
use omnicors_core::{Operation, ResponseHeaderName, missing_from_vary};
use smallvec::SmallVec;

/// What to put onto the response of the application. Borrows nothing, and can wait for it.
#[derive(Clone, Debug)]
#[must_use = "without them, a browser keeps the response from the page"]
pub struct ForwardHeaders {
    removed: &'static [ResponseHeaderName],
    /// Apart, because it is added first: an origin is not to be allowed in a response that has no room to say that it depends
    /// on it.
    vary: Option<HeaderValue>,
    /// A request that is no preflight gets four at most.
    lines: SmallVec<[Line; 4]>,
}

/// A response header line that borrows nothing.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: ResponseHeaderName,
    pub(crate) value: HeaderValue,
    pub(crate) operation: Operation,
}

impl ForwardHeaders {
    #[inline]
    pub(crate) fn new(
        removed: &'static [ResponseHeaderName],
        given: impl Iterator<Item = Line>,
    ) -> Self {
        let mut headers = Self {
            removed,
            vary: None,
            lines: SmallVec::new(),
        };
        for line in given {
            if line.operation == Operation::Merge {
                headers.vary = Some(line.value);
            } else {
                headers.lines.push(line);
            }
        }
        headers
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
        // Hardly any application sets one, and to see that takes less than to try to remove each.
        let has_stale = headers.keys().any(|name| {
            self.removed
                .iter()
                .any(|removed| *name == header_name(*removed))
        });
        if has_stale {
            for name in self.removed {
                headers.remove(header_name(*name));
            }
        }
        let vary = self.vary.take().map(|vary| merge_vary(headers, vary));
        if vary.is_some_and(|added| added.is_err()) {
            // The map is full, with 32 768 lines: without the rest, the response is denied.
            return;
        }
        for line in self.lines.drain(..) {
            if line.add_to(headers).is_err() {
                return;
            }
        }
    }
}

impl Line {
    /// Adds the line to a map, unless that is full.
    pub(crate) fn add_to(self, headers: &mut HeaderMap) -> Result<(), header::MaxSizeReached> {
        let name = header_name(self.name);
        match self.operation {
            Operation::Set => headers.try_insert(name, self.value).map(drop),
            Operation::Merge => merge_vary(headers, self.value),
            Operation::Append => headers.try_append(name, self.value).map(drop),
        }
    }
}

/// Adds to `Vary` what it does not say yet.
fn merge_vary(headers: &mut HeaderMap, ours: HeaderValue) -> Result<(), header::MaxSizeReached> {
    if !headers.contains_key(VARY) {
        return headers.try_insert(VARY, ours).map(drop);
    }
    let names = ours.to_str().unwrap_or_default();
    let existing = || headers.get_all(VARY).iter().map(HeaderValue::as_bytes);
    let missing: SmallVec<[&str; 3]> = missing_from_vary(names, existing).collect();
    let is_whole = missing.len() == names.split(", ").count();
    if is_whole {
        return headers.try_append(VARY, ours.clone()).map(drop);
    }
    // A part of a header value is one.
    for part in missing
        .into_iter()
        .filter_map(|name| HeaderValue::from_str(name).ok())
    {
        headers.try_append(VARY, part)?;
    }
    Ok(())
}

fn header_name(name: ResponseHeaderName) -> HeaderName {
    const ALLOW_PRIVATE_NETWORK: HeaderName =
        HeaderName::from_static(ResponseHeaderName::AccessControlAllowPrivateNetwork.as_str());
    const TIMING_ALLOW_ORIGIN: HeaderName =
        HeaderName::from_static(ResponseHeaderName::TimingAllowOrigin.as_str());
    match name {
        ResponseHeaderName::AccessControlAllowOrigin => header::ACCESS_CONTROL_ALLOW_ORIGIN,
        ResponseHeaderName::AccessControlAllowCredentials => {
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS
        }
        ResponseHeaderName::AccessControlAllowMethods => header::ACCESS_CONTROL_ALLOW_METHODS,
        ResponseHeaderName::AccessControlAllowHeaders => header::ACCESS_CONTROL_ALLOW_HEADERS,
        ResponseHeaderName::AccessControlMaxAge => header::ACCESS_CONTROL_MAX_AGE,
        ResponseHeaderName::AccessControlAllowPrivateNetwork => ALLOW_PRIVATE_NETWORK,
        ResponseHeaderName::AccessControlExposeHeaders => header::ACCESS_CONTROL_EXPOSE_HEADERS,
        ResponseHeaderName::TimingAllowOrigin => TIMING_ALLOW_ORIGIN,
        ResponseHeaderName::Vary => VARY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vary(existing: &[&str], ours: &'static str) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in existing {
            headers.append(VARY, line.parse().unwrap());
        }
        merge_vary(&mut headers, HeaderValue::from_static(ours)).unwrap();
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
        let lines = [
            ResponseHeaderName::AccessControlAllowOrigin,
            ResponseHeaderName::Vary,
        ];
        let line = |name| Line {
            name,
            value: HeaderValue::from_static("Origin"),
            operation: Operation::Merge,
        };
        ForwardHeaders::new(&[], lines.into_iter().map(line)).apply(&mut headers);
        assert!(!headers.contains_key(VARY));
    }
}
