"use strict";
// The leaderboards: sort by a column, find rows, hide rows and columns.

/**
 * Sort a table's rows by a column, in place. What has no value stands last, either way.
 * @param {HTMLTableElement} table
 * @param {HTMLTableCellElement} heading
 */
function sortBy(table, heading) {
  const button = heading.querySelector("button");
  const body = table.tBodies[0];
  if (!button || !body) return;
  const now = heading.getAttribute("aria-sort");
  const turned = now === "ascending" ? "descending" : "ascending";
  const way = now ? turned : (button.dataset["first"] ?? "descending");
  for (const one of table.querySelectorAll("th[aria-sort]")) one.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", way);
  const sign = way === "ascending" ? 1 : -1;
  const keyed = [...body.rows].map((row) => ({
    row,
    key: row.cells[heading.cellIndex]?.dataset["value"] ?? "",
  }));
  const words = keyed.some(({ key }) => key !== "" && Number.isNaN(Number(key)));
  keyed.sort((a, b) => {
    if (a.key === "" || b.key === "") return Number(a.key === "") - Number(b.key === "");
    return sign * (words ? a.key.localeCompare(b.key, "en") : Number(a.key) - Number(b.key));
  });
  body.append(...keyed.map(({ row }) => row));
  say(`Sorted by ${button.textContent}, ${way}.`);
}

/**
 * Show the rows that are ticked and found, in the leaderboard and in all that is drawn of them.
 * @param {HTMLElement} section
 */
function showRows(section) {
  const find = section.querySelector("input.find");
  const wanted = find instanceof HTMLInputElement ? find.value.trim().toLowerCase() : "";
  const boxes = section.querySelectorAll("input[data-show-row]");
  const rows = section.querySelectorAll("table.board tbody tr");
  const hidden = new Set();
  boxes.forEach((box) => {
    if (box instanceof HTMLInputElement && !box.checked) hidden.add(box.dataset["showRow"]);
  });
  let shown = 0;
  for (const row of rows) {
    if (!(row instanceof HTMLElement)) continue;
    const model = row.dataset["model"];
    if (!(row.dataset["words"] ?? "").toLowerCase().includes(wanted)) hidden.add(model);
    if (!hidden.has(model)) shown += 1;
  }
  for (const part of section.querySelectorAll("[data-model]")) {
    part.classList.toggle("off", hidden.has(part.getAttribute("data-model")));
  }
  say(`${shown} of ${rows.length} rows shown.`);
}

/**
 * Fill the menu of columns, and hide those that are needed little.
 * @param {HTMLTableElement} table
 * @param {Element} menu
 */
function columnMenu(table, menu) {
  for (const heading of table.querySelectorAll("thead th")) {
    if (!(heading instanceof HTMLTableCellElement) || heading.cellIndex === 0) continue;
    const at = heading.cellIndex;
    const box = element("input", { type: "checkbox" });
    const show = () => {
      for (const row of table.rows) row.cells[at]?.classList.toggle("off", !box.checked);
    };
    box.checked = !heading.hasAttribute("data-minor");
    box.addEventListener("change", show);
    show();
    const label = (heading.querySelector("button, .unseen")?.textContent ?? "").trim();
    menu.append(element("label", {}, box, ` ${label}`));
  }
}

for (const section of document.querySelectorAll("section.group")) {
  if (!(section instanceof HTMLElement)) continue;
  const table = section.querySelector("table.board");
  if (!(table instanceof HTMLTableElement)) continue;
  for (const button of table.querySelectorAll("button.sort")) {
    const heading = button.closest("th");
    if (heading) button.addEventListener("click", () => sortBy(table, heading));
  }
  const menu = section.querySelector(".menu.columns > div");
  if (menu) columnMenu(table, menu);
  section.querySelector("input.find")?.addEventListener("input", () => showRows(section));
  section.querySelector(".menu.rows")?.addEventListener("change", () => showRows(section));
}

// A menu closes with Escape, and when something else is clicked.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.removeAttribute("open");
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !(event.target instanceof Element)) return;
  const menu = event.target.closest("details.menu[open]");
  menu?.removeAttribute("open");
  menu?.querySelector("summary")?.focus();
});
