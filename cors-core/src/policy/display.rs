//! `Display` and `Debug` for a policy: the settings that differ from the defaults.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use super::compiled::Policy;
use super::config::PolicyConfig;
use super::setting::Setting;

/// The maximum number of items that are shown. A policy can have millions of origins.
const MOST_ITEMS: usize = 20;

/// The value of a setting.
enum Value {
    List { items: Vec<String>, more: usize },
    True,
    Number(u64),
    Text(&'static str),
}

impl Value {
    fn list<S: AsRef<str>>(all: impl Iterator<Item = S>) -> Self {
        let mut all = all;
        let items = all
            .by_ref()
            .take(MOST_ITEMS)
            .map(|item| item.as_ref().into())
            .collect();
        Self::List {
            items,
            more: all.count(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List { items, more } => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    f.write_str(separator)?;
                    write_string(item, f)?;
                }
                f.write_str("]")?;
                if *more > 0 {
                    write!(f, " # and {more} more")?;
                }
                Ok(())
            }
            Self::True => f.write_str("true"),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => write_string(text, f),
        }
    }
}

/// Writes a basic string in TOML.
fn write_string(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    for character in text.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            // Other invisible characters are escaped, because they would mislead the reader.
            ' ' => f.write_char(' ')?,
            character if character.is_ascii_graphic() || character.is_alphanumeric() => {
                f.write_char(character)?;
            }
            character => write!(f, "\\U{:08x}", u32::from(character))?,
        }
    }
    f.write_str("\"")
}

impl Policy {
    /// Returns the settings that differ from the defaults, with their values.
    fn changed_settings(&self) -> impl Iterator<Item = (Setting, Value)> {
        let default = PolicyConfig::new();
        let list = |values: &mut dyn Iterator<Item = &str>| {
            let value = Value::list(values);
            Some(value)
                .filter(|value| matches!(value, Value::List { items, .. } if !items.is_empty()))
        };
        let switch = |is_set: bool| is_set.then_some(Value::True);
        let max_age = self.max_age();
        let settings = [
            (
                Setting::AllowOrigins,
                match self.origins() {
                    None => list(&mut ["*"].into_iter()),
                    Some(set) => list(&mut set.patterns()),
                },
            ),
            #[cfg(feature = "regex")]
            (
                Setting::AllowOriginRegexes,
                list(&mut self.origin_regexes()),
            ),
            (
                Setting::AllowOriginsIf,
                self.has_origin_predicate()
                    .then_some(Value::Text("<function>")),
            ),
            (
                Setting::AllowOriginsIn,
                self.has_dynamic_origins().then_some(Value::Text("<set>")),
            ),
            (Setting::LookupOrigins, switch(self.lookup_origins())),
            (Setting::StaticOrigin, switch(self.static_origin())),
            (Setting::AllowCredentials, switch(self.allow_credentials())),
            (
                Setting::AllowOthersWithoutCredentials,
                switch(self.allow_others_without_credentials()),
            ),
            (Setting::AllowMethods, list(&mut self.allow_methods())),
            (Setting::AllowHeaders, list(&mut self.allow_headers())),
            (Setting::ExposeHeaders, list(&mut self.expose_headers())),
            (
                Setting::MergeExposeHeaders,
                switch(self.merge_expose_headers()),
            ),
            (
                Setting::MaxAge,
                (max_age != default.max_age).then_some(
                    max_age.map_or(Value::Text("none"), |age| Value::Number(age.as_secs())),
                ),
            ),
            (
                Setting::TimingAllowOrigin,
                switch(self.timing_allow_origin()),
            ),
            (
                Setting::AllowPrivateNetwork,
                switch(self.allow_private_network()),
            ),
            (
                Setting::PreflightStatus,
                (self.preflight_status() != default.preflight_status)
                    .then_some(Value::Number(self.preflight_status().into())),
            ),
            (
                Setting::ForwardPreflights,
                switch(self.forward_preflights()),
            ),
            (
                Setting::Guard,
                (!self.guard().is_off()).then_some(Value::Text(self.guard().as_str())),
            ),
            (Setting::GuardReportOnly, switch(self.guard_report_only())),
            (
                Setting::AllowNavigationsFrom,
                list(&mut self.allow_navigations_from()),
            ),
            (Setting::AllowHosts, list(&mut self.allow_hosts())),
            (
                Setting::DangerouslyAllowOpaqueOrigins,
                switch(self.dangerously_allow_opaque_origins()),
            ),
            (
                Setting::DangerouslyAllowAnyOriginWithCredentials,
                switch(self.dangerously_allow_any_origin_with_credentials()),
            ),
            (
                Setting::DangerouslyAllowInsecureOrigins,
                switch(self.dangerously_allow_insecure_origins()),
            ),
            (
                Setting::DangerouslyAllowPublicSuffixSubdomains,
                switch(self.dangerously_allow_public_suffix_subdomains()),
            ),
        ];
        settings
            .into_iter()
            .filter_map(|(setting, value)| Some((setting, value?)))
    }
}

/// Writes the settings as in a TOML file, one per line. Of a long list, it writes the first 20 items.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (setting, value)) in self.changed_settings().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{setting} = {value}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut policy = f.debug_struct("Policy");
        for (setting, value) in self.changed_settings() {
            policy.field(setting.as_str(), &format_args!("{value}"));
        }
        policy.finish()
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn a_policy_is_shown_as_its_settings() {
        let config = PolicyConfig::new()
            .allow_origins(["https://*.example.com", "https://example.com"])
            .allow_methods(["PUT"])
            .max_age(None)
            .preflight_status(200);
        let policy = config.allow_credentials(true).build().unwrap();
        assert_eq!(
            policy.to_string(),
            "allow_origins = [\"https://example.com\", \"https://*.example.com\"]\n\
             allow_credentials = true\nallow_methods = [\"PUT\"]\nmax_age = \"none\"\npreflight_status = 200"
        );
        assert_eq!(
            format!("{policy:?}"),
            "Policy { allow_origins: [\"https://example.com\", \"https://*.example.com\"], \
             allow_credentials: true, allow_methods: [\"PUT\"], max_age: \"none\", preflight_status: 200 }"
        );
    }

    #[test]
    fn a_long_list_is_cut_short() {
        let origins = (0..40).map(|number| format!("https://{number}.example.com"));
        let policy = PolicyConfig::new().allow_origins(origins).build().unwrap();
        let text = policy.to_string();
        assert!(
            text.ends_with("\"https://19.example.com\"] # and 20 more"),
            "{text}"
        );
    }

    #[cfg(all(feature = "regex", feature = "serde"))]
    #[test]
    fn the_text_of_a_policy_can_be_parsed_again() {
        let expression = "https://(\"'|\u{200b}|\n|\u{7f}|é)*\\.example\\.com";
        let config = PolicyConfig::new().allow_origin_regexes([expression]);
        let policy = config.build().unwrap();
        let shown = policy.to_string();
        assert!(!shown.chars().any(char::is_control), "{shown}");
        let read: PolicyConfig = toml::from_str(&shown).unwrap();
        assert_eq!(read.build().unwrap().config(), policy.config());
    }

    #[test]
    fn a_predicate_is_shown_as_a_function() {
        let policy = PolicyConfig::new()
            .allow_origins_if(|_| true)
            .build()
            .unwrap();
        assert_eq!(policy.to_string(), "allow_origins_if = \"<function>\"");
    }
}
