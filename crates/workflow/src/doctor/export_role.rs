//! The role that RDS exports with.

use std::collections::BTreeSet;

use aws::Cloud;
use serde_json::Value;

use super::report::Notes;
use crate::settings::Settings;

/// Who takes the role.
const EXPORTER: &str = "export.rds.amazonaws.com";

pub(super) async fn examine(cloud: &Cloud, settings: &Settings) -> Notes {
    let mut notes = Notes::default();
    let roles: BTreeSet<_> = settings
        .vaults
        .iter()
        .map(|vault| {
            (
                settings.export_role(&vault.account, &vault.region),
                &vault.account,
                &vault.region,
            )
        })
        .collect();
    for (arn, account, region) in roles {
        let check = notes.check("export_role", &arn);
        // A role's name is the last part of its ARN, after its path.
        let name = arn.rsplit('/').next().unwrap_or_default();
        match cloud.role(region, account, name).await {
            Ok(role) if role.arn != arn => check.error(
                format!("The role of that name is {}", role.arn),
                "Correct export_role_arn in data-restore.toml.",
            ),
            Ok(role) if !trusts(&role.trust, EXPORTER) => check.error(
                format!("Its trust policy does not let {EXPORTER} take it, so every export is refused"),
                format!(
                    "Allow sts:AssumeRole to the service {EXPORTER} in its trust policy, as infra/cloudformation/source.yaml does."
                ),
            ),
            Ok(_) => {}
            Err(error) if error.is_not_found() => check.error(
                error.to_string(),
                "Make it by the stack infra/cloudformation/source.yaml, or correct export_role_arn in data-restore.toml.",
            ),
            Err(error) => check.unseen(&error, "iam:GetRole"),
        }
    }
    notes
}

/// Whether a trust policy allows a service to take the role.
fn trusts(policy: &str, service: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return false;
    };
    each(&policy["Statement"]).any(|statement| {
        statement["Effect"] == "Allow"
            && each(&statement["Action"])
                .any(|action| action == "sts:AssumeRole" || action == "sts:*" || action == "*")
            && each(&statement["Principal"]["Service"]).any(|principal| principal == service)
    })
}

/// What a policy writes as one value or as a list of them.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value
        .as_array()
        .map_or(std::slice::from_ref(value), Vec::as_slice)
        .iter()
}

#[cfg(test)]
mod tests {
    use super::{EXPORTER, trusts};

    #[test]
    fn a_trust_policy_is_read_in_every_form() {
        let policy = |effect: &str, principal: &str, action: &str| {
            format!(
                r#"{{"Statement":[{{"Effect":"{effect}","Principal":{{"Service":{principal}}},"Action":{action}}}]}}"#
            )
        };
        let one = format!("\"{EXPORTER}\"");
        let many = format!("[\"rds.amazonaws.com\",{one}]");
        assert!(trusts(&policy("Allow", &one, "\"sts:AssumeRole\""), EXPORTER));
        assert!(trusts(&policy("Allow", &many, "[\"sts:AssumeRole\"]"), EXPORTER));
        assert!(!trusts(&policy("Deny", &one, "\"sts:AssumeRole\""), EXPORTER));
        assert!(!trusts(
            &policy("Allow", "\"rds.amazonaws.com\"", "\"sts:AssumeRole\""),
            EXPORTER
        ));
        assert!(!trusts(&policy("Allow", &one, "\"sts:TagSession\""), EXPORTER));
        assert!(!trusts("", EXPORTER));
    }
}
