//! The same restore from a terminal.

use recovery::plan::Plan;

/// The command that plans and runs the same restore.
pub(super) fn command(plan: &Plan) -> String {
    let mut words = vec![
        "data-restore".to_owned(),
        "restore".to_owned(),
        quoted(&format!("s3://{}/{}", plan.copy.bucket, plan.copy.prefix)),
        "--region".to_owned(),
        plan.copy.region.to_string(),
        "--target-region".to_owned(),
        plan.target_region.to_string(),
    ];
    for table in &plan.tables {
        let mut key = table.key.partition.column.clone();
        if let Some(sort) = &table.key.sort {
            key.push(',');
            key.push_str(&sort.column);
        }
        words.push("--table".to_owned());
        words.push(quoted(&format!("{}={}:{key}", table.source, table.target)));
    }
    words.join(" ")
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&b));
    if is_plain {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_change_are_quoted() {
        assert_eq!(quoted("shop.orders=orders:id,line"), "shop.orders=orders:id,line");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("a b"), "'a b'");
    }
}
