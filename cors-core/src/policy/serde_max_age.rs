//! Max age in a file: whole seconds, or `"none"`.

use core::fmt;
use core::time::Duration;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
pub(super) fn serialize<S: Serializer>(
    age: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match age {
        Some(age) => serializer.serialize_u64(age.as_secs()),
        None => serializer.serialize_str("none"),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    struct MaxAge;

    impl Visitor<'_> for MaxAge {
        type Value = Option<Duration>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number of seconds, or \"none\"")
        }

        fn visit_u64<E: Error>(self, seconds: u64) -> Result<Self::Value, E> {
            Ok(Some(Duration::from_secs(seconds)))
        }

        fn visit_i64<E: Error>(self, seconds: i64) -> Result<Self::Value, E> {
            let seconds = u64::try_from(seconds)
                .map_err(|_| E::invalid_value(Unexpected::Signed(seconds), &self))?;
            self.visit_u64(seconds)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            if text == "none" {
                Ok(None)
            } else {
                Err(E::invalid_value(Unexpected::Str(text), &self))
            }
        }
    }

    deserializer.deserialize_any(MaxAge)
}
