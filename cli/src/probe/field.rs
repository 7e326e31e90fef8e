//! A header field in a report.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
}
