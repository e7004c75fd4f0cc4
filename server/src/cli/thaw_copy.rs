//! `thaw-copy`, and the waiting that `restore --thaw` does.

use std::process::ExitCode;
use std::time::Duration;

use aws::Cloud;
use clap::{Args, ValueEnum};
use recovery::archive::{Archived, ThawOption, ThawPrices, Tier};
use recovery::ids::Region;
use serde::Serialize;
use workflow::replication::{self, thaw};

use super::arguments::{self, ServerArguments};
use super::copy::cloud;
use super::location::Location;
use super::output::{Output, bytes, count, table};
use super::remote::Remote;
use crate::config::Config;
use crate::failure::{Failure, Result};

const EXAMPLES: &str = "\
Examples:
  data-restore thaw-copy s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --region us-west-2
      What it takes and costs.
  data-restore thaw-copy s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --region us-west-2 \\
      --tier standard --days 3 --wait
  data-restore thaw-copy s3://backups-usw2/exports/tvshows-20261120t080000z-3f9a2c --region us-west-2 \\
      --tier bulk --server https://restore.example.com

S3 keeps what was asked: the same command after a restart waits for the same thaw. GLACIER_IR is read at once.";

/// How often a thaw is asked after. The fastest takes a minute at least.
const POLL_EVERY: Duration = Duration::from_secs(15);

/// Where a thaw is asked after more often: for demonstrations on an emulator whose thaws take seconds.
const POLL_VARIABLE: &str = "DATA_RESTORE_THAW_POLL_SECONDS";

#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The copy, as s3://BUCKET/PREFIX/EXPORT
    #[arg(value_name = "S3_URI")]
    copy: Location,
    /// Region of the copy's bucket [default: the SDK's, from AWS_REGION]
    #[arg(long, env = "DATA_RESTORE_REGION")]
    region: Option<Region>,
    /// Ask S3 to thaw it, so fast; without it, only what each tier takes and costs is told
    #[arg(long, value_name = "TIER")]
    tier: Option<TierName>,
    /// Days that the thawed objects stay readable
    #[arg(long, value_name = "DAYS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
    /// Wait until all of it can be read
    #[arg(long, requires = "tier")]
    wait: bool,
    #[command(flatten)]
    server: ServerArguments,
}

/// How fast a thaw is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TierName {
    /// Minutes; not from DEEP_ARCHIVE
    Expedited,
    /// Hours
    Standard,
    /// Half a day to two, at the least price
    Bulk,
}

impl From<TierName> for Tier {
    fn from(name: TierName) -> Self {
        match name {
            TierName::Expedited => Self::Expedited,
            TierName::Standard => Self::Standard,
            TierName::Bulk => Self::Bulk,
        }
    }
}

/// What lies in Glacier, and what can be done about it.
#[derive(Serialize)]
struct Answer {
    copy: String,
    region: Region,
    /// `None`: all of it can be read at once.
    archived: Option<Archived>,
    options: Vec<ThawOption>,
}

pub async fn run(arguments: Arguments, config: &Config, output: &Output) -> Result<ExitCode> {
    let region = arguments::region(arguments.region.as_ref(), config)?;
    let access = match arguments.server.url(config) {
        Some(url) => Access::Server(Remote::new(&url)?),
        None => Access::Direct(Box::new(cloud().await)),
    };
    if let Some(tier) = arguments.tier {
        access
            .ask(&arguments.copy, &region, tier.into(), arguments.days)
            .await?;
        if arguments.wait {
            access.wait(&arguments.copy, &region, output).await?;
        }
    }
    let archived = access.archived(&arguments.copy, &region).await?;
    let prices = config
        .workflow
        .as_ref()
        .map_or_else(ThawPrices::default, |settings| {
            settings.copies.thaw_prices.clone()
        });
    let options = archived
        .as_ref()
        .filter(|archived| archived.needs_thaw())
        .map(|archived| archived.thaws(&region, &prices))
        .unwrap_or_default();
    let answer = Answer {
        copy: arguments.copy.to_string(),
        region,
        archived,
        options,
    };
    output.answer(&answer, text);
    Ok(ExitCode::SUCCESS)
}

/// Who asks S3.
pub enum Access {
    /// This process.
    Direct(Box<Cloud>),
    /// A server, under its access rules and in its audit log.
    Server(Remote),
}

impl Access {
    /// Asks for a thaw where one is needed; nothing where all can be read.
    pub async fn ask(&self, copy: &Location, region: &Region, tier: Tier, days: u32) -> Result<()> {
        let Some(archived) = self.archived(copy, region).await? else {
            return Ok(());
        };
        if archived.needs_thaw() && tier.takes(&archived.class).is_none() {
            return Err(Failure::new(
                "invalid",
                format!(
                    "{copy} lies in {}, which has no {} thaw",
                    archived.class,
                    tier.name()
                ),
            )
            .hint("Take --tier standard or bulk."));
        }
        if archived.thawing + archived.readable == archived.objects {
            return Ok(());
        }
        match self {
            Self::Direct(cloud) => {
                thaw::thaw(cloud, &place(copy, region), tier, days).await?;
            }
            Self::Server(remote) => {
                let point = remote.recovery_point(copy, region).await?;
                remote.thaw(&point.id, region, tier, days).await?;
            }
        }
        Ok(())
    }

    /// Waits until all of a copy can be read. Whoever is interrupted waits again, for the same thaw.
    pub async fn wait(&self, copy: &Location, region: &Region, output: &Output) -> Result<()> {
        let mut told = None;
        loop {
            let Some(archived) = self.archived(copy, region).await? else {
                return Ok(());
            };
            if !archived.needs_thaw() {
                return Ok(());
            }
            if archived.thawing + archived.readable < archived.objects {
                return Err(Failure::new(
                    "archived",
                    format!(
                        "{} objects of {copy} lie in {} and nobody asked for them",
                        count(archived.objects - archived.thawing - archived.readable),
                        archived.class
                    ),
                )
                .hint("Ask with --tier; objects that froze again have to be asked for again."));
            }
            if told.replace(archived.readable) != Some(archived.readable) {
                output.remark(&format!(
                    "Waiting for S3 to thaw {copy}: {} of {} objects can be read.",
                    count(archived.readable),
                    count(archived.objects)
                ));
            }
            tokio::time::sleep(poll_every()).await;
        }
    }

    async fn archived(&self, copy: &Location, region: &Region) -> Result<Option<Archived>> {
        match self {
            Self::Direct(cloud) => Ok(thaw::archived(cloud, &place(copy, region)).await?),
            Self::Server(remote) => {
                let point = remote.recovery_point(copy, region).await?;
                Ok(point.copy_in(region).and_then(|copy| copy.archived.clone()))
            }
        }
    }
}

fn poll_every() -> Duration {
    std::env::var(POLL_VARIABLE)
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .map_or(POLL_EVERY, |seconds: u64| Duration::from_secs(seconds.max(1)))
}

fn place(copy: &Location, region: &Region) -> replication::Location {
    replication::Location {
        region: region.clone(),
        account: None,
        bucket: copy.bucket.clone(),
        prefix: copy.prefix.clone(),
    }
}

fn text(answer: &Answer) -> String {
    let Some(archived) = &answer.archived else {
        return format!("{}: all of it can be read at once.", answer.copy);
    };
    let mut lines = vec![format!(
        "{}: {} objects, {}, lie in {}; {} can be read, {} are being thawed.",
        answer.copy,
        count(archived.objects),
        bytes(archived.bytes),
        archived.class,
        count(archived.readable),
        count(archived.thawing)
    )];
    if let Some(until) = archived.readable_until {
        lines.push(format!("Readable until {until}."));
    }
    if let Some(first) = answer.options.first() {
        let rows: Vec<[String; 3]> = answer
            .options
            .iter()
            .map(|option| {
                let cost = option.cost.map_or_else(
                    || "no price known".to_owned(),
                    |cost| format!("{cost} {}", option.currency),
                );
                [option.tier.name().to_owned(), option.takes.clone(), cost]
            })
            .collect();
        lines.push(table(["tier", "takes", "costs"], &rows).trim_end().to_owned());
        lines.push(format!(
            "Prices as of {}, without the thawed copies' storage.",
            first.as_of
        ));
    }
    lines.join("\n")
}
