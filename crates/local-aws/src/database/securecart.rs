//! The `securecart` database: a shop with the column types that make a restore interesting.
//!
//! Orders age: an order is placed, paid, shipped and delivered as the churn job runs, so that two snapshots differ
//! in changed rows as well as in new ones. All of it is a pure function of (seed, origin, tick).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::fmt::strtime;
use jiff::{SignedDuration, Timestamp};
use rand::{Rng as _, RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{Column, Row, Table};

const CUSTOMERS: u32 = 2_000;
const ORDERS: u32 = 4_500;

/// Identifiers beyond 2^63 are legal in BIGINT UNSIGNED and the reason it exports as a decimal.
const PAYMENT_BASE: u64 = 1 << 63;

const CUSTOMER_STREAM: u64 = 0;
const ORDER_STREAM: u64 = 1 << 32;
const PAYMENT_STREAM: u64 = 2 << 32;

const FIRST_NAMES: &[&str] = &[
    "Aiko", "André", "Anna", "Bjørn", "Chloé", "Dimitra", "Elif", "Fatima", "Gregor", "Hana", "Inés", "João",
    "Kwame", "Liam", "María", "Nguyễn", "Oksana", "Pádraig", "Priya", "Quinn", "Renée", "Søren", "Tomáš",
    "Ümit", "Wei", "Xóchitl", "Yuki", "Zoë",
];
const LAST_NAMES: &[&str] = &[
    "Ångström", "Bauer", "Castillo", "D'Angelo", "Eriksson", "Fernández", "Gül", "Hansen", "Ibrahim",
    "Jørgensen", "Kowalski", "Lefèvre", "Müller", "Nakamura", "O'Connor", "Papadopoulos", "Quispe", "Řezník",
    "Smith", "Tanaka", "Ueda", "Vo", "Weiß", "Yılmaz",
];
const GOODS: &[(&str, &str)] = &[
    ("LAMP-014", "Reading lamp, brass"),
    ("MUG-002", "Mug “Good morning”"),
    ("CHAIR-9", "Chair, beech, 45 × 80 cm"),
    ("TEA-SENCHA", "煎茶 100g"),
    ("SOCK-44", "Wool socks, 2 pairs"),
    ("CAB-USBC", "USB-C cable 1 m"),
    ("BOOK-0815", "Der Prozeß"),
    ("SOAP-OL", "Savon à l'huile d'olive"),
    ("PEN-7", "Fountain pen; fine"),
    ("KEY-60", "Keyboard 60 %"),
    ("BAG-CAN", "Canvas bag"),
    ("CAND-3", "Candle trio 🕯️"),
];

/// The shop's state after some runs of its churn job.
#[derive(Clone, Copy, Debug)]
pub struct SecureCart {
    seed: u64,
    origin: Timestamp,
    tick: u32,
}

struct Order {
    id: u32,
    customer: u32,
    status: &'static str,
    currency: &'static str,
    placed_at: Timestamp,
    updated_at: Timestamp,
    lines: Vec<Line>,
    discount: Option<u64>,
    note: Option<&'static str>,
}

struct Line {
    goods: usize,
    quantity: u32,
    cents: u64,
    gift: bool,
}

impl SecureCart {
    /// The state after `tick` runs of the churn job that began at `origin`.
    pub fn new(seed: u64, origin: Timestamp, tick: u32) -> Self {
        Self { seed, origin, tick }
    }

    /// The tables.
    pub fn tables() -> Vec<Table> {
        let table = |name: &str, columns: &[(&str, &str, bool)]| Table {
            schema: "securecart".to_owned(),
            name: name.to_owned(),
            columns: columns
                .iter()
                .map(|(name, sql, nullable)| Column::declare(name, sql, *nullable))
                .collect(),
        };
        vec![
            table(
                "customers",
                &[
                    ("id", "BIGINT UNSIGNED", false),
                    ("email", "VARCHAR(254)", false),
                    ("full_name", "VARCHAR(120)", false),
                    ("phone", "CHAR(16)", true),
                    ("tier", "ENUM('basic','silver','gold')", false),
                    ("preferences", "JSON", true),
                    ("marketing_opt_in", "TINYINT", false),
                    ("notes", "TEXT", true),
                    ("password_digest", "VARBINARY(32)", false),
                    ("last_seen_at", "DATETIME(6)", true),
                    ("created_at", "TIMESTAMP", false),
                ],
            ),
            table(
                "orders",
                &[
                    ("order_id", "BIGINT UNSIGNED", false),
                    ("customer_id", "BIGINT UNSIGNED", false),
                    (
                        "status",
                        "ENUM('pending','paid','shipped','delivered','cancelled')",
                        false,
                    ),
                    ("currency", "CHAR(3)", false),
                    ("total", "DECIMAL(10,2)", false),
                    ("discount", "DECIMAL(10,2)", true),
                    ("shipping_address", "JSON", false),
                    ("note", "TEXT", true),
                    ("placed_at", "DATETIME(6)", false),
                    ("updated_at", "TIMESTAMP", false),
                ],
            ),
            table(
                "order_items",
                &[
                    ("order_id", "BIGINT UNSIGNED", false),
                    ("line_no", "SMALLINT", false),
                    ("sku", "VARCHAR(32)", false),
                    ("description", "VARCHAR(200)", false),
                    ("quantity", "INT UNSIGNED", false),
                    ("unit_price", "DECIMAL(10,2)", false),
                    ("is_gift", "TINYINT UNSIGNED", false),
                ],
            ),
            table(
                "payments",
                &[
                    ("payment_id", "BIGINT UNSIGNED", false),
                    ("order_id", "BIGINT UNSIGNED", false),
                    ("method", "ENUM('card','sepa','wallet','voucher')", false),
                    ("amount", "DECIMAL(10,2)", false),
                    ("token", "BINARY(16)", false),
                    ("card_last4", "CHAR(4)", true),
                    ("client_ip", "VARBINARY(16)", true),
                    ("gateway_response", "JSON", true),
                    ("risk_score", "DOUBLE", true),
                    ("captured_at", "TIMESTAMP", true),
                ],
            ),
        ]
    }

    /// How many rows `table` has.
    pub fn rows(&self, table: &str) -> u64 {
        let mut rows = 0;
        let Ok(()) = self.read::<std::convert::Infallible>(table, &mut |_| {
            rows += 1;
            Ok(())
        });
        rows
    }

    /// Gives each row of `table` to `sink`, in the order of the primary key.
    pub fn read<E>(&self, table: &str, sink: &mut dyn FnMut(&Row) -> Result<(), E>) -> Result<(), E> {
        let mut row = Row::default();
        let orders = 1..=ORDERS.saturating_add(self.tick);
        match table {
            "customers" => {
                for id in 1..=CUSTOMERS {
                    self.customer(id, &mut row);
                    sink(&row)?;
                }
            }
            "orders" => {
                for id in orders {
                    self.order(id).write(&mut row);
                    sink(&row)?;
                }
            }
            "order_items" => {
                for id in orders {
                    let order = self.order(id);
                    for number in 0..order.lines.len() {
                        order.write_line(number, &mut row);
                        sink(&row)?;
                    }
                }
            }
            "payments" => {
                for id in orders {
                    if self.payment(&self.order(id), &mut row) {
                        sink(&row)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn stream(&self, stream: u64, id: u32) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(stream + u64::from(id));
        rng
    }

    fn customer(&self, id: u32, row: &mut Row) {
        let mut rng = self.stream(CUSTOMER_STREAM, id);
        let first = FIRST_NAMES[rng.random_range(0..FIRST_NAMES.len())];
        let last = LAST_NAMES[rng.random_range(0..LAST_NAMES.len())];
        let created = self.origin - SignedDuration::from_mins(rng.random_range(1_000..1_500_000));
        let mut digest = [0; 32];
        rng.fill_bytes(&mut digest);
        row.clear();
        row.show(id);
        row.show(format_args!(
            "customer{id}@example.{}",
            ["com", "org", "net"][rng.random_range(0..3)]
        ));
        row.show(format_args!("{first} {last}"));
        row.show_or_null(
            rng.random_bool(0.6)
                .then(|| format!("+{}", rng.random_range(10_000_000_000_u64..99_999_999_999))),
        );
        row.text(["basic", "basic", "silver", "gold"][rng.random_range(0..4)]);
        row.show_or_null(rng.random_bool(0.7).then(|| {
            format!(
                r#"{{"theme": "{}", "newsletter": {}, "sizes": [{}, null], "nickname": "{first} ☕"}}"#,
                ["light", "dark"][rng.random_range(0..2)],
                rng.random_bool(0.5),
                rng.random_range(34..48),
            )
        }));
        row.show(u8::from(rng.random_bool(0.4)));
        match rng.random_range(0..20) {
            0 => row.text("Called twice about the invoice.\nPrefers e-mail;\tsays \"never on Mondays\"."),
            1 => row.text(""),
            _ => row.null(),
        }
        row.bytes(&digest);
        row.show_or_null(rng.random_bool(0.8).then(|| {
            let seen = created + SignedDuration::from_micros(rng.random_range(0..60_000_000_000_000));
            datetime(seen.min(self.origin))
        }));
        row.show(timestamp(created));
    }

    fn order(&self, id: u32) -> Order {
        let mut rng = self.stream(ORDER_STREAM, id);
        let (placed_at, age) = if id <= ORDERS {
            let before = i64::from(ORDERS - id);
            let jitter = rng.random_range(0..5_400_000_000);
            (
                self.origin - SignedDuration::from_mins(before * 150) - SignedDuration::from_micros(jitter),
                u64::from(self.tick) + u64::from(ORDERS - id) * 150,
            )
        } else {
            let after = i64::from(id - ORDERS);
            let jitter = rng.random_range(0..60_000_000);
            (
                self.origin + SignedDuration::from_mins(after) - SignedDuration::from_micros(jitter),
                u64::from((ORDERS + self.tick).saturating_sub(id)),
            )
        };
        let cancelled = rng.random_bool(0.06);
        // Minutes after which an order is paid, shipped and delivered.
        let (status, steps) = match age {
            0..2 => ("pending", 0),
            2..90 => ("paid", 2),
            _ if cancelled => ("cancelled", 90),
            90..2_880 => ("shipped", 90),
            _ => ("delivered", 2_880),
        };
        let lines = (0..rng.random_range(1..=4))
            .map(|_| Line {
                goods: rng.random_range(0..GOODS.len()),
                quantity: rng.random_range(1..=5),
                cents: rng.random_range(99..25_000),
                gift: rng.random_bool(0.1),
            })
            .collect();
        Order {
            id,
            customer: rng.random_range(1..=CUSTOMERS),
            status,
            currency: ["EUR", "USD", "GBP", "JPY"][rng.random_range(0..4)],
            placed_at,
            updated_at: placed_at + SignedDuration::from_mins(steps),
            lines,
            discount: rng.random_bool(0.25).then(|| rng.random_range(0..99)),
            note: match rng.random_range(0..12) {
                0 => Some("Bitte beim Nachbarn abgeben – danke!"),
                1 => Some("Gift wrap 🎁, no invoice in the box"),
                2 => Some(""),
                _ => None,
            },
        }
    }

    /// Fills `row` with the order's payment, if it has been paid.
    fn payment(&self, order: &Order, row: &mut Row) -> bool {
        if order.status == "pending" {
            return false;
        }
        let mut rng = self.stream(PAYMENT_STREAM, order.id);
        let mut token = [0; 16];
        rng.fill_bytes(&mut token);
        let method = ["card", "card", "card", "sepa", "wallet", "voucher"][rng.random_range(0..6)];
        let approved = order.status != "cancelled";
        row.clear();
        row.show(PAYMENT_BASE + u64::from(order.id));
        row.show(order.id);
        row.text(method);
        row.show(cents(order.total()));
        row.bytes(&token);
        row.show_or_null((method == "card").then(|| format!("{:04}", rng.random_range(0..10_000))));
        match rng.random_range(0..3) {
            0 => row.null(),
            1 => row.bytes(&[198, 51, 100, rng.random_range(1..255)]),
            _ => row.bytes(
                &std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, rng.random_range(1..999)).octets(),
            ),
        }
        row.show_or_null(rng.random_bool(0.9).then(|| {
            format!(
                r#"{{"approved": {approved}, "reference": "{}", "attempts": {}}}"#,
                STANDARD.encode(&token[..9]),
                rng.random_range(1..4)
            )
        }));
        row.show_or_null(rng.random_bool(0.8).then(|| rng.random::<f64>()));
        row.show_or_null(approved.then(|| timestamp(order.placed_at + SignedDuration::from_mins(2))));
        true
    }
}

impl Order {
    fn total(&self) -> u64 {
        let goods: u64 = self
            .lines
            .iter()
            .map(|line| line.cents * u64::from(line.quantity))
            .sum();
        goods.saturating_sub(self.discount.unwrap_or(0))
    }

    fn write(&self, row: &mut Row) {
        row.clear();
        row.show(self.id);
        row.show(self.customer);
        row.text(self.status);
        row.text(self.currency);
        row.show(cents(self.total()));
        row.show_or_null(self.discount.map(cents));
        row.show(format_args!(
            r#"{{"street": "{} Höhenweg", "city": "{}", "zip": "{:05}"}}"#,
            self.customer % 200 + 1,
            ["Graz", "Łódź", "Kraków", "São Paulo", "Cork"][self.customer as usize % 5],
            self.customer * 37 % 100_000,
        ));
        row.show_or_null(self.note);
        row.show(datetime(self.placed_at));
        row.show(timestamp(self.updated_at));
    }

    fn write_line(&self, index: usize, row: &mut Row) {
        let line = &self.lines[index];
        let (sku, description) = GOODS[line.goods];
        row.clear();
        row.show(self.id);
        row.show(index + 1);
        row.text(sku);
        row.text(description);
        row.show(line.quantity);
        row.show(cents(line.cents));
        row.show(u8::from(line.gift));
    }
}

fn cents(amount: u64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

/// As MySQL writes a DATETIME(6).
fn datetime(at: Timestamp) -> String {
    strtime::format("%Y-%m-%d %H:%M:%S%.6f", at).unwrap_or_default()
}

/// As MySQL writes a TIMESTAMP in a session whose zone is UTC.
fn timestamp(at: Timestamp) -> String {
    strtime::format("%Y-%m-%d %H:%M:%S", at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::convert::Infallible;

    use super::*;

    fn read(tick: u32, table: &str) -> Vec<Vec<Option<Vec<u8>>>> {
        let shop = SecureCart::new(7, "2026-11-19T08:00:00Z".parse().unwrap(), tick);
        let mut rows = Vec::new();
        let Ok(()) = shop.read::<Infallible>(table, &mut |row| {
            rows.push(row.values().map(|v| v.map(<[u8]>::to_vec)).collect());
            Ok(())
        });
        rows
    }

    #[test]
    fn rows_have_as_many_values_as_their_table_has_columns_and_are_the_same_each_time() {
        let mut all = 0;
        for table in SecureCart::tables() {
            let rows = read(30, &table.name);
            assert!(
                rows.iter().all(|row| row.len() == table.columns.len()),
                "{}",
                table.name
            );
            for row in &rows {
                for (column, value) in table.columns.iter().zip(row) {
                    assert!(
                        column.nullable || value.is_some(),
                        "{}.{}",
                        table.name,
                        column.name
                    );
                }
            }
            assert_eq!(rows, read(30, &table.name));
            all += rows.len();
        }
        assert!((10_000..30_000).contains(&all), "{all}");
    }

    #[test]
    fn an_order_and_its_line_number_are_a_key() {
        let rows = read(0, "order_items");
        let keys: HashSet<_> = rows.iter().map(|row| (row[0].clone(), row[1].clone())).collect();
        assert_eq!(keys.len(), rows.len());
        assert!(rows.iter().any(|row| row[1].as_deref() == Some(b"4")));
    }

    #[test]
    fn the_churn_job_adds_orders_and_moves_the_earlier_ones_on() {
        let (before, after) = (read(10, "orders"), read(11, "orders"));
        assert_eq!(after.len(), before.len() + 1);
        let changed = before.iter().zip(&after).filter(|(b, a)| b != a).count();
        assert!((1..10).contains(&changed), "{changed}");
        assert_eq!(read(11, "payments").len(), read(10, "payments").len() + 1);
    }
}
