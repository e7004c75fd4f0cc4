use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

/// Something with any facts.
struct Thing(BTreeMap<&'static str, Vec<Fact<'static>>>);

impl Facts for Thing {
    fn facts(&self, property: &str) -> Vec<Fact<'_>> {
        self.0.get(property).cloned().unwrap_or_default()
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn thing() -> Thing {
    Thing(BTreeMap::from([
        ("source", vec!["tvshows".into()]),
        ("state", vec!["verified".into()]),
        ("made", vec![Fact::Time(at("2026-11-20T08:00:12.5Z"))]),
        ("age", vec![Fact::Number(7_200)]),
        ("size", vec![Fact::Number(2_600_000)]),
        ("verified_in", vec!["us-east-1".into(), "us-west-2".into()]),
        (
            "arn",
            vec!["arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-1".into()],
        ),
    ]))
}

#[test]
fn a_filter_holds_or_does_not() {
    for (text, holds) in [
        ("source = tvshows", true),
        ("SOURCE=tvshows", true),
        ("source = TVSHOWS", false),
        ("source : TVSH", true),
        ("source != tvshows", false),
        ("source = tvshows and state != verified", false),
        ("source = tvshows and state = verified", true),
        ("source = a or source = tvshows and state = verified", true),
        ("(source = a or source = tvshows) and state = exporting", false),
        ("source = a AND source = b OR state = verified", true),
        ("made = 2026-11-20", true),
        ("made < 2026-11-20", false),
        ("made > 2026-11-20", false),
        ("made <= 2026-11-20", true),
        ("made >= 2026-11-20", true),
        ("made > 2026-11-19", true),
        ("made = 2026-11-20T08:00Z", true),
        ("made = 2026-11-20T08:00:12Z", true),
        ("made = 2026-11-20T08:00:13Z", false),
        ("age < 2h", false),
        ("age <= 2h", true),
        ("age > 1h30m", true),
        ("size > 2.5MB", true),
        ("size > 2.5MiB", false),
        ("size = 2,600,000", true),
        ("verified_in = us-west-2", true),
        ("verified_in != us-west-2", false),
        ("verified_in != eu-west-1", true),
        ("expires < 2030-01-01", false),
        ("expires != 2030-01-01", true),
        ("arn : awsbackup:job-1", true),
        (
            "arn = \"arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-1\"",
            true,
        ),
        ("vault != \"a \\\"quoted\\\" \\\\ name\"", true),
    ] {
        let filter = Filter::parse(text, &POINTS).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(filter.matches(&thing()), holds, "{text}");
    }
}

#[test]
fn what_is_not_understood_is_refused_with_its_place_and_what_is_possible() {
    for (text, position, problem, possible) in [
        (
            "",
            1,
            "a property of recovery points is expected, and the end is found",
            "id",
        ),
        (
            "stat = verified",
            1,
            "\"stat\" is no property of recovery points",
            "state",
        ),
        (
            "state = verifed", 9, "\"verifed\" is none of its values", "verified",
        ),
        ("state : ver", 7, "state cannot be compared by :", "!="),
        ("size : 3", 6, "size cannot be compared by :", ">="),
        ("source < a", 8, "source cannot be compared by <", ":"),
        (
            "source tvshows",
            8,
            "source is to be compared, and \"tvshows\" follows",
            "=",
        ),
        (
            "source =",
            9,
            "a value for source is expected, and the end is found",
            "text",
        ),
        (
            "source = and state = verified",
            10,
            "a value for source is expected, and \"and\" is found",
            "text",
        ),
        (
            "source = a state = b",
            12,
            "a condition ends here, and \"state\" follows",
            "and",
        ),
        (
            "(source = a",
            12,
            "a parenthesis is open, and the end follows",
            ")",
        ),
        ("source = \"a", 10, "the quote is not closed", "\""),
        ("source = é and sta = x", 16, "\"sta\" is no property", "state"),
        (
            "made > yesterday", 8, "\"yesterday\" is no time", "2026-11-20 or 2026-11-20T08:00Z (UTC)",
        ),
        (
            "age < 5", 7, "\"5\" is no length of time", "45m, 24h, 7d or 1h30m",
        ),
        ("size > 5PB", 8, "\"5PB\" is no size", "512, 20kB, 1.5GB or 10MiB"),
        ("rows > many", 8, "\"many\" is no number", "a number"),
        (
            "region = mars", 10, "\"mars\" is not a Region", "a Region, such as us-east-1",
        ),
        (
            "account = 12", 11, "\"12\" is not an AWS account id", "twelve digits",
        ),
        (
            "size > 99999999999999999999", 8, "is no size", "512, 20kB, 1.5GB or 10MiB",
        ),
    ] {
        let error = Filter::parse(text, &POINTS).unwrap_err();
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.problem.contains(problem), "{text}: {error}");
        assert!(
            error.possible.iter().any(|other| other == possible),
            "{text}: {error}"
        );
    }
}

#[test]
fn a_filter_has_bounds() {
    let refused = |text: &str| Filter::parse(text, &POINTS).unwrap_err().problem;
    let many = vec!["state = verified"; CONDITIONS_MAX + 1].join(" or ");
    assert!(refused(&many).contains("1016 characters"), "{}", refused(&many));
    let many = vec!["age<1s"; CONDITIONS_MAX + 1].join(" or ");
    assert!(refused(&many).contains("more than 50 conditions"));
    let deep = format!("{}age<1s{}", "(".repeat(DEPTH_MAX + 1), ")".repeat(DEPTH_MAX + 1));
    assert!(refused(&deep).contains("more than 10 parentheses"));
}

#[test]
fn what_a_filter_limits_is_known_before_anything_is_read() {
    let filter = |text: &str| Filter::parse(text, &POINTS).unwrap();
    let only = |text: &str| {
        let filter = filter(text);
        filter
            .only("source")
            .map(|only| only.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(
        only("source = b or source = a"),
        Some(vec!["a".into(), "b".into()])
    );
    assert_eq!(only("source = a and state = verified"), Some(vec!["a".into()]));
    assert_eq!(
        only("source = a and (source = b or source = a)"),
        Some(vec!["a".into()])
    );
    assert_eq!(only("source = a and source = b"), Some(vec![]));
    for open in ["source = a or state = verified", "source != a", "source : a"] {
        assert_eq!(only(open), None, "{open}");
    }
    let between = |text: &str| filter(text).between("made");
    let (day, next) = (at("2026-11-20T00:00:00Z"), at("2026-11-21T00:00:00Z"));
    assert_eq!(between("made = 2026-11-20"), (Some(day), Some(next)));
    assert_eq!(
        between("made >= 2026-11-20 and made < 2026-11-21"),
        (Some(day), Some(next))
    );
    assert_eq!(
        between("made > 2026-11-19 and made > 2026-11-20"),
        (Some(next), None)
    );
    assert_eq!(between("made > 2026-11-20 or state = verified"), (None, None));
    let aged = filter("age < 24h").aged("age", next);
    assert_eq!(aged, (Some(at("2026-11-19T23:59:59Z")), None));
    let aged = filter("age > 24h").aged("age", next);
    assert_eq!(aged, (None, Some(at("2026-11-20T00:00:01Z"))));
}

#[test]
fn sorting_keeps_the_order_of_choices_and_puts_what_is_not_known_last() {
    let with = |property: &'static str, fact: Option<Fact<'static>>| {
        Thing(fact.into_iter().map(|fact| (property, vec![fact])).collect())
    };
    let sorted = |text: &str, property: &'static str, facts: Vec<Option<Fact<'static>>>| {
        let sort = Sort::parse(text, &POINTS).unwrap();
        assert_eq!(sort.to_string(), text);
        let mut things: Vec<Thing> = facts.into_iter().map(|fact| with(property, fact)).collect();
        things.sort_by(|one, other| sort.compare(one, other));
        let shown = |thing: &Thing| match thing.facts(property).first() {
            Some(Fact::Text(text)) => text.to_string(),
            Some(Fact::Number(number)) => number.to_string(),
            _ => "none".to_owned(),
        };
        things.iter().map(shown).collect::<Vec<_>>().join(" ")
    };
    let states = || {
        vec![
            Some("verified".into()),
            None,
            Some("creating".into()),
            Some("exporting".into()),
        ]
    };
    assert_eq!(
        sorted("state", "state", states()),
        "creating exporting verified none"
    );
    assert_eq!(
        sorted("-state", "state", states()),
        "verified exporting creating none"
    );
    let sizes = vec![Some(Fact::Number(20)), Some(Fact::Number(3)), None];
    assert_eq!(sorted("-size", "size", sizes), "20 3 none");
    let error = Sort::parse("-verified_in", &POINTS).unwrap_err().to_string();
    assert!(
        error.starts_with("recovery points cannot be sorted by \"-verified_in\"; possible"),
        "{error}"
    );
}

#[test]
fn suggestions_go_on_where_the_text_ends() {
    let known = |property: &Property| match property.name {
        "source" => vec!["tvshows".to_owned(), "a shop".to_owned()],
        _ => Vec::new(),
    };
    let texts = |text: &str| {
        suggestions(text, &POINTS, known)
            .into_iter()
            .map(|suggestion| suggestion.text)
            .collect::<Vec<_>>()
    };
    assert_eq!(texts("").len(), POINTS.properties.len());
    assert_eq!(texts("sta"), ["state "]);
    assert_eq!(texts("state "), ["state = ", "state != "]);
    assert_eq!(texts("state !"), ["state != "]);
    assert_eq!(texts("state = verif"), ["state = verified "]);
    assert_eq!(texts("source=tv"), ["source= tvshows "]);
    assert_eq!(texts("source = \"a s"), ["source = \"a shop\" "]);
    assert_eq!(
        texts("source = tvshows "),
        ["source = tvshows and ", "source = tvshows or "]
    );
    assert_eq!(texts("source = tvshows a"), ["source = tvshows and "]);
    assert_eq!(
        texts("(source = tvshows "),
        [
            "(source = tvshows and ", "(source = tvshows or ", "(source = tvshows ) "
        ]
    );
    assert_eq!(
        texts("source = tvshows and verified"),
        ["source = tvshows and verified_in "]
    );
    assert_eq!(texts("nonsense = "), Vec::<String>::new());
}

#[test]
fn every_property_has_a_name_of_its_own_and_a_meaning() {
    for schema in [&POINTS, &SOURCES] {
        for (index, property) in schema.properties.iter().enumerate() {
            assert!(!property.means.is_empty(), "{}", property.name);
            assert!(
                !schema.properties[..index]
                    .iter()
                    .any(|other| other.name == property.name)
            );
        }
    }
}

/// Everything has a value of every property, of the kind that the property says: no comparison would ever hold otherwise.
fn check_kinds(schema: &Schema, facts: &impl Facts) {
    for property in schema.properties {
        let facts = facts.facts(property.name);
        assert!(!facts.is_empty(), "{} has no value", property.name);
        assert!(
            property.is_many || facts.len() == 1,
            "{} has several",
            property.name
        );
        for fact in facts {
            let is_right = match (property.kind, &fact) {
                (Kind::Choice(choices), Fact::Text(text)) => choices.contains(&text.as_ref()),
                (Kind::Region, Fact::Text(text)) => text.parse::<crate::ids::Region>().is_ok(),
                (Kind::Text | Kind::Account, Fact::Text(_))
                | (Kind::Time, Fact::Time(_))
                | (Kind::Duration | Kind::Bytes | Kind::Count, Fact::Number(_)) => true,
                _ => false,
            };
            assert!(is_right, "{} is {fact:?}", property.name);
        }
    }
}

#[test]
fn facts_are_of_the_kind_of_their_property() {
    let copy = |region: &str, verdict: serde_json::Value| {
        let mut copy = serde_json::json!({
            "region": region, "account": "111122223333", "bucket": "b", "prefix": "p/x", "is_export": false,
        });
        copy.as_object_mut()
            .unwrap()
            .extend(verdict.as_object().unwrap().clone());
        copy
    };
    let point = serde_json::json!({
        "id": "tvshows-20261120t080000z-3f9a2c",
        "source": "tvshows",
        "arn": "arn:aws:rds:us-east-1:111122223333:snapshot:awsbackup:job-1",
        "vault": "hourly",
        "region": "us-east-1",
        "account": "111122223333",
        "created_at": "2026-11-20T08:00:00Z",
        "expires_at": "2026-12-20T08:00:00Z",
        "ended_at": "2026-11-21T08:00:00Z",
        "state": "verified",
        "steps": [],
        "copies": [
            copy("us-east-1", serde_json::json!({"verdict": "Verified"})),
            copy("us-west-2", serde_json::json!({"verdict": "Pending"})),
            copy("eu-west-1", serde_json::json!({"verdict": "Incomplete", "missing": ["a"], "different": []})),
            copy("eu-west-2", serde_json::json!({"verdict": "Unknown", "since": "2026-11-20T09:00:00Z", "cause": "x"})),
        ],
        "tables": [{"name": "tvshows.shows", "rows": 3, "bytes": 5, "objects": 1, "columns": []}],
    });
    let point = serde_json::from_value(point).unwrap();
    let now = at("2026-11-20T10:00:00Z");
    check_kinds(&POINTS, &PointFacts { point: &point, now });

    let region = |region: &str, is_home: bool, age: i64| {
        serde_json::json!({
            "region": region, "is_home": is_home, "recovery_point_age_seconds": 60, "restorable_age_seconds": age,
            "target_seconds": 7200, "within_target": age <= 7200, "newest_restorable": "tvshows-20261120t080000z-3f9a2c",
            "newest_restorable_at": "2026-11-20T08:00:00Z",
        })
    };
    let source = serde_json::json!({
        "id": "tvshows",
        "arn": "arn:aws:rds:us-east-1:111122223333:db:tvshows",
        "region": "us-east-1",
        "account": "111122223333",
        "engine": "mysql 8.0.39",
        "class": "db.r6g.large",
        "interval_seconds": 3600,
        "rpo_target_seconds": 7200,
        "newest_recovery_point": null,
        "regions": [region("us-east-1", true, 60), region("us-west-2", false, 9000)],
    });
    let source: crate::source::SourceSummary = serde_json::from_value(source).unwrap();
    check_kinds(&SOURCES, &SourceFacts(&source));
    let standing = Filter::parse(
        "standing = behind and restorable_age = 150m and behind_in = us-west-2",
        &SOURCES,
    );
    assert!(standing.unwrap().matches(&SourceFacts(&source)));
}

fn condition() -> impl Strategy<Value = String> {
    prop_oneof![
        (
            prop_oneof!["source", "vault", "arn"],
            prop_oneof!["=", "!=", ":"],
            "\\PC{1,12}"
        )
            .prop_map(|(name, sign, value)| format!("{name} {sign} {}", parse::quoted(&value))),
        (
            prop_oneof!["=", "!="],
            prop::sample::select(crate::point::State::ALL.to_vec())
        )
            .prop_map(|(sign, state)| format!("state {sign} {}", state.name())),
        (prop_oneof!["=", "<", ">", "<=", ">="], 0_u64..10_000)
            .prop_map(|(sign, hours)| format!("age {sign} {hours}h")),
        (prop_oneof!["=", "<", ">"], 0_u64..10_000_000)
            .prop_map(|(sign, size)| format!("size{sign}{size}kB")),
    ]
}

fn filter_text() -> impl Strategy<Value = String> {
    condition().prop_recursive(3, 12, 3, |inner| {
        (prop::collection::vec(inner, 1..3), prop_oneof![" and ", " or "])
            .prop_map(|(parts, word)| format!("({})", parts.join(&word)))
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_within_itself(text in "\\PC{0,60}") {
        match Filter::parse(&text, &POINTS) {
            Ok(filter) => prop_assert!(!filter.conditions().is_empty()),
            Err(error) => prop_assert!((1..=text.chars().count() + 1).contains(&error.position), "{}", error),
        }
        suggestions(&text, &POINTS, |_| Vec::new());
    }

    #[test]
    fn almost_a_filter_is_read_or_refused_within_itself(text in "[a-z_<>=!:() \"\\\\0-9]{0,40}") {
        let text = format!("source = {text}");
        if let Err(error) = Filter::parse(&text, &POINTS) {
            prop_assert!((1..=text.chars().count() + 1).contains(&error.position), "{}", error);
        }
        suggestions(&text, &POINTS, |_| Vec::new());
    }

    #[test]
    fn a_filter_that_is_written_again_is_the_same(text in filter_text()) {
        let filter = Filter::parse(&text, &POINTS).unwrap();
        let again = Filter::parse(&filter.to_string(), &POINTS).unwrap();
        prop_assert_eq!(filter.to_string(), again.to_string());
        prop_assert_eq!(filter.matches(&thing()), again.matches(&thing()));
    }
}
