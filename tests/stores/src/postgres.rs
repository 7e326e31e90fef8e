//! Private instances of PostgreSQL.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::options::PostgresOptions;
use crate::process::{Process, User, free_port};
use crate::programs::{copy_folder, postgres_programs, run};

/// How long a server may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A private instance of PostgreSQL on the loopback interface. Everyone may log in without a password; `postgres` is the superuser.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    user: User,
    options: PostgresOptions,
    port: u16,
    process: Mutex<Option<Process>>,
    // Last, so that it is removed after the server has ended.
    folder: TempDir,
}

impl Postgres {
    /// Starts an instance with an empty database `postgres`.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(PostgresOptions::new())
    }

    /// Starts an instance with settings and files.
    #[must_use]
    pub fn start_with(options: PostgresOptions) -> Self {
        let postgres = Self::new(options);
        let mut initdb = postgres.command("initdb");
        initdb.arg("--pgdata").arg(postgres.data());
        initdb.args(["--username=postgres", "--auth=trust", "--no-sync"]);
        initdb.args(["--encoding=UTF8", "--locale=C.UTF-8"]);
        run(&mut initdb);
        for (name, text) in &postgres.options.files {
            let path = postgres.data().join(name);
            fs::write(&path, text).expect("a file in the data folder");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("its mode");
            postgres.user.give(&path);
        }
        postgres.restart();
        postgres
    }

    /// Returns the instance that the tests of this process share, and starts it if no test uses it.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Postgres>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let postgres = Arc::new(Self::start());
            *shared = Arc::downgrade(&postgres);
            postgres
        })
    }

    /// Starts a standby that follows this instance.
    #[must_use]
    pub fn standby(&self) -> Self {
        let standby = Self::new(self.options.clone());
        let mut backup = standby.command("pg_basebackup");
        backup.arg("--pgdata").arg(standby.data());
        backup.args(["--host=127.0.0.1", "--username=postgres", "--no-password"]);
        backup.args(["--checkpoint=fast", "--no-sync", "--write-recovery-conf"]);
        backup.args(["--port", &self.port.to_string()]);
        run(&mut backup);
        standby.restart();
        standby
    }

    /// Makes a standby the primary of a new timeline.
    pub fn promote(&self) {
        let mut promote = self.command("pg_ctl");
        promote.args(["promote", "--wait", "--pgdata"]);
        run(promote.arg(self.data()));
    }

    /// Runs SQL in a database as the superuser.
    pub fn run(&self, database: &str, sql: &str) {
        let mut psql = self.command("psql");
        psql.args(["--no-psqlrc", "--set=ON_ERROR_STOP=1", "--command", sql]);
        run(psql.arg(self.url("postgres", database)));
    }

    /// Returns a dump of a database: the SQL that creates it again in an empty database.
    #[must_use]
    pub fn dump(&self, database: &str) -> String {
        let mut dump = self.command("pg_dump");
        dump.args(["--host=127.0.0.1", "--username=postgres", "--no-password"]);
        // Rows as SQL, which is not for `psql` only.
        dump.args(["--inserts", "--port", &self.port.to_string(), database]);
        let output = run(&mut dump).stdout;
        let text = String::from_utf8(output).expect("SQL");
        // Commands of `psql`.
        let lines = text.lines().filter(|line| !line.starts_with('\\'));
        lines.fold(String::new(), |sql, line| sql + line + "\n")
    }

    /// Returns the port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the URL of a database for a user.
    #[must_use]
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// Kills all processes of the server, so that it cannot write anything more.
    pub fn kill(&self) {
        if let Some(mut process) = self.process().take() {
            process.kill();
        }
    }

    /// Stops all processes of the server until [`resume`](Self::resume).
    pub fn suspend(&self) {
        if let Some(process) = &*self.process() {
            process.signal_all("STOP");
        }
    }

    /// Continues the processes of the server.
    pub fn resume(&self) {
        if let Some(process) = &*self.process() {
            process.signal_all("CONT");
        }
    }

    /// Kills the server if it runs, and starts it on the same data and port. Returns when it answers.
    pub fn restart(&self) {
        self.kill();
        let begin = Instant::now();
        loop {
            let mut process = Process::start(self.server());
            if self.is_ready(&mut process) {
                *self.process() = Some(process);
                return;
            }
            // Processes of the killed server may still be using its memory.
            let log = fs::read_to_string(self.log()).unwrap_or_default();
            assert!(
                begin.elapsed() < PATIENCE,
                "PostgreSQL does not start:\n{log}"
            );
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Saves the disk of the server as it is now, as if it had crashed.
    pub fn save_disk(&self) {
        self.kill();
        copy_folder(&self.data(), &self.saved());
        self.restart();
    }

    /// Sets the disk of the server back to what [`save_disk`](Self::save_disk) has saved.
    pub fn set_disk_back(&self) {
        self.kill();
        fs::remove_dir_all(self.data()).expect("the data is removed");
        copy_folder(&self.saved(), &self.data());
        self.restart();
    }

    fn new(options: PostgresOptions) -> Self {
        let user = User::unless_root("postgres");
        let folder = tempfile::tempdir().expect("a temporary folder");
        user.give(folder.path());
        Self {
            programs: postgres_programs(),
            user,
            options,
            port: free_port(),
            process: Mutex::new(None),
            folder,
        }
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn saved(&self) -> PathBuf {
        self.folder.path().join("saved")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// Returns a command for a program of PostgreSQL.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.command_in(&[], program)
    }

    fn command_in(&self, environment: &[(String, String)], program: impl AsRef<OsStr>) -> Command {
        let program = self.programs.join(program.as_ref());
        let mut command = self.user.command(environment, &program);
        command.current_dir(self.folder.path());
        // The variables of the machine could name another server.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command
    }

    fn server(&self) -> Command {
        let mut server = self.command_in(&self.options.environment, "postgres");
        server.arg("-D").arg(self.data());
        server.args(["-p", &self.port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            // What a killed process has written is in the memory of the system.
            "fsync=off",
            // Only the tests write.
            "autovacuum=off",
            "shared_buffers=16MB",
        ] {
            server.args(["-c", setting]);
        }
        for (name, value) in &self.options.settings {
            server.args(["-c", &format!("{name}={value}")]);
        }
        let log = File::create(self.log()).expect("a log");
        server.stderr(log.try_clone().expect("a handle of the log"));
        server.stdout(log);
        server
    }

    /// Waits until the server answers. Returns false if it has ended.
    fn is_ready(&self, process: &mut Process) -> bool {
        let begin = Instant::now();
        loop {
            // `pg_ctl start --wait` reads the same line, which the server writes.
            let state = fs::read_to_string(self.data().join("postmaster.pid"));
            let state = state.unwrap_or_default();
            let is_own = state
                .lines()
                .next()
                .is_some_and(|id| id == process.id().to_string());
            if is_own
                && matches!(
                    state.lines().nth(7).map(str::trim),
                    Some("ready" | "standby")
                )
            {
                return true;
            }
            if process.ended().is_some() {
                return false;
            }
            assert!(begin.elapsed() < PATIENCE, "PostgreSQL is not ready");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut process) = self.process().take() {
            process.signal_all("CONT");
            // An immediate shutdown, which removes its shared memory.
            process.end("QUIT", PATIENCE);
        }
        // A killed server leaves it. Its id is in the seventh line.
        let state = fs::read_to_string(self.data().join("postmaster.pid"));
        let state = state.unwrap_or_default();
        let memory = state.lines().nth(6).unwrap_or_default();
        if let Some(id) = memory.split_whitespace().nth(1) {
            let _gone = Command::new("ipcrm").args(["--shmem-id", id]).output();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, BufRead as _, BufReader};
    use std::net::TcpStream;
    use std::path::Path;
    use std::process::Stdio;

    use super::*;

    fn connects(port: u16) -> io::Result<TcpStream> {
        TcpStream::connect(("127.0.0.1", port))
    }

    #[test]
    #[ignore = "needs PostgreSQL: run `cargo xtask test`"]
    fn an_instance_answers_until_it_is_dropped_and_leaves_no_files() {
        let postgres = Postgres::start();
        let (port, folder) = (postgres.port(), postgres.folder.path().to_owned());
        assert!(connects(port).is_ok());
        postgres.kill();
        assert!(connects(port).is_err());
        postgres.restart();
        assert!(connects(port).is_ok());
        drop(postgres);
        assert!(connects(port).is_err());
        assert!(!Path::new(&folder).exists());
    }

    #[test]
    #[ignore = "needs PostgreSQL: run `cargo xtask test`"]
    fn a_paused_instance_can_be_dropped() {
        let postgres = Postgres::start();
        postgres.suspend();
        drop(postgres);
    }

    /// Set in the process that is killed.
    const KILLED: &str = "OMNICORS_STORE_SERVERS_KILLED";

    #[test]
    #[ignore = "needs PostgreSQL: run `cargo xtask test`"]
    fn an_instance_ends_with_the_process_that_started_it() {
        if env::var_os(KILLED).is_some() {
            let postgres = Postgres::start();
            println!(
                "instance {} {}",
                postgres.port(),
                postgres.folder.path().display()
            );
            thread::sleep(PATIENCE);
            return;
        }
        let test = "postgres::tests::an_instance_ends_with_the_process_that_started_it";
        let mut process = Command::new(env::current_exe().unwrap());
        process.args(["--include-ignored", "--exact", "--nocapture", test]);
        let mut process = process
            .env(KILLED, "")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = lines
            .map(Result::unwrap)
            .find(|line| line.contains("instance "));
        let line = line.expect("the port and the folder");
        let mut words = line.split_whitespace().rev();
        let folder = words.next().unwrap();
        let port = words.next().unwrap().parse().unwrap();
        assert!(connects(port).is_ok());
        process.kill().unwrap();
        process.wait().unwrap();

        let begin = Instant::now();
        while connects(port).is_ok() {
            assert!(begin.elapsed() < PATIENCE, "the server goes on");
            thread::sleep(Duration::from_millis(5));
        }
        // The other processes of the server end a moment later, and may write until then.
        while fs::remove_dir_all(folder).is_err() {
            assert!(begin.elapsed() < PATIENCE, "the folder stays");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    #[ignore = "needs PostgreSQL: run `cargo xtask test`"]
    fn the_shared_instance_is_one_while_it_is_used() {
        let first = Postgres::shared();
        assert_eq!(first.port(), Postgres::shared().port());
    }
}
