//! The `tvshows` database: 100,871 television shows, and a churn job that adds one, deletes one and counts votes.
//!
//! The state after any number of ticks is a pure function of (seed, tick): tick *t* adds show `SHOWS + t`, deletes
//! the *t*-th show of a fixed permutation, and lets a few people vote. Nothing is replayed but the votes.

use std::collections::HashMap;

use rand::Rng as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::titles::{self, Language};
use super::{Column, Row, Table};

/// Rows of `shows`, at every tick.
pub const SHOWS: u32 = 100_871;

/// Coprime to [`SHOWS`]: the deletions go through all shows in the order of its multiples' inverses, scattered.
const STRIDE: u64 = 43_783;

/// The generator's streams, one per purpose, so that a show does not depend on how many votes were cast.
const SHOW_STREAM: u64 = 0;
const VOTE_STREAM: u64 = 1 << 40;

/// The shows as they were before the churn job ever ran.
#[derive(Debug)]
pub struct TvShows {
    seed: u64,
    base: Vec<Show>,
}

#[derive(Clone, Debug)]
struct Show {
    id: u32,
    title: Box<str>,
    air_date: Option<jiff::civil::Date>,
    origin_country: Option<&'static str>,
    language: &'static str,
    /// In thousandths, as the column's DECIMAL(5,3) counts.
    vote_average: u32,
    vote_count: u32,
}

/// Votes cast since tick 0 for one show: how many, and their sum in thousandths.
#[derive(Clone, Copy, Debug, Default)]
struct Votes {
    count: u32,
    sum: u64,
}

impl TvShows {
    /// Invents the shows of `seed`.
    pub fn new(seed: u64) -> Self {
        let base = (1..=SHOWS).map(|id| Show::invent(seed, id)).collect();
        Self { seed, base }
    }

    /// The tables.
    pub fn tables() -> Vec<Table> {
        vec![Table {
            schema: "tvshows".to_owned(),
            name: "shows".to_owned(),
            columns: vec![
                Column::declare("id", "INT", false),
                Column::declare("title", "VARCHAR(255)", false),
                Column::declare("air_date", "DATE", true),
                Column::declare("origin_country", "CHAR(2)", true),
                Column::declare("language", "VARCHAR(5)", false),
                Column::declare("vote_average", "DECIMAL(5,3)", false),
                Column::declare("vote_count", "INT", false),
            ],
        }]
    }

    /// Gives each row of `shows` after `tick` runs of the churn job to `sink`, by id.
    pub fn read<E>(&self, tick: u32, sink: &mut dyn FnMut(&Row) -> Result<(), E>) -> Result<(), E> {
        let mut votes = self.votes(tick);
        let mut row = Row::default();
        for show in self.base.iter().filter(|show| !deleted(show.id, tick)) {
            show.write(votes.remove(&show.id), &mut row);
            sink(&row)?;
        }
        for id in SHOWS + 1..=SHOWS + tick {
            if !deleted(id, tick) {
                Show::invent(self.seed, id).write(votes.remove(&id), &mut row);
                sink(&row)?;
            }
        }
        Ok(())
    }

    fn votes(&self, ticks: u32) -> HashMap<u32, Votes> {
        let mut votes: HashMap<u32, Votes> = HashMap::new();
        for tick in 1..=ticks {
            let mut rng = stream(self.seed, VOTE_STREAM + u64::from(tick));
            for _ in 0..rng.random_range(3..=8) {
                let id = rng.random_range(1..=SHOWS + tick);
                let count = rng.random_range(1..=12);
                let mean: u64 = rng.random_range(3_000..=10_000);
                let cast = votes.entry(id).or_default();
                cast.count += count;
                cast.sum += mean * u64::from(count);
            }
        }
        votes
    }
}

/// Whether the churn job has deleted show `id` within `tick` ticks. The first [`SHOWS`] ticks delete the original
/// shows in a scattered order, later ones the added shows in theirs.
fn deleted(id: u32, tick: u32) -> bool {
    if id > SHOWS {
        return tick > SHOWS && id - SHOWS <= tick - SHOWS;
    }
    deletion_tick(id) <= tick
}

fn deletion_tick(id: u32) -> u32 {
    let position = u64::from(id - 1) * STRIDE % u64::from(SHOWS);
    u32::try_from(position).unwrap_or(u32::MAX).saturating_add(1)
}

fn stream(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

impl Show {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is drawn is small and positive"
    )]
    fn invent(seed: u64, id: u32) -> Self {
        let mut rng = stream(seed, SHOW_STREAM + u64::from(id));
        let language = Language::draw(&mut rng);
        let title = titles::title(language, &mut rng).into_boxed_str();
        // Most shows are recent, and about one in fourteen has no date yet.
        let air_date = (!rng.random_bool(0.07)).then(|| {
            let years_ago = 74.0 * rng.random::<f64>().powi(3);
            let year = 2026 - years_ago as i16;
            let first = jiff::civil::date(year, 1, 1);
            first.saturating_add(jiff::Span::new().days(rng.random_range(0..364)))
        });
        let origin_country = (!rng.random_bool(0.02)).then(|| language.country(&mut rng));
        let vote_count = if rng.random_bool(0.35) {
            0
        } else {
            (8.0 / rng.random_range(0.0006..1.0_f64)) as u32
        };
        let vote_average = if vote_count == 0 {
            0
        } else {
            let spread: f64 = (0..4).map(|_| rng.random::<f64>()).sum::<f64>() / 4.0;
            ((4.2 + 5.4 * spread) * 1000.0) as u32
        };
        Self {
            id,
            title,
            air_date,
            origin_country,
            language: language.code(),
            vote_average,
            vote_count,
        }
    }

    fn write(&self, votes: Option<Votes>, row: &mut Row) {
        let Votes { count, sum } = votes.unwrap_or_default();
        let vote_count = self.vote_count + count;
        let vote_average = if count == 0 {
            self.vote_average
        } else {
            let all = u64::from(self.vote_average) * u64::from(self.vote_count) + sum;
            u32::try_from(all / u64::from(vote_count)).unwrap_or(10_000)
        };
        row.clear();
        row.show(self.id);
        row.text(&self.title);
        row.show_or_null(self.air_date);
        row.show_or_null(self.origin_country);
        row.text(self.language);
        row.show(format_args!("{}.{:03}", vote_average / 1000, vote_average % 1000));
        row.show(vote_count);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::convert::Infallible;

    use super::*;

    fn read(shows: &TvShows, tick: u32) -> Vec<Vec<Option<String>>> {
        let mut rows = Vec::new();
        let Ok(()) = shows.read::<Infallible>(tick, &mut |row| {
            rows.push(
                row.values()
                    .map(|v| v.map(|v| String::from_utf8(v.to_vec()).unwrap()))
                    .collect(),
            );
            Ok(())
        });
        rows
    }

    #[test]
    fn there_are_always_100_871_shows_with_distinct_ids() {
        let shows = TvShows::new(7);
        for tick in [0, 1, 60, 10_000, SHOWS, SHOWS + 500] {
            let ids: HashSet<_> = read(&shows, tick).into_iter().map(|row| row[0].clone()).collect();
            assert_eq!(ids.len(), SHOWS as usize, "at tick {tick}");
        }
    }

    #[test]
    fn a_tick_adds_one_show_deletes_one_and_changes_a_few_votes() {
        let shows = TvShows::new(7);
        let before: HashSet<_> = read(&shows, 41).into_iter().collect();
        let after: HashSet<_> = read(&shows, 42).into_iter().collect();
        let gone: Vec<_> = before.difference(&after).collect();
        let new: Vec<_> = after.difference(&before).collect();
        assert_eq!(gone.len(), new.len());
        assert!((4..=9).contains(&new.len()), "{new:#?}");
        let ids =
            |rows: &[&Vec<Option<String>>]| rows.iter().map(|row| row[0].clone()).collect::<HashSet<_>>();
        assert_eq!(ids(&gone).difference(&ids(&new)).count(), 1);
        assert_eq!(ids(&new).difference(&ids(&gone)).count(), 1);
    }

    #[test]
    fn the_same_seed_and_tick_give_the_same_rows_and_another_seed_gives_others() {
        let first = read(&TvShows::new(7), 90);
        assert_eq!(first, read(&TvShows::new(7), 90));
        assert_ne!(first, read(&TvShows::new(8), 90));
    }

    #[test]
    fn the_rows_look_like_a_real_catalogue() {
        let rows = read(&TvShows::new(7), 0);
        let without_date = rows.iter().filter(|row| row[2].is_none()).count();
        assert!((5_000..9_000).contains(&without_date), "{without_date}");
        let title = |row: &Vec<Option<String>>| row[1].clone().unwrap();
        assert!(rows.iter().filter(|row| !title(row).is_ascii()).count() > 20_000);
        assert!(
            rows.iter()
                .all(|row| !title(row).is_empty() && title(row).chars().count() <= 255)
        );
        let distinct: HashSet<_> = rows.iter().map(title).collect();
        assert!(distinct.len() > 70_000, "{}", distinct.len());
        let emoji = rows
            .iter()
            .filter(|row| title(row).chars().any(|c| c as u32 >= 0x1F000))
            .count();
        assert!((5..400).contains(&emoji), "{emoji}");
    }

    #[test]
    fn the_permutation_visits_every_show() {
        let ticks: HashSet<_> = (1..=SHOWS).map(deletion_tick).collect();
        assert_eq!(ticks.len(), SHOWS as usize);
    }
}
