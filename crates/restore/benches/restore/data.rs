//! The rows: shows, as the built-in database has them, and the export that holds them.

use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray, Decimal128Array, Int32Array, Int64Array, RecordBatch, StringArray};
use aws::Cloud;
use aws::dynamodb::{AttributeName, PutBatch, PutBatchBuilder, TableRef};
use aws::s3::BucketRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, GzipLevel};
use parquet::file::properties::WriterProperties;
use rand::distr::{Alphanumeric, SampleString as _};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::Outcome;

pub const REGION: &str = "us-east-1";
pub const BUCKET: &str = "bench";
pub const PREFIX: &str = "x";

const TYPES: [(&str, &str); 7] = [
    ("id", "int"),
    ("title", "varchar(255)"),
    ("air_date", "date"),
    ("origin_country", "char(2)"),
    ("language", "char(2)"),
    ("vote_average", "decimal(4,2)"),
    ("vote_count", "bigint"),
];

/// Columns of some shows.
pub struct Shows {
    id: Vec<i32>,
    title: Vec<String>,
    air_date: Vec<Option<String>>,
    country: Vec<&'static str>,
    language: Vec<&'static str>,
    /// In hundredths.
    vote_average: Vec<i128>,
    vote_count: Vec<i64>,
}

impl Shows {
    /// Shows with these ids. `long` titles do not compress, so that many rows make many bytes.
    pub fn new(ids: std::ops::Range<i32>, long: bool) -> Self {
        let mut rng = StdRng::seed_from_u64(u64::from(ids.start.unsigned_abs()));
        let words = [
            "Nacht", "Sommer", "Łódź", "The", "House", "of", "Étoile", "Tokyo", "Detective", "Family", "東京",
        ];
        let each = || ids.clone();
        let turn = |id: i32| id.unsigned_abs() as usize % 4;
        Self {
            title: each()
                .map(|id| {
                    if long {
                        return Alphanumeric.sample_string(&mut rng, 250);
                    }
                    let mut title = String::new();
                    for _ in 0..rng.random_range(1..6) {
                        title.push_str(words[rng.random_range(0..words.len())]);
                        title.push(' ');
                    }
                    format!("{title}{id}")
                })
                .collect(),
            air_date: each()
                .map(|id| {
                    (id % 11 != 0)
                        .then(|| format!("{}-{:02}-{:02}", 1950 + id % 76, id % 12 + 1, id % 28 + 1))
                })
                .collect(),
            country: each().map(|id| ["US", "DE", "JP", "BR"][turn(id)]).collect(),
            language: each().map(|id| ["en", "de", "ja", "pt"][turn(id)]).collect(),
            vote_average: each().map(|_| rng.random_range(0..1_000)).collect(),
            vote_count: each().map(|_| rng.random_range(0..50_000)).collect(),
            id: each().collect(),
        }
    }

    /// Every show as batches that are ready to be sent.
    pub fn batches(&self, table: &Arc<TableRef>) -> Outcome<Vec<PutBatch>> {
        let names = TYPES.map(|(name, _)| AttributeName::new(name));
        let [id, title, air_date, country, language, average, count] = &names;
        let mut builder = PutBatchBuilder::new(Arc::clone(table));
        let mut batches = Vec::new();
        for row in 0..self.id.len() {
            builder.put(|item| {
                item.number(id, &self.id[row].to_string());
                item.string(title, &self.title[row]);
                match &self.air_date[row] {
                    Some(date) => item.string(air_date, date),
                    None => item.null(air_date),
                }
                item.string(country, self.country[row]);
                item.string(language, self.language[row]);
                item.number(average, &self.vote_average[row].to_string());
                item.number(count, &self.vote_count[row].to_string());
                Outcome::Ok(())
            })?;
            if builder.is_full() {
                batches.extend(builder.take());
            }
        }
        batches.extend(builder.take());
        Ok(batches)
    }

    fn parquet(&self) -> Outcome<Vec<u8>> {
        let average = Decimal128Array::from_iter_values(self.vote_average.iter().copied());
        let columns: [ArrayRef; 7] = [
            Arc::new(Int32Array::from(self.id.clone())),
            Arc::new(StringArray::from_iter_values(&self.title)),
            Arc::new(StringArray::from_iter(&self.air_date)),
            Arc::new(BinaryArray::from_iter_values(&self.country)),
            Arc::new(BinaryArray::from_iter_values(&self.language)),
            Arc::new(average.with_precision_and_scale(4, 2)?),
            Arc::new(Int64Array::from(self.vote_count.clone())),
        ];
        let batch = RecordBatch::try_from_iter(TYPES.map(|(name, _)| name).into_iter().zip(columns))?;
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

/// Lays an export of `rows` shows in `files` objects, in the place of the one before. Gives the objects' bytes.
pub async fn lay(cloud: &Cloud, rows: usize, files: usize, long: bool) -> Outcome<u64> {
    let bucket = BucketRef::new(REGION.parse()?, BUCKET);
    if let Err(error) = cloud.create_bucket(&bucket).await
        && error.kind != aws::ErrorKind::AlreadyExists
    {
        return Err(error.into());
    }
    let mappings =
        TYPES.map(|(name, original)| serde_json::json!({"columnName": name, "originalType": original}));
    let tables = serde_json::json!({"perTableStatus": [{
        "target": "tv.tv.shows", "status": "COMPLETE",
        "schemaMetadata": {"originalTypeMappings": mappings},
    }]});
    let mut written = 0;
    let of_file = rows.div_ceil(files);
    for file in 0..files {
        let ids =
            i32::try_from(1 + file * of_file)?..i32::try_from((1 + rows).min(1 + (file + 1) * of_file))?;
        let content = Shows::new(ids, long).parquet()?;
        written += content.len() as u64;
        let key = format!("{PREFIX}/tv/tv.shows/1/part-{file:05}-0f0f-c000.gz.parquet");
        cloud.put_object(&bucket, &key, content.into(), None).await?;
    }
    for (name, content) in [
        ("tv/tv.shows/1/_SUCCESS", String::new()),
        ("export_tables_info_x_from_1_to_1.json", tables.to_string()),
        ("export_info_x.json", r#"{"status":"COMPLETE"}"#.to_owned()),
    ] {
        cloud
            .put_object(
                &bucket,
                &format!("{PREFIX}/{name}"),
                content.into_bytes().into(),
                None,
            )
            .await?;
    }
    Ok(written)
}
