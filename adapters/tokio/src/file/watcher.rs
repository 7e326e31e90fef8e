//! Reports that something on the path to a file may have changed.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod inotify;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod notify;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use self::inotify::Watcher;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) use self::notify::Watcher;
