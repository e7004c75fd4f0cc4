//! Where the emulators of others are known to differ from what AWS documents. AWS is the judge: the contract says what it
//! does, and a row here says who does otherwise. A row whose difference is gone fails the suite.

use crate::place::Peer;

/// A case that a peer does not keep.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    pub peer: Peer,
    pub service: &'static str,
    pub case: &'static str,
    /// What the peer does instead.
    pub reason: &'static str,
}

/// The differences of a peer's service.
pub fn of(peer: Peer, service: &str) -> Vec<&'static Difference> {
    let is_it = |row: &&Difference| row.peer == peer && row.service == service;
    DIFFERENCES.iter().filter(is_it).collect()
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        peer: Peer::Moto,
        service: "rds",
        case: "an_export_that_is_begun_is_under_way",
        reason: "it says COMPLETE in its answer to StartExportTask",
    },
    Difference {
        peer: Peer::Moto,
        service: "rds",
        case: "exports_are_told_by_their_identifier_and_their_snapshot",
        reason: "it ignores SourceArn and lists every export",
    },
    Difference {
        peer: Peer::Moto,
        service: "rds",
        case: "an_identifier_that_is_none_is_refused",
        reason: "it takes any text for an identifier",
    },
    Difference {
        peer: Peer::Moto,
        service: "rds",
        case: "a_snapshot_is_not_exported_twice_at_once",
        reason: "its exports end when they begin, so two of a snapshot never meet",
    },
    Difference {
        peer: Peer::Moto,
        service: "rds",
        case: "a_sixth_export_has_to_wait",
        reason: "its exports end when they begin, so there is no limit to reach",
    },
    Difference {
        peer: Peer::Moto,
        service: "backup",
        case: "a_vault_that_is_empty_is_listed_as_such",
        reason: "it has no ListRecoveryPointsByBackupVault and answers 404",
    },
    Difference {
        peer: Peer::Moto,
        service: "backup",
        case: "an_account_without_backups_protects_nothing",
        reason: "it has no ListProtectedResources and answers 404",
    },
    Difference {
        peer: Peer::Moto,
        service: "backup",
        case: "a_selection_is_made_once_and_told",
        reason: "it has no selections and answers 500",
    },
    Difference {
        peer: Peer::Moto,
        service: "backup",
        case: "a_rule_is_changed_and_the_others_stay",
        reason: "it has no UpdateBackupPlan and answers 500",
    },
    Difference {
        peer: Peer::Moto,
        service: "kms",
        case: "the_key_of_a_service_is_of_aws",
        reason: "it says of the keys that it makes for AWS's aliases that a customer manages them",
    },
    Difference {
        peer: Peer::Moto,
        service: "sts",
        case: "a_wrong_secret_is_refused",
        reason: "it verifies no signatures",
    },
    Difference {
        peer: Peer::Moto,
        service: "sts",
        case: "a_role_that_asks_for_an_external_id_is_refused_without_it",
        reason: "it lets anybody assume any role, there or not",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "a_bucket_asked_for_in_another_region_is_told_to_lie_elsewhere",
        reason: "one endpoint answers for the buckets of every Region",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "a_bucket_of_ones_own_is_not_created_twice",
        reason: "it answers as us-east-1 does, whatever the Region",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "an_absent_bucket_is_not_found",
        reason: "it has no RestoreObject and answers 405",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "an_absent_object_is_not_found",
        reason: "it has no RestoreObject and answers 405",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "what_lies_in_no_archive_needs_no_thaw",
        reason: "it has no RestoreObject and answers 405",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "an_archived_object_is_not_read_and_is_thawed_on_request",
        reason: "it keeps a storage class as a word and reads any object",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "a_copy_goes_only_onto_what_it_expects",
        reason: "CopyObject ignores If-Match and If-None-Match",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "a_part_is_copied_of_the_writing_that_was_named",
        reason: "UploadPartCopy ignores x-amz-copy-source-if-match",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "parts_that_do_not_add_up_are_refused",
        reason: "CompleteMultipartUpload ignores the parts' ETags and the object's size",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "parts_become_an_object_with_a_checksum_of_its_whole",
        reason: "an object of parts has no checksum",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "a_new_bucket_is_closed_to_the_public",
        reason: "a new bucket has no Block Public Access, as before April 2023",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "s3",
        case: "replication_rules_are_told_as_they_were_set",
        reason: "it leaves the filter of a rule out",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "dynamodb",
        case: "a_page_ends_at_a_megabyte",
        reason: "its pages have no size",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "dynamodb",
        case: "a_write_that_is_invalid_is_no_precondition",
        reason: "TransactWriteItems takes an item without the table's key",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "dynamodb",
        case: "a_table_is_imported_as_it_lies_in_s3",
        reason: "it says that an import is complete and leaves the table empty",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "dynamodb",
        case: "a_table_is_imported_once_for_each_token",
        reason: "it ignores the token and imports into a table that is there",
    },
    Difference {
        peer: Peer::MiniStack,
        service: "dynamodb",
        case: "an_import_of_nothing_fails",
        reason: "it says that an import is complete without having looked",
    },
    Difference {
        peer: Peer::LocalStack,
        service: "s3",
        case: "a_bucket_asked_for_in_another_region_is_told_to_lie_elsewhere",
        reason: "one endpoint answers for the buckets of every Region",
    },
    Difference {
        peer: Peer::LocalStack,
        service: "s3",
        case: "more_than_ten_tags_are_refused",
        reason: "it keeps any number of tags",
    },
    Difference {
        peer: Peer::LocalStack,
        service: "s3",
        case: "a_copy_goes_only_onto_what_it_expects",
        reason: "a copy that it refuses has written its bytes already, and the object cannot be read",
    },
];
