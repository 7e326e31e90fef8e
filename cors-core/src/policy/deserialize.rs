//! Deserializes a config from a map, such as a TOML table. A sequence is an error, because it could set an opt-out without naming it.

use alloc::string::{String, ToString as _};
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::config::PolicyConfig;
use super::read_settings::Settings;
use super::value::{List, Value};

impl<'de> Deserialize<'de> for PolicyConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Config)
    }
}

/// The key from which editors read the path of a JSON Schema, in files of formats without comments. It is not a setting.
const JSON_SCHEMA: &str = "$schema";

struct Config;

impl<'de> Visitor<'de> for Config {
    type Value = PolicyConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of the settings of a CORS policy")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PolicyConfig, A::Error> {
        let mut settings = Settings::new();
        while let Some(key) = map.next_key::<Value>()? {
            let name = shown(key);
            if name == JSON_SCHEMA {
                let _any: IgnoredAny = map.next_value()?;
                continue;
            }
            match settings.find(&name, name.clone()) {
                Some(setting) => settings.set(setting, map.next_value()?),
                None => {
                    let _any: IgnoredAny = map.next_value()?;
                }
            }
        }
        Ok(settings.config)
    }
}

/// Reads a value of any type, so that a value of the wrong type is one fault among others.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

/// The key of the map in which `serde_json` passes a number if its feature `arbitrary_precision` is enabled.
const JSON_NUMBER: &str = "$serde_json::private::Number";

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value of a setting")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        self.visit_i128(number.into())
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<Value, E> {
        Ok(match u64::try_from(number) {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Other(number.to_string()),
        })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Value, E> {
        Ok(match u64::try_from(number) {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Other(number.to_string()),
        })
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        // `Display` writes `600.0` as `600`. Some formats have only floating-point numbers.
        let text = number.to_string();
        Ok(match text.parse() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Other(text),
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.into()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(match core::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.into()),
            Err(_) => Value::Other("bytes".into()),
        })
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Other("null".into()))
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = List::default();
        for index in 0.. {
            match seq.next_element()? {
                None => break,
                Some(Value::Text(text)) => list.items.push(text),
                Some(other) => list.others.push((index, shown(other))),
            }
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut number = None;
        while let Some(key) = map.next_key::<Value>()? {
            match key {
                Value::Text(key) if key == JSON_NUMBER => number = Some(map.next_value()?),
                _ => {
                    let _any: IgnoredAny = map.next_value()?;
                }
            }
        }
        Ok(match number {
            Some(Value::Text(number)) => match number.parse() {
                Ok(number) => Value::Number(number),
                Err(_) => Value::Other(number),
            },
            _ => Value::Other("a table".into()),
        })
    }
}

/// Returns a value as text for a message.
fn shown(value: Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) | Value::Other(text) => text,
        Value::List(_) => "a list".into(),
    }
}
