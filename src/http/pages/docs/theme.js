// Redoc's colours and measures. It has no dark colours of its own.

// The palettes are those of `page.css`; code has the same dark ground in both.
const LIGHT = {
  accent: "#1f5fbf",
  text: "#1c2430",
  faint: "#5a6675",
  line: "#dfe4ea",
  page: "#ffffff",
  raised: "#f5f7f9",
  code: "#a3195b",
  codeBack: "rgba(120, 130, 150, 0.12)",
  good: "#1a7f37",
  bad: "#c4281c",
  block: "#1d2530",
};
const DARK = {
  accent: "#7ab0ff",
  text: "#dde4ec",
  faint: "#9aa7b5",
  line: "#323c48",
  page: "#141a21",
  raised: "#1b232c",
  code: "#ff9ac8",
  codeBack: "rgba(160, 170, 190, 0.15)",
  good: "#5bd27d",
  bad: "#ff8a80",
  block: "#0a0e13",
};

/** The theme for light or dark pages. */
export function theme(isDark) {
  const colour = isDark ? DARK : LIGHT;
  const mono = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";
  const sans = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
  // Tabs are dark in both.
  const answer = (name, back) => ({ color: colour[name], backgroundColor: back, tabTextColor: DARK[name] });
  return {
    spacing: { unit: 4, sectionHorizontal: 28, sectionVertical: 14 },
    breakpoints: { small: "50rem", medium: "68rem", large: "105rem" },
    colors: {
      tonalOffset: isDark ? -0.2 : 0.2,
      primary: { main: colour.accent },
      success: { main: colour.good },
      error: { main: colour.bad },
      warning: { main: "#d9822b", contrastText: "#fff" },
      gray: { 50: colour.raised, 100: colour.line },
      text: { primary: colour.text, secondary: colour.faint },
      border: { dark: colour.line, light: colour.line },
      responses: {
        success: answer("good", isDark ? "#15281c" : "#edf8f0"),
        error: answer("bad", isDark ? "#2c1a1a" : "#fcf0ef"),
        redirect: answer("faint", colour.raised),
        info: answer("accent", colour.raised),
      },
      http: { get: "#2f7d4f", post: "#1f5fbf", put: "#8a5a00", patch: "#8a3f9e", delete: "#b3261e" },
    },
    schema: {
      linesColor: colour.line,
      nestedBackground: colour.raised,
      nestingSpacing: "1em",
      typeNameColor: colour.faint,
      requireLabelColor: colour.bad,
      labelsTextSize: "0.85em",
      arrow: { color: colour.faint },
    },
    typography: {
      fontSize: "15px",
      lineHeight: "1.55",
      fontFamily: sans,
      headings: { fontFamily: sans, fontWeight: "600", lineHeight: "1.3" },
      code: { fontFamily: mono, fontSize: "13px", color: colour.code, backgroundColor: colour.codeBack, wrap: true },
      links: { color: colour.accent, visited: colour.accent, hover: colour.accent },
    },
    sidebar: {
      width: "280px",
      backgroundColor: colour.raised,
      textColor: colour.text,
      activeTextColor: colour.accent,
      groupItems: { activeBackgroundColor: colour.line, activeTextColor: colour.accent, textTransform: "none" },
      level1Items: { activeBackgroundColor: colour.line, activeTextColor: colour.accent, textTransform: "none" },
      arrow: { size: "1.2em", color: colour.faint },
    },
    rightPanel: { backgroundColor: "transparent", width: "42%", textColor: DARK.text },
    codeBlock: { backgroundColor: colour.block },
  };
}
