use std::error::Error;
use std::fmt;
use std::time::Duration;

/// An error of a store: usually that of its client, whose text it has.
///
/// ```
/// use omnicors_tokio::StoreError;
///
/// let error = StoreError::new("the server is a replica");
/// assert_eq!(error.to_string(), "the server is a replica");
/// ```
pub struct StoreError(Box<dyn Error + Send + Sync>);

/// The store did not answer in time.
#[derive(Debug)]
struct Silent {
    limit: Duration,
}

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the store did not answer within {:?}", self.limit)
    }
}

impl Error for Silent {}

impl StoreError {
    /// Creates an error from another one, or from a text. [`StoreError`] has an example.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }

    pub(super) fn timeout(limit: Duration) -> Self {
        Self::new(Silent { limit })
    }

    pub(super) fn is_timeout(&self) -> bool {
        self.0.is::<Silent>()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
