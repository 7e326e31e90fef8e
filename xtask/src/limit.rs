//! Runs a command with a time limit. At the limit, the command ends with every process that it has started.

use std::io::{self, BufRead as _, BufReader, Read, Write};
#[cfg(unix)]
use std::os::unix::process::CommandExt as _;
use std::process::{self, Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// How a command has ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It exited before its limit.
    Exited(ExitStatus),
    /// It was killed at its limit.
    Killed,
}

/// A line of output with its end, or the end of one of the two streams.
enum Event {
    Output(Vec<u8>),
    Error(Vec<u8>),
    End,
}

/// Runs a command in a process group of its own, forwards its output, and calls `read` with each line; `true` means stdout. Kills the
/// group as soon as `remaining` returns zero.
///
/// The command's stdin is a pipe that closes when this process ends: see [`end_with_parent`].
pub(crate) fn run(
    command: &mut Command,
    remaining: impl FnMut() -> Duration,
    read: impl FnMut(&str, bool),
) -> io::Result<Ended> {
    // A process that has left the group may hold a pipe, so this does not wait for the threads that read.
    supervise(command, remaining, read).map(|(ended, _)| ended)
}

/// Does the same, and returns the events that were not read.
fn supervise(
    command: &mut Command,
    mut remaining: impl FnMut() -> Duration,
    mut read: impl FnMut(&str, bool),
) -> io::Result<(Ended, Receiver<Event>)> {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn()?;
    let (sender, events) = mpsc::channel();
    let mut open = 0;
    if let Some(stdout) = child.stdout.take() {
        send_lines(stdout, sender.clone(), Event::Output);
        open += 1;
    }
    if let Some(stderr) = child.stderr.take() {
        send_lines(stderr, sender, Event::Error);
        open += 1;
    }
    while open > 0 {
        let left = remaining();
        if left.is_zero() {
            kill(&mut child)?;
            return Ok((Ended::Killed, events));
        }
        match events.recv_timeout(left) {
            Ok(Event::Output(line)) => {
                io::stdout().write_all(&line)?;
                read(String::from_utf8_lossy(&line).trim_end(), true);
            }
            Ok(Event::Error(line)) => {
                io::stderr().write_all(&line)?;
                read(String::from_utf8_lossy(&line).trim_end(), false);
            }
            Ok(Event::End) => open -= 1,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    Ok((Ended::Exited(child.wait()?), events))
}

/// Starts a thread that sends each line. Not `lines()`, which fails if a test prints bytes that are not UTF-8.
fn send_lines<P: Read + Send + 'static>(
    pipe: P,
    sender: Sender<Event>,
    event: fn(Vec<u8>) -> Event,
) {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            if sender.send(event(std::mem::take(&mut line))).is_err() {
                return;
            }
        }
        // An error means that the command was killed, and nobody waits for the end.
        let _ended = sender.send(Event::End);
    });
}

/// Kills the group of a child that has not been waited for, so that its id cannot belong to another process.
fn kill(child: &mut Child) -> io::Result<()> {
    if cfg!(unix) {
        kill_group(child.id());
    } else {
        child.kill()?;
    }
    child.wait().map(drop)
}

/// Kills a process group. `sh` has `kill` built in; the standard library cannot signal a group.
fn kill_group(id: u32) {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill -s KILL -- \"-$0\"", &id.to_string()]);
    // An error means that the group has already ended.
    let _ended = kill.stderr(Stdio::null()).status();
}

/// Ends this process and its group when the process that started it with [`run`] ends. Otherwise a command in a group of its own
/// would continue after Ctrl-C.
pub(crate) fn end_with_parent() {
    thread::spawn(|| {
        // The parent writes nothing.
        let _closed = io::copy(&mut io::stdin(), &mut io::sink());
        kill_group(process::id());
        process::exit(1);
    });
}

#[cfg(all(test, unix))]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_command_that_exits_before_its_limit_returns_its_status_and_every_line() {
        let mut lines = Vec::new();
        let mut command = shell("echo one; echo two; echo three >&2; exit 3");
        let ended = run(
            &mut command,
            || Duration::MAX,
            |line, is_output| lines.push((line.to_owned(), is_output)),
        );
        assert!(matches!(ended.unwrap(), Ended::Exited(status) if status.code() == Some(3)));
        // The order of lines of different streams is not known.
        lines.sort();
        let expected = [("one", true), ("three", false), ("two", true)];
        assert_eq!(
            lines,
            expected.map(|(line, is_output)| (line.to_owned(), is_output))
        );
    }

    #[test]
    fn a_command_that_reaches_its_limit_is_killed_with_every_process_that_it_started() {
        // Two processes that never end by themselves. The limit is reached when the line is printed, so the speed of the machine
        // does not matter.
        let mut command = shell("tail -f /dev/null & echo waiting; tail -f /dev/null");
        let is_over = Cell::new(false);
        let last = RefCell::new(String::new());
        let (ended, events) = supervise(
            &mut command,
            || {
                if is_over.get() {
                    Duration::ZERO
                } else {
                    Duration::MAX
                }
            },
            |line, _| {
                is_over.set(true);
                line.clone_into(&mut last.borrow_mut());
            },
        )
        .unwrap();
        assert!(matches!(ended, Ended::Killed));
        assert_eq!(*last.borrow(), "waiting");
        // The threads that read the pipes end when no process holds the other ends. If one is left, this waits forever.
        assert_eq!(events.iter().count(), 2);
    }

    #[test]
    fn the_group_ends_when_the_process_that_started_it_ends() {
        // As in `end_with_parent`: the end of stdin, then `kill_group`.
        let mut child = shell("tail -f /dev/null").process_group(0).spawn().unwrap();
        kill_group(child.id());
        assert!(!child.wait().unwrap().success());
    }
}
