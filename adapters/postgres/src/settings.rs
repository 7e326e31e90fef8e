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
