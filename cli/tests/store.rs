//! `omnicors store` with real servers, and its errors without one.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Output, Stdio};

use omnicors_store_servers::{Postgres, RedisServer};

fn command(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omnicors"));
    command.env("OMNICORS_STORE", url).env("NO_COLOR", "1");
    command.arg("store").args(arguments).stdin(Stdio::null());
    command
}

/// Returns the exit code, the output and the messages.
fn run(url: &str, arguments: &[&str]) -> (i32, String, String) {
    read(command(url, arguments).output().expect("the command runs"))
}

fn read(output: Output) -> (i32, String, String) {
    (
        output.status.code().expect("an exit code"),
        String::from_utf8(output.stdout).expect("UTF-8"),
        String::from_utf8(output.stderr).expect("UTF-8"),
    )
}

fn check_commands(url: &str) {
    let (a, b) = ("https://a.example", "https://b.example:8443");
    let (code, _, messages) = run(url, &["list"]);
    assert_eq!(code, 3, "a store that was not prepared");
    assert!(messages.contains("run `omnicors store init`"), "{messages}");

    for _ in 0..2 {
        assert_eq!(run(url, &["init"]).0, 0);
    }
    let mut watch = command(url, &["watch"]);
    let mut watch = watch
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut watched = BufReader::new(watch.stdout.take().expect("a pipe")).lines();
    let mut next = || watched.next().expect("a line").expect("UTF-8");
    assert!(next().ends_with(": waiting for changes"));

    let added = |text: &str| (0, text.to_owned(), String::new());
    assert_eq!(run(url, &["add", a, b]), added("added 2 of 2\n"));
    let mut lines = [next(), next()];
    lines.sort();
    assert!(lines[0].ends_with(": added https://a.example"), "{lines:?}");
    assert!(
        lines[1].ends_with(": added https://b.example:8443"),
        "{lines:?}"
    );
    assert_eq!(run(url, &["add", a, a]), added("added 0 of 1\n"));
    let (code, listed, _) = run(url, &["list"]);
    let mut listed: Vec<_> = listed.lines().collect();
    listed.sort_unstable();
    assert_eq!((code, listed), (0, vec![a, b]));

    assert_eq!(run(url, &["remove", a, a]), added("removed 1 of 1\n"));
    assert!(next().ends_with(": removed https://a.example"));
    let (code, output, messages) = run(url, &["remove", a, b]);
    assert_eq!((code, output.as_str()), (1, "removed 1 of 2\n"));
    assert!(
        messages.contains("1 of them were not in the store"),
        "{messages}"
    );
    watch.kill().expect("it runs");
    watch.wait().expect("it ends");

    let mut from_input = command(url, &["add", "--from", "-"]);
    from_input.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut from_input = from_input.spawn().expect("the command runs");
    let mut input = from_input.stdin.take().expect("a pipe");
    for number in 0..25_000 {
        writeln!(input, "https://{number}.example").expect("a pipe");
    }
    writeln!(
        input,
        "# a comment\n\n  https://spaces.example  # a comment"
    )
    .expect("a pipe");
    drop(input);
    let (code, output, _) = read(from_input.wait_with_output().expect("it ends"));
    assert_eq!((code, output.as_str()), (0, "added 25001 of 25001\n"));
    assert_eq!(run(url, &["list"]).1.lines().count(), 25_001);

    let (code, output, messages) =
        run(url, &["add", "https://new.example", "https://New.example/"]);
    assert_eq!((code, output.as_str()), (3, ""));
    assert!(
        messages.contains("write `https://new.example`"),
        "{messages}"
    );
    assert!(messages.contains("nothing was changed"), "{messages}");
    assert_eq!(run(url, &["list"]).1.lines().count(), 25_001);
}

#[test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
fn each_command_works_with_postgresql() {
    let server = Postgres::start();
    let url = server.url("postgres", "postgres");
    check_commands(&url);
    let (code, output, _) = run(&url, &["prune", "--days", "0"]);
    assert_eq!(code, 0);
    // All but the last transaction, whose 5,001 changes servers may still look for. The removal of an origin that was not in the store
    // has recorded two.
    assert!(
        output.starts_with("deleted the records of 20007 changes"),
        "{output}"
    );
}

/// The commands of docs/fleet.md.
#[test]
#[ignore = "needs PostgreSQL: run `cargo xtask test`"]
fn a_role_that_init_names_can_read_the_store() {
    let server = Postgres::start();
    let owner = server.url("postgres", "postgres");
    let (code, _, messages) = run(&owner, &["init", "--role", "api"]);
    assert_eq!(code, 3);
    assert!(
        messages.contains(r#"role "api" does not exist"#),
        "{messages}"
    );
    server.run("postgres", "CREATE ROLE api LOGIN");
    let api = server.url("api", "postgres");
    assert_eq!(run(&owner, &["init"]).0, 0);
    let (code, _, messages) = run(&api, &["list"]);
    assert_eq!(code, 3);
    assert!(
        messages.contains("permission denied for schema omnicors"),
        "{messages}"
    );
    assert_eq!(run(&owner, &["init", "--role", "api"]).0, 0);
    assert_eq!(run(&owner, &["add", "https://a.example"]).0, 0);
    let (code, listed, messages) = run(&api, &["list"]);
    assert_eq!((code, listed.as_str()), (0, "https://a.example\n"));
    assert_eq!(messages, "");
    let (code, _, messages) = run(&api, &["remove", "https://a.example"]);
    assert_eq!(code, 3);
    assert!(messages.contains("permission denied"), "{messages}");
}

#[test]
#[ignore = "needs Redis: run `cargo xtask test`"]
fn each_command_works_with_redis() {
    let server = RedisServer::start();
    check_commands(&server.url());
    let (code, _, messages) = run(&server.url(), &["prune"]);
    assert_eq!(code, 3);
    assert!(messages.contains("Redis needs no pruning"), "{messages}");
}

#[test]
fn the_sql_and_the_script_are_printed_without_a_server() {
    let postgres = "postgres://cors:secret@127.0.0.1:1/app";
    let table = [
        "--table",
        "app.tenants",
        "--column",
        "origin",
        "--where",
        "active",
    ];
    let init = [&["init", "--print", "--role", "api"], &table[..]].concat();
    let (code, sql, _) = run(postgres, &init);
    assert_eq!(code, 0);
    assert!(sql.contains(r#"'"app"."tenants"'"#), "{sql}");
    assert!(
        sql.contains(r#"GRANT SELECT ON "app"."tenants" TO "api";"#),
        "{sql}"
    );
    let (code, script, _) = run("redis://127.0.0.1:1", &["init", "--print"]);
    assert_eq!(code, 0);
    assert!(script.contains("redis.call"), "{script}");
}

#[test]
fn an_error_says_what_to_write_and_never_shows_a_password() {
    for (url, arguments, expected) in [
        (
            "mysql://u:secret@db/app",
            &["list"][..],
            "does not begin with postgres://, redis://",
        ),
        ("", &["list"], "does not begin with postgres://, redis://"),
        (
            "postgres://u:secret@127.0.0.1:1/app",
            &["list"],
            "Connection refused",
        ),
        (
            "redis://u:secret@127.0.0.1:1",
            &["list"],
            "Connection refused",
        ),
        (
            "postgres://u:secret@db:port/app",
            &["list"],
            "the URL of the store is not valid",
        ),
        (
            "redis://u:secret@:port",
            &["list"],
            "the URL of the store is not valid",
        ),
        (
            "redis://h",
            &["list", "--table", "t", "--column", "c"],
            "`--table` is for PostgreSQL",
        ),
        (
            "redis://h",
            &["init", "--role", "api"],
            "`--role` is for PostgreSQL",
        ),
        (
            "redis://h",
            &["list", "--prefix", ""],
            "`--prefix` is not valid",
        ),
        (
            "postgres://h",
            &["list", "--prefix", "p"],
            "`--prefix` is for Redis",
        ),
        (
            "postgres://h",
            &["list", "--table", "t"],
            "`--table` needs `--column`",
        ),
        ("redis://h", &["add"], "required"),
        (
            "redis://h",
            &["add", "null"],
            "many unrelated pages share it",
        ),
        ("redis://h", &["add", "https://*.example"], "a pattern"),
    ] {
        let (code, output, messages) = run(url, arguments);
        assert_eq!(
            (code, output.as_str()),
            (3, ""),
            "{url} {arguments:?}: {messages}"
        );
        assert!(
            messages.contains(expected),
            "{url} {arguments:?}: {messages}"
        );
        assert!(!messages.contains("secret"), "{url}: {messages}");
    }
    let mut without = command("", &["list"]);
    let output = without.env_remove("OMNICORS_STORE").output();
    let (code, _, messages) = read(output.expect("the command runs"));
    assert_eq!(code, 3);
    assert!(
        messages.contains("set OMNICORS_STORE to its URL"),
        "{messages}"
    );
}
