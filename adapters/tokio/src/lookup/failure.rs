use std::error::Error;
use std::fmt;

use crate::sources;

/// The reason why an origin lookup has no result.
///
/// The error that the function returned is the [`source`](Error::source). `{failure}` does not print it, `{failure:#}` does.
///
/// Non-exhaustive: a later version may distinguish more reasons.
///
/// ```
/// use omnicors_tokio::{LookupFailure, LookupOptions};
///
/// let options = LookupOptions::new().on_failure(|origin, failure| match failure {
///     LookupFailure::TimedOut => eprintln!("the database is slow: {origin}"),
///     _ => eprintln!("{origin}: {failure:#}"),
/// });
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum LookupFailure {
    /// The function returned an error.
    Failed(AnyError),
    /// The lookup was not begun, because too many others run or wait.
    ///
    /// This is reported at most once a second, not for each request. The origin is that of the last request.
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
    /// The runtime of the lookup was shut down, and a request on another runtime waited for the result.
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
