//! The parts of a HAR file that are needed ([HAR 1.2](http://www.softwareishard.com/blog/har-12-spec/)). Bodies are skipped while
//! reading.
//!
//! Exporters leave out fields, and write null or a value of another type. Such a field has its default value here.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The file.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct File {
    pub(super) log: Log,
}

/// The recording.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(super) struct Log {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) creator: Tool,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) browser: Tool,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) pages: Vec<Page>,
    pub(super) entries: Vec<Entry>,
}

/// The program that made the recording.
#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "an object")]
pub(super) struct Tool {
    #[serde(deserialize_with = "lenient")]
    pub(super) name: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) version: String,
}

/// A page that was loaded.
#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "an object")]
pub(super) struct Page {
    #[serde(deserialize_with = "lenient")]
    pub(super) id: String,
    /// In recordings of browsers, this is the URL of the page.
    #[serde(deserialize_with = "lenient")]
    pub(super) title: String,
}

/// A request and its response.
#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "an object")]
pub(super) struct Entry {
    #[serde(deserialize_with = "lenient")]
    pub(super) pageref: String,
    pub(super) request: Request,
    pub(super) response: Response,
    /// Chromium's type of the resource, such as `fetch`, `xhr` or `preflight`.
    #[serde(rename = "_resourceType", deserialize_with = "lenient")]
    pub(super) resource_type: String,
    /// Chromium: the cache that the response came from.
    #[serde(rename = "_fromCache", deserialize_with = "lenient")]
    pub(super) from_cache: String,
}

/// The request.
#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "an object")]
pub(super) struct Request {
    #[serde(deserialize_with = "lenient")]
    pub(super) method: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) url: String,
    #[serde(deserialize_with = "lenient")]
    pub(super) headers: Vec<Header>,
    #[serde(deserialize_with = "count")]
    pub(super) cookies: usize,
}

/// The response.
#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "an object")]
pub(super) struct Response {
    /// 0, or -1 from some programs, if there was no response.
    #[serde(deserialize_with = "lenient")]
    pub(super) status: i64,
    #[serde(deserialize_with = "lenient")]
    pub(super) headers: Vec<Header>,
    #[serde(rename = "redirectURL", deserialize_with = "lenient")]
    pub(super) redirect_url: String,
    /// Chromium: `net::ERR_FAILED`, for example; empty if the browser itself blocked the request, and null if nothing failed.
    #[serde(rename = "_error", deserialize_with = "present")]
    pub(super) error: Option<String>,
    /// Playwright's name for the same.
    #[serde(rename = "_failureText", deserialize_with = "lenient")]
    pub(super) failure_text: String,
    #[serde(rename = "_fetchedViaServiceWorker", deserialize_with = "lenient")]
    pub(super) is_from_service_worker: bool,
}

/// A header field.
#[derive(Debug, Default, Deserialize)]
#[serde(default, expecting = "an object")]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) value: String,
}

impl Request {
    /// Returns the first value of a header field.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

impl Response {
    /// Returns the first value of a header field.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// Returns the browser's name of the error; empty if it gives none.
    pub(super) fn error(&self) -> &str {
        match &self.error {
            Some(error) if !error.is_empty() => error,
            _ => &self.failure_text,
        }
    }
}

fn first<'a>(headers: &'a [Header], name: &str) -> Option<&'a str> {
    let found = headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case(name));
    found.map(|header| header.value.as_str())
}

/// Reads a value; one of another type is the default value.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// Reads a text that may be null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    lenient(deserializer)
}

/// Counts the elements of a list.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    let list: Vec<Value> = lenient(deserializer)?;
    Ok(list.len())
}
