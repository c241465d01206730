"use strict";
// The leaderboard's rows that are shown, in the order shown, as text to paste elsewhere.

/**
 * @param {HTMLElement} section
 * @param {Copy} copy
 */
function copied(section, copy) {
  const rows = [...section.querySelectorAll("table.board tbody tr:not(.off)")];
  const lines = rows.map((row) => copy.rows[Number(row.getAttribute("data-model"))] ?? "");
  return copy.head + lines.join("") + copy.foot;
}

/**
 * Put a text on the clipboard, or show it to be copied by hand where that is not allowed.
 * @param {string} text
 * @param {string} name
 */
async function give(text, name) {
  try {
    await navigator.clipboard.writeText(text);
    say(`Copied as ${name}.`);
    return true;
  } catch {
    const dialog = byId("by-hand", HTMLDialogElement);
    const area = dialog.querySelector("textarea");
    dialog.showModal();
    if (area) {
      area.value = text;
      area.select();
    }
    return false;
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  const section = button.closest("section");
  const group = groupOf(section?.dataset["group"] ?? "");
  if (!(button instanceof HTMLButtonElement) || !section || !group) continue;
  const kind = /** @type {keyof Group["copies"]} */ (button.dataset["copy"]);
  const label = button.textContent ?? "";
  button.addEventListener("click", async () => {
    if (!(await give(copied(section, group.copies[kind]), label))) return;
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = label), 1500);
  });
}
