use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::sources;

/// An error of a store: usually that of its client, whose text it has. Clones share it.
///
/// ```
/// use omnicors_tokio::StoreError;
///
/// let error = StoreError::new("the server is a replica");
/// assert_eq!(error.to_string(), "the server is a replica");
/// ```
#[derive(Clone)]
pub struct StoreError(Arc<dyn Error + Send + Sync>);

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
        Self(Arc::from(error.into()))
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

/// The text, and that of each source, because `main` prints errors in this form.
impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        sources::write(f, &*self.0)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_main_prints_is_the_text_with_its_sources() {
        let error = StoreError::new("the server is a replica");
        assert_eq!(format!("{error:?}"), "the server is a replica");
        let failed = crate::LookupFailure::Failed("connection refused".into());
        let error = StoreError::new(failed);
        assert_eq!(
            format!("{error:?}"),
            "the origin lookup failed: connection refused"
        );
    }
}
