use std::time::Duration;

use omnicors_tokio::StoreConnector;
use redis::aio::MultiplexedConnection;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{AsyncConnectionConfig, Client, ConnectionInfo, RedisError, cmd};

use crate::error::Error;
use crate::state::{check_primary, field};

/// The time after which a server that acknowledges no data counts as unreachable, for the operating system.
const TCP_LIMIT: Duration = Duration::from_secs(10);
/// How often the operating system checks an idle connection.
const TCP_PROBE: Duration = Duration::from_secs(5);

/// The time for a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The address of a server, and how to connect.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    client: Client,
}

impl Server {
    pub(crate) fn new(client: &Client) -> Result<Self, RedisError> {
        let client = Client::open(with_settings(client.get_connection_info()))?;
        Ok(Self { client })
    }

    pub(crate) fn address(&self) -> String {
        self.client.get_connection_info().addr().to_string()
    }

    pub(crate) fn database(&self) -> i64 {
        self.client.get_connection_info().redis_settings().db()
    }

    /// Opens a connection to a primary that does not evict the origins.
    pub(crate) async fn connect(&self) -> Result<MultiplexedConnection, Error> {
        let mut connection = self.open().await.map_err(|cause| Error::Connect {
            address: self.address(),
            cause,
        })?;
        let mut command = cmd("INFO");
        command.arg("replication").arg("memory");
        let info: String = command.query_async(&mut connection).await?;
        check_primary(&info)?;
        check_eviction(&info)?;
        Ok(connection)
    }

    /// Opens a connection without these checks.
    pub(crate) async fn open(&self) -> Result<MultiplexedConnection, RedisError> {
        #[cfg(feature = "rustls")]
        set_crypto_provider(self.client.get_connection_info().addr());
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_LIMIT))
            // Callers limit the time. A command that waits for changes must not end by itself.
            .set_response_timeout(None);
        let client = &self.client;
        client
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }
}

/// Opens the connection for lookups and writes.
///
/// Not the `ConnectionManager` of `redis`: it retries for seconds by itself, and does not check what it has connected to.
impl StoreConnector for Server {
    type Connection = MultiplexedConnection;
    type Error = Error;

    async fn connect(&self) -> Result<MultiplexedConnection, Error> {
        self.connect().await
    }

    fn ends_connection(&self, error: &Error) -> bool {
        match error {
            Error::Command(error) => {
                error.is_connection_dropped() || error.is_unrecoverable_error()
            }
            Error::NotPrimary { .. } => true,
            _ => false,
        }
    }
}

/// Returns the address with our settings where the user has not made any.
fn with_settings(info: &ConnectionInfo) -> ConnectionInfo {
    // The name of the library is only for people, and a restricted user may not be allowed to set it.
    let redis = info.redis_settings().clone().set_skip_set_lib_name();
    let mut tcp = info.tcp_settings().clone().set_nodelay(true);
    if tcp.keepalive().is_none() {
        let keepalive = TcpKeepalive::new().with_time(TCP_PROBE);
        tcp = tcp.set_keepalive(keepalive.with_interval(TCP_PROBE));
    }
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    if tcp.user_timeout().is_none() {
        tcp = tcp.set_user_timeout(TCP_LIMIT);
    }
    let info = info.clone().set_redis_settings(redis);
    info.set_tcp_settings(tcp)
}

/// Asks the server whether it may evict the origins now. `CONFIG SET maxmemory-policy` changes it.
pub(crate) async fn check_eviction_now(
    connection: &mut MultiplexedConnection,
) -> Result<(), Error> {
    let mut command = cmd("INFO");
    let info: String = command.arg("memory").query_async(connection).await?;
    check_eviction(&info)
}

/// Returns an error if the server may evict keys that do not expire. With a `volatile` policy, it evicts only keys that expire, and ours
/// do not.
///
/// <https://redis.io/docs/latest/develop/reference/eviction/>
fn check_eviction(info: &str) -> Result<(), Error> {
    // 0: there is no limit.
    if field(info, "maxmemory")? == "0" {
        return Ok(());
    }
    let policy = field(info, "maxmemory_policy")?;
    if policy == "noeviction" || policy.starts_with("volatile-") {
        return Ok(());
    }
    Err(Error::Eviction {
        policy: policy.to_owned(),
    })
}

/// Sets the cryptography of rustls, unless the application has. `redis` does not name one, and then rustls panics if the features of the
/// application enable two.
#[cfg(feature = "rustls")]
fn set_crypto_provider(address: &redis::ConnectionAddr) {
    use rustls::crypto::{CryptoProvider, ring};

    if matches!(address, redis::ConnectionAddr::TcpTls { .. })
        && CryptoProvider::get_default().is_none()
    {
        // An error means that another thread has set one meanwhile.
        let _set = ring::default_provider().install_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_policies_that_evict_keys_without_expiry_are_refused() {
        let info = |limit, policy| format!("maxmemory:{limit}\r\nmaxmemory_policy:{policy}\r\n");
        for (limit, policy) in [
            ("0", "allkeys-lru"),
            ("1048576", "noeviction"),
            ("1048576", "volatile-lru"),
            ("1048576", "volatile-ttl"),
        ] {
            assert!(check_eviction(&info(limit, policy)).is_ok(), "{policy}");
        }
        for policy in [
            "allkeys-lru",
            "allkeys-lfu",
            "allkeys-random",
            "allkeys-lrm",
        ] {
            let error = check_eviction(&info("1048576", policy)).unwrap_err();
            assert!(error.to_string().contains(policy), "{error}");
        }
        assert!(check_eviction("").is_err());
    }

    #[test]
    fn the_settings_of_the_user_stay() {
        let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(77));
        let info: Client = Client::open("redis://user:secret@127.0.0.1:1/3").unwrap();
        let tcp = info.get_connection_info().tcp_settings().clone();
        let info = info.get_connection_info().clone();
        let set = with_settings(&info.clone().set_tcp_settings(tcp.set_keepalive(keepalive)));
        let shown = format!("{:?}", set.tcp_settings().keepalive());
        assert!(shown.contains("77"), "{shown}");
        assert_eq!(set.redis_settings().db(), 3);
        assert_eq!(set.redis_settings().username(), Some("user"));

        let set = with_settings(&info);
        assert!(set.tcp_settings().keepalive().is_some());
        assert!(set.tcp_settings().nodelay());
    }
}
