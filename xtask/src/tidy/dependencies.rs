//! Dependencies point one way: recovery ← aws ← restore ← workflow ← server.

use std::path::PathBuf;

use super::Finding;
use crate::workspace::{Dependency, Package};

/// Which packages of this workspace each package may use.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("recovery", &[]),
    ("aws", &["recovery"]),
    ("restore", &["recovery", "aws"]),
    ("workflow", &["recovery", "aws", "restore"]),
    ("local-aws", &[]),
    ("app", &["recovery", "workflow"]),
    ("frontend", &["app"]),
    (
        "server",
        &["app", "recovery", "aws", "restore", "workflow", "local-aws"],
    ),
    ("xtask", &[]),
];

/// Dependencies that only some features may bring: package, dependency, features.
const ONLY_BY_FEATURE: [(&str, &str, &[&str]); 2] =
    [("app", "workflow", &["ssr"]), ("server", "local-aws", &["local"])];

/// Crates that wait, read a clock or talk to a network.
const NOT_PURE: [&str; 6] = ["tokio", "futures", "async-trait", "reqwest", "hyper", "rand"];

/// The AWS SDK and what it is made of.
const SDK: [&str; 4] = ["aws-sdk-", "aws-smithy-", "aws-config", "aws-types"];

pub fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |rule: String| findings.push(Finding::of_path(&manifest(package), rule));
    let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == package.name) else {
        find(format!(
            "`{}` has no place in the dependency direction; give it one in xtask/src/tidy/dependencies.rs",
            package.name
        ));
        return findings;
    };
    for dependency in &package.dependencies {
        let name = dependency.name.as_str();
        let is_dev = dependency.kind.as_deref() == Some("dev");
        let is_ours = MAY_USE.iter().any(|(ours, _)| *ours == name);
        if is_ours && !may_use.contains(&name) && !(is_dev && name == "local-aws") {
            find(format!(
                "`{}` must not depend on `{name}`: dependencies point one way",
                package.name
            ));
        }
        if package.name == "recovery" && !is_dev && NOT_PURE.contains(&name) {
            find(format!("`recovery` is pure and must not depend on `{name}`"));
        }
        let is_sdk = SDK.iter().any(|sdk| name.starts_with(sdk));
        if is_sdk && package.name != "aws" && !(is_dev && package.name == "local-aws") {
            find(format!(
                "`{name}` belongs to crates/aws alone (and to the tests of local-aws)"
            ));
        }
        for rule in brought_otherwise(package, dependency) {
            find(rule);
        }
    }
    findings
}

/// What brings a feature's dependency without that feature.
fn brought_otherwise(package: &Package, dependency: &Dependency) -> Vec<String> {
    let Some((_, name, only)) = ONLY_BY_FEATURE
        .iter()
        .find(|(of, name, _)| *of == package.name && *name == dependency.name)
    else {
        return Vec::new();
    };
    if dependency.kind.is_some() {
        return Vec::new();
    }
    if !dependency.optional {
        return vec![format!(
            "`{name}` must be optional in `{}`, brought by {only:?} alone",
            package.name
        )];
    }
    let activation = format!("dep:{name}");
    package
        .features
        .iter()
        .filter(|(feature, brings)| brings.contains(&activation) && !only.contains(&feature.as_str()))
        .map(|(feature, _)| format!("feature `{feature}` must not bring `{name}`"))
        .collect()
}

fn manifest(package: &Package) -> PathBuf {
    let components: Vec<_> = package.manifest_path.components().collect();
    components[components.len().saturating_sub(3)..].iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>, bool)]) -> Package {
        Package {
            name: name.to_owned(),
            manifest_path: PathBuf::from(format!("/checkout/crates/{name}/Cargo.toml")),
            dependencies: dependencies
                .iter()
                .map(|(name, kind, optional)| Dependency {
                    name: (*name).to_owned(),
                    kind: kind.map(str::to_owned),
                    optional: *optional,
                })
                .collect(),
            features: BTreeMap::new(),
        }
    }

    fn rules(package: &Package) -> Vec<String> {
        check_package(package)
            .into_iter()
            .map(|finding| finding.rule)
            .collect()
    }

    #[test]
    fn the_direction_is_kept() {
        assert_eq!(
            rules(&package(
                "restore",
                &[("recovery", None, false), ("aws", None, false)]
            )),
            [""; 0]
        );
        assert_eq!(rules(&package("aws", &[("restore", None, false)])).len(), 1);
        assert_eq!(rules(&package("newcomer", &[])).len(), 1);
    }

    #[test]
    fn the_embedded_aws_is_for_tests_and_the_server() {
        assert_eq!(
            rules(&package("restore", &[("local-aws", Some("dev"), false)])),
            [""; 0]
        );
        assert_eq!(rules(&package("restore", &[("local-aws", None, false)])).len(), 1);
        assert_eq!(rules(&package("server", &[("local-aws", None, true)])), [""; 0]);
        assert_eq!(rules(&package("server", &[("local-aws", None, false)])).len(), 1);
    }

    #[test]
    fn the_sdk_is_for_aws_alone() {
        assert_eq!(rules(&package("aws", &[("aws-sdk-s3", None, false)])), [""; 0]);
        assert_eq!(
            rules(&package("local-aws", &[("aws-sdk-s3", Some("dev"), false)])),
            [""; 0]
        );
        assert_eq!(
            rules(&package("local-aws", &[("aws-sdk-s3", None, false)])).len(),
            1
        );
        assert_eq!(
            rules(&package("workflow", &[("aws-smithy-types", Some("dev"), false)])).len(),
            1
        );
    }

    #[test]
    fn only_the_server_side_of_the_pages_sees_the_workflow() {
        let mut app = package("app", &[("workflow", None, true)]);
        app.features
            .insert("ssr".to_owned(), vec!["dep:workflow".to_owned()]);
        assert_eq!(rules(&app), [""; 0]);
        app.features
            .insert("hydrate".to_owned(), vec!["dep:workflow".to_owned()]);
        assert_eq!(rules(&app).len(), 1);
    }
}
