// Filters the scenarios. The page shows all of them without this script.
const search = document.getElementById("search");
const failed = document.getElementById("failed");
const hits = document.getElementById("hits");
/** How many scenarios these are: an outline is as many as it has examples. */
const count = (scenarios) => [...scenarios].reduce((sum, scenario) => sum + Number(scenario.dataset.count), 0);
function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = words.length === 0 && !failed.checked;
  for (const feature of document.querySelectorAll(".feature:not(#contract)")) {
    const heading = feature.querySelector("h2").textContent.toLowerCase();
    for (const scenario of feature.querySelectorAll(".scenario")) {
      const rule = scenario.parentElement.querySelector("h3")?.textContent.toLowerCase() ?? "";
      const text = heading + " " + rule + " " + scenario.textContent.toLowerCase();
      scenario.hidden = !words.every((word) => text.includes(word)) || (failed.checked && !scenario.matches(".failed"));
    }
    for (const group of [...feature.querySelectorAll(".rule"), feature]) {
      group.hidden = !all && group.querySelector(".scenario:not([hidden])") === null;
    }
  }
  const number = count(document.querySelectorAll(".scenario"));
  const found = count(document.querySelectorAll(".scenario:not([hidden])"));
  hits.textContent = all ? `${number} scenarios` : `${found} of ${number} scenarios match`;
}
search.addEventListener("input", show);
failed.addEventListener("change", show);
show();
// A link to a scenario opens it.
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
addEventListener("hashchange", open);
open();
