//! Sets settings to values that were read from a file, an environment variable or another source.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use super::config::PolicyConfig;
use super::fault_cause::FaultCause;
use super::faults::Fault;
use super::guard::Guard;
use super::setting::Setting;

/// A value of a setting, as a source represents it.
#[cfg_attr(
    not(feature = "serde"),
    expect(dead_code, reason = "environment variables are only text")
)]
pub(super) enum Value {
    Bool(bool),
    Number(u64),
    Text(String),
    List(List),
    /// A value of a type that no setting has, as text for a message.
    Other(String),
}

/// A list, split into the items that are strings and the others.
#[derive(Default)]
pub(super) struct List {
    pub(super) items: Vec<String>,
    /// Each item that is not a string, as text for a message, with its index in the whole list.
    pub(super) others: Vec<(usize, String)>,
}

/// A reference to the value of a setting in a config.
enum Slot<'a> {
    List(&'a mut Vec<String>),
    /// A list whose items may contain commas and spaces.
    #[cfg_attr(
        not(feature = "regex"),
        expect(dead_code, reason = "there are no expressions")
    )]
    Expressions(&'a mut Vec<String>),
    Bool(&'a mut bool),
    MaxAge(&'a mut Option<Duration>),
    Status(&'a mut u16),
    Guard(&'a mut Guard),
    Path(&'a mut Option<String>),
    /// The setting cannot be read, because of this cause.
    None(FaultCause),
}

const LIST: &str =
    "expected a list of strings, or one string with commas or spaces between the items";
const EXPRESSIONS: &str = "expected a list of strings, or one string with one regular expression";
const ITEM: &str = "expected a string; write it in quotes";
const BOOL: &str = "expected true or false";
const MAX_AGE: &str = "expected a number of seconds, or \"none\"";
const STATUS: &str = "expected a number from 200 to 299";
const GUARD: &str = "expected \"off\", \"unsafe-methods\" or \"all\"";
const PATH: &str = "expected the path of a file";

fn slot(config: &mut PolicyConfig, setting: Setting) -> Slot<'_> {
    match setting {
        Setting::AllowOrigins => Slot::List(&mut config.allow_origins),
        Setting::AllowOriginsFrom => Slot::Path(&mut config.allow_origins_from),
        #[cfg(feature = "regex")]
        Setting::AllowOriginRegexes => Slot::Expressions(&mut config.allow_origin_regexes),
        #[cfg(not(feature = "regex"))]
        Setting::AllowOriginRegexes => Slot::None(FaultCause::NeedsRegex),
        Setting::AllowOriginsIf | Setting::AllowOriginsIn => Slot::None(FaultCause::OnlyInCode),
        Setting::LookupOrigins => Slot::Bool(&mut config.lookup_origins),
        Setting::StaticOrigin => Slot::Bool(&mut config.static_origin),
        Setting::AllowCredentials => Slot::Bool(&mut config.allow_credentials),
        Setting::AllowOthersWithoutCredentials => {
            Slot::Bool(&mut config.allow_others_without_credentials)
        }
        Setting::AllowMethods => Slot::List(&mut config.allow_methods),
        Setting::AllowHeaders => Slot::List(&mut config.allow_headers),
        Setting::ExposeHeaders => Slot::List(&mut config.expose_headers),
        Setting::MergeExposeHeaders => Slot::Bool(&mut config.merge_expose_headers),
        Setting::MaxAge => Slot::MaxAge(&mut config.max_age),
        Setting::TimingAllowOrigin => Slot::Bool(&mut config.timing_allow_origin),
        Setting::AllowPrivateNetwork => Slot::Bool(&mut config.allow_private_network),
        Setting::PreflightStatus => Slot::Status(&mut config.preflight_status),
        Setting::ForwardPreflights => Slot::Bool(&mut config.forward_preflights),
        Setting::Guard => Slot::Guard(&mut config.guard),
        Setting::GuardReportOnly => Slot::Bool(&mut config.guard_report_only),
        Setting::AllowNavigationsFrom => Slot::List(&mut config.allow_navigations_from),
        Setting::AllowHosts => Slot::List(&mut config.allow_hosts),
        Setting::DangerouslyAllowOpaqueOrigins => {
            Slot::Bool(&mut config.dangerously_allow_opaque_origins)
        }
        Setting::DangerouslyAllowAnyOriginWithCredentials => {
            Slot::Bool(&mut config.dangerously_allow_any_origin_with_credentials)
        }
        Setting::DangerouslyAllowInsecureOrigins => {
            Slot::Bool(&mut config.dangerously_allow_insecure_origins)
        }
        Setting::DangerouslyAllowPublicSuffixSubdomains => {
            Slot::Bool(&mut config.dangerously_allow_public_suffix_subdomains)
        }
    }
}

/// Sets a setting to a value, or adds a fault to the config if the value does not fit.
pub(super) fn set(config: &mut PolicyConfig, setting: Setting, value: Value) {
    let others = match try_set(slot(config, setting), value) {
        Ok(others) => others,
        Err(Misfit {
            text,
            cause,
            suggestion,
        }) => {
            config.read_faults.push(Fault {
                suggestion,
                ..Fault::new(Some(setting), text, cause)
            });
            return;
        }
    };
    for (index, text) in others {
        config.read_faults.push(Fault {
            index: Some(index),
            ..Fault::new(Some(setting), text, FaultCause::Expected(ITEM))
        });
    }
}

/// Sets a boolean setting to true, so that other settings are checked as if it was set.
pub(super) fn turn_on(config: &mut PolicyConfig, setting: Setting) {
    if let Slot::Bool(flag) = slot(config, setting) {
        *flag = true;
    }
}

/// Returns the number of items of a list setting, or 0 for other settings.
pub(super) fn count_items(config: &mut PolicyConfig, setting: Setting) -> usize {
    match slot(config, setting) {
        Slot::List(list) | Slot::Expressions(list) => list.len(),
        _ => 0,
    }
}

/// A value that does not fit a setting.
struct Misfit {
    text: String,
    cause: FaultCause,
    suggestion: Option<String>,
}

impl Misfit {
    fn suggests_true(&self) -> bool {
        self.suggestion.as_deref() == Some("true")
    }

    /// Returns the guard that was probably meant, to check the other settings with it.
    fn suggested_guard(&self) -> Guard {
        let suggestion = self.suggestion.as_deref();
        suggestion.and_then(Guard::named).unwrap_or_default()
    }
}

fn misfit(value: Value, expected: &'static str) -> Misfit {
    Misfit {
        text: match value {
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) | Value::Other(text) => text,
            Value::List(_) => "a list".into(),
        },
        cause: FaultCause::Expected(expected),
        suggestion: None,
    }
}

/// Sets a setting and returns the items that do not fit, each with its index.
fn try_set(slot: Slot<'_>, value: Value) -> Result<Vec<(usize, String)>, Misfit> {
    match (slot, value) {
        (Slot::List(list), Value::Text(text)) => *list = split(&text),
        (Slot::Expressions(list), Value::Text(text)) => {
            *list = Some(text.trim())
                .filter(|text| !text.is_empty())
                .map(Into::into)
                .into_iter()
                .collect();
        }
        (Slot::List(list) | Slot::Expressions(list), Value::List(List { items, others })) => {
            *list = items;
            return Ok(others);
        }
        (Slot::Bool(flag), Value::Bool(value)) => *flag = value,
        (Slot::Bool(flag), Value::Text(text)) => {
            // Check the other settings with the value that was probably meant.
            *flag = read_bool(text).inspect_err(|misfit| *flag = misfit.suggests_true())?;
        }
        (Slot::Bool(flag), Value::Number(number)) => {
            let text = number.to_string();
            *flag = read_bool(text).inspect_err(|misfit| *flag = misfit.suggests_true())?;
        }
        (Slot::MaxAge(age), Value::Number(seconds)) => *age = Some(Duration::from_secs(seconds)),
        (Slot::MaxAge(age), Value::Text(text)) => *age = read_max_age(text)?,
        (Slot::Status(status), Value::Number(number)) => *status = status_of(number)?,
        (Slot::Status(status), Value::Text(text)) => match text.trim().parse() {
            Ok(number) => *status = status_of(number)?,
            Err(_) => return Err(misfit(Value::Text(text), STATUS)),
        },
        (Slot::Guard(guard), Value::Text(text)) => {
            *guard = read_guard(text).inspect_err(|misfit| *guard = misfit.suggested_guard())?;
        }
        (Slot::Guard(guard), Value::Bool(value)) => {
            let text = value.to_string();
            *guard = read_guard(text).inspect_err(|misfit| *guard = misfit.suggested_guard())?;
        }
        (Slot::Path(path), Value::Text(text)) => *path = Some(text),
        (Slot::None(cause), _) => {
            return Err(Misfit {
                text: String::new(),
                cause,
                suggestion: None,
            });
        }
        (Slot::List(_), value) => return Err(misfit(value, LIST)),
        (Slot::Expressions(_), value) => return Err(misfit(value, EXPRESSIONS)),
        (Slot::Bool(_), value) => return Err(misfit(value, BOOL)),
        (Slot::MaxAge(_), value) => return Err(misfit(value, MAX_AGE)),
        (Slot::Status(_), value) => return Err(misfit(value, STATUS)),
        (Slot::Guard(_), value) => return Err(misfit(value, GUARD)),
        (Slot::Path(_), value) => return Err(misfit(value, PATH)),
    }
    Ok(Vec::new())
}

/// Splits a list that is one string into its items.
fn split(text: &str) -> Vec<String> {
    text.split(|character: char| character == ',' || character.is_whitespace())
        .filter(|item| !item.is_empty())
        .map(Into::into)
        .collect()
}

fn read_bool(text: String) -> Result<bool, Misfit> {
    let is = |words: &[&str]| {
        words
            .iter()
            .any(|word| text.trim().eq_ignore_ascii_case(word))
    };
    let suggestion = match () {
        () if is(&["true"]) => return Ok(true),
        () if is(&["false"]) => return Ok(false),
        () if is(&["yes", "y", "on", "1"]) => Some("true".into()),
        () if is(&["no", "n", "off", "0"]) => Some("false".into()),
        () => None,
    };
    Err(Misfit {
        suggestion,
        ..misfit(Value::Text(text), BOOL)
    })
}

fn read_guard(text: String) -> Result<Guard, Misfit> {
    let trimmed = text.trim();
    if let Some(guard) = Guard::named(trimmed) {
        return Ok(guard);
    }
    let lower = trimmed.to_ascii_lowercase().replace('_', "-");
    let suggestion = match &*lower {
        "off" | "false" | "none" | "no" | "0" => Some(Guard::Off),
        "all" => Some(Guard::All),
        "unsafe-methods" | "unsafe" | "true" | "on" | "yes" | "1" => Some(Guard::UnsafeMethods),
        _ => None,
    };
    Err(Misfit {
        suggestion: suggestion.map(|guard| guard.as_str().into()),
        ..misfit(Value::Text(text), GUARD)
    })
}

fn read_max_age(text: String) -> Result<Option<Duration>, Misfit> {
    let trimmed = text.trim();
    if trimmed.eq_ignore_ascii_case("none") {
        return Ok(None);
    }
    // `u64::from_str` also accepts a `+`.
    if let Some(seconds) = trimmed.parse().ok().filter(|_| !trimmed.starts_with('+')) {
        return Ok(Some(Duration::from_secs(seconds)));
    }
    Err(Misfit {
        suggestion: seconds_of(trimmed).map(|seconds| format!("{seconds}")),
        ..misfit(Value::Text(text), MAX_AGE)
    })
}

/// Returns the seconds of a duration such as `10m`, if a max age can be that long.
fn seconds_of(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|character: char| !character.is_ascii_digit())?);
    let seconds: u64 = match unit.trim() {
        "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3600,
        "d" | "day" | "days" => 86_400,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(seconds)?;
    (seconds <= crate::limits::MAX_AGE.into()).then_some(seconds)
}

/// Converts a status. A number that does not fit into 16 bits is the same fault as a status outside 200 to 299.
fn status_of(number: u64) -> Result<u16, Misfit> {
    u16::try_from(number).map_err(|_| Misfit {
        text: number.to_string(),
        cause: FaultCause::PreflightStatus,
        suggestion: Some("204".into()),
    })
}
