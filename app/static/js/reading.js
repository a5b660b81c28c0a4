// On the pages of the guide: the size of the text, where the reader was, and a paragraph to share or to keep.
"use strict";

const prose = document.querySelector(".prose");
const passages = [...(prose?.querySelectorAll('[id^="p-"]') ?? [])];
const here = location.pathname.replace(PREFIXED, "/guide/");
const said = document.querySelector("[data-said]");

// Where the reader was, by the address without its reading: { "/guide/trust": { at: "p-1a2b3c4d", part: "The heading", isDone } }
const places = device.get("places") ?? {};

// The size of the text adds to the one that the browser is set to.
const LARGEST = 4;
for (const button of document.querySelectorAll("[data-resize]")) {
  button.addEventListener("click", () => {
    const size = Number(document.documentElement.dataset.text) + Number(button.dataset.resize);
    document.documentElement.dataset.text = Math.min(LARGEST, Math.max(0, size));
    device.set("text-size", Number(document.documentElement.dataset.text));
  });
}

const partOf = (passage) => {
  const before = [...prose.querySelectorAll("h2")].filter((heading) => passage.compareDocumentPosition(heading) & Node.DOCUMENT_POSITION_PRECEDING);
  return before.at(-1)?.textContent ?? "";
};

const notePlace = () => {
  const line = innerHeight * 0.4;
  const read = passages.filter((passage) => passage.getBoundingClientRect().top < line);
  const isDone = passages.at(-1).getBoundingClientRect().bottom < innerHeight || places[here]?.isDone === true;
  if (read.length < 3 && !isDone) return;
  places[here] = { at: read.at(-1)?.id ?? passages[0].id, part: partOf(read.at(-1) ?? passages[0]), isDone };
  places.last = here;
  device.set("places", places);
};

// A page that speaks of violence leaves no trace of having been read.
const leavesNoTrace = document.querySelector("[data-exit]") !== null;
if (passages.length && !leavesNoTrace) {
  const resume = document.querySelector("[data-resume]");
  const place = places[here];
  if (place && !place.isDone && !location.hash && document.getElementById(place.at)) {
    resume.querySelector("a").href = `#${place.at}`;
    resume.querySelector("a").textContent = place.part ? `Go on at “${place.part}”` : "Go on where you were";
    resume.hidden = false;
    addEventListener("hashchange", () => { resume.hidden = true; });
    resume.querySelector("button").addEventListener("click", () => { resume.hidden = true; });
  }
  let waiting;
  addEventListener("scroll", () => {
    clearTimeout(waiting);
    waiting = setTimeout(notePlace, 300);
  }, { passive: true });
}

// The contents: what was read to the end, and where to go on.
const titleOf = (address) => document.querySelector(`[data-place="${address}"]`)?.closest("li").querySelector("a");
const showPlaces = () => {
  for (const line of document.querySelectorAll("[data-place]")) {
    const place = places[line.dataset.place];
    line.hidden = !place;
    if (place) line.textContent = place.isDone ? "read to the end" : place.part ? `you were at “${place.part}”` : "begun";
  }
  const last = document.querySelector("[data-last]");
  const link = places.last && !places[places.last].isDone && titleOf(places.last);
  if (!last) return;
  last.hidden = !link;
  document.querySelector("[data-forget]").hidden = Object.keys(places).length === 0;
  if (!link) return;
  last.querySelector("a").href = `${link.getAttribute("href")}#${places[places.last].at}`;
  last.querySelector("a").textContent = link.textContent;
};
document.querySelector("[data-forget]")?.addEventListener("click", () => {
  for (const address of Object.keys(places)) delete places[address];
  device.set("places", places);
  showPlaces();
});
showPlaces();

// Sharing and keeping: a line of two under each paragraph, while the reader picks.
const share = async (id) => {
  const url = `${location.origin}${location.pathname}#${id}`;
  if (navigator.share) return navigator.share({ url, title: document.title }).catch(() => {});
  try {
    await navigator.clipboard.writeText(url);
    said.textContent = "The link is copied.";
  } catch {
    location.replace(`#${id}`);
    said.textContent = "The address of this page now leads to the paragraph.";
  }
};

const offer = (passage) => {
  const row = document.createElement("span");
  row.className = "pick";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.textContent = "Share a link";
  button.addEventListener("click", () => share(passage.id));
  const link = document.createElement("a");
  link.href = `/thoughts/new?${new URLSearchParams({ page: location.pathname, passage: passage.id })}`;
  link.textContent = "Keep for our check-in";
  row.append(button, link);
  passage.append(row);
};

const pick = document.querySelector("[data-pick]");
pick?.addEventListener("click", () => {
  const picks = pick.getAttribute("aria-pressed") !== "true";
  pick.setAttribute("aria-pressed", picks);
  prose.classList.toggle("picking", picks);
  said.textContent = picks ? "Under each paragraph you can now share it or keep it." : "";
  if (picks) passages.filter((passage) => !passage.closest(".safety")).forEach(offer);
  else for (const row of prose.querySelectorAll(".pick")) row.remove();
});

// The whole guide for reading without a connection: what is there, and how much room everything takes.
const shelf = document.querySelector("[data-shelf]");
const texts = () => [...document.querySelectorAll(".sections a")].map((link) => link.getAttribute("href"));

// The newest cache only: to open one that the worker is just removing would make it anew.
const look = async () => {
  const newest = (await caches.keys()).at(-1);
  const responses = newest ? await (await caches.open(newest)).matchAll() : [];
  const found = new Set(responses.map((response) => new URL(response.url).pathname));
  const sizes = await Promise.all(responses.map(async (response) => (await response.blob()).size));
  const all = texts();
  return { there: all.filter((address) => found.has(address)).length, all: all.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
};

const showShelf = async (isFetching = false) => {
  const { there, all, bytes } = await look();
  const size = `${Math.max(1, Math.round(bytes / 1024)).toLocaleString("en-GB")} KB`;
  const isWhole = there === all;
  shelf.querySelector("p").textContent = isWhole
    ? `The whole guide is on this device (${all} texts). With everything that the app keeps here it takes ${size}.`
    : `${there} of ${all} texts are on this device, ${size}.${isFetching ? " Saving the rest." : ""}`;
  shelf.querySelector("button").hidden = isWhole || isFetching;
  return isWhole;
};

const saveAll = async () => {
  await navigator.storage?.persist?.();
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ keep: location.pathname });
  for (let turn = 0; turn < 40 && !(await showShelf(true)); turn += 1) await new Promise((done) => setTimeout(done, 500));
  if (!(await showShelf())) shelf.querySelector("p").textContent += " The rest could not be fetched. Try again with a connection.";
};

if (shelf && "serviceWorker" in navigator && "caches" in window) {
  shelf.hidden = false;
  shelf.querySelector("button").addEventListener("click", saveAll);
  showShelf();
  navigator.serviceWorker.ready.then(async () => {
    for (let turn = 0; turn < 10 && !(await showShelf()); turn += 1) await new Promise((done) => setTimeout(done, 1000));
  });
}
