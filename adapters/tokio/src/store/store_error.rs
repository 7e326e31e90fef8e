use std::error::Error;
use std::fmt;

/// An error of a store: usually that of its client, whose text it has.
///
/// ```
/// use omnicors_tokio::StoreError;
///
/// let error = StoreError::new("the server is a replica");
/// assert_eq!(error.to_string(), "the server is a replica");
/// ```
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    /// Creates an error from another one, or from a text. [`StoreError`] has an example.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
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
