use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};

use crate::error::PostgresError;
use crate::link::Link;
use crate::statements::Statements;
use crate::table::OriginTable;
use crate::tls::Tls;

/// A server that does not confirm what was sent is given up after this time. The system's default is more than 15 minutes.
const TCP_USER_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const KEEPALIVES_IDLE: Duration = Duration::from_secs(10);
const KEEPALIVES_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVES_RETRIES: u32 = 3;
/// The default of the client.
const UNSET_KEEPALIVES_IDLE: Duration = Duration::from_secs(2 * 60 * 60);

const DEFAULT_PORT: u16 = 5432;

/// The settings of a store.
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) tls: Tls,
    pub(crate) table: OriginTable,
    pub(crate) statements: Statements,
}

impl Settings {
    /// Returns settings for the table of this package, with the settings of the connection that the config leaves open.
    pub(crate) fn new(mut config: Config) -> Self {
        if config.get_application_name().is_none() {
            config.application_name("omnicors");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(TCP_USER_TIMEOUT);
        }
        if config.get_keepalives_idle() == UNSET_KEEPALIVES_IDLE {
            config.keepalives_idle(KEEPALIVES_IDLE);
        }
        if config.get_keepalives_interval().is_none() {
            config.keepalives_interval(KEEPALIVES_INTERVAL);
        }
        if config.get_keepalives_retries().is_none() {
            config.keepalives_retries(KEEPALIVES_RETRIES);
        }
        // Of several servers, the client takes the first that it reaches, unless it must be able to write.
        if config.get_hosts().len() > 1
            && config.get_target_session_attrs() == TargetSessionAttrs::Any
        {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        let table = OriginTable::own();
        Self {
            config,
            tls: Tls::Off,
            statements: Statements::new(&table),
            table,
        }
    }

    /// Returns a copy.
    pub(crate) fn duplicate(&self) -> Self {
        Self {
            config: self.config.clone(),
            tls: self.tls.clone(),
            table: self.table.clone(),
            statements: Statements::new(&self.table),
        }
    }

    /// Connects to the primary.
    pub(crate) async fn link(&self) -> Result<Link, PostgresError> {
        Link::open(&self.config, &self.tls).await
    }

    /// Names the origins among those of all databases: see `OriginStore::name`.
    pub(crate) fn name(&self) -> String {
        let (config, ports) = (&self.config, self.config.get_ports());
        // One port is that of all hosts.
        let port = |index| ports.get(index).or_else(|| ports.first());
        let hosts = self.hosts().into_iter().enumerate();
        let hosts = hosts.map(|(index, host)| match port(index) {
            Some(port) => format!("{host}:{port}"),
            None => format!("{host}:{DEFAULT_PORT}"),
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        // The default is the name of the user.
        let database = config.get_dbname().or_else(|| config.get_user());
        let database = database.unwrap_or_default();
        let origins = self.table.origins();
        format!("PostgreSQL at {hosts}, database {database}, {origins}")
    }

    /// Returns the hosts, for messages.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let hosts = self.config.get_hosts().iter();
        let hosts = hosts.map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        });
        hosts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_a_config_stay_and_others_are_set() {
        let Settings { config, .. } = Settings::new("host=db.example".parse().unwrap());
        assert_eq!(config.get_application_name(), Some("omnicors"));
        assert_eq!(config.get_connect_timeout(), Some(&CONNECT_TIMEOUT));
        assert_eq!(config.get_tcp_user_timeout(), Some(&TCP_USER_TIMEOUT));
        assert!(config.get_keepalives());
        assert_eq!(config.get_keepalives_idle(), KEEPALIVES_IDLE);
        assert_eq!(config.get_keepalives_interval(), Some(KEEPALIVES_INTERVAL));
        assert_eq!(config.get_keepalives_retries(), Some(KEEPALIVES_RETRIES));
        assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::Any);

        let text = "host=a.example,b.example application_name=mine connect_timeout=1 tcp_user_timeout=2 \
                    keepalives_idle=3 keepalives_interval=4 keepalives_retries=5";
        let Settings { config, .. } = Settings::new(text.parse().unwrap());
        let seconds = Duration::from_secs;
        assert_eq!(config.get_application_name(), Some("mine"));
        assert_eq!(config.get_connect_timeout(), Some(&seconds(1)));
        assert_eq!(config.get_tcp_user_timeout(), Some(&seconds(2)));
        assert_eq!(config.get_keepalives_idle(), seconds(3));
        assert_eq!(config.get_keepalives_interval(), Some(seconds(4)));
        assert_eq!(config.get_keepalives_retries(), Some(5));
        let attributes = config.get_target_session_attrs();
        assert_eq!(attributes, TargetSessionAttrs::ReadWrite);
    }

    #[test]
    fn each_set_of_origins_has_its_own_name() {
        let name = |config: &str, table: OriginTable| {
            let settings = Settings::new(config.parse().unwrap());
            Settings { table, ..settings }.name()
        };
        let url = "postgres://user:secret@a.example,b.example:6432/app";
        assert_eq!(
            name(url, OriginTable::own()),
            r#"PostgreSQL at a.example:5432,b.example:6432, database app, column "origin" of "omnicors"."origin""#
        );
        let tenants = || OriginTable::new("tenants", "site");
        let user = "host=/run/postgresql user=cors";
        assert_eq!(
            name(user, tenants()),
            r#"PostgreSQL at /run/postgresql:5432, database cors, column "site" of "public"."tenants""#
        );
        assert_eq!(
            name(user, tenants().only_where("active")),
            r#"PostgreSQL at /run/postgresql:5432, database cors, column "site" of "public"."tenants" where active"#
        );
    }
}
