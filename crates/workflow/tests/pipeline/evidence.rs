//! What a check saw is written down beside every copy, and proves itself.

use recovery::evidence::{Outcome, manifests_of};
use recovery::verdict::Verdict;
use workflow::replication::manifest;

use crate::scene::{HOME, IRELAND, Scene, WEST, bucket, operator, region};

#[tokio::test(flavor = "multi_thread")]
async fn evidence_stands_beside_every_copy_and_is_no_object_of_it() {
    let scene = Scene::new().await;
    scene.keep_versions().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let (s3, account) = (scene.aws.s3(), scene.account.as_str());
    for home in [HOME, WEST, IRELAND] {
        let copy = point.copy_in(&region(home)).unwrap();
        let reference = copy.manifest.as_ref().expect("a verified copy has evidence");
        assert_eq!(copy.verified_manifest.as_ref(), Some(reference));
        assert!(
            reference.key.starts_with(&manifests_of(&copy.prefix)),
            "{reference:?}"
        );
        for elsewhere in [HOME, WEST, IRELAND] {
            let stored = s3
                .get(account, elsewhere, &bucket(elsewhere), &reference.key)
                .await
                .unwrap();
            let read = manifest::read(&stored).unwrap();
            assert_eq!(read.sha256, reference.sha256, "{home} in {elsewhere}");
            assert_eq!(read.verdict, Verdict::Verified);
            assert_eq!(read.recovery_point.as_ref(), Some(&point.id));
            assert_eq!(
                read.objects.len() as u64,
                copy.evidence.as_ref().unwrap().objects_expected
            );
            for object in &read.objects {
                assert_eq!(object.outcome, Outcome::Equal, "{object:?}");
                assert_eq!(object.decided_by.as_deref(), Some("CRC64NVME"));
                let (original, seen) = (object.original.as_ref().unwrap(), object.copy.as_ref().unwrap());
                assert!(seen.version_id.is_some() && seen.last_modified.is_some());
                assert_eq!(original.checksums, seen.checksums);
            }
        }
        let given = workflow.manifest(&point.id, &region(home)).await.unwrap();
        assert_eq!(manifest::read(&given).unwrap().sha256, reference.sha256);
    }

    // A later check finds nothing that is not part of the export.
    let again = workflow.verify(&operator(), &point.id).await.unwrap();
    for copy in &again.copies {
        assert_eq!(copy.verdict, Verdict::Verified, "{copy:?}");
        let evidence = copy.evidence.as_ref().unwrap();
        assert!(evidence.extra.is_empty(), "{evidence:?}");
    }
    // Where the copy's own bucket has lost it, another Region gives it out.
    let copy = again.copy_in(&region(WEST)).unwrap();
    let key = copy.manifest.as_ref().unwrap().key.clone();
    scene.remove(WEST, &key).await;
    workflow.manifest(&point.id, &region(WEST)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_was_altered_is_noticed() {
    let scene = Scene::new().await;
    let workflow = scene.workflow().await;
    let point = scene.verified_point(&workflow).await;
    let json = workflow.manifest(&point.id, &region(WEST)).await.unwrap();
    let text = String::from_utf8(json.to_vec()).unwrap();
    manifest::read(text.as_bytes()).unwrap();
    let altered = text.replacen("\"verdict\":\"Verified\"", "\"verdict\":\"Pending\"", 1);
    assert_ne!(text, altered);
    let error = manifest::read(altered.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("was altered"), "{error}");
    // A member that this version does not know is covered, too.
    let more = text.replacen('{', "{\"more\":1,", 1);
    assert!(manifest::read(more.as_bytes()).is_err());
}
