use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};

use omnicors_adapter::PolicyHandle;
use omnicors_core::Policy;
use tokio::sync::oneshot;

use super::error::PolicyFileError;
use super::read;
use super::reloaded::Reloaded;
use super::watch::{self, Message, StopOnDrop};

/// A policy file that is followed: when the file changes, its policy is put into force.
///
/// [`watch`](Self::watch) returns a handle to the policy and this. The file is followed until the last clone of the handle is
/// dropped, with the last service that was made from it. This only serves to [`reload`](Self::reload) the file at once; dropping
/// it changes nothing.
///
/// The extension selects the format: `.toml`, `.json`, `.yaml` or `.yml`. Each format needs the feature of the same name.
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
/// let (policy, _): (PolicyHandle, _) = PolicyFile::watch(path, |outcome| {
///     if let Err(error) = outcome {
///         eprintln!("the CORS policy in force stays: {error:#}");
///     }
/// })?;
/// let layer = CorsLayer::new(policy);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The handle is the `PolicyHandle` of the adapter that takes it. For a server without an adapter, it is a
/// [`PolicyHandle<NoPreparedValues>`](crate::NoPreparedValues), whose `load()` returns the policy in force.
///
/// # What is followed
///
/// Only the content counts: the policy stays if the file is touched, or is removed and comes back with the same content. This
/// follows a file that is saved by renaming, a symbolic link that is changed (a `ConfigMap` of Kubernetes), and a directory
/// that is replaced. A change is read after 50 ms without another change, or after 1 s of continuous changes. If a program
/// writes the file in place and pauses for longer, a part of the file is read. To prevent this, save by renaming.
///
/// Some file systems do not report changes, for example those on a network. So the file is also read every 30 s.
///
/// If the file cannot be read, is longer than 64 MiB, is malformed, or has a fault, the policy in force stays.
#[derive(Clone)]
pub struct PolicyFile {
    path: PathBuf,
    messages: Sender<Message>,
}

impl PolicyFile {
    /// Reads a file, starts to follow it, and returns a handle to its policy. Blocks while it reads.
    ///
    /// The file is followed until the last clone of the handle is dropped, with the last service that was made from it.
    ///
    /// `report` is called once for each state of the file: with a new policy, with an error, or when the file has again the
    /// content from which the policy in force was built. It runs on the thread that follows the file. A panic in it is caught,
    /// and the file is still followed.
    ///
    /// # Errors
    ///
    /// Returns an error if no policy can be built from the file, or if the system cannot watch it or start a thread.
    pub fn watch<P>(
        path: impl AsRef<Path>,
        report: impl FnMut(Result<Reloaded, PolicyFileError>) + Send + 'static,
    ) -> Result<(PolicyHandle<P>, Self), PolicyFileError>
    where
        P: for<'a> From<&'a Policy> + Send + Sync + 'static,
    {
        let path = path.as_ref();
        // Made absolute now, because the working directory may change.
        let path = std::path::absolute(path)
            .map_err(|error| PolicyFileError::Unreadable(path.to_owned(), error))?;
        let content = read::read(&path)?;
        let policy = read::parse(&path, &content)?;
        let (messages, received) = channel();
        let handle = PolicyHandle::with_guard(policy, StopOnDrop(messages.clone()));
        let replaced = handle.downgrade();
        let replace = move |policy| {
            // `None` means that the thread is about to be stopped.
            if let Some(handle) = replaced.upgrade() {
                handle.replace(policy);
            }
        };
        let channel = (messages.clone(), received);
        watch::start(path.clone(), content, channel, replace, report)?;
        Ok((handle, Self { path, messages }))
    }

    /// Reads the file now, for example on a signal. The result is returned, and `report` is not called.
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
    /// This does not need a runtime.
    ///
    /// # Errors
    ///
    /// Returns why no new policy could be built. The policy in force stays. If every handle was dropped, this is
    /// [`PolicyFileError::NotFollowed`].
    pub async fn reload(&self) -> Result<Reloaded, PolicyFileError> {
        let (answer, answered) = oneshot::channel();
        self.ask(move |outcome| {
            // An error means that the caller no longer waits.
            let _gone = answer.send(outcome);
        });
        answered.await.unwrap_or_else(|_| Err(self.not_followed()))
    }

    /// Does the same as [`reload`](Self::reload), and blocks the thread: for 1 s to 2 s, if the file has a million origins. Do not
    /// call this in the `report` function of [`watch`](Self::watch): it would wait for itself.
    ///
    /// # Errors
    ///
    /// Returns why no new policy could be built. The policy in force stays. If every handle was dropped, this is
    /// [`PolicyFileError::NotFollowed`].
    pub fn blocking_reload(&self) -> Result<Reloaded, PolicyFileError> {
        // Not tokio's, which panics where it is called from async code.
        let (answer, answered) = channel();
        self.ask(move |outcome| {
            let _gone = answer.send(outcome);
        });
        answered.recv().unwrap_or_else(|_| Err(self.not_followed()))
    }

    pub(super) fn ask(
        &self,
        answer: impl FnOnce(Result<Reloaded, PolicyFileError>) + Send + 'static,
    ) {
        // The thread runs as long as there is a handle. If it has ended, `answer` is dropped, and the receiver sees that.
        let _stopped = self.messages.send(Message::Reload(Box::new(answer)));
    }

    fn not_followed(&self) -> PolicyFileError {
        PolicyFileError::NotFollowed(self.path.clone())
    }
}

impl fmt::Debug for PolicyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyFile")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
