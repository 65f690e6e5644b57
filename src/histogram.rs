//! Counting without locks: how often a value fell into each of some ranges. It must not know what is counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Upper bounds of durations in microseconds, from a read out of memory to a client that gives up.
pub const DURATIONS_US: &[u64] = &[
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    10_000_000,
];

/// Counts of values by range. Noting one costs two additions.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    buckets: Box<[AtomicU64]>,
    sum: AtomicU64,
}

/// What was counted up to a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The upper bound of each range, inclusive, ascending; above the last there is one more range.
    pub bounds: &'static [u64],
    /// Values in each range, one more than there are bounds.
    pub buckets: Vec<u64>,
    /// All values together.
    pub sum: u64,
}

impl Histogram {
    /// Nothing counted yet. The bounds ascend.
    pub fn new(bounds: &'static [u64]) -> Self {
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, buckets, sum: AtomicU64::new(0) }
    }

    /// Counts a value.
    pub fn note(&self, value: u64) {
        let range = self.bounds.partition_point(|bound| *bound < value);
        self.buckets[range].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// What was counted so far.
    pub fn counted(&self) -> Counted {
        let buckets = self.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect();
        Counted { bounds: self.bounds, buckets, sum: self.sum.load(Relaxed) }
    }
}

impl Counted {
    /// How many values there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// Adds what was counted elsewhere with the same bounds.
    pub fn add(&mut self, other: &Counted) {
        for (bucket, more) in self.buckets.iter_mut().zip(&other.buckets) {
            *bucket += more;
        }
        self.sum += other.sum;
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    #[test]
    fn a_bound_belongs_to_the_range_below_it() {
        let histogram = Histogram::new(&[10, 100]);
        for value in [0, 10, 11, 100, 101] {
            histogram.note(value);
        }
        let mut counted = histogram.counted();
        assert_eq!((counted.buckets.as_slice(), counted.sum, counted.count()), (&[2, 2, 1][..], 222, 5));
        counted.add(&histogram.counted());
        assert_eq!((counted.buckets.as_slice(), counted.sum, counted.count()), (&[4, 4, 2][..], 444, 10));
    }
}
