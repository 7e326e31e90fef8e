//! A process that does not outlive the test.

use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Starts the program in `$@`, and ends it when stdin closes: also if the test is killed, because its end of the pipe closes then.
///
/// The shell closes its own stdout, so the end of the output is the end of the program.
const SUPERVISE: &str = r#"
exec 3<&0
"$@" </dev/null 3<&- &
exec >&-
cat <&3 >/dev/null
kill -s KILL $!
wait
"#;

/// A running program. It is killed when this is dropped, and when this process ends in any way.
#[derive(Debug)]
pub struct Supervised {
    shell: Child,
    lines: Receiver<String>,
}

impl Supervised {
    /// Starts a program in a folder, with these environment variables, and this stderr.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no shell.
    pub fn start(
        program: &[&str],
        folder: &Path,
        variables: &[(&str, &str)],
        errors: Stdio,
    ) -> io::Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SUPERVISE, "sh"]).args(program);
        command
            .current_dir(folder)
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors);
        let mut shell = command.spawn()?;
        let stdout = shell.stdout.take().expect("the output is piped");
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let mut output = BufReader::new(stdout).lines().map_while(Result::ok);
            // Reads on when nobody receives, so that the program does not block.
            output.by_ref().for_each(|line| drop(sender.send(line)));
        });
        Ok(Self { shell, lines })
    }

    /// Returns the next line of output within this time; `None` if there is none yet.
    ///
    /// # Errors
    ///
    /// Returns an error if the program has ended.
    pub fn line(&self, within: Duration) -> Result<Option<String>, Ended> {
        match self.lines.recv_timeout(within) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Ended),
        }
    }
}

/// The error of a program that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended;

impl Drop for Supervised {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // An error means that the shell has ended.
        let _ended = self.shell.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn start(script: &str) -> Supervised {
        let program = ["sh", "-c", script];
        Supervised::start(
            &program,
            Path::new("."),
            &[("NAME", "value")],
            Stdio::inherit(),
        )
        .unwrap()
    }

    fn is_running(id: &str) -> bool {
        let status = Command::new("sh")
            .args(["-c", "kill -s 0 \"$0\"", id])
            .stderr(Stdio::null())
            .status();
        status.unwrap().success()
    }

    #[test]
    fn a_program_ends_when_it_is_dropped() {
        let started = start("echo $$; echo $NAME; exec tail -f /dev/null");
        let id = started.line(LONG).unwrap().unwrap();
        assert_eq!(started.line(LONG), Ok(Some("value".to_owned())));
        assert!(is_running(&id));
        drop(started);
        assert!(!is_running(&id));
    }

    #[test]
    fn the_end_of_a_program_is_noticed() {
        let started = start("echo last");
        assert_eq!(started.line(LONG), Ok(Some("last".to_owned())));
        assert_eq!(started.line(LONG), Err(Ended));
    }
}
