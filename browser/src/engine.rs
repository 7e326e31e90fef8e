//! The engines of browsers, and how they deviate from the standard.

use std::fmt;
use std::time::Duration;

/// The browser engine whose behaviour a [`Browser`](crate::Browser) follows.
///
/// All engines follow the [Fetch standard](https://fetch.spec.whatwg.org/) except for their [`Deviation`]s.
///
/// # Examples
///
/// ```
/// use omnicors_browser::{Deviation, Engine};
///
/// assert!(Engine::Firefox.has(Deviation::WildcardCoversAuthorization));
/// assert!(!Engine::Standard.has(Deviation::WildcardCoversAuthorization));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// The standard, as of July 2026, without deviations.
    #[default]
    Standard,
    /// Chromium 156, and browsers built on it: Chrome, Edge, Opera.
    Chromium,
    /// Firefox ESR 153.7.
    Firefox,
    /// WebKitGTK 2.50. Safari has the same engine.
    WebKit,
}

/// A point in which an engine deviates from the Fetch standard.
///
/// Each was measured with the versions that [`Engine`] names.
///
/// # Examples
///
/// ```
/// use omnicors_browser::{Deviation, Engine};
///
/// for deviation in Deviation::ALL {
///     assert!(!Engine::Standard.has(deviation), "the standard does not deviate from itself");
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deviation {
    /// `Access-Control-Allow-Headers: *` allows `Authorization`. The standard requires it to be named
    /// ([CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), step 7.6).
    WildcardCoversAuthorization,
    /// The values of a repeated request header of `fetch()` are combined before their length decides whether they are safelisted. The
    /// standard looks at each value by itself
    /// ([CORS-unsafe request-header names](https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names)). It combines only those of
    /// an `XMLHttpRequest` ([`setRequestHeader()`](https://xhr.spec.whatwg.org/#the-setrequestheader()-method)).
    CombinesBeforeSafelisting,
    /// A preflight's result stays in the cache after the actual request failed. The standard clears it
    /// ([Main fetch](https://fetch.spec.whatwg.org/#main-fetch)).
    KeepsPreflightAfterError,
    /// A preflight's result for requests with credentials is not used for requests without. The standard uses it
    /// ([cache entry match](https://fetch.spec.whatwg.org/#concept-cache-match)).
    SeparatesCredentials,
    /// `Access-Control-Allow-Methods: *` is stored as the method that was requested, not for every method.
    StoresWildcardAsRequested,
    /// The requested method is stored as allowed even if the response does not list it. A safelisted method does not need to be
    /// listed. If `Access-Control-Allow-Methods` is present without it, the standard does not store it, so such a request with an upload
    /// listener is preflighted again each time ([CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), step 7.4).
    StoresRequestedMethod,
    /// After a redirect that changes `Origin` to `null`, the preflight still has the origin of the page. Only the actual request has
    /// `null` ([serializing a request origin](https://fetch.spec.whatwg.org/#serializing-a-request-origin)).
    PreflightFromPage,
    /// A request that had a preflight, or headers that need one, gets a preflight after each redirect, even if it has become a GET
    /// that does not need one ([Main fetch](https://fetch.spec.whatwg.org/#main-fetch), step 12).
    PreflightAfterRedirect,
    /// A listener on `XMLHttpRequest.upload` requires a preflight only if there is a body. The standard always requires one
    /// ([`send()`](https://xhr.spec.whatwg.org/#the-send()-method)).
    UploadListenerNeedsBody,
    /// No redirect to a URL with a user name or a password is followed, except for an `XMLHttpRequest`. The standard follows it in
    /// the mode `no-cors`, and from the page's own origin to itself
    /// ([HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), steps 9 and 10).
    RejectsUserInfo,
    /// If the page's own origin redirects to another origin, and to a URL with a user name or a password, the preflight is sent before
    /// the redirect is rejected ([HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), step 9).
    PreflightBeforeUserInfo,
    /// DELETE becomes GET if it is redirected to another origin, whatever the status is
    /// ([HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), step 12).
    RedirectsDeleteAsGet,
    /// A request that had `Origin` keeps it after a redirect within one origin has changed the method to GET. The standard sends it with a GET only if
    /// the response is checked
    /// ([append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header), step 4).
    KeepsOriginAfterRedirect,
    /// After a redirect to another origin in the mode `no-cors`, `Origin` is `null`. In the standard, it is the origin of the page if
    /// only the page's own origin has redirected
    /// ([serializing a request origin](https://fetch.spec.whatwg.org/#serializing-a-request-origin)).
    HidesOriginAfterRedirect,
    /// After a redirect of a navigation to another origin, such as that of a form, `Origin` is `null`. In the standard, it is the
    /// origin of the page if only the page's own origin has redirected
    /// ([serializing a request origin](https://fetch.spec.whatwg.org/#serializing-a-request-origin)).
    HidesOriginOfNavigations,
    /// The preflight after a redirect names each unsafe header that the page has set, although a redirect has dropped
    /// `Authorization` or `Content-Type`, and the request is sent without it
    /// ([HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), steps 12 and 13).
    PreflightNamesDroppedHeaders,
    /// Headers that a redirect drops, such as `Authorization` and `Content-Type`, are sent again after another redirect that does
    /// not drop them ([HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), steps 12 and 13).
    RestoresHeadersAfterRedirect,
    /// If the page's own origin redirects to another one, and that redirects again, this second redirect must allow credentials even
    /// in the credentials mode `same-origin`. Otherwise the request fails after the preflight, if there is one
    /// ([CORS check](https://fetch.spec.whatwg.org/#cors-check)).
    ChecksRedirectsForCredentials,
    /// A GET or HEAD of a sandboxed frame in the mode `no-cors` has `Origin: null` if it has credentials, and its URL has the site of
    /// the page that embeds the frame ([Storage Access Headers](https://privacycg.github.io/storage-access-headers/)). In the
    /// standard, it has no `Origin` ([append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header), step 4).
    TellsStorageAccess,
    /// The handshake of a WebSocket has no `Sec-Fetch-*`. The standard sends them to every trustworthy URL
    /// ([Fetch Metadata](https://w3c.github.io/webappsec-fetch-metadata/#fetch-integration)).
    OmitsFetchMetadataOfWebSockets,
    /// The handshake of a WebSocket has `Sec-Fetch-Dest: websocket`. In the standard its
    /// [destination](https://fetch.spec.whatwg.org/#concept-request-destination) is the empty string, which is sent as `empty`.
    NamesWebSocketAsDestination,
    /// The handshake of a WebSocket follows redirects, with the origin of the page. In the standard, a redirect is an error
    /// ([WebSockets](https://websockets.spec.whatwg.org/#concept-websocket-establish)).
    FollowsRedirectsOfWebSockets,
    /// A request in the mode `cors` has no `Sec-Fetch-*` if the last redirect led to another origin. Its preflight has them, unless the
    /// first URL is not trustworthy. The standard sends them
    /// ([Fetch Metadata](https://w3c.github.io/webappsec-fetch-metadata/#fetch-integration)).
    OmitsFetchMetadataAfterRedirect,
    /// `Sec-Fetch-Site` of a preflight after a redirect only compares its own URL with the page. In the standard, it also compares the
    /// URLs that redirected ([CORS-preflight fetch](https://fetch.spec.whatwg.org/#cors-preflight-fetch), step 1, and
    /// [`Sec-Fetch-Site`](https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header)).
    ForgetsRedirectsInPreflight,
    /// A preflight has `Sec-Fetch-Mode` even if its URL is not trustworthy. The standard sends no `Sec-Fetch-*` there
    /// ([Fetch Metadata](https://w3c.github.io/webappsec-fetch-metadata/#fetch-integration)).
    NamesModeOfPreflights,
    /// A host below `localhost` with a trailing dot is not trustworthy over http. In the standard, it is
    /// ([Secure Contexts](https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy), step 5).
    DistrustsTrailingDot,
    /// Two ports of an IPv6 address are different sites in `Sec-Fetch-Site`. In the standard, they are the same one
    /// ([same site](https://html.spec.whatwg.org/multipage/browsers.html#same-site)).
    SeparatesPortsOfIpv6,
    /// `Sec-Fetch-Site` of a redirected request is `cross-site` where it is `same-site` in the standard, if one of the URLs is an http URL
    /// ([`Sec-Fetch-Site`](https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header)).
    IsCrossSiteAfterRedirect,
    /// `Sec-Fetch-Site` of a preflight with `Origin: null` is `cross-site`, also if a redirect within the site of the page is the reason
    /// for `null` ([`Sec-Fetch-Site`](https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header)).
    IsCrossSiteWithoutOrigin,
    /// An https page cannot fetch an http URL on loopback. In the standard, loopback is potentially trustworthy
    /// ([Mixed Content](https://w3c.github.io/webappsec-mixed-content/#should-block-fetch)).
    BlocksMixedContentOnLoopback,
    /// Responses to requests with credentials and without are stored apart. In the standard, one stored response is used for both
    /// ([determine the HTTP cache partition](https://fetch.spec.whatwg.org/#determine-the-http-cache-partition)).
    SeparatesResponsesByCredentials,
    /// A response that fails the CORS check is not stored. In the standard, it is stored before it is checked
    /// ([HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), step 11).
    ForgetsBlockedResponses,
    /// The HTTP cache has one response for a URL, which the response for another value of a `Vary` field replaces. A cache may store
    /// one for each ([Vary](https://www.rfc-editor.org/rfc/rfc9111#section-4.1)).
    StoresOneVariant,
    /// In the mode `no-cors` and the credentials mode `same-origin`, a request to the page's own origin has credentials also after a
    /// redirect to another origin. The standard includes them only until the redirect
    /// ([HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), step 8.3).
    KeepsCredentialsAfterRedirect,
    /// `Referrer-Policy` of a redirect does not decide about `Origin` of the next request. In the standard, it replaces the policy
    /// ([HTTP-redirect fetch](https://fetch.spec.whatwg.org/#http-redirect-fetch), step 19).
    IgnoresReferrerPolicyOfRedirects,
    /// In the modes `no-cors` and `same-origin`, no referrer policy makes `Origin` null. In the standard, `no-referrer` does, for example
    /// ([append a request `Origin` header](https://fetch.spec.whatwg.org/#append-a-request-origin-header), step 4).
    IgnoresReferrerPolicyWithoutCors,
    /// A page's own validators, such as `If-None-Match`, add `Cache-Control: max-age=0`. In the standard, they add `no-cache`, and `Pragma`
    /// ([HTTP-network-or-cache fetch](https://fetch.spec.whatwg.org/#http-network-or-cache-fetch), steps 8.16 and 8.18).
    SendsMaxAgeWithValidators,
    /// A beacon of more than 64 KiB is sent. In the standard, `sendBeacon` returns false
    /// ([Beacon](https://w3c.github.io/beacon/#sec-processing-model)).
    SendsLongBeacons,
}

impl Deviation {
    /// Every deviation.
    pub const ALL: [Self; 38] = [
        Self::WildcardCoversAuthorization,
        Self::CombinesBeforeSafelisting,
        Self::KeepsPreflightAfterError,
        Self::SeparatesCredentials,
        Self::StoresWildcardAsRequested,
        Self::StoresRequestedMethod,
        Self::PreflightFromPage,
        Self::PreflightAfterRedirect,
        Self::UploadListenerNeedsBody,
        Self::RejectsUserInfo,
        Self::PreflightBeforeUserInfo,
        Self::RedirectsDeleteAsGet,
        Self::KeepsOriginAfterRedirect,
        Self::HidesOriginAfterRedirect,
        Self::HidesOriginOfNavigations,
        Self::PreflightNamesDroppedHeaders,
        Self::RestoresHeadersAfterRedirect,
        Self::ChecksRedirectsForCredentials,
        Self::TellsStorageAccess,
        Self::OmitsFetchMetadataOfWebSockets,
        Self::NamesWebSocketAsDestination,
        Self::FollowsRedirectsOfWebSockets,
        Self::OmitsFetchMetadataAfterRedirect,
        Self::ForgetsRedirectsInPreflight,
        Self::NamesModeOfPreflights,
        Self::DistrustsTrailingDot,
        Self::SeparatesPortsOfIpv6,
        Self::IsCrossSiteAfterRedirect,
        Self::IsCrossSiteWithoutOrigin,
        Self::BlocksMixedContentOnLoopback,
        Self::SeparatesResponsesByCredentials,
        Self::ForgetsBlockedResponses,
        Self::StoresOneVariant,
        Self::KeepsCredentialsAfterRedirect,
        Self::IgnoresReferrerPolicyOfRedirects,
        Self::IgnoresReferrerPolicyWithoutCors,
        Self::SendsMaxAgeWithValidators,
        Self::SendsLongBeacons,
    ];
}

impl Engine {
    /// Every engine, the standard first.
    pub const ALL: [Self; 4] = [Self::Standard, Self::Chromium, Self::Firefox, Self::WebKit];

    /// Returns true if this engine deviates from the standard in this point.
    ///
    /// # Examples
    ///
    /// ```
    /// use omnicors_browser::{Deviation, Engine};
    ///
    /// assert!(Engine::Chromium.has(Deviation::KeepsPreflightAfterError));
    /// assert!(!Engine::Firefox.has(Deviation::KeepsPreflightAfterError));
    /// ```
    #[must_use]
    pub fn has(self, deviation: Deviation) -> bool {
        use Deviation as D;
        let engines: &[Self] = match deviation {
            D::WildcardCoversAuthorization
            | D::CombinesBeforeSafelisting
            | D::StoresRequestedMethod => &[Self::Chromium, Self::Firefox, Self::WebKit],
            D::KeepsPreflightAfterError
            | D::HidesOriginOfNavigations
            | D::IgnoresReferrerPolicyOfRedirects => &[Self::Chromium, Self::WebKit],
            D::TellsStorageAccess | D::ForgetsRedirectsInPreflight | D::StoresOneVariant => {
                &[Self::Chromium, Self::Firefox]
            }
            D::PreflightAfterRedirect => &[Self::Firefox, Self::WebKit],
            D::UploadListenerNeedsBody
            | D::RejectsUserInfo
            | D::HidesOriginAfterRedirect
            | D::OmitsFetchMetadataOfWebSockets
            | D::NamesModeOfPreflights
            | D::ForgetsBlockedResponses
            | D::IgnoresReferrerPolicyWithoutCors
            | D::SendsMaxAgeWithValidators => &[Self::Chromium],
            D::SeparatesCredentials
            | D::StoresWildcardAsRequested
            | D::PreflightFromPage
            | D::RestoresHeadersAfterRedirect
            | D::SeparatesPortsOfIpv6
            | D::IsCrossSiteAfterRedirect
            | D::SeparatesResponsesByCredentials
            | D::SendsLongBeacons => &[Self::Firefox],
            D::PreflightBeforeUserInfo
            | D::RedirectsDeleteAsGet
            | D::KeepsOriginAfterRedirect
            | D::PreflightNamesDroppedHeaders
            | D::ChecksRedirectsForCredentials
            | D::NamesWebSocketAsDestination
            | D::FollowsRedirectsOfWebSockets
            | D::OmitsFetchMetadataAfterRedirect
            | D::DistrustsTrailingDot
            | D::IsCrossSiteWithoutOrigin
            | D::BlocksMixedContentOnLoopback
            | D::KeepsCredentialsAfterRedirect => &[Self::WebKit],
        };
        engines.contains(&self)
    }

    /// Returns the longest time for which the engine keeps a preflight's result, whatever `Access-Control-Max-Age` says. The
    /// standard has no limit.
    ///
    /// WebKit's limit is measured. Those of
    /// [Chromium](https://source.chromium.org/search?q=kMaxAgeCap%20preflight_result) and
    /// [Firefox](https://searchfox.org/firefox-main/search?q=PREFLIGHT_CACHE) are taken from their sources and are not measured.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use omnicors_browser::Engine;
    ///
    /// assert_eq!(Engine::WebKit.max_age_limit(), Some(Duration::from_secs(600)));
    /// ```
    #[must_use]
    pub fn max_age_limit(self) -> Option<Duration> {
        match self {
            Self::Standard => None,
            Self::Chromium => Some(Duration::from_secs(7_200)),
            Self::Firefox => Some(Duration::from_secs(86_400)),
            Self::WebKit => Some(Duration::from_secs(600)),
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Standard => "the Fetch standard",
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        })
    }
}
