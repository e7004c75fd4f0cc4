//! AWS's query protocol, as RDS, IAM and STS speak it: a form in, XML out.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;

/// The parameters of one request.
#[derive(Clone, Debug, Default)]
pub struct Parameters(BTreeMap<String, String>);

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// 400, 404 or 500.
    pub status: StatusCode,
    /// AWS's code, for example `DBSnapshotNotFound`.
    pub code: &'static str,
    /// For people.
    pub message: String,
}

impl Fault {
    /// A 400.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code,
            message: message.into(),
        }
    }

    /// A 403.
    pub fn denied(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            code: "AccessDenied",
            message: message.into(),
        }
    }

    /// A 404.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            code,
            message: message.into(),
        }
    }

    /// A 500: ours, not the caller's.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "the embedded control plane failed");
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "InternalFailure",
            message: cause.to_string(),
        }
    }
}

impl From<super::RecordError> for Fault {
    fn from(cause: super::RecordError) -> Self {
        Self::internal(&cause)
    }
}

impl Parameters {
    /// Reads a form.
    pub fn parse(body: &[u8]) -> Result<Self, Fault> {
        serde_urlencoded::from_bytes(body).map(Self).map_err(|error| {
            Fault::new(
                "MalformedQueryString",
                format!("The request body is no form: {error}"),
            )
        })
    }

    /// The operation.
    pub fn action(&self) -> &str {
        self.get("Action").unwrap_or_default()
    }

    /// A parameter that has a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A parameter that must be there.
    pub fn require(&self, name: &str) -> Result<&str, Fault> {
        self.get(name).ok_or_else(|| {
            Fault::new(
                "MissingParameter",
                format!("The request must contain the parameter {name}"),
            )
        })
    }

    /// `Name.member.1`, `Name.member.2` and so on, whatever `member` is called.
    pub fn list(&self, name: &str) -> Vec<String> {
        let mut members: Vec<(u32, &String)> = self
            .0
            .iter()
            .filter_map(|(key, value)| {
                let rest = key.strip_prefix(name)?.strip_prefix('.')?;
                let number = rest.rsplit('.').next()?.parse().ok()?;
                (rest.split('.').count() <= 2).then_some((number, value))
            })
            .collect();
        members.sort_by_key(|(number, _)| *number);
        members.into_iter().map(|(_, value)| value.clone()).collect()
    }

    /// `Filters.Filter.N.Name` with its `Values.Value.M`.
    pub fn filters(&self) -> Vec<(String, Vec<String>)> {
        let named = self
            .0
            .iter()
            .filter(|(key, _)| key.starts_with("Filters.") && key.ends_with(".Name"));
        named
            .map(|(key, name)| {
                let values = format!("{}Values", key.trim_end_matches("Name"));
                (name.clone(), self.list(&values))
            })
            .collect()
    }

    /// MaxRecords, 20 to 100.
    pub fn max_records(&self) -> Result<usize, Fault> {
        let Some(text) = self.get("MaxRecords") else {
            return Ok(100);
        };
        match text.parse() {
            Ok(number @ 20..=100) => Ok(number),
            _ => Err(Fault::new(
                "InvalidParameterValue",
                format!("Invalid value {text} for MaxRecords. Must be between 20 and 100"),
            )),
        }
    }
}

/// An XML document under construction.
#[derive(Debug, Default)]
pub struct Xml(String);

impl Xml {
    /// `<name>text</name>`.
    pub fn leaf(&mut self, name: &str, text: impl std::fmt::Display) {
        let text = text.to_string();
        self.node(name, |xml| xml.0.push_str(&quick_xml::escape::escape(&text)));
    }

    /// `<name>text</name>`, or nothing.
    pub fn optional(&mut self, name: &str, text: Option<impl std::fmt::Display>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }

    /// `<name>2026-11-19T08:00:00.000Z</name>`.
    pub fn moment(&mut self, name: &str, at: Timestamp) {
        self.leaf(name, format_args!("{at:.3}"));
    }

    /// `<name>` around what `inside` writes.
    pub fn node(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.0.extend(["<", name, ">"]);
        inside(self);
        self.0.extend(["</", name, ">"]);
    }
}

/// A whole answer: `<ActionResponse xmlns=…><ActionResult>…`.
pub fn answer(
    namespace: &str,
    action: &str,
    request_id: &str,
    result: Result<Xml, Fault>,
) -> Response<Bytes> {
    let (status, xml) = match result {
        Ok(Xml(result)) => {
            let metadata =
                format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>");
            let body = format!("<{action}Result>{result}</{action}Result>{metadata}");
            (
                StatusCode::OK,
                format!("<{action}Response xmlns=\"{namespace}\">{body}</{action}Response>"),
            )
        }
        Err(fault) => {
            let mut error = Xml::default();
            error.node("Error", |xml| {
                xml.leaf(
                    "Type",
                    if fault.status.is_server_error() {
                        "Receiver"
                    } else {
                        "Sender"
                    },
                );
                xml.leaf("Code", fault.code);
                xml.leaf("Message", &fault.message);
            });
            error.leaf("RequestId", request_id);
            (
                fault.status,
                format!("<ErrorResponse xmlns=\"{namespace}\">{}</ErrorResponse>", error.0),
            )
        }
    };
    super::respond(status, "text/xml", xml)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_filters_are_read_in_order() {
        let form = "Action=X&ExportOnly.member.2=b&ExportOnly.member.1=a&Filters.Filter.1.Name=status\
                    &Filters.Filter.1.Values.Value.1=COMPLETE&Filters.Filter.1.Values.Value.2=FAILED&Empty=";
        let parameters = Parameters::parse(form.as_bytes()).unwrap();
        assert_eq!(parameters.list("ExportOnly"), ["a", "b"]);
        assert_eq!(
            parameters.filters(),
            [(
                "status".to_owned(),
                vec!["COMPLETE".to_owned(), "FAILED".to_owned()]
            )]
        );
        assert_eq!(parameters.get("Empty"), None);
        assert_eq!(parameters.require("Gone").unwrap_err().code, "MissingParameter");
    }

    #[test]
    fn text_is_escaped() {
        let mut xml = Xml::default();
        xml.node("A", |xml| xml.leaf("B", "<&>"));
        assert_eq!(xml.0, "<A><B>&lt;&amp;&gt;</B></A>");
    }
}
