//! Requests while the file is replaced.

use std::sync::atomic::AtomicUsize;

use http::{HeaderMap, Request, Response};
use omnicors_tower::{CorsLayer, PolicyHandle};
use tokio::task::JoinSet;
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::*;

/// Returns a policy whose settings all contain its number.
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

/// Returns the number in the fields of a preflight response, and asserts that they all have the same number, so come from one policy.
fn number(headers: &HeaderMap) -> usize {
    let number_in = |name: &str, prefix: &str| {
        let text = headers[name].to_str().unwrap();
        text.strip_prefix(prefix).unwrap().parse::<usize>().unwrap()
    };
    let number = number_in("access-control-max-age", "");
    assert_eq!(
        number_in("access-control-allow-methods", "GET, HEAD, POST, M"),
        number
    );
    assert_eq!(number_in("access-control-allow-headers", "x-"), number);
    let has_credentials = headers.contains_key("access-control-allow-credentials");
    assert_eq!(has_credentials, number.is_multiple_of(2));
    number
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_while_the_file_is_replaced_are_each_decided_by_one_policy() {
    const LAST: usize = 100;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    save(&path, numbered(0));
    let (policy, file): (PolicyHandle, _) = PolicyFile::watch(&path, |_| {}).unwrap();
    let service = CorsLayer::new(policy).layer(service_fn(async |_: Request<()>| {
        Ok::<_, std::convert::Infallible>(Response::new(()))
    }));
    // The last number that each reader has seen.
    let seen: [_; 4] = std::array::from_fn(|_| Arc::new(AtomicUsize::new(0)));
    let mut readers = JoinSet::new();
    for seen in &seen {
        let (service, seen) = (service.clone(), Arc::clone(seen));
        readers.spawn(async move {
            let mut last = 0;
            while last < LAST {
                let preflight = Request::options("/")
                    .header("origin", "https://shared.example")
                    .header("access-control-request-method", "GET")
                    .body(())
                    .unwrap();
                let response = service.clone().oneshot(preflight).await.unwrap();
                let number = number(response.headers());
                assert!(number >= last, "{number} after {last}");
                last = number;
                seen.store(number, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        });
    }
    for number in 1..=LAST {
        save(&path, numbered(number));
        file.reload().await.unwrap();
        if number.is_multiple_of(10) && number < LAST {
            save(&path, "allow_origins = ['null']");
            file.reload().await.unwrap_err();
            // Wait, so that each reader sees several policies even on a busy machine.
            while seen
                .iter()
                .any(|seen| seen.load(Ordering::Relaxed) < number)
            {
                let ended = readers.try_join_next();
                assert!(ended.is_none(), "before the last: {ended:?}");
                tokio::task::yield_now().await;
            }
        }
    }
    readers.join_all().await;
}
