//! The text format of Prometheus, version 0.0.4. It must not know what is told in it.

use std::fmt::Write;

use super::catalog::Metric;
use crate::histogram::Counted;

/// How the text is announced.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A text in the making.
#[derive(Default)]
pub struct Text {
    out: String,
    /// The metric whose samples follow.
    open: &'static str,
}

impl Text {
    /// One sample of a metric without labels.
    pub fn plain(&mut self, metric: &Metric, value: f64) {
        self.sample(metric, &[], value);
    }

    /// One sample. The labels' values stand in the order of the metric's names of labels; samples of one metric stand
    /// together.
    pub fn sample(&mut self, metric: &Metric, labels: &[&str], value: f64) {
        self.head(metric);
        self.line(metric.name, "", metric, labels, None, value);
    }

    /// A sample of 1 for the one name that holds at present and of 0 for every other one.
    pub fn one_of(&mut self, metric: &Metric, names: impl IntoIterator<Item = &'static str>, holds: Option<&str>) {
        for name in names {
            self.sample(metric, &[name], f64::from(u8::from(Some(name) == holds)));
        }
    }

    /// The ranges, the sum and the number of values. So many of what was counted are one
    /// of the metric's unit.
    pub fn histogram(&mut self, metric: &Metric, labels: &[&str], counted: &Counted, per_unit: f64) {
        self.head(metric);
        let mut below = 0;
        for (bound, bucket) in counted.bounds.iter().zip(&counted.buckets) {
            below += bucket;
            let bound = (*bound as f64 / per_unit).to_string();
            self.line(metric.name, "_bucket", metric, labels, Some(&bound), below as f64);
        }
        let count = counted.count() as f64;
        self.line(metric.name, "_bucket", metric, labels, Some("+Inf"), count);
        self.line(metric.name, "_sum", metric, labels, None, counted.sum as f64 / per_unit);
        self.line(metric.name, "_count", metric, labels, None, count);
    }

    /// The whole text.
    pub fn finish(self) -> String {
        self.out
    }

    fn head(&mut self, metric: &Metric) {
        if self.open != metric.name {
            self.open = metric.name;
            let Metric { name, kind, help, .. } = metric;
            self.put(format_args!("# HELP {name} {}\n# TYPE {name} {}\n", escape(help, false), kind.name()));
        }
    }

    fn line(&mut self, name: &str, suffix: &str, metric: &Metric, labels: &[&str], bound: Option<&str>, value: f64) {
        let named = metric.labels.iter().copied().zip(labels.iter().copied());
        let pairs = named.chain(bound.map(|bound| ("le", bound)));
        let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}=\"{}\"", escape(value, true))).collect();
        self.put(format_args!("{name}{suffix}"));
        if !pairs.is_empty() {
            self.put(format_args!("{{{}}}", pairs.join(",")));
        }
        self.put(format_args!(" {value}\n"));
    }

    fn put(&mut self, what: std::fmt::Arguments<'_>) {
        let written = self.out.write_fmt(what);
        debug_assert!(written.is_ok(), "a text in memory takes everything");
    }
}

fn escape(text: &str, quoted: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if quoted { text.replace('"', "\\\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::{
        super::catalog::{REQUEST_DURATION, REQUESTS},
        Text,
    };
    use crate::histogram::Histogram;

    #[test]
    fn a_range_holds_all_that_is_below_it_and_labels_are_escaped() {
        let histogram = Histogram::new(&[50, 100]);
        for value in [20, 70, 70, 500] {
            histogram.note(value);
        }
        let mut text = Text::default();
        text.sample(&REQUESTS, &["a", "b\\c\"d\n", "GET", "200"], 3.0);
        text.histogram(&REQUEST_DURATION, &["a", "b", "GET"], &histogram.counted(), 1e6);
        let text = text.finish();
        let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                r#"orgbox_http_requests_total{dialect="a",route="b\\c\"d\n",method="GET",status="200"} 3"#,
                r#"orgbox_http_request_duration_seconds_bucket{dialect="a",route="b",method="GET",le="0.00005"} 1"#,
                r#"orgbox_http_request_duration_seconds_bucket{dialect="a",route="b",method="GET",le="0.0001"} 3"#,
                r#"orgbox_http_request_duration_seconds_bucket{dialect="a",route="b",method="GET",le="+Inf"} 4"#,
                r#"orgbox_http_request_duration_seconds_sum{dialect="a",route="b",method="GET"} 0.00066"#,
                r#"orgbox_http_request_duration_seconds_count{dialect="a",route="b",method="GET"} 4"#,
            ]
        );
    }
}
