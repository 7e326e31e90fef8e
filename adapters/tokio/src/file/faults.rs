use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use omnicors_core::{Fault, PolicyError, Setting};

use super::origin_list::OriginLines;
use super::shown::{shown, shown_path};

/// The faults of a policy from a file, with their places.
///
/// `Display` writes one fault per line: at most a hundred, and at most 32 KiB, and how many more there are.
#[derive(Debug)]
pub struct PolicyFileFaults {
    error: PolicyError,
    /// How many origins are in the policy file itself.
    own_origins: usize,
    /// The list of origins, which come after these.
    list: Option<(PathBuf, OriginLines)>,
}

impl PolicyFileFaults {
    pub(super) fn new(
        error: PolicyError,
        own_origins: usize,
        list: Option<(PathBuf, OriginLines)>,
    ) -> Self {
        Self {
            error,
            own_origins,
            list,
        }
    }

    /// Returns all faults. The index of an origin counts those of the policy file, and then those of the list.
    pub fn error(&self) -> &PolicyError {
        &self.error
    }

    /// Returns the path and the line of a fault that is in a list of origins.
    pub fn place_in_list(&self, fault: &Fault) -> Option<(&Path, usize)> {
        let (path, lines) = self.list.as_ref()?;
        if fault.setting() != Setting::AllowOrigins {
            return None;
        }
        let index = fault.index()?.checked_sub(self.own_origins)?;
        Some((path, lines.line(index)?))
    }

    /// Returns a fault in one line, with its place.
    fn line(&self, fault: &Fault) -> String {
        let text = fault.to_string();
        let Some((path, line)) = self.place_in_list(fault) else {
            return shown(&text);
        };
        // Instead of the setting and the index.
        let text = text.split_once("]: ").map_or(&*text, |(_, text)| text);
        format!("{}, line {line}: {}", shown_path(path), shown(text))
    }
}

impl fmt::Display for PolicyFileFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 100;
        const LONGEST: usize = 32 << 10;
        let faults = self.error.faults();
        let mut text = match faults {
            [_] => "the CORS policy has a fault:".to_owned(),
            faults => format!("the CORS policy has {} faults:", faults.len()),
        };
        let mut written = 0;
        for fault in faults.iter().take(SHOWN) {
            let line = self.line(fault);
            if written > 0 && text.len() + line.len() > LONGEST {
                break;
            }
            write!(text, "\n  {line}")?;
            written += 1;
        }
        f.write_str(&text)?;
        match faults.len() - written {
            0 => Ok(()),
            more => write!(f, "\n  … and {more} more"),
        }
    }
}
