use crate::clock::WallClock;

/// Settings and files of an instance.
#[derive(Clone, Debug, Default)]
pub struct PostgresOptions {
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) files: Vec<(String, String)>,
    pub(crate) environment: Vec<(String, String)>,
}

impl PostgresOptions {
    /// Returns the options of [`Postgres::start`](crate::Postgres::start).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a setting of the server.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a file to the data folder, which only the server can read.
    #[must_use]
    pub fn file(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), text.to_owned()));
        self
    }

    /// Lets the server use a clock that the test sets.
    #[must_use]
    pub fn clock(mut self, clock: &WallClock) -> Self {
        self.environment.extend(clock.environment());
        self
    }
}
