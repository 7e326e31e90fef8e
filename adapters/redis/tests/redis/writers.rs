//! Writers of other languages, and the permissions that each user needs.

use std::fs;

use omnicors_redis::{OriginStore, OriginStoreWriter, RedisStore};
use omnicors_store_servers::RedisServer;
use omnicors_tokio::StoreSession;

use crate::shared::{KEYS, add, all, changes, connect, initialized, origin, soon};

const README: &str = include_str!("../../README.md");

/// Returns the words of the line in the README that begins with this text, with the password of the tests.
fn command_of_the_readme(start: &str) -> Vec<&'static str> {
    let mut lines = README.lines().filter(|line| line.starts_with(start));
    let line = lines.next().expect("the README has the command");
    assert_eq!(lines.next(), None);
    line.split_whitespace().collect()
}

fn store_of(server: &RedisServer, user: &str, password: &str) -> RedisStore {
    let url = format!("redis://{user}:{password}@127.0.0.1:{}", server.port());
    RedisStore::from_url(&url).unwrap()
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn the_published_script_works_with_redis_cli() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    let mut session = connect(&server).await;
    let position = soon(session.present()).await.unwrap();
    let file = server.directory().join("change.lua");
    fs::write(&file, RedisStore::SCRIPT).unwrap();
    let run = |operation: &str, origins: &[&str]| {
        let mut arguments = vec!["--eval", file.to_str().unwrap()];
        arguments.extend(KEYS);
        arguments.extend([",", operation, "100000"]);
        arguments.extend(origins);
        server.cli(&arguments)
    };
    assert_eq!(run("add", &["https://a.example", "https://b.example"]), "2");
    assert_eq!(run("add", &["https://a.example"]), "0");
    assert_eq!(
        run("remove", &["https://b.example", "https://c.example"]),
        "1"
    );

    let (read, _) = changes(&mut session, &position).await;
    assert_eq!(
        read,
        [
            "+https://a.example",
            "+https://b.example",
            "-https://b.example",
            "-https://c.example"
        ]
    );
    assert!(soon(store.contains("https://a.example")).await.unwrap());
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn the_script_refuses_wrong_arguments_and_changes_nothing() {
    let server = RedisServer::start();
    let [origins, changes, revision, history] = KEYS;
    let run = |keys: &[&str], arguments: &[&str]| {
        let count = keys.len().to_string();
        let mut all = vec!["EVAL", RedisStore::SCRIPT, &count];
        all.extend(keys);
        all.extend(arguments);
        server.cli_error(&all)
    };
    let error = run(&KEYS, &["add", "100", "https://a.example"]);
    assert!(error.contains("not initialized"), "{error}");
    let store = initialized(&server).await;
    add(&store, "https://before.example").await;
    for (keys, arguments) in [
        (&KEYS[..], &["insert", "100", "https://a.example"][..]),
        (&KEYS, &["add", "many", "https://a.example"]),
        (&KEYS, &["add"]),
        (
            &[origins, changes, revision],
            &["add", "100", "https://a.example"],
        ),
        // In the wrong order.
        (
            &[changes, origins, revision, history],
            &["add", "100", "https://a.example"],
        ),
    ] {
        let error = run(keys, arguments);
        assert!(
            error.contains("ERR") || error.contains("WRONGTYPE"),
            "{error}"
        );
    }
    let mut session = connect(&server).await;
    let (origins, position) = all(&mut session).await;
    assert_eq!(origins, ["https://before.example"]);
    assert_eq!(position.revision(), 1);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn the_script_is_loaded_again_after_the_server_has_forgotten_it() {
    let server = RedisServer::start();
    let store = initialized(&server).await;
    add(&store, "https://a.example").await;
    server.cli(&["SCRIPT", "FLUSH"]);
    assert_eq!(add(&store, "https://b.example").await, 1);
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn the_documented_permissions_are_enough_and_not_more() {
    let server = RedisServer::start();
    server.cli(&command_of_the_readme("ACL SETUSER node"));
    server.cli(&command_of_the_readme("ACL SETUSER writer"));
    let writer = store_of(&server, "writer", "writers-password");
    assert!(soon(writer.init()).await.unwrap());
    add(&writer, "https://a.example").await;

    let node = store_of(&server, "node", "nodes-password");
    let mut session = soon(node.connect()).await.unwrap();
    let (origins, position) = all(&mut session).await;
    assert_eq!(origins, ["https://a.example"]);
    let (added, hint) =
        soon(async { tokio::join!(add(&writer, "https://b.example"), session.wait_for_hint()) })
            .await;
    assert_eq!(added, 1);
    hint.unwrap();
    assert_eq!(
        changes(&mut session, &position).await.0,
        ["+https://b.example"]
    );
    assert!(soon(node.contains("https://a.example")).await.unwrap());
    assert!(soon(writer.contains("https://a.example")).await.unwrap());

    // Each command of a node is needed.
    let denied = server.cli(&["ACL", "LOG"]);
    assert_eq!(denied, "");
    for command in [
        "info",
        "multi",
        "exec",
        "get",
        "sismember",
        "sscan",
        "xrange",
        "xread",
    ] {
        server.cli(&["ACL", "SETUSER", "node", &format!("-{command}")]);
        let works = async {
            let mut session = node.connect().await?;
            let position = session.read_all(&mut |_| ()).await?;
            session.changes_after(&position).await?;
            node.contains("https://a.example").await?;
            // There is a change after revision 0, so this does not wait.
            let mut session = node.connect().await?;
            session.wait_for_hint().await
        };
        assert!(soon(works).await.is_err(), "{command}");
        server.cli(&["ACL", "SETUSER", "node", &format!("+{command}")]);
    }

    let a = [origin("https://a.example")];
    let error = soon(node.remove(&a)).await.unwrap_err();
    assert!(error.to_string().contains("permission"), "{error}");
    assert!(soon(node.init()).await.is_err());
    for command in [
        &["SREM", KEYS[0], "https://a.example"][..],
        &["SADD", KEYS[0], "https://evil.example"],
        &["SET", KEYS[2], "0"],
        &["DEL", KEYS[3]],
        &["XTRIM", KEYS[1], "MAXLEN", "0"],
        &["GET", "other"],
        &["SMEMBERS", KEYS[0]],
        &["CONFIG", "GET", "*"],
    ] {
        let mut arguments = vec!["--no-auth-warning", "-u"];
        let url = format!("redis://node:nodes-password@127.0.0.1:{}", server.port());
        arguments.push(&url);
        arguments.extend(command);
        let error = server.cli_error(&arguments);
        assert!(error.contains("NOPERM"), "{command:?}: {error}");
    }
    let other = ["SET", "other", "1"];
    let url = format!(
        "redis://writer:writers-password@127.0.0.1:{}",
        server.port()
    );
    let mut arguments = vec!["--no-auth-warning", "-u", &url];
    arguments.extend(other);
    assert!(server.cli_error(&arguments).contains("NOPERM"));
}

#[tokio::test]
#[ignore = "needs Redis: run `cargo xtask test`"]
async fn stores_with_different_prefixes_are_independent() {
    let server = RedisServer::start();
    let one = initialized(&server).await;
    let other = crate::shared::store(&server)
        .with_prefix("staging")
        .unwrap();
    assert!(soon(other.connect()).await.is_err());
    assert!(soon(other.init()).await.unwrap());
    add(&one, "https://a.example").await;
    assert!(!soon(other.contains("https://a.example")).await.unwrap());
    assert_eq!(server.cli(&["EXISTS", "{staging}:history"]), "1");
}
