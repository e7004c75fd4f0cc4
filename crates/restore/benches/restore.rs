//! How fast a restore is: 100,871 rows of seven columns in one Parquet file, from S3 into DynamoDB over HTTP, beside
//! the send loop alone (batches made beforehand, the same client), which is the limit that a restore could reach.
//!
//! The embedded AWS runs in a process of its own, with DynamoDB in memory, so that CPU seconds and peak memory are the
//! restore's. `RUNS` (default 5) repeats both; the least and the median count.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use arrow_array::{ArrayRef, BinaryArray, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray};
use aws::dynamodb::{BATCH_ITEMS_MAX, Item, KeyDefinition, TableDefinition, TableRef, Value};
use aws::s3::BucketRef;
use aws::{Cloud, CloudConfig, StaticCredentials};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use local_aws::{LocalAws, Options};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, GzipLevel};
use parquet::file::properties::WriterProperties;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use recovery::plan::{Capacity, CopyRef};
use recovery::request::TableRequest;
use recovery::types::AttributeType;
use restore::{FileCheckpoints, Progress};
use tokio_util::sync::CancellationToken;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Rows of the table, as the built-in TV-show database has.
const ROWS: i32 = 100_871;

/// Requests in flight of the send loop alone.
const IN_FLIGHT: usize = 16;

const REGION: &str = "us-east-1";
const SERVE: &str = "--serve-embedded-aws";

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    if std::env::args().any(|argument| argument == SERVE) {
        return runtime.block_on(serve());
    }
    // `cargo test --benches` calls this too, without the argument that `cargo bench` gives.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let server = Server::start()?;
    let outcome = runtime.block_on(measure(&server));
    drop(server);
    outcome
}

/// The embedded AWS in a process of its own; it ends with the bench.
struct Server {
    child: Child,
    endpoint: String,
    account: String,
    access_key_id: String,
    secret_access_key: String,
}

impl Server {
    fn start() -> Outcome<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(SERVE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output of the embedded AWS")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let mut fields = line.trim().split(' ').map(str::to_owned);
        let mut next = || fields.next().ok_or("the embedded AWS did not start");
        Ok(Self {
            endpoint: next()?,
            account: next()?,
            access_key_id: next()?,
            secret_access_key: next()?,
            child,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn serve() -> Outcome<()> {
    let aws = LocalAws::start(Options::default()).await?;
    let account = &aws.accounts()[0];
    println!(
        "{} {} {} {}",
        aws.endpoint(),
        account.id,
        account.access_key_id,
        account.secret_access_key
    );
    // Until the bench, whose end closes the pipe, is gone.
    let gone = tokio::task::spawn_blocking(|| std::io::stdin().lock().lines().for_each(drop));
    gone.await?;
    Ok(())
}

/// What one run took.
#[derive(Clone, Copy, Debug)]
struct Taken {
    seconds: f64,
    cpu_seconds: f64,
}

async fn measure(server: &Server) -> Outcome<()> {
    let runs: usize = std::env::var("RUNS")
        .ok()
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(5);
    let account: recovery::ids::AccountId = server.account.parse()?;
    let cloud = Cloud::connect(CloudConfig {
        endpoint_url: Some(server.endpoint.clone()),
        credentials: [(
            account.clone(),
            StaticCredentials {
                access_key_id: server.access_key_id.clone(),
                secret_access_key: server.secret_access_key.clone(),
            },
        )]
        .into(),
        home_account: Some(account),
    })
    .await;
    let shows = shows();
    lay(&cloud, &shows).await?;
    let mut whole = Vec::new();
    let mut written = Vec::new();
    for run in 0..runs {
        let (write, all) = restore_once(&cloud, run).await?;
        written.push(write);
        whole.push(all);
    }
    // Peak memory is the process's: it is asked before the send loop's own batches are made.
    let peak = peak_memory();
    let mut alone = Vec::new();
    for run in 0..runs {
        alone.push(send_alone(&cloud, &shows, run).await?);
    }
    println!("{ROWS} rows x 7 columns, one Parquet file, {runs} runs");
    println!(
        "{:<34} {:>10} {:>10} {:>8} {:>8}",
        "", "items/s", "median", "s", "CPU s"
    );
    let (restore, _) = report("restore: read, encode, write", &written);
    report("restore with its proof", &whole);
    let (limit, _) = report("the send loop alone", &alone);
    println!("ratio to the send loop alone: {:.2}", restore / limit);
    println!("peak memory of the restore: {} MiB", peak / 1024);
    Ok(())
}

/// Prints a line and gives the best and the median rate.
fn report(name: &str, taken: &[Taken]) -> (f64, f64) {
    let mut sorted = taken.to_vec();
    sorted.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let (best, median) = (sorted[0], sorted[sorted.len() / 2]);
    let rate = |taken: Taken| f64::from(ROWS) / taken.seconds;
    println!(
        "{name:<34} {:>10.0} {:>10.0} {:>8.2} {:>8.2}",
        rate(best),
        rate(median),
        best.seconds,
        best.cpu_seconds
    );
    (rate(best), rate(median))
}

/// One whole restore into a new table: the time until everything was written, and until it was proven.
async fn restore_once(cloud: &Cloud, run: usize) -> Outcome<(Taken, Taken)> {
    let copy = CopyRef {
        recovery_point: None,
        source: None,
        data_as_of: None,
        region: REGION.parse()?,
        account: None,
        bucket: "bench".into(),
        prefix: "x".into(),
    };
    let request = TableRequest {
        source: "tv.shows".parse()?,
        target: format!("shows-{run}").parse()?,
        partition: "id".into(),
        sort: None,
        capacity: Capacity::OnDemand,
        treat_as: BTreeMap::new(),
    };
    let plan = restore::plan(
        cloud,
        &copy,
        &REGION.parse()?,
        &[request],
        jiff::Timestamp::UNIX_EPOCH,
    )
    .await?;
    let folder = tempfile::tempdir()?;
    let checkpoints = FileCheckpoints::open(folder.path(), &plan)?;
    let progress = Arc::new(Progress::new(&plan));
    let (began, cpu) = (Instant::now(), cpu_seconds());
    let watch = Arc::clone(&progress);
    let writing = tokio::spawn(async move {
        while watch.phase() != recovery::run::Phase::Proving && watch.phase() != recovery::run::Phase::Ended {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        Taken {
            seconds: began.elapsed().as_secs_f64(),
            cpu_seconds: cpu_seconds() - cpu,
        }
    });
    let results = restore::execute(cloud, &plan, &checkpoints, &progress, CancellationToken::new()).await?;
    if !results.iter().all(restore::TableResult::is_proven) {
        return Err(format!("not proven: {results:?}").into());
    }
    let all = Taken {
        seconds: began.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds() - cpu,
    };
    Ok((writing.await?, all))
}

/// Sends batches that are ready, with nothing else to do.
async fn send_alone(cloud: &Cloud, shows: &Shows, run: usize) -> Outcome<Taken> {
    let table = TableRef::new(REGION.parse()?, format!("alone-{run}").parse()?);
    let definition = TableDefinition {
        partition: KeyDefinition {
            name: "id".into(),
            attribute_type: AttributeType::N,
        },
        sort: None,
        capacity: Capacity::OnDemand,
    };
    cloud.create_table(&table, &definition).await?;
    cloud
        .wait_active(&table, std::time::Duration::from_secs(30))
        .await?;
    let items: Vec<Item> = (0..shows.id.len()).map(|row| shows.item(row)).collect();
    let batches: Vec<Vec<Item>> = items.chunks(BATCH_ITEMS_MAX).map(<[Item]>::to_vec).collect();
    drop(items);
    let (began, cpu) = (Instant::now(), cpu_seconds());
    stream::iter(batches)
        .map(|batch| {
            let (cloud, table) = (cloud.clone(), table.clone());
            async move {
                let sent = tokio::spawn(async move { cloud.batch_write(&table, batch).await });
                let answer = sent.await??;
                match answer.unprocessed.len() {
                    0 => Ok::<_, Box<dyn std::error::Error>>(()),
                    left => Err(format!("{left} items came back").into()),
                }
            }
        })
        .buffer_unordered(IN_FLIGHT)
        .try_for_each(|()| async { Ok(()) })
        .await?;
    Ok(Taken {
        seconds: began.elapsed().as_secs_f64(),
        cpu_seconds: cpu_seconds() - cpu,
    })
}

/// The table's columns.
struct Shows {
    id: Vec<i32>,
    title: Vec<String>,
    air_date: Vec<Option<String>>,
    country: Vec<&'static str>,
    language: Vec<&'static str>,
    /// In hundredths.
    vote_average: Vec<i128>,
    vote_count: Vec<i64>,
}

fn shows() -> Shows {
    let mut rng = StdRng::seed_from_u64(7);
    let words = [
        "Nacht", "Sommer", "Łódź", "The", "House", "of", "Étoile", "Tokyo", "Detective", "Family", "東京",
    ];
    let ids = || 1..=ROWS;
    Shows {
        id: ids().collect(),
        title: ids()
            .map(|id| {
                let mut title = String::new();
                for _ in 0..rng.random_range(1..6) {
                    title.push_str(words[rng.random_range(0..words.len())]);
                    title.push(' ');
                }
                format!("{title}{id}")
            })
            .collect(),
        air_date: ids()
            .map(|id| {
                (id % 11 != 0).then(|| format!("{}-{:02}-{:02}", 1950 + id % 76, id % 12 + 1, id % 28 + 1))
            })
            .collect(),
        country: ids()
            .map(|id| ["US", "DE", "JP", "BR"][id.unsigned_abs() as usize % 4])
            .collect(),
        language: ids()
            .map(|id| ["en", "de", "ja", "pt"][id.unsigned_abs() as usize % 4])
            .collect(),
        vote_average: ids().map(|_| rng.random_range(0..1_000)).collect(),
        vote_count: ids().map(|_| rng.random_range(0..50_000)).collect(),
    }
}

impl Shows {
    fn item(&self, row: usize) -> Item {
        let text = |text: &str| Value::S(text.to_owned());
        Item::with_capacity(7)
            .with("id", Value::number(self.id[row]))
            .with("title", text(&self.title[row]))
            .with(
                "air_date",
                self.air_date[row].as_deref().map_or(Value::Null, text),
            )
            .with("origin_country", text(self.country[row]))
            .with("language", text(self.language[row]))
            .with("vote_average", Value::number(self.vote_average[row]))
            .with("vote_count", Value::number(self.vote_count[row]))
    }

    fn parquet(&self) -> Outcome<Vec<u8>> {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(Int32Array::from(self.id.clone()))),
            ("title", Arc::new(StringArray::from_iter_values(&self.title))),
            ("air_date", Arc::new(StringArray::from_iter(&self.air_date))),
            (
                "origin_country",
                Arc::new(BinaryArray::from_iter_values(&self.country)),
            ),
            (
                "language",
                Arc::new(BinaryArray::from_iter_values(&self.language)),
            ),
            (
                "vote_average",
                Arc::new(
                    Decimal128Array::from_iter_values(self.vote_average.iter().copied())
                        .with_precision_and_scale(4, 2)?,
                ),
            ),
            ("vote_count", Arc::new(Int64Array::from(self.vote_count.clone()))),
        ];
        let batch = RecordBatch::try_from_iter(columns)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::GZIP(GzipLevel::default()))
            .build();
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let mut file = Vec::new();
        let mut writer = ArrowWriter::try_new_with_options(&mut file, batch.schema(), options)?;
        writer.write(&batch)?;
        writer.close()?;
        Ok(file)
    }
}

/// Lays the export: one file, its marker, its metadata.
async fn lay(cloud: &Cloud, shows: &Shows) -> Outcome<()> {
    let bucket = BucketRef::new(REGION.parse()?, "bench");
    cloud.create_bucket(&bucket).await?;
    let types = [
        ("id", "int"),
        ("title", "varchar(255)"),
        ("air_date", "date"),
        ("origin_country", "char(2)"),
        ("language", "char(2)"),
        ("vote_average", "decimal(4,2)"),
        ("vote_count", "bigint"),
    ];
    let mappings: Vec<_> = types
        .iter()
        .map(|(name, original)| serde_json::json!({"columnName": name, "originalType": original}))
        .collect();
    let tables = serde_json::json!({"perTableStatus": [{
        "target": "tv.tv.shows", "status": "COMPLETE",
        "schemaMetadata": {"originalTypeMappings": mappings},
    }]});
    let objects = [
        (
            "x/tv/tv.shows/1/part-00000-0f0f-c000.gz.parquet",
            shows.parquet()?,
        ),
        ("x/tv/tv.shows/1/_SUCCESS", Vec::new()),
        (
            "x/export_tables_info_x_from_1_to_1.json",
            tables.to_string().into_bytes(),
        ),
        ("x/export_info_x.json", br#"{"status":"COMPLETE"}"#.to_vec()),
    ];
    for (key, content) in objects {
        cloud.put_object(&bucket, key, content.into(), None).await?;
    }
    Ok(())
}

/// CPU seconds of this process so far, in user and system mode; 0 where /proc isn't there.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the program's name in parentheses, which may hold spaces, utime and stime are the 12th and 13th field.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .and_then(|field| field.parse::<f64>().ok())
            .unwrap_or_default()
    };
    // Linux counts in hundredths of a second towards programs, whatever the kernel's own clock.
    (ticks(11) + ticks(12)) / 100.0
}

/// Peak resident memory of this process in KiB; 0 where /proc isn't there.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or_default()
}
