//! Seeing inside a box: its metrics, what is drawn of them, its status and its doctor. It must not know how they are made.

mod dashboard;
mod metrics;

use std::collections::BTreeMap;

use crate::support::Client;

/// A text in Prometheus' format, taken apart: samples by their whole name with labels, and the kinds by metric.
struct Exported {
    samples: BTreeMap<String, f64>,
    kinds: BTreeMap<String, String>,
}

impl Exported {
    /// What a client reads; the text must be in order.
    fn read(client: &Client) -> Self {
        let answer = client.get("/metrics").expect(200);
        assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        Self::parse(&answer.text)
    }

    fn parse(text: &str) -> Self {
        let (mut samples, mut kinds) = (BTreeMap::new(), BTreeMap::new());
        let mut open = String::new();
        assert!(text.ends_with('\n'));
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').unwrap();
                assert!(words.ends_with('.'), "{line}");
                open = name.to_owned();
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert_eq!(name, open, "the help comes first");
                let again = kinds.insert(name.to_owned(), kind.to_owned());
                assert_eq!(again, None, "samples of one metric stand together: {name}");
            } else {
                let (name, value) = line.rsplit_once(' ').unwrap();
                assert_eq!(family(name, &kinds), open, "{line}");
                let again = samples.insert(name.to_owned(), value.parse().unwrap());
                assert_eq!(again, None, "{line}");
            }
        }
        Self { samples, kinds }
    }

    #[track_caller]
    fn value(&self, sample: &str) -> f64 {
        *self.samples.get(sample).unwrap_or_else(|| panic!("no {sample} in {:#?}", self.samples.keys()))
    }

    fn has(&self, metric: &str) -> bool {
        self.kinds.contains_key(metric)
    }
}

/// The metric that a sample belongs to.
fn family(sample: &str, kinds: &BTreeMap<String, String>) -> String {
    let name = sample.split('{').next().unwrap();
    let parts = ["_bucket", "_sum", "_count"].into_iter().filter_map(|suffix| name.strip_suffix(suffix));
    let histogram = parts.into_iter().find(|name| kinds.get(*name).is_some_and(|kind| kind == "histogram"));
    histogram.unwrap_or(name).to_owned()
}
