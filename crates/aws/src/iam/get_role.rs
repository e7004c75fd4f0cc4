//! GetRole.

use recovery::ids::{AccountId, Region};

use crate::{Cloud, Error, ErrorKind};

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its ARN, with its path.
    pub arn: String,
    /// Who may take it: a JSON document.
    pub trust: String,
}

impl Cloud {
    /// The role of a name, without its path. Roles belong to an account and no Region; `region` says which client asks.
    pub async fn role(&self, region: &Region, account: &AccountId, name: &str) -> Result<Role, Error> {
        const OPERATION: &str = "GetRole";
        let answer = self
            .clients(region, Some(account))
            .iam
            .get_role()
            .role_name(name)
            .send()
            .await
            .map_err(|error| Error::from_sdk(OPERATION, name, &error))?;
        let role = answer
            .role
            .ok_or_else(|| Error::new(OPERATION, name, ErrorKind::Other, "the answer has no role"))?;
        Ok(Role {
            // IAM writes the document as a URL would hold it.
            trust: percent_decoded(role.assume_role_policy_document().unwrap_or_default()),
            arn: role.arn,
        })
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let decoded = (first == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| hex::decode(digits).ok());
        if let Some(decoded) = decoded {
            bytes.extend(decoded);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn a_document_is_read_as_a_url_holds_it() {
        assert_eq!(
            percent_decoded("%7B%22a%22%3A%20%22%C3%A9%22%7D"),
            "{\"a\": \"é\"}"
        );
        assert_eq!(percent_decoded("{\"a\": 100%}"), "{\"a\": 100%}");
    }
}
