use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};

use omnicors_adapter::PolicyHandle;
use omnicors_core::Policy;
use tokio::sync::oneshot;

use super::error::PolicyFileError;
use super::read;
use super::reloaded::Reloaded;
use super::watch::{self, Message};

/// A policy file that is followed: whenever it changes, its policy is in force. Dropping this ends that.
///
/// TOML, JSON or YAML, told by its extension (`.toml`, `.json`, `.yaml`, `.yml`), each behind the feature of its name.
///
/// ```
/// use omnicors_tokio::PolicyFile;
/// use omnicors_tower::{CorsLayer, PolicyHandle};
///
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("cors.toml");
/// # std::fs::write(&path, "allow_origins = ['https://example.com']")?;
/// # /*
/// let path = "cors.toml";
/// # */
/// let (policy, file): (PolicyHandle, _) = PolicyFile::watch(path, |outcome| {
///     if let Err(error) = outcome {
///         eprintln!("the CORS policy in force stays: {error:#}");
///     }
/// })?;
/// let layer = CorsLayer::new(policy);
/// // … serve, and keep `file` …
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The handle is the `PolicyHandle` of the adapter that takes it. For a server without an adapter, it is a
/// [`PolicyHandle<NoPreparedValues>`](crate::NoPreparedValues), whose `load()` returns the policy in force.
///
/// # What is followed
///
/// It is the content that counts: a file that is touched, or vanishes and returns as it was, replaces nothing. Files that
/// are saved by renaming, links that are pointed elsewhere (a `ConfigMap` of Kubernetes) and directories that are replaced
/// are all followed. A change is read once there has been none for 50 ms; after a second of nothing but changes, all the
/// same. Whoever writes a file in place and pauses for longer has a part of it read: save it by renaming.
///
/// As a safeguard where nothing tells of changes (a network's file system; one directory more than the system watches), the
/// file is read every 30 s as well.
///
/// What cannot be read, is longer than 64 MiB, is malformed, or has any fault changes nothing: the policy in force stays.
#[must_use = "the file is followed until this is dropped"]
pub struct PolicyFile {
    path: PathBuf,
    messages: Sender<Message>,
}

impl PolicyFile {
    /// Reads a file, and follows it from then on. Gives a handle on its policy. Blocks while it reads.
    ///
    /// `report` is told, once for each state of the file, what has come of it: a new policy, or why there is none; or that
    /// the file is again as it was when the policy in force was made. It is called on the thread that follows the file. A
    /// panic in it is caught, and the file followed on.
    ///
    /// # Errors
    ///
    /// If the file makes no policy now, or the system gives no means to watch, or no thread.
    pub fn watch<P>(
        path: impl AsRef<Path>,
        report: impl FnMut(Result<Reloaded, PolicyFileError>) + Send + 'static,
    ) -> Result<(PolicyHandle<P>, Self), PolicyFileError>
    where
        P: for<'a> From<&'a Policy> + Send + Sync + 'static,
    {
        let path = path.as_ref();
        // Once and for all: the working directory may change.
        let path = std::path::absolute(path)
            .map_err(|error| PolicyFileError::Unreadable(path.to_owned(), error))?;
        let content = read::read(&path)?;
        let handle = PolicyHandle::new(read::parse(&path, &content)?);
        let replaced = handle.clone();
        let replace = move |policy| replaced.replace(policy);
        let messages = watch::start(path.clone(), content, replace, report)?;
        Ok((handle, Self { path, messages }))
    }

    /// Reads the file now, whatever has been told about it: on a signal, say. What comes of it is returned, and not reported.
    ///
    /// ```
    /// use omnicors_tokio::PolicyFile;
    /// # #[cfg(unix)]
    /// use tokio::signal::unix::{SignalKind, signal};
    ///
    /// # #[cfg(unix)]
    /// async fn reload_on_hangup(file: PolicyFile) -> std::io::Result<()> {
    ///     let mut hangups = signal(SignalKind::hangup())?;
    ///     while hangups.recv().await.is_some() {
    ///         match file.reload().await {
    ///             Ok(reloaded) => println!("{reloaded:?}"),
    ///             Err(error) => eprintln!("the CORS policy in force stays: {error:#}"),
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// It needs no runtime.
    ///
    /// # Errors
    ///
    /// Why there is no new policy; the one in force stays.
    pub async fn reload(&self) -> Result<Reloaded, PolicyFileError> {
        let (answer, answered) = oneshot::channel();
        self.ask(move |outcome| {
            // Else nobody waits for it any more.
            let _gone = answer.send(outcome);
        });
        answered.await.unwrap_or_else(|_| Err(self.panicked()))
    }

    /// As [`reload`](Self::reload), and blocks the thread: for a second or two, if it has a million origins. Not to be
    /// called from the function that [`watch`](Self::watch) was given: it would wait for itself.
    ///
    /// # Errors
    ///
    /// Why there is no new policy; the one in force stays.
    pub fn blocking_reload(&self) -> Result<Reloaded, PolicyFileError> {
        // Not tokio's, which panics where it is called from async code.
        let (answer, answered) = mpsc::channel();
        self.ask(move |outcome| {
            let _gone = answer.send(outcome);
        });
        answered.recv().unwrap_or_else(|_| Err(self.panicked()))
    }

    pub(super) fn ask(
        &self,
        answer: impl FnOnce(Result<Reloaded, PolicyFileError>) + Send + 'static,
    ) {
        // The thread is there for as long as this is; if not, the answer is dropped, which is told.
        let _stopped = self.messages.send(Message::Reload(Box::new(answer)));
    }

    fn panicked(&self) -> PolicyFileError {
        PolicyFileError::Panicked(self.path.clone())
    }
}

impl Drop for PolicyFile {
    fn drop(&mut self) {
        let _stopped = self.messages.send(Message::Stop);
    }
}

impl fmt::Debug for PolicyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
