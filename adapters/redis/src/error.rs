use std::error;
use std::fmt;

use omnicors_tokio::StoreError;
use redis::RedisError;

/// An error that Redis itself does not report. Users see it as a `StoreError`.
#[derive(Clone, Debug)]
pub(crate) enum Error {
    /// The server cannot be reached, or refuses the connection.
    Connect {
        /// Without the password.
        address: String,
        cause: RedisError,
    },
    /// A command failed.
    Command(RedisError),
    /// The server has a role other than `master`.
    NotPrimary { role: String },
    /// The key of the history is not there.
    NotInitialized { key: String },
    /// The key of the revision is not there, but that of the history is.
    NoRevision { key: String, history: String },
    /// The server may remove the set of origins when its memory is full.
    Eviction { policy: String },
    /// `INFO` does not have a field.
    NoField(&'static str),
    /// The server restarted, changed its role or lost its data during a read.
    Interrupted,
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        Self::new(error)
    }
}

impl From<RedisError> for Error {
    fn from(error: RedisError) -> Self {
        Self::Command(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { address, cause } => {
                write!(f, "cannot connect to Redis at {address}: {cause}")
            }
            Self::Command(error) => write!(f, "Redis returned an error: {error}"),
            Self::NotPrimary { role } => write!(
                f,
                "the Redis server has the role `{role}`: connect to the primary, because the others may lag behind"
            ),
            Self::NotInitialized { key } => write!(
                f,
                "the Redis server does not have the key `{key}`: run `omnicors store init`, or restore the data if they are lost"
            ),
            Self::NoRevision { key, history } => write!(
                f,
                "the Redis server does not have the key `{key}`: delete the key `{history}`, and run `omnicors store init`"
            ),
            Self::Eviction { policy } => write!(
                f,
                "the Redis server may evict the origins: set `maxmemory-policy` to `noeviction` or `volatile-lru` instead of `{policy}`"
            ),
            Self::NoField(name) => write!(f, "the output of `INFO` does not have `{name}`"),
            Self::Interrupted => {
                f.write_str("the Redis server restarted or changed its role during the read")
            }
        }
    }
}

// Without `source`: the message contains that of the cause.
impl error::Error for Error {}
