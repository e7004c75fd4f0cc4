//! Amazon Resource Names.

use super::Place;

/// The six parts of an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// For example `rds`.
    pub service: &'a str,
    /// May be empty.
    pub region: &'a str,
    /// May be empty.
    pub account: &'a str,
    /// All that follows.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (scheme, partition) = (parts.next()?, parts.next()?);
        let arn = Self {
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (scheme == "arn" && partition.starts_with("aws") && !arn.resource.is_empty()).then_some(arn)
    }

    /// The account and Region it names.
    pub fn place(&self) -> Place {
        Place::new(self.account, self.region)
    }
}

/// `arn:aws:rds:REGION:ACCOUNT:resource`.
pub fn rds(place: &Place, resource: &str, id: &str) -> String {
    format!("arn:aws:rds:{}:{}:{resource}:{id}", place.region, place.account)
}

/// `arn:aws:backup:REGION:ACCOUNT:resource`.
pub fn backup(place: &Place, resource: &str, id: &str) -> String {
    format!(
        "arn:aws:backup:{}:{}:{resource}:{id}",
        place.region, place.account
    )
}

/// `arn:aws:kms:REGION:ACCOUNT:resource`.
pub fn kms(place: &Place, resource: &str) -> String {
    format!("arn:aws:kms:{}:{}:{resource}", place.region, place.account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_points_arn_keeps_its_colons() {
        let arn = Arn::parse("arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-1").unwrap();
        assert_eq!(arn.resource, "snapshot:awsbackup:job-1");
        assert_eq!(arn.place(), Place::new("111122223333", "us-east-1"));
        assert_eq!(Arn::parse("snapshot"), None);
    }
}
