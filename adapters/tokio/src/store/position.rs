use std::fmt;

/// A position in the sequence of changes of a store.
///
/// ```
/// use omnicors_tokio::Position;
///
/// let position = Position::new("cluster 7", 42);
/// assert_eq!(position.revision(), 42);
/// assert_eq!(position.to_string(), "revision 42 of cluster 7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    history: Box<str>,
    revision: u64,
    cursor: Box<str>,
}

impl Position {
    /// Creates a position from an identifier of the store's history and a revision.
    ///
    /// A history is a sequence of revisions in which a number never means two different changes. A server that was restored from a
    /// backup, or promoted without the last changes of its predecessor, must have a new one.
    ///
    /// ```
    /// use omnicors_tokio::Position;
    ///
    /// let position = Position::new("cluster 7", 42);
    /// assert_eq!(position.history(), "cluster 7");
    /// ```
    pub fn new(history: impl Into<Box<str>>, revision: u64) -> Self {
        Self {
            history: history.into(),
            revision,
            cursor: Box::default(),
        }
    }

    /// Adds what else the store needs to resume, for example the identifiers of transactions that were not committed yet.
    ///
    /// ```
    /// use omnicors_tokio::Position;
    ///
    /// let position = Position::new("cluster 7", 42).with_cursor("880:885:881,883");
    /// assert_eq!(position.cursor(), "880:885:881,883");
    /// ```
    #[must_use]
    pub fn with_cursor(mut self, cursor: impl Into<Box<str>>) -> Self {
        self.cursor = cursor.into();
        self
    }

    /// Returns the identifier of the store's history. [`new`](Self::new) has an example.
    pub fn history(&self) -> &str {
        &self.history
    }

    /// Returns the revision of the last change before this position. [`Position`] has an example.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns what else the store needs to resume. [`with_cursor`](Self::with_cursor) has an example.
    pub fn cursor(&self) -> &str {
        &self.cursor
    }
}

/// Shows the revision and the history.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revision {} of {}", self.revision, self.history)
    }
}

/// The changes after a position, returned by [`StoreSession::changes_after`](crate::StoreSession::changes_after).
///
/// Exhaustive: a session can resume, or it cannot.
///
/// ```
/// use omnicors_tokio::{Changes, OriginChange, Position};
///
/// let removed = OriginChange::new("https://tenant.example", false);
/// let changes = Changes::Read(vec![removed], Position::new("cluster 7", 43));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Each origin that was changed, in the order of the changes, and the position after the last one.
    Read(Vec<OriginChange>, Position),
    /// The changes after the position are not known. The whole store must be read again.
    Lost,
}

/// A change of one origin.
///
/// ```
/// use omnicors_tokio::OriginChange;
///
/// let change = OriginChange::new("https://tenant.example", false);
/// assert_eq!(change.origin(), "https://tenant.example");
/// assert!(!change.is_in_store());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginChange {
    origin: Box<str>,
    is_in_store: bool,
}

impl OriginChange {
    /// Creates a change of an origin, which is in the store after it, or not. [`OriginChange`] has an example.
    pub fn new(origin: impl Into<Box<str>>, is_in_store: bool) -> Self {
        Self {
            origin: origin.into(),
            is_in_store,
        }
    }

    /// Returns the origin. [`OriginChange`] has an example.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns true if the store contains the origin after the change. [`OriginChange`] has an example.
    pub fn is_in_store(&self) -> bool {
        self.is_in_store
    }
}
