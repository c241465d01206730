"use strict";
// The address decides which example is open: "#answer/first/q1".

const view = byId("example", HTMLElement);

/** @returns {{group: Group, at: number} | null} */
function addressed() {
  let text;
  try {
    text = decodeURIComponent(location.hash.slice(1));
  } catch {
    return null;
  }
  const slash = text.indexOf("/");
  const group = slash < 0 ? undefined : groupOf(text.slice(0, slash));
  const at = group ? group.examples.ids.indexOf(text.slice(slash + 1)) : -1;
  return group && at >= 0 ? { group, at } : null;
}

/** Show the example that the address names; without one, the first of the list, quietly. */
async function follow() {
  const named = addressed();
  if (!named && location.hash.includes("/")) {
    view.replaceChildren(element("p", { class: "fault" }, "There is no such example on this page."));
    byId("examples", HTMLElement).scrollIntoView();
    return;
  }
  if (named && named.group.id !== control.group.value) {
    control.group.value = named.group.id;
    chooseModels();
    relist();
  }
  const group = named?.group ?? groupOf(control.group.value);
  const at = named?.at ?? listed.positions[0];
  if (!group || at === undefined) return;
  openInList(at);
  await show(group, at);
  if (named) {
    view.scrollIntoView();
    view.focus({ preventScroll: true });
  }
}

/**
 * @param {Group} group
 * @param {number} at
 */
async function show(group, at) {
  const id = group.examples.ids[at];
  try {
    const chunk = await chunkOf(group.examples.chunks[at] ?? 0);
    const example = chunk.examples.find((one) => one.group === group.id && one.id === id);
    if (listed.open !== at || !example) return;
    view.replaceChildren(steps(at), ...exampleView(chunk, example, group));
  } catch (error) {
    view.replaceChildren(element("p", { class: "fault" }, error instanceof Error ? error.message : String(error)));
  }
}

/** @param {number} at */
function steps(at) {
  const place = listed.positions.indexOf(at);
  const total = listed.positions.length.toLocaleString("en");
  const back = beside(at, -1);
  const on = beside(at, 1);
  return element("nav", { class: "steps", "aria-label": "Previous and next example" },
    back ? element("a", { href: back, rel: "prev" }, "← Previous") : element("span", {}, "← Previous"),
    element("span", {}, place < 0 ? "not in the list" : `${(place + 1).toLocaleString("en")} of ${total}`),
    on ? element("a", { href: on, rel: "next" }, "Next →") : element("span", {}, "Next →"));
}

window.addEventListener("hashchange", () => {
  if (location.hash.includes("/")) void follow();
});
// A new order or filter changes what stands before and after the open example.
for (const one of Object.values(control)) {
  one.addEventListener(one === control.find ? "input" : "change", () => {
    const group = groupOf(control.group.value);
    const at = listed.open ?? listed.positions[0];
    if (!group || at === undefined) return;
    listed.open = at;
    void show(group, at);
  });
}

chooseModels();
relist();
void follow();
