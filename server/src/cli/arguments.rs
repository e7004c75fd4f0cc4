//! Arguments that several commands take, and where their values come from when they are left out.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use recovery::ids::Region;
use recovery::plan::{Capacity, Existing, Pace, Way};

use super::location::{CopyElsewhere, Location, WorkPrefix};
use super::source_table::{ColumnChoice, SourceTable, parse_provisioned};
use crate::config::Config;
use crate::failure::{Failure, Result};
use crate::folders;

/// What a plan is made from.
#[derive(Args, Clone, Debug)]
pub struct PlanArguments {
    /// The copy, as s3://BUCKET/PREFIX/EXPORT
    #[arg(value_name = "S3_URI")]
    pub copy: Option<Location>,
    /// Region of the copy's bucket [default: the SDK's, from AWS_REGION]
    #[arg(long, env = "DATA_RESTORE_REGION")]
    pub region: Option<Region>,
    /// Region of the DynamoDB tables [default: the copy's]
    #[arg(long, env = "DATA_RESTORE_TARGET_REGION")]
    pub target_region: Option<Region>,
    /// A table, its target and its key; may be given again. Without a key, candidates are suggested. For a table that
    /// has none, @row-digest or @row-place in place of PK adds one to each row, as the attribute _row (@row-digest=NAME:
    /// as NAME)
    #[arg(long = "table", value_name = "DB.TABLE=TARGET:PK[,SK]")]
    pub tables: Vec<SourceTable>,
    /// Take a column as text or as bytes, against what the export says of it; may be given again
    #[arg(long, value_name = "DB.TABLE.COLUMN=text|binary")]
    pub treat_as: Vec<ColumnChoice>,
    /// Create the tables with provisioned capacity, as READ_UNITS:WRITE_UNITS [default: on demand]
    #[arg(long, value_name = "R:W", value_parser = parse_provisioned)]
    pub provisioned: Option<Capacity>,
    /// What becomes of items that a table holds already: such a table is refused, or its items stay and only rows whose
    /// key has none are written, or those that have a row's key are overwritten
    #[arg(long, value_name = "WHAT", default_value = "refuse")]
    pub existing: ExistingName,
    /// Write at most so many write units a second to each table, so that others who use it keep their share
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_write_units: Option<u64>,
    /// Have tables on demand made ready for so many write units a second when they are created (warm throughput, which
    /// AWS bills)
    #[arg(long, value_name = "UNITS", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "provisioned")]
    pub warm_write_units: Option<u64>,
    /// An identical copy in another Region, which the restore goes on from while the first cannot be read; may be given
    /// again. A server knows them by itself
    #[arg(long = "fallback", value_name = "REGION=S3_URI", conflicts_with = "server")]
    pub fallbacks: Vec<CopyElsewhere>,
    /// How the rows come into the tables: written in batches, or by DynamoDB's import from S3, into new tables only
    #[arg(
        long,
        value_name = "WAY",
        default_value = "write",
        requires_if("import", "work")
    )]
    pub way: WayName,
    /// Where an import's objects lie until it has ended: a bucket of the target Region
    #[arg(long, value_name = "S3_URI")]
    pub work: Option<WorkPrefix>,
}

/// What becomes of items that a table holds already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExistingName {
    /// There must be none
    Refuse,
    /// They stay; rows are written only where no item has their key
    OnlyMissing,
    /// Those that have a row's key are replaced by it, whole
    Overwrite,
}

impl From<ExistingName> for Existing {
    fn from(name: ExistingName) -> Self {
        match name {
            ExistingName::Refuse => Self::Refuse,
            ExistingName::OnlyMissing => Self::OnlyMissing,
            ExistingName::Overwrite => Self::Overwrite,
        }
    }
}

/// How the rows come into the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WayName {
    /// In batches, which use the tables' write capacity
    Write,
    /// By DynamoDB's import from S3, which uses none
    Import,
}

/// A server to go through.
#[derive(Args, Clone, Debug)]
pub struct ServerArguments {
    /// Go through this server, its access rules and its audit log (token in DATA_RESTORE_TOKEN)
    #[arg(long, value_name = "URL", env = "DATA_RESTORE_SERVER")]
    pub server: Option<String>,
}

/// Where checkpoints are kept.
#[derive(Args, Clone, Debug)]
pub struct StateArguments {
    /// Folder of the checkpoints that a stopped restore goes on from [default: in the user's state folder]
    #[arg(long, value_name = "DIR", env = "DATA_RESTORE_STATE_DIR")]
    pub state_dir: Option<PathBuf>,
}

impl PlanArguments {
    /// The copy, which must be named.
    pub fn copy(&self) -> Result<&Location> {
        self.copy.as_ref().ok_or_else(|| {
            Failure::usage("The copy is missing").hint("Name it as s3://BUCKET/PREFIX/EXPORT.")
        })
    }

    /// The tables, of which there must be one.
    pub fn tables(&self) -> Result<&[SourceTable]> {
        if self.tables.is_empty() {
            return Err(Failure::usage("No table is named")
                .hint("Name each table to restore with --table DB.TABLE=TARGET:PK[,SK]; `data-restore inspect` lists them."));
        }
        for (index, table) in self.tables.iter().enumerate() {
            let earlier = &self.tables[..index];
            if earlier.iter().any(|other| other.target == table.target) {
                return Err(
                    Failure::usage(format!("Two tables have the target {}", table.target))
                        .hint("Each table is restored into a DynamoDB table of its own."),
                );
            }
            if earlier.iter().any(|other| other.source == table.source) {
                return Err(Failure::usage(format!("Table {} is named twice", table.source)));
            }
        }
        let belongs = |choice: &ColumnChoice| {
            self.tables
                .iter()
                .any(|table| choice.column_of(&table.source).is_some())
        };
        if let Some(choice) = self.treat_as.iter().find(|choice| !belongs(choice)) {
            return Err(Failure::usage(format!(
                "--treat-as {} is no column of a table that is restored",
                choice.column
            ))
            .hint("Write it like shop.orders.note=binary, with --table shop.orders=… beside it."));
        }
        Ok(&self.tables)
    }

    /// How the rows come into the tables.
    pub fn way(&self) -> Result<Way> {
        match (self.way, &self.work) {
            (WayName::Write, None) => Ok(Way::Write),
            (WayName::Import, Some(work)) => Ok(Way::Import {
                bucket: work.bucket.clone(),
                prefix: work.prefix.clone(),
            }),
            (WayName::Write, Some(_)) => Err(Failure::usage("--work is for --way import alone")),
            (WayName::Import, None) => Err(Failure::usage("The work prefix is missing")
                .hint("Name it with --work s3://BUCKET/PREFIX, in a bucket of the target Region.")),
        }
    }

    /// How fast the tables may be written to.
    pub fn pace(&self) -> Pace {
        Pace {
            max_write_units: self.max_write_units,
            warm_write_units: self.warm_write_units,
        }
    }

    /// The capacity of tables that are created.
    pub fn capacity(&self) -> Capacity {
        self.provisioned.unwrap_or_default()
    }
}

/// The Region of the copy: the flag (or its environment variable), the configuration, the SDK's variables.
pub fn region(given: Option<&Region>, config: &Config) -> Result<Region> {
    if let Some(region) = given.or(config.command.region.as_ref()) {
        return Ok(region.clone());
    }
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        if let Ok(value) = std::env::var(name)
            && !value.is_empty()
        {
            return value
                .parse()
                .map_err(|error| Failure::usage(format!("{name}: {error}")));
        }
    }
    Err(Failure::usage("The Region of the copy is missing")
        .hint("Name it with --region, such as --region us-east-1."))
}

/// The Region of the targets: the flag, the configuration, the copy's.
pub fn target_region(given: Option<&Region>, config: &Config, copy: &Region) -> Region {
    given
        .or(config.command.target_region.as_ref())
        .unwrap_or(copy)
        .clone()
}

impl StateArguments {
    /// The folder, created when it is missing.
    pub fn folder(&self, config: &Config) -> Result<PathBuf> {
        let folder = match self.state_dir.as_ref().or(config.command.state_dir.as_ref()) {
            Some(folder) => folder.clone(),
            None => folders::state()?.join("runs"),
        };
        folders::create_private(&folder)?;
        Ok(folder)
    }
}

impl ServerArguments {
    /// The server to go through, if any.
    pub fn url(&self, config: &Config) -> Option<String> {
        self.server.clone().or_else(|| config.command.server.clone())
    }
}
