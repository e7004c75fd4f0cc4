//! Which databases policies are of: instances and clusters, in every Region and account of the settings.

use local_aws::database::{BuiltIn, Database};
use local_aws::rds::{Cluster, Instance};
use recovery::policy::{Change, PolicyCheck, Severity};
use recovery::resource::Restorable;
use workflow::policies::check_policies;
use workflow::resources::list_resources;
use workflow::{Error, Settings, Vault};

use crate::policies::{bring_in, settings};
use crate::scene::{HOME, IRELAND, Scene, WEST, region};

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_one_database_protected_or_not() {
    let scene = Scene::new().await;
    let account = scene.account.as_str();
    let control = scene.aws.control();
    for (region, id, engine, instances) in [
        (HOME, "shop", "aurora-mysql", 2),
        (HOME, "ledger", "aurora-postgresql", 1),
        (WEST, "graph", "neptune", 1),
    ] {
        let cluster = Cluster {
            id: id.to_owned(),
            engine: engine.to_owned(),
            engine_version: "1".to_owned(),
            class: "db.r6g.large".to_owned(),
            instances,
        };
        control.add_cluster(account, region, cluster).await.unwrap();
    }
    let cloud = scene.cloud().await;
    let mut settings = settings(&scene);
    let arn = |kind: &str, name: &str| format!("arn:aws:rds:{HOME}:{account}:{kind}:{name}");
    let told = |inventory: &recovery::resource::Inventory| {
        assert_eq!(inventory.unseen, Vec::<String>::new());
        let unprotected = inventory.unprotected.iter();
        unprotected
            .map(|database| (database.arn.clone(), database.class.clone(), database.restorable))
            .collect::<Vec<_>>()
    };
    let large = Some("db.r6g.large".to_owned());
    let found = list_resources(&cloud, &settings, scene.aws.clock().now()).await;
    assert_eq!(
        told(&found[0]),
        [
            (arn("cluster", "ledger"), large.clone(), Restorable::OtherEngine),
            (arn("cluster", "shop"), large.clone(), Restorable::Yes),
            (arn("db", "securecart"), large.clone(), Restorable::Yes),
        ],
        "no DB instance of a cluster is a database of its own"
    );
    assert_eq!(told(&found[1]), [], "Neptune's are none of RDS's databases");

    // The plan takes whatever the policy is of, and an hour later AWS Backup protects it.
    let rules = serde_json::json!({"interval": "1h", "vault": "hourly", "plan": "ledger"});
    settings
        .policies
        .insert("ledger".parse().unwrap(), serde_json::from_value(rules).unwrap());
    assert_eq!(bring_in(&scene, &settings).await.len(), 5);
    assert_eq!(bring_in(&scene, &settings).await, []);
    let checks = check_policies(&cloud, &settings, &[], None, scene.aws.clock().now())
        .await
        .unwrap();
    let of = |index: usize| {
        (
            &checks[index].held.databases, &checks[index].wanted.plan.selection,
        )
    };
    let (general, ledger) = (of(0), of(1));
    assert_eq!(*general.0, [arn("db", "securecart"), arn("cluster", "shop")]);
    assert_eq!(general.1.not_resources, [arn("cluster", "ledger")]);
    assert_eq!(
        (ledger.0, &ledger.1.resources),
        (&vec![arn("cluster", "ledger")], &vec![arn("cluster", "ledger")])
    );
    assert!(checks.iter().all(|check| check.holds), "{checks:#?}");
    scene.hour().await;
    let found = list_resources(&cloud, &settings, scene.aws.clock().now()).await;
    assert_eq!(told(&found[0]), []);
    let protected: Vec<_> = found[0]
        .protected
        .iter()
        .map(|resource| {
            (
                resource.arn.clone(),
                resource.resource_type.as_str(),
                resource.restorable,
            )
        })
        .collect();
    assert_eq!(
        protected,
        [
            (arn("cluster", "ledger"), "Aurora", Restorable::OtherEngine),
            (arn("cluster", "shop"), "Aurora", Restorable::Yes),
            (arn("db", "securecart"), "RDS", Restorable::Yes),
        ]
    );
}

/// A DB instance that nobody backs up.
async fn add(scene: &Scene, account: &str, region: &str, id: &str) {
    let instance = Instance {
        id: id.to_owned(),
        engine: "mysql".to_owned(),
        engine_version: "8.4.3".to_owned(),
        class: "db.t4g.small".to_owned(),
        database: Database::BuiltIn(BuiltIn::SecureCart),
    };
    let control = scene.aws.control();
    control.add_instance(account, region, instance).await.unwrap();
}

async fn check(scene: &Scene, settings: &Settings, of: Option<&str>) -> Vec<PolicyCheck> {
    let of = of.map(|source| source.parse().unwrap());
    let now = scene.aws.clock().now();
    check_policies(&scene.cloud().await, settings, &[], of.as_ref(), now)
        .await
        .unwrap()
}

/// Codes of what contradicts or is not known.
fn codes(check: &PolicyCheck) -> Vec<&str> {
    let grave = check.findings.iter().filter(|f| f.severity != Severity::Remark);
    grave.map(|finding| finding.code.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_of_every_region_are_held_against_the_general_policy() {
    let scene = Scene::new().await;
    let account = scene.account.as_str();
    let mut settings = settings(&scene);
    bring_in(&scene, &settings).await;
    let names = |checks: &[PolicyCheck]| {
        let names = checks.iter().map(|check| check.name.clone());
        names.collect::<Vec<_>>()
    };
    let (west, ireland) = (
        format!("default.{WEST}.{account}"),
        format!("default.{IRELAND}.{account}"),
    );
    let found = check(&scene, &settings, None).await;
    assert_eq!(
        names(&found),
        ["default"],
        "no plan is asked for where there is no database"
    );
    assert!(found[0].holds, "{found:#?}");

    // One in a Region with a vault of ours, one where nobody looks for recovery points.
    add(&scene, account, WEST, "orders").await;
    add(&scene, account, IRELAND, "letters").await;
    let found = check(&scene, &settings, None).await;
    assert_eq!(names(&found), ["default", &west, &ireland]);
    assert!(found[0].holds, "{found:#?}");
    assert_eq!(codes(&found[1]), ["plan_missing"]);
    assert_eq!(
        found[1].held.databases,
        [format!("arn:aws:rds:{WEST}:{account}:db:orders")]
    );
    assert_eq!(found[1].wanted.vaults[0].region.as_str(), WEST);
    assert_eq!(
        codes(&found[2]),
        [
            "vault_unwatched", "plan_missing", "vault_missing", "vault_missing"
        ]
    );
    settings.vaults.push(Vault {
        region: region(IRELAND),
        account: scene.account.clone(),
        name: "hourly".to_owned(),
    });

    // One of them alone is asked for, by its source; and applied.
    let orders = format!("orders.{WEST}.{account}");
    assert_eq!(
        names(&check(&scene, &settings, Some(&orders)).await),
        [west.as_str()]
    );
    assert_eq!(
        names(&check(&scene, &settings, Some("securecart")).await),
        ["default"]
    );
    let made = bring_in(&scene, &settings).await;
    let plans: Vec<&str> = made
        .iter()
        .filter_map(|change| match change {
            Change::CreatePlan { region, .. } => Some(region.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(plans, [WEST, IRELAND]);
    let found = check(&scene, &settings, None).await;
    assert!(found.iter().all(|check| check.holds), "{found:#?}");
    assert_eq!(bring_in(&scene, &settings).await, []);

    // A server says the same of its sources, each under the policy of its place.
    scene.hour().await;
    let workflow = scene.workflow_with(settings.clone()).await;
    workflow.reconcile().await.unwrap();
    let orders = workflow.policy(&orders.parse().unwrap()).await.unwrap();
    assert_eq!((orders.name, orders.holds), (west.clone(), true));
    assert_eq!(
        workflow
            .policy(&"securecart".parse().unwrap())
            .await
            .unwrap()
            .name,
        "default"
    );
    let unknown = workflow
        .policy(&format!("none.{WEST}.{account}").parse().unwrap())
        .await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");

    // Rules of its own take a source out of the general policy of its Region.
    let rules = serde_json::json!({"vault": "hourly", "plan": "orders"});
    let source = format!("orders.{WEST}.{account}");
    settings
        .policies
        .insert(source.parse().unwrap(), serde_json::from_value(rules).unwrap());
    let found = check(&scene, &settings, None).await;
    assert_eq!(names(&found), ["default", ireland.as_str(), source.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_looked_at_holds_no_policy() {
    let scene = Scene::new().await;
    let mut settings = settings(&scene);
    bring_in(&scene, &settings).await;
    assert!(
        check(&scene, &settings, None)
            .await
            .iter()
            .all(|check| check.holds)
    );
    // No credentials and no role lead there.
    settings.accounts.push("777788889999".parse().unwrap());
    let found = check(&scene, &settings, None).await;
    assert_eq!(found.len(), 4, "home, and the other account in three Regions");
    assert!(found[0].holds);
    for check in &found[1..] {
        assert!(!check.holds);
        assert!(codes(check).contains(&"plan_unseen"), "{check:#?}");
        assert!(check.held.databases_unseen.is_some());
    }
}
