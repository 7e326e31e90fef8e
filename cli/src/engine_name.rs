//! The engines, as they are named on the command line.

use omnicors_browser::Engine;
use serde::Serialize;

/// The name of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EngineName {
    /// The Fetch standard
    Standard,
    /// Chrome, Edge, Opera
    Chromium,
    /// Firefox
    Firefox,
    /// Safari
    Webkit,
}

impl From<EngineName> for Engine {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Standard => Self::Standard,
            EngineName::Chromium => Self::Chromium,
            EngineName::Firefox => Self::Firefox,
            EngineName::Webkit => Self::WebKit,
        }
    }
}
