//! Suggests a change that lets a rejected request run.

use alloc::format;
use alloc::string::String;

use super::addition::settings_of;
use super::printable::printable;
use crate::origin::Origin;
use crate::policy::{Policy, is_host_to_list, is_origin_to_list};
use crate::rejection::Rejection;
use crate::request::{RequestField, RequestParts, SingleField};

impl Policy {
    /// Returns what to change, in the policy, in the page or in a proxy, so that the guard lets a request run. Returns `None` if no such
    /// change is known.
    ///
    /// This is for logs of a guard that [only reports](crate::PolicyConfig::guard_report_only): [`explain`](Self::explain) has a
    /// suggestion only for a request that does not run, or that a browser blocks.
    ///
    /// ```
    /// use omnicors_core::{Guard, PolicyConfig, RequestParts, evaluate};
    ///
    /// let config = PolicyConfig::new().allow_origin("https://app.example").guard(Guard::UnsafeMethods);
    /// let policy = config.guard_report_only(true).build()?;
    /// let form = [("origin", "https://shop.example"), ("sec-fetch-site", "cross-site")];
    /// let request = RequestParts::read(&policy, "POST", &form);
    /// let rejection = evaluate(&policy, &request).rejection().ok_or("the request passes")?;
    /// let suggestion = policy.suggestion_to_run(&request, rejection);
    /// assert!(suggestion.is_some_and(|suggestion| suggestion.contains("add `https://shop.example` to allow_origins")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn suggestion_to_run(
        &self,
        request: &RequestParts<'_>,
        rejection: Rejection,
    ) -> Option<String> {
        suggestion_to_run(self, request, rejection)
    }
}

/// Returns a change, in the policy, in the page or in a proxy, or `None` if none is known.
pub(super) fn suggestion_to_run(
    policy: &Policy,
    request: &RequestParts<'_>,
    rejection: Rejection,
) -> Option<String> {
    match rejection {
        Rejection::HostMissing => Some("send the field Host".into()),
        Rejection::HostAmbiguous => Some(
            "send one Host field; check whether a proxy adds a second one, or changes it".into(),
        ),
        Rejection::HostNotListed => {
            let host = printable(request.host().once()?);
            is_host_to_list(&host).then(|| {
                format!("if the server is reached by this name, add `{host}` to allow_hosts")
            })
        }
        Rejection::OriginNotListed => of_origin(policy, request),
        Rejection::OriginNotHost => {
            let listed = of_origin(policy, request)?;
            let origin = request.origin_field().once().unwrap_or_default();
            // The others are not origins of servers.
            let is_web = origin.starts_with(b"https://") || origin.starts_with(b"http://");
            Some(if is_web {
                format!(
                    "{listed}; if it is the origin of this server, a proxy has changed Host: let the proxy keep it"
                )
            } else {
                listed
            })
        }
    }
}

fn of_origin(policy: &Policy, request: &RequestParts<'_>) -> Option<String> {
    let origin = match request.origin_field() {
        SingleField::Absent => return None,
        SingleField::Repeated => {
            return Some("send one Origin field; check whether a proxy adds a second one".into());
        }
        SingleField::Once(b"null") => {
            return Some(
                "if the page is yours, give it the referrer policy `strict-origin-when-cross-origin` instead of `no-referrer`, and do not \
                 sandbox it: browsers send `null` instead of its origin"
                    .into(),
            );
        }
        SingleField::Once(b"file://") => {
            return Some(
                "open the page from a server instead of a file; the guard lets no page of a file pass".into(),
            );
        }
        SingleField::Once(origin) => Origin::parse(origin).ok()?,
    };
    let config = settings_of(policy);
    if !is_origin_to_list(origin.as_str(), &config) {
        return None;
    }
    let mode = request.value(RequestField::SecFetchMode, 0);
    let is_navigation = mode == Some(b"navigate");
    // Navigations have cookies, whatever the policy allows.
    if is_navigation && !is_origin_to_list(origin.as_str(), &config.allow_credentials(true)) {
        return Some(
            "if you trust this site, serve its pages over https, and add their origin to allow_navigations_from".into(),
        );
    }
    let settings = if is_navigation {
        "allow_navigations_from, or to allow_origins if its pages may also read responses"
    } else {
        "allow_origins"
    };
    Some(format!(
        "if you trust this site, add `{origin}` to {settings}"
    ))
}
