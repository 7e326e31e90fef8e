use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::faults::{FaultCause, Faults};
use super::names::NameList;
use super::setting::Setting;
use crate::header::{is_forbidden_request_header, is_forbidden_response_header, is_token};
use crate::method;

const METHODS: Setting = Setting::AllowMethods;

pub(super) fn build_methods(methods: Vec<String>, faults: &mut Faults) -> NameList {
    for (index, method) in methods.iter().enumerate() {
        if !is_token(method.as_bytes()) {
            let meant = method.trim();
            let suggestion = Some(method::in_upper_case(meant).unwrap_or(meant))
                .filter(|text| is_token(text.as_bytes()) && !method::is_forbidden(text))
                .map(ToString::to_string);
            faults.add(METHODS, Some(index), method, FaultCause::Method, suggestion);
        } else if method::is_forbidden(method) {
            faults.add(
                METHODS,
                Some(index),
                method,
                FaultCause::ForbiddenMethod,
                None,
            );
        } else if let Some(upper) = method::in_upper_case(method) {
            faults.add(
                METHODS,
                Some(index),
                method,
                FaultCause::MethodCase,
                Some(upper.to_string()),
            );
        }
    }
    NameList::of_methods(methods)
}

const REQUEST_HEADERS: Setting = Setting::AllowHeaders;

pub(super) fn build_request_headers(names: Vec<String>, faults: &mut Faults) -> NameList {
    let names = lower_case(names, REQUEST_HEADERS, faults, |name| {
        if is_forbidden_request_header(name) {
            Some(FaultCause::ForbiddenRequestHeader)
        } else if name.starts_with("access-control-")
            && !name.starts_with("access-control-request-")
        {
            Some(FaultCause::HeaderOnWrongSide)
        } else {
            None
        }
    });
    NameList::new(names, Some("authorization"))
}

const EXPOSED_HEADERS: Setting = Setting::ExposeHeaders;

pub(super) fn build_expose_headers(
    names: Vec<String>,
    credentials: bool,
    faults: &mut Faults,
) -> NameList {
    let names = lower_case(names, EXPOSED_HEADERS, faults, |name| {
        if name == "*" && credentials {
            Some(FaultCause::ExposeAnyWithCredentials)
        } else if is_forbidden_response_header(name) {
            Some(FaultCause::ForbiddenResponseHeader)
        } else if name.starts_with("access-control-request-") {
            Some(FaultCause::HeaderOnWrongSide)
        } else {
            None
        }
    });
    NameList::new(names, None)
}

/// Header names are compared without case and sent in lower case.
fn lower_case(
    names: Vec<String>,
    setting: Setting,
    faults: &mut Faults,
    check: impl Fn(&str) -> Option<FaultCause>,
) -> Vec<String> {
    let mut checked = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        let lower = name.to_ascii_lowercase();
        if !is_token(name.as_bytes()) {
            let suggestion = Some(lower.trim().trim_end_matches(':').to_string())
                .filter(|text| is_token(text.as_bytes()) && check(text).is_none());
            faults.add(
                setting,
                Some(index),
                name,
                FaultCause::HeaderName,
                suggestion,
            );
        } else if let Some(cause) = check(&lower) {
            faults.add(setting, Some(index), name, cause, None);
        } else {
            checked.push(lower);
        }
    }
    checked
}
