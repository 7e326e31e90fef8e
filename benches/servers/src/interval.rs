//! Confidence intervals by [bootstrap](https://en.wikipedia.org/wiki/Bootstrapping_(statistics)).

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "each index is below the number of values"
)]
#![cfg_attr(
    test,
    expect(clippy::float_cmp, reason = "the medians are values of the lists")
)]

/// A median, and the interval that contains it with a confidence of 95 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    /// The median of the values.
    pub(crate) median: f64,
    /// The lower end of the interval.
    pub(crate) low: f64,
    /// The upper end of the interval.
    pub(crate) high: f64,
}

/// The number of samples that are drawn.
const SAMPLES: usize = 4_000;

/// Returns the median of a list that is not empty, and its confidence interval.
pub(crate) fn of(values: &[f64]) -> Interval {
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut drawn = || {
        // xorshift64: https://www.jstatsoft.org/article/view/v008i14
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        values[(random % values.len() as u64) as usize]
    };
    let mut medians: Vec<f64> = (0..SAMPLES)
        .map(|_| median(values.iter().map(|_| drawn()).collect()))
        .collect();
    medians.sort_by(f64::total_cmp);
    Interval {
        median: median(values.to_vec()),
        low: medians[SAMPLES / 40],
        high: medians[SAMPLES - 1 - SAMPLES / 40],
    }
}

/// Returns the median of a list that is not empty.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_an_interval_without_width() {
        let interval = of(&[2.0; 9]);
        assert_eq!(
            (interval.low, interval.median, interval.high),
            (2.0, 2.0, 2.0)
        );
    }

    #[test]
    fn the_interval_contains_the_median_and_is_within_the_values() {
        let values = [0.9, 1.1, 1.0, 1.05, 0.95, 1.02, 0.98];
        let interval = of(&values);
        assert_eq!(interval.median, 1.0);
        assert!(0.9 <= interval.low && interval.low < 1.0);
        assert!(1.0 < interval.high && interval.high <= 1.1);
    }

    #[test]
    fn the_median_of_an_even_number_of_values_is_between_the_middle_two() {
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
    }
}
