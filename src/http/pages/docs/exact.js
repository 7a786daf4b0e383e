// JSON whose numbers keep their spelling.

/** Indents JSON, and keeps numbers as they were sent: `1.10` stays `1.10`. Returns other text as it is. */
export function indentExactly(text) {
  const raw = (_, value, { source }) => (typeof value === "number" ? JSON.rawJSON(source) : value);
  // Browsers before 2025 have no JSON.rawJSON, and would lose the spelling of numbers.
  if (!JSON.rawJSON) return text;
  try {
    return JSON.stringify(JSON.parse(text, raw), null, 2);
  } catch {
    return text;
  }
}
