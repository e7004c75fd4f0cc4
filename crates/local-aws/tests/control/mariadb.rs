//! A real MariaDB behind an embedded DB instance: what is exported is what the server said at the backup.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use local_aws::database::Database;
use mysql_async::prelude::Queryable as _;

use crate::clients::{HOME, account, back_up, cloud, instance, pass};
use crate::exports::{export, keys, rows, status};

/// A private server in a temporary folder, ended with the value.
struct Server {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let folders = [
        "/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin",
    ];
    folders
        .iter()
        .map(|folder| Path::new(folder).join(name))
        .find(|path| path.exists())
}

impl Server {
    /// Starts MariaDB, or says that there is none.
    async fn start() -> Option<Self> {
        let (Some(server), Some(install)) = (program("mariadbd"), program("mariadb-install-db")) else {
            eprintln!(
                "SKIPPED: no MariaDB on this machine; install mariadb-server to test against a real server"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let installed = Command::new(install)
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()))
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            .args(running_as_root().then_some("--user=root"))
            .output()
            .unwrap();
        assert!(
            installed.status.success(),
            "{}",
            String::from_utf8_lossy(&installed.stderr)
        );
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let process = Command::new(server)
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", folder.path().join("s").display()))
            .arg(format!("--pid-file={}", folder.path().join("pid").display()))
            .arg(format!("--port={port}"))
            .args([
                "--bind-address=127.0.0.1", "--skip-log-bin", "--innodb-buffer-pool-size=32M",
            ])
            .args(running_as_root().then_some("--user=root"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            process,
            port,
            _folder: folder,
        };
        let begun = Instant::now();
        while mysql_async::Conn::from_url(server.url("")).await.is_err() {
            assert!(
                begun.elapsed() < Duration::from_mins(1),
                "MariaDB does not answer"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Some(server)
    }

    fn url(&self, database: &str) -> String {
        format!("mysql://root@127.0.0.1:{}/{database}", self.port)
    }
}

fn running_as_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

const TABLES: &str = "
    CREATE DATABASE shop CHARACTER SET latin1;
    CREATE TABLE shop.everything (
        id BIGINT UNSIGNED PRIMARY KEY, ti TINYINT UNSIGNED, price DECIMAL(20,4), huge DECIMAL(65,30), f FLOAT, d DOUBLE,
        name VARCHAR(40), code CHAR(5), flags BIT(10), token VARBINARY(8), made TIMESTAMP(3) NULL, at DATETIME(6), day DATE,
        length TIME, y YEAR, kind ENUM('ä','b'), extra LONGTEXT, place POINT);
    SET NAMES utf8mb4;
    INSERT INTO shop.everything VALUES
        (18446744073709551615, 255, -1234567890123456.7891, 1e-30, 1.1, 0.1, 'Größe', 'né', b'1100000001', x'00FF', '2026-11-19 08:00:00.125',
         '1000-01-01 00:00:00.000001', '0000-00-00', '-838:59:59', 2155, 'ä', '{\"a\": 1}', POINT(1, 2)),
        (1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    CREATE TABLE shop.empty (id INT PRIMARY KEY);
    CREATE TABLE shop.zero (id INT PRIMARY KEY, at DATETIME);
    INSERT INTO shop.zero VALUES (1, '0000-00-00 00:00:00');
    CREATE TABLE shop.odd (`a b` INT);
    CREATE VIEW shop.seen AS SELECT id FROM shop.everything;
";

#[tokio::test]
async fn an_export_of_a_real_server_holds_what_it_held_at_the_backup() {
    let Some(server) = Server::start().await else {
        return;
    };
    let mut conn = mysql_async::Conn::from_url(server.url("")).await.unwrap();
    conn.query_drop("SET SESSION sql_mode = ''").await.unwrap();
    conn.query_drop("SET SESSION time_zone = '+00:00'").await.unwrap();
    for statement in TABLES
        .split(';')
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
    {
        conn.query_drop(statement)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let aws = cloud().await;
    let shop = instance("shop", Database::MySql(server.url("shop")));
    aws.control()
        .add_instance(&account(&aws), HOME, shop)
        .await
        .unwrap();
    let arn = back_up(&aws, "shop").await;
    conn.query_drop("DELETE FROM shop.everything").await.unwrap();
    drop(server);

    export(&aws, &arn, "shop").await;
    pass(&aws, Duration::from_mins(1)).await;
    assert_eq!(status(&aws, "shop").await, "COMPLETE");
    assert_eq!(
        keys(&aws).await,
        [
            "exports/shop/export_info_shop.json",
            "exports/shop/export_tables_info_shop_from_1_to_4.json",
            "exports/shop/shop/shop.empty/1/_SUCCESS",
            "exports/shop/shop/shop.everything/1/_SUCCESS",
            "exports/shop/shop/shop.everything/1/part-00000-UUID-c000.gz.parquet",
        ]
    );
    let rows = rows(&aws, "exports/shop/shop/shop.everything/").await;
    assert_eq!(rows.len(), 2);
    let texts: Vec<&str> = rows[1]
        .iter()
        .map(|value| value.as_deref().unwrap_or("NULL"))
        .collect();
    assert_eq!(
        texts[..17],
        [
            "18446744073709551615", "255", "-1234567890123456.7891", "0.000000000000000000000000000001",
            "1.100000023841858", "0.1", "Größe", "né", "\u{3}\u{1}", "\0\u{FFFD}",
            "2026-11-19 08:00:00.125000 +00:00", "1000-01-01 00:00:00.000001 +00:00", "0000-00-00",
            "-838:59:59", "2155", "ä", "{\"a\": 1}",
        ]
    );
    assert!(rows[0][1..].iter().all(Option::is_none));

    let key = "exports/shop/export_tables_info_shop_from_1_to_4.json";
    let json = aws
        .s3()
        .get(&account(&aws), HOME, "exports-home", key)
        .await
        .unwrap();
    let tables: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let status_of = |target: &str| {
        let tables = tables["perTableStatus"].as_array().unwrap();
        let table = tables.iter().find(|table| table["target"] == target).unwrap();
        (
            table["status"].as_str().unwrap().to_owned(),
            table["warningMessage"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(
        status_of("shop.everything"),
        ("COMPLETE".to_owned(), String::new())
    );
    let (zero, warning) = status_of("shop.zero");
    assert_eq!(zero, "FAILED");
    assert!(
        warning.contains("0000-00-00 00:00:00") && warning.contains("column at"),
        "{warning}"
    );
    assert_eq!(status_of("shop.odd").0, "SKIPPED");
    aws.shutdown().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_fails_the_job_and_says_so() {
    let aws = cloud().await;
    let gone = instance(
        "gone",
        Database::MySql("mysql://root:secret@127.0.0.1:1/shop".to_owned()),
    );
    aws.control()
        .add_instance(&account(&aws), HOME, gone)
        .await
        .unwrap();
    back_up(&aws, "gone").await;
    let jobs = aws.control().backup().backup_jobs(&account(&aws), HOME).unwrap();
    let message = jobs[0].message.clone().unwrap();
    assert_eq!(jobs[0].state.name(), "FAILED");
    assert!(
        message.contains("127.0.0.1:1") && !message.contains("secret"),
        "{message}"
    );
    aws.shutdown().await;
}
