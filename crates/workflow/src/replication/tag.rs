//! Tagging the objects of a copy for the lifecycle rules of its bucket.

use aws::s3::LifecycleRule;
use aws::{Cloud, ErrorKind};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use recovery::ids::Region;
use recovery::inventory::ObjectFact;
use recovery::lifecycle::{Action, TAG};

use super::listing::{OBJECTS_AT_ONCE, facts, list, unread};
use super::{Location, Unread};

/// Whether one of a bucket's rules acts on the tag of keys below `prefix`.
pub(crate) fn has_rule(rules: &[LifecycleRule], region: &Region, prefix: &str, action: Action) -> bool {
    let tag = (TAG.to_owned(), action.tag_value(region));
    rules.iter().any(|rule| {
        let acts = match action {
            Action::Transition => rule.transition_to.is_some(),
            Action::Expiration => rule.expires,
        };
        rule.enabled && acts && rule.tags == [tag.clone()] && format!("{prefix}/").starts_with(&rule.prefix)
    })
}

/// Why S3 keeps something of a copy now; `None` where no lock and no hold is on any object.
pub(crate) async fn kept_by(cloud: &Cloud, at: &Location, now: Timestamp) -> Result<Option<String>, Unread> {
    let paths = list(cloud, at).await?.into_keys().collect();
    Ok(facts(cloud, at, paths)
        .await?
        .iter()
        .find_map(|fact| lock_of(fact, now)))
}

fn lock_of(fact: &ObjectFact, now: Timestamp) -> Option<String> {
    if fact.legal_hold {
        return Some(format!("a legal hold is on {}", fact.path));
    }
    let until = fact.retained_until.filter(|until| *until > now)?;
    Some(format!("object lock keeps {} until {until}", fact.path))
}

/// Tags every object of the copy, whose other tags stay as they are. How many there are. Asking again changes nothing.
pub(crate) async fn tag(cloud: &Cloud, at: &Location, action: Action) -> Result<u64, Unread> {
    let (bucket, below) = (at.bucket(), at.below());
    let value = action.tag_value(&at.region);
    let paths: Vec<String> = list(cloud, at).await?.into_keys().collect();
    let count = paths.len() as u64;
    stream::iter(paths)
        .map(|path| {
            let (bucket, value, key) = (&bucket, &value, format!("{below}{path}"));
            async move {
                let tagged = async {
                    let mut tags = cloud.object_tags(bucket, &key).await?;
                    if tags.get(TAG) == Some(value) {
                        return Ok(());
                    }
                    tags.insert(TAG.to_owned(), value.clone());
                    cloud.put_object_tags(bucket, &key, &tags).await
                };
                match tagged.await {
                    Err(error) if error.kind != ErrorKind::NotFound => Err(unread(at, error)),
                    Ok(()) | Err(_) => Ok(()),
                }
            }
        })
        .buffer_unordered(OBJECTS_AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(count)
}
