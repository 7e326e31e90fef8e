use std::cell::Cell;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONNECTION, COOKIE, HOST,
    HeaderMap, HeaderName, HeaderValue, ORIGIN, UPGRADE,
};
use omnicors_adapter::omnicors_core::adapter::{EchoedField, RequestField, RequestFields};

/// The fields of a request, for the core. Remembers the `Origin` that was read, so that it need not be searched for again.
pub(crate) struct RequestMap<'a> {
    request: &'a ServiceRequest,
    origins: Cell<Option<&'a [HeaderValue]>>,
}

impl<'a> RequestMap<'a> {
    #[inline]
    pub(crate) fn new(request: &'a ServiceRequest) -> Self {
        Self {
            request,
            origins: Cell::new(None),
        }
    }

    /// Returns the value of the first `Origin`, if it was read.
    #[inline]
    pub(crate) fn origin(&self) -> Option<&'a HeaderValue> {
        self.origins.get()?.first()
    }
}

impl RequestFields for RequestMap<'_> {
    #[inline]
    fn value(&self, field: RequestField, index: usize) -> Option<&[u8]> {
        const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
        const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
        let headers = self.request.headers();
        let name = match field {
            RequestField::Origin => {
                // One search: the core asks for a second `Origin` next.
                let origins = match self.origins.get() {
                    Some(origins) => origins,
                    None => headers.get_all(ORIGIN).as_slice(),
                };
                self.origins.set(Some(origins));
                return origins.get(index).map(HeaderValue::as_bytes);
            }
            RequestField::Authority => {
                let authority = self.request.uri().authority().filter(|_| index == 0)?;
                return Some(authority.as_str().as_bytes());
            }
            RequestField::AccessControlRequestMethod => ACCESS_CONTROL_REQUEST_METHOD,
            RequestField::AccessControlRequestHeaders => ACCESS_CONTROL_REQUEST_HEADERS,
            // Not `ConnectionInfo::host`, which trusts `X-Forwarded-Host`: any client can send that.
            RequestField::Host => HOST,
            RequestField::SecFetchSite => SEC_FETCH_SITE,
            RequestField::SecFetchMode => SEC_FETCH_MODE,
            RequestField::Upgrade => UPGRADE,
            RequestField::Connection => CONNECTION,
            RequestField::Cookie => COOKIE,
            // actix-web does not pass `:protocol` on.
            _ => return None,
        };
        nth(headers, name, index).map(HeaderValue::as_bytes)
    }
}

/// Returns the value of the field with this name and index.
#[inline]
fn nth(headers: &HeaderMap, name: HeaderName, index: usize) -> Option<&HeaderValue> {
    match index {
        0 => headers.get(name),
        _ => headers.get_all(name).nth(index),
    }
}

/// Returns the value of a field of the request that is echoed.
#[cold]
pub(crate) fn requested(request: &HeaderMap, field: EchoedField) -> Option<&HeaderValue> {
    match field {
        EchoedField::Origin => request.get(ORIGIN),
        EchoedField::RequestMethod => request.get(ACCESS_CONTROL_REQUEST_METHOD),
        EchoedField::RequestHeaders(index) => nth(request, ACCESS_CONTROL_REQUEST_HEADERS, index),
    }
}
