//! Serializes a max age as whole seconds, or as `"none"`.

use core::time::Duration;

use serde::Serializer;

#[expect(clippy::ref_option, reason = "serde requires this signature")]
pub(super) fn serialize<S: Serializer>(
    age: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match age {
        Some(age) => serializer.serialize_u64(age.as_secs()),
        None => serializer.serialize_str("none"),
    }
}
