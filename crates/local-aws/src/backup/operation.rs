//! The name of an operation, which AWS Backup's protocol writes as a method and a path.

use super::route::Route;

/// The operation, and the vault, the plan's id or the whole ARN that it is about. What is not known keeps its method and path.
pub(crate) fn operation(method: &str, path: &str) -> (String, Option<String>) {
    let decoded = Route::decode(path);
    let segments: Vec<&str> = decoded.iter().map(String::as_str).collect();
    let (name, about) = match (method, segments.as_slice()) {
        ("PUT", ["backup-vaults", vault]) => ("CreateBackupVault", Some(*vault)),
        ("GET", ["backup-vaults", vault]) => ("DescribeBackupVault", Some(*vault)),
        ("DELETE", ["backup-vaults", vault]) => ("DeleteBackupVault", Some(*vault)),
        ("GET", ["backup-vaults"]) => ("ListBackupVaults", None),
        ("GET", ["backup-vaults", vault, "recovery-points"]) => {
            ("ListRecoveryPointsByBackupVault", Some(*vault))
        }
        ("GET", ["backup-vaults", _, "recovery-points", arn]) => ("DescribeRecoveryPoint", Some(*arn)),
        ("DELETE", ["backup-vaults", _, "recovery-points", arn]) => ("DeleteRecoveryPoint", Some(*arn)),
        ("PUT", ["backup", "plans"]) => ("CreateBackupPlan", None),
        ("GET", ["backup", "plans"]) => ("ListBackupPlans", None),
        ("GET", ["backup", "plans", plan]) => ("GetBackupPlan", Some(*plan)),
        ("POST", ["backup", "plans", plan]) => ("UpdateBackupPlan", Some(*plan)),
        ("PUT", ["backup", "plans", plan, "selections"]) => ("CreateBackupSelection", Some(*plan)),
        ("GET", ["backup", "plans", plan, "selections"]) => ("ListBackupSelections", Some(*plan)),
        ("GET", ["backup", "plans", plan, "selections", _]) => ("GetBackupSelection", Some(*plan)),
        ("PUT", ["backup-jobs"]) => ("StartBackupJob", None),
        ("GET", ["backup-jobs"]) => ("ListBackupJobs", None),
        ("PUT", ["copy-jobs"]) => ("StartCopyJob", None),
        ("GET", ["copy-jobs"]) => ("ListCopyJobs", None),
        ("GET", ["resources"]) => ("ListProtectedResources", None),
        _ => return (format!("{method} {path}"), None),
    };
    (name.to_owned(), about.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::operation;

    #[test]
    fn a_path_is_named_and_an_unknown_one_stays() {
        let arn = "arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-1";
        let path = format!(
            "/backup-vaults/hourly/recovery-points/{}",
            arn.replace(':', "%3A")
        );
        assert_eq!(
            operation("GET", &path),
            ("DescribeRecoveryPoint".to_owned(), Some(arn.to_owned()))
        );
        assert_eq!(
            operation("GET", "/backup-vaults/"),
            ("ListBackupVaults".to_owned(), None)
        );
        assert_eq!(operation("PATCH", "/x"), ("PATCH /x".to_owned(), None));
    }
}
