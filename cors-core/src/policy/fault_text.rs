//! `Display` for a fault.

use alloc::string::{String, ToString as _};
use core::fmt::{self, Write};

use super::environment::Environment;
use super::fault_cause::FaultCause;
use super::faults::{Fault, FaultKind};
use super::setting::Setting;

/// The settings that most policies have, for a name that resembles none.
const COMMON: [Setting; 6] = [
    Setting::AllowOrigins,
    Setting::AllowCredentials,
    Setting::AllowMethods,
    Setting::AllowHeaders,
    Setting::ExposeHeaders,
    Setting::MaxAge,
];

impl fmt::Display for Fault {
    /// Writes one line of at most 1,000 bytes, without control characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let out = &mut OneLine::new(f);
        write_problem(self, out)?;
        write_help(self, out)
    }
}

impl Fault {
    /// Returns the text of the fault without its [`help`](Self::help): where it is, what was written, and why it is a fault. The text is
    /// one line of at most 1,000 bytes, without control characters.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com").allow_method("patch");
    /// let error = config.build().unwrap_err();
    /// assert_eq!(error.faults()[0].problem(), "allow_methods[0]: `patch` is invalid: methods are case-sensitive");
    /// ```
    pub fn problem(&self) -> String {
        struct Problem<'a>(&'a Fault);

        impl fmt::Display for Problem<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_problem(self.0, &mut OneLine::new(f))
            }
        }

        Problem(self).to_string()
    }

    /// Returns what to write or change instead, or `None` if the [`problem`](Self::problem) already says it, or if there is no suggestion.
    /// The text is one line of at most 1,000 bytes, without control characters.
    ///
    /// ```
    /// use omnicors_core::PolicyConfig;
    ///
    /// let config = PolicyConfig::new().allow_origin("https://example.com").allow_method("patch");
    /// let error = config.build().unwrap_err();
    /// assert_eq!(error.faults()[0].help().as_deref(), Some("write `PATCH`"));
    /// ```
    pub fn help(&self) -> Option<String> {
        struct Help<'a>(&'a Fault);

        impl fmt::Display for Help<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_help(self.0, &mut OneLine::new(f))
            }
        }

        let text = Help(self).to_string();
        let help = text.trim_start_matches([';', ':', ' ']);
        (!help.is_empty()).then(|| help.into())
    }
}

/// Writes the fault without a suggestion.
fn write_problem(fault: &Fault, out: &mut impl Write) -> fmt::Result {
    if fault.cause == FaultCause::UnknownSetting {
        return write!(out, "unknown {} `{}`", noun(fault), Quoted(&fault.text));
    }
    match (&fault.variable, fault.setting) {
        (Some(variable), _) => write!(out, "{}", Quoted(variable))?,
        (None, Some(setting)) => write!(out, "{setting}")?,
        (None, None) => {}
    }
    match (&fault.variable, fault.index) {
        (_, None) => {}
        (Some(_), Some(index)) => write!(out, ", item {}", index + 1)?,
        (None, Some(index)) => write!(out, "[{index}]")?,
    }
    let kind = match fault.kind() {
        FaultKind::Invalid => "invalid",
        FaultKind::Forbidden => "forbidden",
        FaultKind::Unsafe => "unsafe",
    };
    let cause = &fault.cause;
    if fault.text.is_empty() || fault.variable.as_ref() == Some(&fault.text) {
        write!(out, ": {kind}: {cause}")
    } else {
        write!(out, ": `{}` is {kind}: {cause}", Quoted(&fault.text))
    }
}

/// Writes the suggestion, after a separator.
fn write_help(fault: &Fault, out: &mut impl Write) -> fmt::Result {
    if fault.cause == FaultCause::UnknownSetting {
        return write_help_for_unknown(fault, out);
    }
    if let Some(suggestion) = fault.suggestion() {
        write!(out, "; write `{suggestion}`")?;
    } else if let Some(list) = &fault.suggestion {
        match fault.variable {
            // The value of a variable is one text, in which quotes would be part of an item.
            Some(_) => write!(out, "; write `{list}`")?,
            None => write!(out, "; write `\"{}\"`", list.replace(", ", "\", \""))?,
        }
    } else if fault.cause == FaultCause::AnyName {
        out.write_str("; with credentials, list each name")?;
    } else if fault.may_be_several() {
        out.write_str("; write each item separately")?;
    }
    if let Some(opt_out) = fault.opt_out() {
        write!(
            out,
            "; to allow it anyway, set `{}`",
            fault.written(opt_out)
        )?;
    }
    Ok(())
}

fn noun(fault: &Fault) -> &'static str {
    match fault.variable {
        Some(_) => "variable",
        None => "setting",
    }
}

fn write_help_for_unknown(fault: &Fault, out: &mut impl Write) -> fmt::Result {
    if let Some(suggestion) = &fault.suggestion {
        return write!(out, ": did you mean `{suggestion}`?");
    }
    write!(out, "; the most common {}s are ", noun(fault))?;
    let mut separator = "";
    for setting in COMMON {
        write!(out, "{separator}{}", fault.written(setting))?;
        separator = ", ";
    }
    Ok(())
}

/// A text that someone wrote, escaped and shortened.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST: usize = 100;
        let mut length = 0;
        for character in self.0.chars() {
            // Escape invisible characters, such as a zero-width space in a name that looks correct.
            let is_escaped =
                character.is_control() || !(character.is_ascii() || character.is_alphanumeric());
            length += if is_escaped {
                character.escape_default().len()
            } else {
                1
            };
            if length > LONGEST {
                return f.write_str("…");
            }
            if is_escaped {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// A writer that escapes control characters and stops after a limit. Some texts, such as the errors of regular expressions, come from
/// another library.
struct OneLine<'a, 'f> {
    inner: &'a mut fmt::Formatter<'f>,
    left: usize,
}

impl<'a, 'f> OneLine<'a, 'f> {
    fn new(inner: &'a mut fmt::Formatter<'f>) -> Self {
        const LONGEST: usize = 1000;
        Self {
            inner,
            left: LONGEST,
        }
    }
}

impl Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.left == 0 {
                break;
            }
            let length = if character.is_control() {
                character.escape_default().len()
            } else {
                character.len_utf8()
            };
            let Some(left) = self.left.checked_sub(length) else {
                self.left = 0;
                return self.inner.write_char('…');
            };
            self.left = left;
            if character.is_control() {
                write!(self.inner, "{}", character.escape_default())?;
            } else {
                self.inner.write_char(character)?;
            }
        }
        Ok(())
    }
}

impl Fault {
    /// Returns the name of another setting in the form of the source of this fault: a setting or an environment variable.
    fn written(&self, setting: Setting) -> String {
        match &self.prefix {
            Some(prefix) => Environment::variable(prefix, setting),
            None => setting.as_str().into(),
        }
    }
}
