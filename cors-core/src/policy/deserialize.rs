//! Reads a config from a map, such as a TOML table. A sequence of values is an error, because it could set an opt-out without
//! its name.

use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::config::PolicyConfig;
use super::old_name::OldName;
use super::serde_max_age;
use super::setting::Setting;

/// The settings that a file can have: all but the function.
const IN_FILES: &[Setting] = &[
    Setting::AllowOrigins,
    #[cfg(feature = "regex")]
    Setting::AllowOriginRegexes,
    Setting::LookupOrigins,
    Setting::StaticOrigin,
    Setting::AllowCredentials,
    Setting::AllowOthersWithoutCredentials,
    Setting::AllowMethods,
    Setting::AllowHeaders,
    Setting::ExposeHeaders,
    Setting::MergeExposeHeaders,
    Setting::MaxAge,
    Setting::TimingAllowOrigin,
    Setting::AllowPrivateNetwork,
    Setting::PreflightStatus,
    Setting::ForwardPreflights,
    Setting::RefuseDisallowedOrigins,
    Setting::DangerouslyAllowOpaqueOrigins,
    Setting::DangerouslyAllowAnyOriginWithCredentials,
    Setting::DangerouslyAllowInsecureOrigins,
    Setting::DangerouslyAllowPublicSuffixSubdomains,
];

#[expect(clippy::indexing_slicing, reason = "checked at compile time")]
const NAMES: [&str; IN_FILES.len()] = {
    let mut names = [""; IN_FILES.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = IN_FILES[index].as_str();
        index += 1;
    }
    names
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Setting(Setting),
    Old(OldName),
}

impl Key {
    fn as_str(self) -> &'static str {
        match self {
            Self::Setting(setting) => setting.as_str(),
            Self::Old(name) => name.as_str(),
        }
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl Visitor<'_> for Name {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a setting")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Key, E> {
                let mut settings = IN_FILES.iter().copied();
                if let Some(setting) = settings.find(|setting| setting.as_str() == name) {
                    return Ok(Key::Setting(setting));
                }
                let mut old_names = OldName::ALL.into_iter();
                match old_names.find(|old| old.as_str() == name) {
                    Some(old) => Ok(Key::Old(old)),
                    None => Err(E::unknown_field(name, &NAMES)),
                }
            }
        }

        deserializer.deserialize_identifier(Name)
    }
}

struct MaxAge(Option<Duration>);

impl<'de> Deserialize<'de> for MaxAge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_max_age::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for PolicyConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Settings;

        impl<'de> Visitor<'de> for Settings {
            type Value = PolicyConfig;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of the settings of a CORS policy")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PolicyConfig, A::Error> {
                let mut config = PolicyConfig::new();
                let mut seen = Vec::new();
                while let Some(key) = map.next_key::<Key>()? {
                    if seen.contains(&key) {
                        return Err(A::Error::duplicate_field(key.as_str()));
                    }
                    seen.push(key);
                    match key {
                        Key::Setting(setting) => read(setting, &mut config, &mut map)?,
                        Key::Old(name) => {
                            let _any: IgnoredAny = map.next_value()?;
                            config.old_names.push(name);
                        }
                    }
                }
                Ok(config)
            }
        }

        deserializer.deserialize_map(Settings)
    }
}

fn read<'de, A: MapAccess<'de>>(
    setting: Setting,
    config: &mut PolicyConfig,
    map: &mut A,
) -> Result<(), A::Error> {
    match setting {
        Setting::AllowOrigins => config.allow_origins = map.next_value()?,
        #[cfg(feature = "regex")]
        Setting::AllowOriginRegexes => config.allow_origin_regexes = map.next_value()?,
        #[cfg(not(feature = "regex"))]
        Setting::AllowOriginRegexes => {
            return Err(A::Error::unknown_field(setting.as_str(), &NAMES));
        }
        Setting::AllowOriginsIf => return Err(A::Error::unknown_field(setting.as_str(), &NAMES)),
        Setting::LookupOrigins => config.lookup_origins = map.next_value()?,
        Setting::StaticOrigin => config.static_origin = map.next_value()?,
        Setting::AllowCredentials => config.allow_credentials = map.next_value()?,
        Setting::AllowOthersWithoutCredentials => {
            config.allow_others_without_credentials = map.next_value()?;
        }
        Setting::AllowMethods => config.allow_methods = map.next_value()?,
        Setting::AllowHeaders => config.allow_headers = map.next_value()?,
        Setting::ExposeHeaders => config.expose_headers = map.next_value()?,
        Setting::MergeExposeHeaders => config.merge_expose_headers = map.next_value()?,
        Setting::MaxAge => MaxAge(config.max_age) = map.next_value()?,
        Setting::TimingAllowOrigin => config.timing_allow_origin = map.next_value()?,
        Setting::AllowPrivateNetwork => config.allow_private_network = map.next_value()?,
        Setting::PreflightStatus => config.preflight_status = map.next_value()?,
        Setting::ForwardPreflights => config.forward_preflights = map.next_value()?,
        Setting::RefuseDisallowedOrigins => config.refuse_disallowed_origins = map.next_value()?,
        Setting::DangerouslyAllowOpaqueOrigins => {
            config.dangerously_allow_opaque_origins = map.next_value()?;
        }
        Setting::DangerouslyAllowAnyOriginWithCredentials => {
            config.dangerously_allow_any_origin_with_credentials = map.next_value()?;
        }
        Setting::DangerouslyAllowInsecureOrigins => {
            config.dangerously_allow_insecure_origins = map.next_value()?;
        }
        Setting::DangerouslyAllowPublicSuffixSubdomains => {
            config.dangerously_allow_public_suffix_subdomains = map.next_value()?;
        }
    }
    Ok(())
}
