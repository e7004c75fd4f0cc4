//! Where a Region is, for people who do not know AWS's codes.

use serde::{Deserialize, Serialize};

use crate::ids::Region;

/// A Region, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Place {
    /// AWS's code, for example `us-west-2`.
    pub region: Region,
    /// For example `Oregon, USA`; `None` where this version does not know the Region.
    pub name: Option<String>,
}

impl Place {
    /// Where `region` is.
    pub fn of(region: &Region) -> Self {
        Self {
            region: region.clone(),
            name: name(region.as_str()).map(str::to_owned),
        }
    }

    /// `Oregon, USA`, or the code where the name is not known.
    pub fn words(&self) -> &str {
        self.name.as_deref().unwrap_or(self.region.as_str())
    }
}

/// Names as the page "AWS Regions" of AWS's documentation gives them, with the country.
fn name(region: &str) -> Option<&'static str> {
    Some(match region {
        "us-east-1" => "Northern Virginia, USA",
        "us-east-2" => "Ohio, USA",
        "us-west-1" => "Northern California, USA",
        "us-west-2" => "Oregon, USA",
        "af-south-1" => "Cape Town, South Africa",
        "ap-east-1" => "Hong Kong",
        "ap-east-2" => "Taipei, Taiwan",
        "ap-northeast-1" => "Tokyo, Japan",
        "ap-northeast-2" => "Seoul, South Korea",
        "ap-northeast-3" => "Osaka, Japan",
        "ap-south-1" => "Mumbai, India",
        "ap-south-2" => "Hyderabad, India",
        "ap-southeast-1" => "Singapore",
        "ap-southeast-2" => "Sydney, Australia",
        "ap-southeast-3" => "Jakarta, Indonesia",
        "ap-southeast-4" => "Melbourne, Australia",
        "ap-southeast-5" => "Kuala Lumpur, Malaysia",
        "ap-southeast-6" => "Auckland, New Zealand",
        "ap-southeast-7" => "Bangkok, Thailand",
        "ca-central-1" => "Montreal, Canada",
        "ca-west-1" => "Calgary, Canada",
        "eu-central-1" => "Frankfurt, Germany",
        "eu-central-2" => "Zurich, Switzerland",
        "eu-north-1" => "Stockholm, Sweden",
        "eu-south-1" => "Milan, Italy",
        "eu-south-2" => "Aragon, Spain",
        "eu-west-1" => "Dublin, Ireland",
        "eu-west-2" => "London, United Kingdom",
        "eu-west-3" => "Paris, France",
        "il-central-1" => "Tel Aviv, Israel",
        "me-central-1" => "United Arab Emirates",
        "me-south-1" => "Bahrain",
        "mx-central-1" => "Querétaro, Mexico",
        "sa-east-1" => "São Paulo, Brazil",
        "us-gov-east-1" => "USA, government cloud (east)",
        "us-gov-west-1" => "USA, government cloud (west)",
        "cn-north-1" => "Beijing, China",
        "cn-northwest-1" => "Ningxia, China",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_without_a_known_name_keeps_its_code() {
        let words = |code: &str| Place::of(&code.parse().unwrap()).words().to_owned();
        assert_eq!(words("eu-west-1"), "Dublin, Ireland");
        assert_eq!(words("xx-north-9"), "xx-north-9");
    }
}
