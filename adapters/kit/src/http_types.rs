/// Defines functions that convert names and values of the core to the types of an `http` crate.
///
/// The arguments are the module `header` of the `http` crate, and the types `ResponseHeaderName` and `RequestField` of the
/// core. The macro defines `constant`, `header_name` and `request_field_name`, which return values and names that are
/// validated at compile time. It is a macro because frameworks use different versions of `http`, and this crate does not
/// depend on any of them.
///
/// ```
/// use omnicors_adapter::omnicors_core::ResponseHeaderName;
/// use omnicors_adapter::omnicors_core::adapter::RequestField;
///
/// mod names {
///     use omnicors_adapter::omnicors_core::ResponseHeaderName;
///     use omnicors_adapter::omnicors_core::adapter::RequestField;
///
///     omnicors_adapter::http_types!(http::header, ResponseHeaderName, RequestField);
/// }
///
/// fn main() {
///     assert_eq!(names::constant("Origin"), "Origin");
///     assert_eq!(names::header_name(ResponseHeaderName::Vary), http::header::VARY);
///     assert_eq!(names::request_field_name(RequestField::Host), Some(&http::header::HOST));
/// }
/// ```
#[macro_export]
macro_rules! http_types {
    ($($header:ident)::+, $name:ident, $field:ident) => {
        /// Converts a text to a field value. The values that nearly every response has are validated at compile time.
        pub(crate) fn constant(text: &'static str) -> $($header)::+::HeaderValue {
            use $($header)::+::HeaderValue;

            // Statics, because a second layer recognizes these values by the addresses of their texts.
            static ANY_TEXT: [u8; 1] = *b"*";
            static ORIGIN_TEXT: [u8; 6] = *b"Origin";

            const fn value(text: &'static [u8], or: &'static str) -> HeaderValue {
                match ::std::str::from_utf8(text) {
                    Ok(text) => HeaderValue::from_static(text),
                    Err(_) => HeaderValue::from_static(or),
                }
            }

            const ANY: HeaderValue = value(&ANY_TEXT, "*");
            const ORIGIN: HeaderValue = value(&ORIGIN_TEXT, "Origin");
            const TRUE: HeaderValue = HeaderValue::from_static("true");
            match text {
                "*" => ANY,
                "Origin" => ORIGIN,
                "true" => TRUE,
                _ => HeaderValue::from_static(text),
            }
        }

        /// Converts the name of a response field. The names are made at compile time, because `from_static` searches a table.
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

        /// Converts the name of a request field. Returns `None` for pseudo-header fields.
        #[inline]
        pub(crate) fn request_field_name(
            field: $field,
        ) -> Option<&'static $($header)::+::HeaderName> {
            use $($header)::+::{self as header, HeaderName};

            // Statics, because a constant is copied to be borrowed.
            static ORIGIN: HeaderName = header::ORIGIN;
            static REQUEST_METHOD: HeaderName = header::ACCESS_CONTROL_REQUEST_METHOD;
            static REQUEST_HEADERS: HeaderName = header::ACCESS_CONTROL_REQUEST_HEADERS;
            static HOST: HeaderName = header::HOST;
            static SEC_FETCH_SITE: HeaderName =
                HeaderName::from_static($field::SecFetchSite.as_str());
            static SEC_FETCH_MODE: HeaderName =
                HeaderName::from_static($field::SecFetchMode.as_str());
            static UPGRADE: HeaderName = header::UPGRADE;
            static CONNECTION: HeaderName = header::CONNECTION;
            static COOKIE: HeaderName = header::COOKIE;
            Some(match field {
                $field::Origin => &ORIGIN,
                $field::AccessControlRequestMethod => &REQUEST_METHOD,
                $field::AccessControlRequestHeaders => &REQUEST_HEADERS,
                $field::Host => &HOST,
                $field::SecFetchSite => &SEC_FETCH_SITE,
                $field::SecFetchMode => &SEC_FETCH_MODE,
                $field::Upgrade => &UPGRADE,
                $field::Connection => &CONNECTION,
                $field::Cookie => &COOKIE,
                _ => return None,
            })
        }
    };
}
