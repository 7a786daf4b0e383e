//! Draws a long run, as one HTML page that needs nothing else: a line for each series, over the same time.

use super::{Soak, sample::Sample, trend::Series};
use serde_json::json;

/// The page.
pub(super) fn page(soak: &Soak, rate: usize, samples: &[Sample], series: &[Series]) -> String {
    let drawn: Vec<_> = series
        .iter()
        .map(|series| {
            json!({
                "name": series.name,
                "unit": series.unit,
                "values": series.values,
                "settled": series.settled(),
                "end": series.at_end(),
                "limit": series.limit(),
                "grows": series.grows(),
                "verdict": series.verdict().trim_start(),
            })
        })
        .collect();
    let faults =
        (0_u64..).zip(samples).flat_map(|(second, sample)| sample.faults.iter().map(move |what| (second, what)));
    let faults: Vec<_> = faults.map(|(at, what)| json!({"at": at, "what": what})).collect();
    let data = json!({
        "what": format!("{soak}: {} s at {rate} steps a second, half of what it can do", samples.len()),
        "series": drawn,
        "faults": faults,
    });
    // No text can end the script.
    let data = data.to_string().replace('<', "\\u003c");
    include_str!("page.html")
        .replace("/* style */", include_str!("page.css"))
        .replace("/* script */", include_str!("page.js"))
        .replace("\"data\"", &data)
}
