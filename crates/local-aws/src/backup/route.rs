//! A request taken apart: method, path, query and body.

use std::collections::HashMap;

use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Fault;
use crate::control::page;

/// One request.
pub(super) struct Route<'a> {
    pub method: &'a str,
    /// Decoded segments; a trailing slash adds none.
    pub path: Vec<&'a str>,
    pub raw: &'a str,
    query: HashMap<String, String>,
    body: Value,
}

impl<'a> Route<'a> {
    /// The path's segments, decoded: an ARN may be one of them.
    pub fn decode(path: &str) -> Vec<String> {
        path.split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect()
    }

    pub fn read(request: &'a http::Request<Bytes>, decoded: &'a [String]) -> Result<Self, Fault> {
        let query = serde_urlencoded::from_str(request.uri().query().unwrap_or_default())
            .map_err(|error| Fault::invalid(format!("The query cannot be read: {error}")))?;
        let body = if request.body().is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(request.body())
                .map_err(|error| Fault::invalid(format!("The body is no JSON document: {error}")))?
        };
        Ok(Self {
            method: request.method().as_str(),
            path: decoded.iter().map(String::as_str).collect(),
            raw: request.uri().path(),
            query,
            body,
        })
    }

    /// A part of the body.
    pub fn body(&self, name: &str) -> &Value {
        &self.body[name]
    }

    /// A text of the body that must be there.
    pub fn text(&self, name: &str) -> Result<&str, Fault> {
        self.body[name]
            .as_str()
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Fault::missing(name))
    }

    /// A parameter of the query that has a value.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A time of the query.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a conversion from floats saturates, and such a time is none"
    )]
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Fault> {
        let Some(text) = self.query(name) else {
            return Ok(None);
        };
        // The SDKs write RFC 3339, some tools seconds since 1970.
        let seconds = || {
            let seconds: f64 = text.parse().ok()?;
            Timestamp::from_millisecond((seconds * 1000.0) as i64).ok()
        };
        match text.parse().ok().or_else(seconds) {
            Some(at) => Ok(Some(at)),
            None => Err(Fault::invalid(format!("{name} is no time: {text}"))),
        }
    }

    /// How many items a page may hold.
    pub fn page_size(&self) -> Result<usize, Fault> {
        match self.query("maxResults") {
            None => Ok(1_000),
            Some(text) => text
                .parse()
                .ok()
                .filter(|size| (1..=1_000).contains(size))
                .ok_or_else(|| Fault::invalid(format!("maxResults must be between 1 and 1000, not {text}."))),
        }
    }

    /// One page of `items` as the query asks for it: the list under `name`, and its NextToken.
    pub fn page<T>(
        &self,
        name: &str,
        items: Vec<T>,
        id: impl Fn(&T) -> &str,
        describe: impl Fn(&T) -> Value,
    ) -> Result<Value, Fault> {
        let size = self.page_size()?;
        let (items, next) = page(items, self.query("nextToken"), size, id)
            .ok_or_else(|| Fault::invalid("The nextToken is invalid."))?;
        let mut answer = serde_json::Map::new();
        answer.insert(name.to_owned(), items.iter().map(describe).collect());
        if let Some(next) = next {
            answer.insert("NextToken".to_owned(), next.into());
        }
        Ok(Value::Object(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailing_slashes_add_nothing_and_arns_are_decoded() {
        let path = "/resources/arn%3Aaws%3Ards%3Aus-east-1%3A1%3Adb%3Atvshows/recovery-points/";
        assert_eq!(
            Route::decode(path),
            [
                "resources", "arn:aws:rds:us-east-1:1:db:tvshows", "recovery-points"
            ]
        );
        assert_eq!(Route::decode("/100%"), ["100%"]);
    }
}
