use std::path::PathBuf;
use std::time::Duration;

/// The limits of an [`OriginReplica`](crate::OriginReplica), and the file with its image.
///
/// ```
/// use omnicors_tokio::ReplicaOptions;
/// use std::time::Duration;
///
/// let options = ReplicaOptions::new()
///     .lease(Duration::from_secs(60))
///     .image("/var/lib/api/origins.image");
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until you pass them to `OriginReplica::with_options`"]
pub struct ReplicaOptions {
    pub(super) lease: Duration,
    pub(super) read_timeout: Duration,
    pub(super) image: Option<PathBuf>,
    pub(super) image_interval: Duration,
}

/// The maximum of all times.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl ReplicaOptions {
    /// Returns the default options. Each method states its default.
    ///
    /// ```
    /// use omnicors_tokio::ReplicaOptions;
    ///
    /// let options = ReplicaOptions::new();
    /// ```
    pub fn new() -> Self {
        Self {
            lease: Duration::from_secs(300),
            read_timeout: Duration::from_secs(600),
            image: None,
            image_interval: Duration::from_secs(300),
        }
    }

    /// Sets how long the replica allows origins without contact to the store. The default is 300 s, the maximum 365 days.
    ///
    /// So an origin that was removed from the store is denied after this time at the latest, also by a server that is cut off from
    /// the store. While there is contact, a server with few changes reads from the store once a second, so a lease of less than a few
    /// seconds ends when the network is slow.
    ///
    /// ```
    /// use omnicors_tokio::ReplicaOptions;
    /// use std::time::Duration;
    ///
    /// let options = ReplicaOptions::new().lease(Duration::from_secs(60));
    /// ```
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = time.min(LONGEST);
        self
    }

    /// Sets how long reading the whole store may take. The default is 600 s, the maximum 365 days. A read that returns nothing for 30 to
    /// 60 s is given up earlier.
    ///
    /// ```
    /// use omnicors_tokio::ReplicaOptions;
    /// use std::time::Duration;
    ///
    /// let options = ReplicaOptions::new().read_timeout(Duration::from_secs(60));
    /// ```
    pub fn read_timeout(mut self, time: Duration) -> Self {
        self.read_timeout = time.min(LONGEST);
        self
    }

    /// Sets a file in which the replica keeps an image of the set. The default is none.
    ///
    /// With an image, a server starts without reading the whole store, and resumes from the revision of the image. If the store cannot be
    /// reached within 5 s, it starts nevertheless, and allows the origins of the image until the [`lease`](Self::lease) is over. The lease
    /// then counts from the last contact before the image was written, by the clock of the system, because the image may come from another
    /// machine. An image from the future allows nothing before there is contact. Use a path of its own for each store: an image of another
    /// [store](crate::OriginStore::name) is reported and not used.
    ///
    /// A torn or changed image is reported and not used. The checksum finds accidents, not attackers: who can write the file
    /// can allow an origin. Protect it as you protect the password of the database.
    ///
    /// ```
    /// use omnicors_tokio::ReplicaOptions;
    ///
    /// let options = ReplicaOptions::new().image("/var/lib/api/origins.image");
    /// ```
    pub fn image(mut self, path: impl Into<PathBuf>) -> Self {
        self.image = Some(path.into());
        self
    }

    /// Sets the time between two writes of the [`image`](Self::image). The default is 300 s, the maximum 365 days.
    ///
    /// ```
    /// use omnicors_tokio::ReplicaOptions;
    /// use std::time::Duration;
    ///
    /// let options = ReplicaOptions::new().image("origins.image").image_interval(Duration::from_secs(60));
    /// ```
    pub fn image_interval(mut self, time: Duration) -> Self {
        self.image_interval = time.min(LONGEST);
        self
    }
}

impl Default for ReplicaOptions {
    fn default() -> Self {
        Self::new()
    }
}
