//! Requests while the file is replaced.

use std::collections::BTreeSet;

use http::{HeaderMap, Request, Response};
use omnicors_tower::{CorsLayer, PolicyHandle};
use tokio::task::JoinSet;
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::*;

/// A policy, each of whose settings tells its number.
fn numbered(number: usize) -> String {
    format!(
        "allow_origins = ['https://shared.example']
         allow_credentials = {}
         allow_methods = ['M{number}']
         allow_headers = ['x-{number}']
         max_age = {number}",
        number.is_multiple_of(2)
    )
}

/// The number that each line of a preflight's answer tells: the same, or else it is a mix.
fn number(headers: &HeaderMap) -> usize {
    let told = |line: &str, prefix: &str| {
        let text = headers[line].to_str().unwrap();
        text.strip_prefix(prefix).unwrap().parse::<usize>().unwrap()
    };
    let number = told("access-control-max-age", "");
    assert_eq!(told("access-control-allow-methods", "M"), number);
    assert_eq!(told("access-control-allow-headers", "x-"), number);
    let has_credentials = headers.contains_key("access-control-allow-credentials");
    assert_eq!(has_credentials, number.is_multiple_of(2));
    number
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_while_the_file_is_replaced_are_each_answered_by_one_policy() {
    const LAST: usize = 200;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    save(&path, numbered(0));
    let (policy, file): (PolicyHandle, _) = PolicyFile::watch(&path, |_| {}).unwrap();
    let service = CorsLayer::new(policy).layer(service_fn(async |_: Request<()>| {
        Ok::<_, std::convert::Infallible>(Response::new(()))
    }));
    let mut readers = JoinSet::new();
    for _ in 0..4 {
        let service = service.clone();
        readers.spawn(async move {
            let mut seen = BTreeSet::new();
            while !seen.contains(&LAST) {
                let preflight = Request::options("/")
                    .header("origin", "https://shared.example")
                    .header("access-control-request-method", "GET")
                    .body(())
                    .unwrap();
                let answer = service.clone().oneshot(preflight).await.unwrap();
                seen.insert(number(answer.headers()));
                tokio::task::yield_now().await;
            }
            seen.len()
        });
    }
    for number in 1..=LAST {
        save(&path, numbered(number));
        file.reload().await.unwrap();
        if number % 10 == 0 {
            save(&path, "allow_origins = ['null']");
            file.reload().await.unwrap_err();
        }
    }
    for seen in readers.join_all().await {
        assert!(seen > LAST / 10, "too few to tell anything: {seen}");
    }
}
