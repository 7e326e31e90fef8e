//! A policy file works with every adapter.

use crate::adapters::tokio::{NoPreparedValues, PolicyFile, PolicyHandle};
use crate::adapters::{actix_web, poem, rocket, salvo, tower, warp};

#[test]
fn every_adapter_takes_the_handle_of_a_policy_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    std::fs::write(&path, "allow_origins = ['https://example.com']").unwrap();
    macro_rules! follow {
        ($adapter:ident :: $cors:ident) => {{
            let (policy, _): ($adapter::PolicyHandle, _) =
                PolicyFile::watch(&path, |_| {}).unwrap();
            let _cors = $adapter::$cors::new(policy);
        }};
    }
    follow!(tower::CorsLayer);
    follow!(actix_web::Cors);
    follow!(rocket::Cors);
    follow!(warp::Cors);
    follow!(poem::Cors);
    follow!(salvo::Cors);
    let (policy, _): (PolicyHandle<NoPreparedValues>, _) =
        PolicyFile::watch(&path, |_| {}).unwrap();
    assert!(policy.load().policy().origins().is_some());
}
