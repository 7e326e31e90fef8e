//! Snapshots of every message: `TRYCMD=overwrite` writes them.
//!
//! The cases ask `https://NAME.test.example`, whose servers are in sites.rs, and `http://any-host.localhost`. A script adds the address and
//! the authority.

use std::path::Path;

use trycmd::TestCases;
use trycmd::schema::Bin;

use crate::server::Running;
use crate::sites::respond;
use crate::tls::Secure;

#[cfg(unix)]
#[test]
fn every_message_is_as_it_was_read() {
    use std::os::unix::fs::PermissionsExt as _;

    let secure = Secure::new(&["h2", "http/1.1"]);
    let (plain, _) = Running::recording(|request| respond("any-host", request));
    let plain = plain.address;
    let script = secure.folder().join("omnicors");
    let arguments = secure
        .arguments()
        .map(|argument| format!("'{argument}'"))
        .join(" ");
    let command = Path::new(env!("CARGO_BIN_EXE_omnicors")).display();
    let text = format!(
        "#!/bin/sh\ncase \" $* \" in\n*' --resolve '*) ;;\n*.test.example*|*//api.example/items*|*//staging.example*) set -- \"$@\" {arguments} ;;\n*http://any-host.localhost/*) set -- \"$@\" --resolve '*:80:{plain}' ;;\nesac\nexec '{command}' \"$@\"\n"
    );
    std::fs::write(&script, text).expect("a script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("it can run");
    let cases = TestCases::new();
    cases.register_bin("omnicors", Bin::Path(script));
    cases.case("tests/cmd/probe/*.trycmd").case("docs/probe.md");
    cases.run();
}
