//! The restore engine: Parquet reader, item encoder, writer, digest, proof
