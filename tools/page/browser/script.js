/* Runs in the browser unchanged: shows objects, fills in differences, and writes the chosen repository's names. */
"use strict";

const viewer = document.getElementById("viewer");
const repository = document.getElementById("repository");

/** Parts of the archive, each unpacked once, at its first use. */
const unpacked = new Map();

function unpack(id) {
  if (!unpacked.has(id)) unpacked.set(id, inflate(document.getElementById(id).textContent));
  return unpacked.get(id);
}

async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

/** A text of the archive; undefined if there is none of that name. */
async function read(name) {
  const index = await unpack("index");
  if (!Object.hasOwn(index, name)) return undefined;
  const { lines, texts } = await unpack(`chunk-${index[name]}`);
  return texts[name].map((number) => lines[number]).join("\n");
}

async function show(path) {
  const text = await read(path);
  if (text === undefined) return;
  viewer.querySelector("h2").textContent = path.replace(/\.yaml$/, "");
  const pre = viewer.querySelector("pre");
  pre.textContent = text;
  if (!viewer.open) viewer.showModal();
  pre.scrollTop = 0;
  pre.focus();
}

/** The address names the object while it is shown, so that the link can be shared and Back closes it. */
viewer.addEventListener("close", () => {
  history.replaceState(null, "", location.pathname + location.search);
});

viewer.addEventListener("click", (event) => {
  if (event.target === viewer) viewer.close();
});

async function choose(key) {
  const choices = JSON.parse(await read("choices"));
  if (!Object.hasOwn(choices, key)) return;
  const { picture, stops } = choices[key];
  const figures = document.querySelectorAll("#pictures > figure");
  for (const [index, figure] of figures.entries()) figure.hidden = index !== picture;
  for (const stop of stops) {
    for (const node of figures[picture].querySelectorAll(`.own.${stop.id}`)) rename(node, stop);
  }
  repository.value = key;
}

function rename(node, { name, label, address }) {
  node.querySelector("text[font-family^=Courier]").textContent = name;
  const link = node.querySelector("a");
  if (link === null || address === undefined) return;
  link.setAttribute("href", address);
  link.setAttribute("aria-label", label);
}

repository?.addEventListener("change", () => choose(repository.value));

async function follow() {
  const name = decodeURI(location.hash.slice(1));
  if (name.startsWith("way/")) {
    await choose(name.slice("way/".length));
    document.getElementById("way").scrollIntoView();
    repository.focus();
  } else if (name.endsWith(".yaml")) await show(name);
  else if (viewer.open) viewer.close();
}

/** Fills in the lines of a difference, each marked as added, removed or place. */
async function fill(details) {
  if (!details.open || details.dataset.text === undefined) return;
  const { text } = details.dataset;
  delete details.dataset.text;
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  pre.role = "region";
  pre.ariaLabel = text;
  pre.append(...(await read(text)).trimEnd().split("\n").slice(3).map(line));
  details.append(pre);
}

const classes = { "+": "added", "-": "removed", "@": "place" };

function line(text) {
  const span = document.createElement("span");
  span.textContent = `${text}\n`;
  if (text[0] in classes) span.className = classes[text[0]];
  return span;
}

for (const details of document.querySelectorAll("details.difference")) {
  details.addEventListener("toggle", () => fill(details));
  fill(details);
}

window.addEventListener("hashchange", follow);
follow();
