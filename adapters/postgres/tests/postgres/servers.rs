//! What is shown of servers.

use omnicors_postgres::PostgresStore;

use crate::database::message;

#[test]
fn no_password_is_shown() {
    let store = PostgresStore::from_url("postgres://cors:secret@db.example/app").unwrap();
    let text = format!("{store:?}");
    assert!(
        text.contains("db.example") && !text.contains("secret"),
        "{text}"
    );
    let text = message(PostgresStore::from_url(
        "postgres://cors:secret@db.example:port/app",
    ));
    assert!(!text.contains("secret"), "{text}");
}
