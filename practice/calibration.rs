//! How well one knows what one knows: confidence against what came, with its uncertainty.

/// Bins with fewer forecasts than this say nothing.
pub const BIN_MIN: usize = 5;

/// A statement with a probability, and whether it came true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// What was said, 0 to 1.
    pub said: f64,
    pub came: bool,
}

/// The mean squared error of the forecasts (Brier 1950): 0 is perfect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brier {
    pub score: f64,
    /// What one gets by always saying the share that came true.
    pub baseline: f64,
}

/// The forecasts that said the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    pub said: f64,
    pub count: usize,
    /// The share that came true.
    pub came: f64,
    /// In which that share lies with 95 % (Wilson).
    pub interval: (f64, f64),
}

/// None without a forecast.
pub fn brier(forecasts: &[Forecast]) -> Option<Brier> {
    let share = share(forecasts)?;
    let count = forecasts.len() as f64;
    let squared = |f: &Forecast| (f.said - f64::from(u8::from(f.came))).powi(2);
    Some(Brier {
        score: forecasts.iter().map(squared).sum::<f64>() / count,
        baseline: share * (1.0 - share),
    })
}

/// By what was said, rising; bins below [`BIN_MIN`] are left out.
pub fn reliability(forecasts: &[Forecast]) -> Vec<Bin> {
    let mut said: Vec<f64> = forecasts.iter().map(|f| f.said).collect();
    said.sort_by(f64::total_cmp);
    said.dedup();
    said.into_iter()
        .filter_map(|said| {
            let same: Vec<Forecast> = forecasts
                .iter()
                .filter(|f| f.said.total_cmp(&said).is_eq())
                .copied()
                .collect();
            let came = share(&same)?;
            (same.len() >= BIN_MIN).then(|| Bin {
                said,
                count: same.len(),
                came,
                interval: wilson(same.iter().filter(|f| f.came).count(), same.len()),
            })
        })
        .collect()
}

/// The interval of a share of `hits` among `of` with 95 % (Wilson 1927); all of 0 to 1 without a sample.
pub fn wilson(hits: usize, of: usize) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if of == 0 {
        return (0.0, 1.0);
    }
    let (n, share) = (of as f64, hits as f64 / of as f64);
    let square = Z * Z / n;
    let middle = (share + square / 2.0) / (1.0 + square);
    let reach = Z / (1.0 + square) * (share * (1.0 - share) / n + square / (4.0 * n)).sqrt();
    ((middle - reach).max(0.0), (middle + reach).min(1.0))
}

fn share(forecasts: &[Forecast]) -> Option<f64> {
    let came = forecasts.iter().filter(|f| f.came).count();
    (!forecasts.is_empty()).then(|| came as f64 / forecasts.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(said: f64, hits: usize, of: usize) -> Vec<Forecast> {
        let came = |n| n < hits;
        (0..of)
            .map(|n| Forecast {
                said,
                came: came(n),
            })
            .collect()
    }

    #[test]
    fn the_brier_score_stands_beside_its_baseline() {
        let forecasts = [said(0.9, 9, 10), said(0.1, 1, 10)].concat();
        let brier = brier(&forecasts).unwrap();
        assert!((brier.score - 0.09).abs() < 1e-12);
        assert!((brier.baseline - 0.25).abs() < 1e-12);
        assert_eq!(super::brier(&[]), None);
    }

    #[test]
    fn bins_below_five_are_left_out() {
        let forecasts = [said(0.5, 3, 6), said(0.9, 4, 4)].concat();
        let bins = reliability(&forecasts);
        assert_eq!(bins.len(), 1);
        assert_eq!((bins[0].count, bins[0].came), (6, 0.5));
    }

    #[test]
    fn wilson_gives_the_textbook_interval() {
        // Newcombe 1998, table I: 81 of 263, and 0 of 20.
        let (low, high) = wilson(81, 263);
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5);
        let (low, high) = wilson(0, 20);
        assert!(low.abs() < 1e-12 && (high - 0.1611).abs() < 5e-5);
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }
}
