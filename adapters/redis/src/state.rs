use redis::{Pipeline, pipe};

use crate::error::Error;
use crate::keys::Keys;

/// The responses to [`State::commands`].
pub(crate) type Responses = (String, Option<String>, Option<u64>);

/// The history and the revision at one moment.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) history: String,
    pub(crate) revision: u64,
}

impl State {
    /// Returns a transaction, to which reads of the same moment can be added. Scripts cannot do the same, because they must not call
    /// `INFO` and `ROLE`.
    pub(crate) fn commands(keys: &Keys) -> Pipeline {
        let mut commands = pipe();
        commands.atomic();
        commands.cmd("INFO").arg("server").arg("replication");
        commands.cmd("GET").arg(&keys.history);
        commands.cmd("GET").arg(&keys.revision);
        commands
    }

    /// Reads the responses to [`commands`](Self::commands).
    ///
    /// A number of a revision must never mean two changes in one history. So the history changes with each of these:
    ///
    /// * the key of the history: the data were lost or deleted;
    /// * `run_id`: the server has restarted, and may have lost the last changes;
    /// * `master_replid`: another server has become the primary. It may not have received the last changes. Without this, a primary that
    ///   becomes a replica and then the primary again would have the same history with other changes.
    ///
    /// `master_replid` also changes when the first replica connects, or an hour after the last one has left. Then all nodes read all
    /// origins again, which is rare and harmless.
    pub(crate) fn read(keys: &Keys, (info, history, revision): Responses) -> Result<Self, Error> {
        check_primary(&info)?;
        let history = history.ok_or_else(|| Error::NotInitialized {
            key: keys.history.clone(),
        })?;
        let revision = revision.ok_or_else(|| Error::NoRevision {
            key: keys.revision.clone(),
            history: keys.history.clone(),
        })?;
        let run = field(&info, "run_id")?;
        let replication = field(&info, "master_replid")?;
        Ok(Self {
            history: format!("{history} {run} {replication}"),
            revision,
        })
    }
}

/// Returns an error unless the output of `INFO replication` is that of a primary.
pub(crate) fn check_primary(info: &str) -> Result<(), Error> {
    match field(info, "role")? {
        "master" => Ok(()),
        role => Err(Error::NotPrimary {
            role: role.to_owned(),
        }),
    }
}

/// Returns the value of a field in the output of `INFO`.
pub(crate) fn field<'a>(info: &'a str, name: &'static str) -> Result<&'a str, Error> {
    let mut fields = info.lines().filter_map(|line| line.split_once(':'));
    let field = fields.find(|(found, _)| *found == name);
    field.map(|(_, value)| value).ok_or(Error::NoField(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "# Server\r\nrun_id:a3a3\r\n\r\n# Replication\r\nrole:master\r\nmaster_replid:dd41\r\nmaster_replid2:0000\r\n";

    fn read(info: &str) -> State {
        let responses = (info.to_owned(), Some("7c".to_owned()), Some(42));
        State::read(&Keys::with_prefix("omnicors"), responses).unwrap()
    }

    #[test]
    fn each_part_of_the_history_changes_it() {
        let state = read(INFO);
        assert_eq!(state.revision, 42);
        assert_eq!(state.history, "7c a3a3 dd41");
        assert_ne!(read(&INFO.replace("a3a3", "b4b4")).history, state.history);
        assert_ne!(read(&INFO.replace("dd41", "ee52")).history, state.history);
    }

    #[test]
    fn a_server_that_does_not_state_its_role_is_an_error() {
        for info in ["", "ERR", "master_replid:dd41\r\n", "role:slave\r\n"] {
            assert!(check_primary(info).is_err(), "{info}");
        }
    }
}
