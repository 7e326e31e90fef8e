use std::error::Error;
use std::fmt;

use crate::sources;

/// Why an origin lookup has no result.
///
/// The error that the function returned is the [`source`](Error::source). `{failure}` does not print it, `{failure:#}` does.
///
/// Non-exhaustive: a finer distinction may be added without a new major version.
#[derive(Debug)]
#[non_exhaustive]
pub enum LookupFailure {
    /// The function returned an error.
    Failed(AnyError),
    /// The lookup was not begun, because too many others run or wait.
    ///
    /// This is reported once a second at most, not once for each request. The origin is that of the last request.
    NotBegun {
        /// The number of requests since the last report, whatever their origins.
        requests: u64,
    },
    /// The lookup did not complete within [`LookupOptions::timeout`](super::LookupOptions::timeout).
    TimedOut,
    /// The function panicked, or its future panicked when it was polled or dropped.
    Panicked {
        /// The message of the panic, if it is a string.
        message: Option<String>,
    },
    /// The runtime of the lookup was shut down. A request that waits for the result on another runtime reports this.
    Stopped,
}

pub(super) type AnyError = Box<dyn Error + Send + Sync>;

impl fmt::Display for LookupFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(_) => f.write_str("the origin lookup failed"),
            Self::NotBegun { requests } => write!(
                f,
                "the origin lookup was not begun, because too many others run or wait ({requests} requests)"
            ),
            Self::TimedOut => f.write_str("the origin lookup timed out"),
            Self::Panicked {
                message: Some(message),
            } => write!(f, "the origin lookup panicked: {message}"),
            Self::Panicked { message: None } => f.write_str("the origin lookup panicked"),
            Self::Stopped => {
                f.write_str("the origin lookup was stopped because its runtime was shut down")
            }
        }?;
        if f.alternate() {
            sources::write(f, self)?;
        }
        Ok(())
    }
}

impl Error for LookupFailure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Failed(error) => Some(&**error),
            Self::NotBegun { .. } | Self::TimedOut | Self::Panicked { .. } | Self::Stopped => None,
        }
    }
}
