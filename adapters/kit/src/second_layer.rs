//! Notices a CORS layer inside another one.
//!
//! The outer layer sees the fields of the inner one on the response, next to those of the application. A mark on every request or
//! response would cost time for all servers. Instead, the outer layer looks at where the text of a field value is: the constants of
//! an adapter are texts of its own (`http_types!`), which a value of an application does not share. This is only looked at if a
//! response has fields that the outer layer replaces or merges.

use std::sync::atomic::{AtomicBool, Ordering};

use omnicors_core::adapter::ResponseOutline;
use omnicors_core::{FieldValue, HeaderField, Operation, ResponseHeaderName};
use tracing::warn;

use crate::field_map::ResponseFieldMap;

/// Logs a warning if another layer has set CORS fields that are about to be removed. `allow_origin` is the value that replaces
/// its `Access-Control-Allow-Origin`.
#[cold]
pub(crate) fn see_removed<M: ResponseFieldMap>(headers: &M, allow_origin: Option<&[u8]>) {
    let mut existing = headers.values(ResponseHeaderName::AccessControlAllowOrigin);
    // The same hoop can be on a service and on its catcher in salvo. Two equal decisions do no harm.
    let is_replaced = existing.next() != allow_origin;
    if is_replaced
        && (has(headers, ResponseHeaderName::Vary, "Origin")
            || has(headers, ResponseHeaderName::AccessControlAllowOrigin, "*"))
    {
        report();
    }
}

/// Logs a warning if another layer has set a `Vary` that this one is about to merge, and has not allowed the origin.
#[cold]
pub(crate) fn see_vary<M: ResponseFieldMap>(headers: &M, outline: ResponseOutline) {
    let is_set = |field: HeaderField<'static>| match field.value {
        FieldValue::Constant(text) => has(headers, ResponseHeaderName::Vary, text),
        _ => false,
    };
    let mut constant = outline.constant_fields();
    if constant.any(|field| field.operation == Operation::Merge && is_set(field)) {
        report();
    }
}

/// Returns true if one of the values is the constant of the adapter.
fn has<M: ResponseFieldMap>(headers: &M, name: ResponseHeaderName, text: &'static str) -> bool {
    let constant = M::constant(text);
    let constant = M::bytes(&constant).as_ptr_range();
    headers
        .values(name)
        .any(|value| value.as_ptr_range() == constant)
}

/// Once per process: every request would have the same warning.
fn report() {
    static HAS_WARNED: AtomicBool = AtomicBool::new(false);

    if !HAS_WARNED.swap(true, Ordering::Relaxed) {
        warn!(
            target: "omnicors",
            "a CORS layer is inside another one; the policy of the outer layer is in force, because it responds to preflights and \
             replaces the CORS fields of the inner one; remove one of them, or use one layer with `per_path([(\"/api\", policy), …])`"
        );
    }
}
