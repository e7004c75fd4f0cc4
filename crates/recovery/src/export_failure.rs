//! What to do about a failed RDS export, by RDS's own words.
//!
//! RDS gives a failure as text alone. The messages, their meaning and the settings behind them:
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.Troubleshooting.html>

/// What is seen in a message, in lower case, and what to do then. The first that is in it says it best.
const ADVICE: [(&str, &str); 10] = [
    (
        "assume the iam role",
        "Let export.rds.amazonaws.com assume the export role (sts:AssumeRole in its trust policy), and see that the role exists.",
    ),
    (
        "isn't authorized to call",
        "Allow the export role s3:PutObject*, s3:GetObject*, s3:DeleteObject*, s3:ListBucket and s3:GetBucketLocation on the \
         bucket, and see that no bucket policy denies them.",
    ),
    (
        "kms key check failed",
        "See that the KMS key is enabled, symmetric and in the snapshot's Region, and that the server may call \
         kms:CreateGrant and kms:DescribeKey on it.",
    ),
    (
        "s3 check failed",
        "See that the export role may write to the bucket: s3:PutObject*, s3:GetObject*, s3:DeleteObject*, s3:ListBucket and \
         s3:GetBucketLocation.",
    ),
    (
        "isn't in the current aws region",
        "Name a bucket of the snapshot's own Region under `buckets`: RDS exports to no other.",
    ),
    (
        "s3 bucket",
        "See that the bucket exists in the snapshot's Region, and that export role, bucket policy and KMS key policy allow to \
         write there.",
    ),
    (
        "kms",
        "See that the KMS key is enabled and that its policy lets the export role and RDS use it: a key that is deleted or \
         disabled cannot be had back by another attempt.",
    ),
    (
        "is too large",
        "A value near 500 MB fails a whole export: leave its table out (`tables` of the source's policy), or shrink it.",
    ),
    (
        "unknown internal error",
        "AWS names no cause. It is tried again; if that fails, too, ask AWS Support with the export task's identifier.",
    ),
    (
        "cancel",
        "Somebody cancelled it. Export the recovery point again when it is wanted.",
    ),
];

/// What an operator can do about an export that failed with RDS's `cause`.
pub fn advice(cause: &str) -> &'static str {
    let cause = cause.to_lowercase().replace('\u{2019}', "'");
    let found = ADVICE.iter().find(|(sign, _)| cause.contains(sign));
    found.map_or(
        "`data-restore doctor` looks at role, bucket and key; RDS's events say more.",
        |(_, advice)| advice,
    )
}

/// RDS's `cause`, verbatim, and what to do.
pub fn explained(cause: &str) -> String {
    let cause = cause.trim_end();
    let stop = if cause.ends_with(['.', '!', '…']) {
        ""
    } else {
        "."
    };
    format!("{cause}{stop} {}", advice(cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_of_rds_gets_its_own_advice() {
        for (cause, expected) in [
            (
                "The RDS export failed to write the export task's metadata because it can\u{2019}t assume the IAM role arn:aws:iam::1:role/x.",
                "sts:AssumeRole",
            ),
            (
                "The RDS export failed to write the export task's metadata to the S3 bucket b using the IAM role r with the KMS \
                 key k. Error code: AccessDenied",
                "KMS key policy",
            ),
            (
                "The IAM role r isn't authorized to call s3:PutObject on the S3 bucket b.",
                "s3:DeleteObject*",
            ),
            (
                "KMS key check failed. Check the credentials on your KMS key",
                "kms:CreateGrant",
            ),
            (
                "The S3 bucket b isn't in the current AWS Region.",
                "snapshot's own Region",
            ),
            ("An unknown internal error occurred.", "AWS Support"),
            ("The KMS key k is disabled.", "disabled"),
            ("Something new.", "doctor"),
        ] {
            let advice = advice(cause);
            assert!(advice.contains(expected), "{cause}\n{advice}");
        }
    }
}
