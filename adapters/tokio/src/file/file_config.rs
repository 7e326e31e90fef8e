//! The settings that a file can have: those of the core, and one of our own.

use std::fmt;

use omnicors_core::PolicyConfig;
use serde::de::value::StrDeserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IntoDeserializer as _, MapAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::shown::shown;

/// The setting that the core does not know, because it reads no files.
pub(super) const ORIGINS_FROM: &str = "allow_origins_from";
/// The setting of the core after which it is listed.
const ORIGINS: &str = "allow_origins";

#[derive(Debug)]
pub(super) struct FileConfig {
    pub(super) config: PolicyConfig,
    /// The path of a list of origins, as it is written in the file.
    pub(super) origins_from: Option<String>,
}

/// What is read besides the settings of the core.
#[derive(Debug, Default)]
pub(super) struct Context {
    origins_from: Option<String>,
    /// The setting whose value is being read. If reading fails, its value has the error.
    pub(super) setting: Option<String>,
}

/// Reads a [`FileConfig`] from a map.
pub(super) struct FileConfigSeed<'a>(pub(super) &'a mut Context);

impl<'de> DeserializeSeed<'de> for FileConfigSeed<'_> {
    type Value = FileConfig;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<FileConfig, D::Error> {
        let context = self.0;
        let config = PolicyConfig::deserialize(Intercepted { inner, context })?;
        Ok(FileConfig {
            config,
            origins_from: context.origins_from.take(),
        })
    }
}

/// Passes everything on, but for the setting of our own.
struct Intercepted<'a, T> {
    inner: T,
    context: &'a mut Context,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Intercepted<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(Intercepted {
            inner: visitor,
            context: self.context,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Intercepted<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Intercepted {
            inner: map,
            context: self.context,
        })
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Intercepted<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        mut seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        loop {
            let setting = &mut self.context.setting;
            *setting = None;
            match self.inner.next_key_seed(NameSeed { seed, setting })? {
                None => return Ok(None),
                Some(Name::OfCore(key)) => return Ok(Some(key)),
                Some(Name::OriginsFrom(_)) if self.context.origins_from.is_some() => {
                    return Err(A::Error::duplicate_field(ORIGINS_FROM));
                }
                Some(Name::OriginsFrom(unused)) => {
                    self.context.origins_from = Some(self.inner.next_value()?);
                    seed = unused;
                }
            }
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(seed)
    }
}

/// The name of a setting.
enum Name<K, V> {
    /// Ours, with the seed that was not needed.
    OriginsFrom(K),
    OfCore(V),
}

/// Reads a name where the parser has it, so that an error has its place.
struct NameSeed<'a, K> {
    seed: K,
    setting: &'a mut Option<String>,
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for NameSeed<'_, K> {
    type Value = Name<K, K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
        inner.deserialize_identifier(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for NameSeed<'_, K> {
    type Value = Name<K, K::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a setting")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        let is_ours = name == ORIGINS_FROM;
        let read = if is_ours {
            Ok(Name::OriginsFrom(self.seed))
        } else {
            let name: StrDeserializer<'_, NameError> = name.into_deserializer();
            self.seed.deserialize(name).map(Name::OfCore)
        };
        if read.is_ok() {
            *self.setting = Some(name.to_owned());
        }
        read.map_err(|NameError(message)| E::custom(message))
    }
}

/// Why a name is not that of a setting.
#[derive(Debug)]
struct NameError(String);

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NameError {}

impl Error for NameError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    /// Lists our setting with those of the core. The name is cut, so that the list is not.
    fn unknown_field(name: &str, expected: &'static [&'static str]) -> Self {
        /// How much of the name is shown at the start, in characters.
        const SHOWN: usize = 100;
        let mut names = Vec::new();
        for &name in expected {
            names.push(format!("`{name}`"));
            if name == ORIGINS {
                names.push(format!("`{ORIGINS_FROM}`"));
            }
        }
        let mut start: String = name.chars().take(SHOWN).collect();
        if name.len() > start.len() {
            start.push('…');
        }
        let names = names.join(", ");
        Self(format!(
            "unknown field `{}`, expected one of {names}",
            shown(&start)
        ))
    }
}
