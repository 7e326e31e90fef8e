//! Tests that every adapter accepts the handle of a policy file.

use crate::adapters::tokio::{NoPreparedValues, PolicyFile, PolicyHandle};
use crate::adapters::{actix_web, poem, rocket, salvo, tower, warp};

#[test]
fn every_adapter_accepts_the_handle_of_a_policy_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cors.toml");
    std::fs::write(&path, "allow_origins = ['https://example.com']").unwrap();
    macro_rules! watch {
        ($adapter:ident :: $cors:ident) => {{
            let (policy, _): ($adapter::PolicyHandle, _) =
                PolicyFile::watch(&path, |_| {}).unwrap();
            let _cors = $adapter::$cors::new(policy);
        }};
    }
    watch!(tower::CorsLayer);
    watch!(actix_web::Cors);
    watch!(rocket::Cors);
    watch!(warp::Cors);
    watch!(poem::Cors);
    watch!(salvo::Cors);
    let (policy, _): (PolicyHandle<NoPreparedValues>, _) =
        PolicyFile::watch(&path, |_| {}).unwrap();
    assert!(policy.load().policy().origins().is_some());
}
