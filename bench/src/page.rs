//! Renders the results as one self-contained HTML page.

use crate::{
    measure::{Comparison, Quartiles, RoundFigures},
    report::BenchReport,
};
use std::fmt::Write;

/// The width of a plot, the part of it that the labels take, and the height of a row, in pixels.
const WIDTH: f64 = 860.0;
const LABELS: f64 = 230.0;
const ROW: f64 = 34.0;
/// The colours of the service, of the baseline, and of the target.
const SERVICE: &str = "#1d6fb8";
const BASELINE: &str = "#b9b9b9";
const TARGET: &str = "#c0392b";

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:900px;padding:0 1rem;color:#222}\
    h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}svg{display:block;width:100%;height:auto}\
    svg text{font:12px system-ui,sans-serif;fill:#333}p,pre{color:#444}pre{overflow-x:auto;font-size:12px}\
    i{font-style:normal;padding:0 .35em;border-radius:3px;color:#fff}";

/// Renders the page.
pub(crate) fn render(report: &BenchReport) -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Payments, measured</title><style>{STYLE}</style>\
         <h1>Payments, measured</h1><p>{}; commit {}; load average {:.1} before, {:.1} after{}.</p>",
        escape(&report.machine),
        escape(&report.commit),
        report.load_before,
        report.load_after,
        if report.quick { "; short rounds, so take it as a hint" } else { "" }
    );
    section(
        &mut out,
        "Throughput",
        &format!(
            "Answers per second of the service, as a ratio to the baseline. A dot is a pair of rounds, the bar ends at the median, \
             and the {} line is the target. The ring is the ratio by processor time. An arrow means that the median is beyond the scale.",
            mark(TARGET, "red")
        ),
        &ratios(&report.comparisons),
    );
    section(
        &mut out,
        "Processor time per answer",
        &format!("In microseconds, of the {} and of the {}.", mark(SERVICE, "service"), mark(BASELINE, "baseline")),
        &processor_times(&report.comparisons),
    );
    section(
        &mut out,
        "Latency",
        &format!(
            "In microseconds, on a logarithmic scale, in an open loop at half the throughput of the slower side: the 50th, 99th \
             and 99.9th percentile. The {} is above, the {} below. Latency counts from when a request was due.",
            mark(SERVICE, "service"),
            mark(BASELINE, "baseline")
        ),
        &latencies(&report.comparisons),
    );
    let _ = write!(out, "<h2>Figures</h2><pre>{}</pre></html>", escape(&report.table()));
    out
}

fn section(out: &mut String, title: &str, text: &str, plot: &str) {
    let _ = write!(out, "<h2>{title}</h2><p>{text}</p>{plot}");
}

fn mark(colour: &str, text: &str) -> String {
    format!("<i style=\"background:{colour}\">{text}</i>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Renders a plot with one row for each comparison, and a scale on top.
fn plot(
    comparisons: &[Comparison],
    ticks: &[f64],
    at: impl Fn(f64) -> f64,
    row: impl Fn(&Comparison, f64) -> String,
) -> String {
    let height = ROW * (comparisons.len() as f64 + 1.0);
    let mut svg = format!("<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">");
    for tick in ticks {
        let x = at(*tick);
        let _ = write!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"20\" y2=\"{height}\" stroke=\"#e4e4e4\"/>\
             <text x=\"{x:.1}\" y=\"14\" text-anchor=\"middle\">{tick}</text>"
        );
    }
    for (index, comparison) in comparisons.iter().enumerate() {
        let y = ROW * (index as f64 + 1.0);
        let subject = &comparison.subject;
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{:.1}\">{}, {}</text>{}",
            y + ROW * 0.55,
            escape(subject.workload),
            subject.store,
            row(comparison, y)
        );
    }
    svg + "</svg>"
}

/// The largest ratio that is drawn to scale.
const SCALE: f64 = 1.25;

fn ratios(comparisons: &[Comparison]) -> String {
    let at = |ratio: f64| LABELS + ratio.min(SCALE) / SCALE * (WIDTH - LABELS - 60.0);
    plot(comparisons, &[0.0, 0.25, 0.5, 0.75, 1.0, SCALE], at, |comparison, y| {
        let (ratio, middle) = (comparison.ratio(), y + ROW / 2.0);
        let mut row = bar(at(0.0), at(ratio.median), y + 8.0, ROW - 16.0, SERVICE);
        for (baseline, service) in comparison.baseline_rounds.iter().zip(&comparison.service_rounds) {
            let x = at(service.rate / baseline.rate);
            let _ = write!(
                row,
                "<circle cx=\"{x:.1}\" cy=\"{middle:.1}\" r=\"2.5\" fill=\"#0b2f52\" fill-opacity=\".5\"/>"
            );
        }
        let ring = at(comparison.processor_ratio().median);
        let _ = write!(
            row,
            "<circle cx=\"{ring:.1}\" cy=\"{middle:.1}\" r=\"5\" fill=\"none\" stroke=\"#0b2f52\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{:.2}{}</text>",
            at(ratio.max).max(ring) + 10.0,
            y + ROW * 0.63,
            ratio.median,
            if ratio.median > SCALE { " →" } else { "" }
        );
        if let Some(target) = comparison.subject.target {
            let x = at(target);
            let _ = write!(
                row,
                "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"{TARGET}\" stroke-width=\"2.5\"/>",
                y + 3.0,
                y + ROW - 3.0
            );
        }
        row
    })
}

fn processor_times(comparisons: &[Comparison]) -> String {
    let median = |rounds: &[RoundFigures]| Quartiles::of(rounds.iter().map(|round| round.processor)).median;
    let both = |comparison: &Comparison| (median(&comparison.service_rounds), median(&comparison.baseline_rounds));
    let longest = comparisons.iter().map(|comparison| both(comparison).0.max(both(comparison).1)).fold(1.0, f64::max);
    let at = |time: f64| LABELS + time / longest * (WIDTH - LABELS - 60.0);
    let step = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0].into_iter().find(|step| longest / step < 9.0).unwrap_or(200.0);
    let ticks: Vec<f64> = (0..9).map(|index| f64::from(index) * step).filter(|tick| *tick <= longest).collect();
    plot(comparisons, &ticks, at, |comparison, y| {
        let (service, baseline) = both(comparison);
        let label = |time: f64, y: f64| format!("<text x=\"{:.1}\" y=\"{y:.1}\">{time:.1}</text>", at(time) + 6.0);
        bar(at(0.0), at(service), y + 4.0, 12.0, SERVICE)
            + &bar(at(0.0), at(baseline), y + 17.0, 12.0, BASELINE)
            + &label(service, y + 14.0)
            + &label(baseline, y + 28.0)
    })
}

fn latencies(comparisons: &[Comparison]) -> String {
    let (min, max) = (10.0_f64.ln(), 200_000.0_f64.ln());
    let at = |time: f64| LABELS + (time.max(10.0).ln() - min) / (max - min) * (WIDTH - LABELS - 40.0);
    plot(comparisons, &[10.0, 100.0, 1000.0, 10_000.0, 100_000.0], at, |comparison, y| {
        let side = |round: &RoundFigures, y: f64, colour: &str| {
            let points = [round.p50, round.p99, round.p999];
            let mut row = format!(
                "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                at(round.p50),
                at(round.p999)
            );
            for (time, radius) in points.into_iter().zip([6.0, 4.5, 3.0]) {
                let _ = write!(
                    row,
                    "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{colour}\"><title>{time:.0} µs</title></circle>",
                    at(time)
                );
            }
            row
        };
        side(&comparison.service_open, y + 10.0, SERVICE) + &side(&comparison.baseline_open, y + 24.0, BASELINE)
    })
}

fn bar(from: f64, to: f64, y: f64, height: f64, colour: &str) -> String {
    format!(
        "<rect x=\"{from:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>",
        (to - from).max(1.0)
    )
}
