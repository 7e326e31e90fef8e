//! How long a file is followed.

use http::{Request, Response};
use omnicors_tower::CorsLayer;
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::*;

/// Watches a file, and returns the handle and the reports. Drops the `PolicyFile`.
fn follow_with_handle<P>(path: &Path) -> (PolicyHandle<P>, Receiver<Outcome>)
where
    P: for<'a> From<&'a Policy> + Send + Sync + 'static,
{
    let (sender, reports) = channel();
    let (policy, _) = PolicyFile::watch(path, move |outcome| {
        let _ended = sender.send(outcome);
    })
    .unwrap();
    (policy, reports)
}

/// Waits until the thread that follows the file has ended and has dropped the report function.
fn assert_ended(reports: &Receiver<Outcome>) {
    let ended = reports.recv_timeout(PATIENCE).map(drop);
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected));
}

#[test]
fn the_handle_alone_keeps_the_file_followed() {
    let (_directory, path) = directory_with("first");
    let (policy, reports) = follow_with_handle::<NoPreparedValues>(&path);
    save(&path, self::policy("second"));
    let outcome = reports.recv_timeout(PATIENCE).expect("a report");
    assert_eq!(outcome.unwrap(), Reloaded::Replaced);
    assert!(is_in_force(policy.load().policy(), "second"));
}

#[tokio::test]
async fn a_service_made_from_the_handle_keeps_the_file_followed_until_it_is_dropped() {
    let (_directory, path) = directory_with("first");
    let (service, reports) = {
        let (policy, reports) = follow_with_handle(&path);
        let service = CorsLayer::new(policy).layer(service_fn(async |_: Request<()>| {
            Ok::<_, std::convert::Infallible>(Response::new(()))
        }));
        (service, reports)
    };
    save(&path, policy("second"));
    let outcome = reports.recv_timeout(PATIENCE).expect("a report");
    assert_eq!(outcome.unwrap(), Reloaded::Replaced);
    let request = Request::get("/").header("origin", "https://second.example");
    let request = request.body(()).unwrap();
    let response = service.clone().oneshot(request).await.unwrap();
    let allowed = &response.headers()["access-control-allow-origin"];
    assert_eq!(allowed, "https://second.example");
    drop(service);
    assert_ended(&reports);
}

#[test]
fn dropping_the_last_clone_of_the_handle_ends_the_thread() {
    let (_directory, path) = directory_with("first");
    let (policy, reports) = follow_with_handle::<NoPreparedValues>(&path);
    let clone = policy.clone();
    drop(policy);
    save(&path, self::policy("second"));
    let outcome = reports.recv_timeout(PATIENCE).expect("a report");
    assert_eq!(outcome.unwrap(), Reloaded::Replaced);
    drop(clone);
    assert_ended(&reports);
}

#[test]
fn a_policy_file_whose_handles_were_dropped_cannot_be_reloaded() {
    let (_directory, path) = directory_with("first");
    let Followed {
        policy,
        file,
        reports,
    } = follow(&path);
    let in_force = policy.load();
    drop(policy);
    assert_ended(&reports);
    save(&path, self::policy("second"));
    let error = file.blocking_reload().unwrap_err();
    assert!(matches!(error, PolicyFileError::NotFollowed(_)), "{error}");
    assert!(error.to_string().contains("no longer followed"), "{error}");
    assert!(is_in_force(in_force.policy(), "first"));
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn dropping_a_watcher_ends_its_thread_even_if_no_file_changes() {
    let directory = tempfile::tempdir().unwrap();
    let (sender, ended) = channel::<()>();
    let mut watcher = watcher::Watcher::start(move || drop(sender.clone())).unwrap();
    watcher.watch(&crate::file::places::places(directory.path()));
    drop(watcher);
    let ended = ended.recv_timeout(PATIENCE);
    assert_eq!(ended, Err(RecvTimeoutError::Disconnected));
}
