/// Defines `constant`, `header_name` and `request_field_name` for one version of the `http` crate, whose module `header` is the
/// first argument. They return values and names that are validated at compile time. The other arguments are types of the core.
///
/// A macro, because this crate depends on no version of `http`, and frameworks use different ones.
///
/// ```
/// mod response {
///     use omnicors_adapter::omnicors_core::ResponseHeaderName;
///     use omnicors_adapter::omnicors_core::adapter::RequestField;
///
///     omnicors_adapter::http_types!(http::header, ResponseHeaderName, RequestField);
/// }
/// # use omnicors_adapter::omnicors_core::ResponseHeaderName;
/// # use omnicors_adapter::omnicors_core::adapter::RequestField;
///
/// assert_eq!(response::constant("Origin"), "Origin");
/// assert_eq!(response::header_name(ResponseHeaderName::Vary), http::header::VARY);
/// assert_eq!(response::request_field_name(RequestField::Host), Some(http::header::HOST));
/// ```
#[macro_export]
macro_rules! http_types {
    ($($header:ident)::+, $name:ident, $field:ident) => {
        /// Returns the value with this text. The values that nearly every response has are validated at compile time.
        pub(crate) fn constant(text: &'static str) -> $($header)::+::HeaderValue {
            use $($header)::+::HeaderValue;

            const ANY: HeaderValue = HeaderValue::from_static("*");
            const ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
            const TRUE: HeaderValue = HeaderValue::from_static("true");
            match text {
                "*" => ANY,
                "Origin" => ORIGIN,
                "true" => TRUE,
                _ => HeaderValue::from_static(text),
            }
        }

        /// Returns a name made at compile time: `from_static` would search the names that it knows.
        pub(crate) fn header_name(
            name: $name,
        ) -> $($header)::+::HeaderName {
            use $($header)::+::{self as header, HeaderName};

            const ALLOW_PRIVATE_NETWORK: HeaderName =
                HeaderName::from_static($name::AccessControlAllowPrivateNetwork.as_str());
            const TIMING_ALLOW_ORIGIN: HeaderName =
                HeaderName::from_static($name::TimingAllowOrigin.as_str());
            match name {
                $name::AccessControlAllowOrigin => header::ACCESS_CONTROL_ALLOW_ORIGIN,
                $name::AccessControlAllowCredentials => header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                $name::AccessControlAllowMethods => header::ACCESS_CONTROL_ALLOW_METHODS,
                $name::AccessControlAllowHeaders => header::ACCESS_CONTROL_ALLOW_HEADERS,
                $name::AccessControlMaxAge => header::ACCESS_CONTROL_MAX_AGE,
                $name::AccessControlAllowPrivateNetwork => ALLOW_PRIVATE_NETWORK,
                $name::AccessControlExposeHeaders => header::ACCESS_CONTROL_EXPOSE_HEADERS,
                $name::TimingAllowOrigin => TIMING_ALLOW_ORIGIN,
                $name::CacheControl => header::CACHE_CONTROL,
                $name::RetryAfter => header::RETRY_AFTER,
                $name::Vary => header::VARY,
            }
        }

        /// Returns the name of a field of requests. Pseudo-header fields have none.
        #[inline]
        pub(crate) fn request_field_name(field: $field) -> Option<$($header)::+::HeaderName> {
            use $($header)::+::{self as header, HeaderName};

            const SEC_FETCH_SITE: HeaderName =
                HeaderName::from_static($field::SecFetchSite.as_str());
            const SEC_FETCH_MODE: HeaderName =
                HeaderName::from_static($field::SecFetchMode.as_str());
            Some(match field {
                $field::Origin => header::ORIGIN,
                $field::AccessControlRequestMethod => header::ACCESS_CONTROL_REQUEST_METHOD,
                $field::AccessControlRequestHeaders => header::ACCESS_CONTROL_REQUEST_HEADERS,
                $field::Host => header::HOST,
                $field::SecFetchSite => SEC_FETCH_SITE,
                $field::SecFetchMode => SEC_FETCH_MODE,
                $field::Upgrade => header::UPGRADE,
                $field::Connection => header::CONNECTION,
                $field::Cookie => header::COOKIE,
                _ => return None,
            })
        }
    };
}
