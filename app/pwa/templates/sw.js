// Keeps the public pages for reading without a connection. Nothing of a person is ever kept: see `keep`.
"use strict";

const CACHE = "public-{{ version }}";
const START = {{ start|tojson }};
const GUIDE = {{ guide|tojson }};
const OTHER_READINGS = {{ others|tojson }};

const pagesOf = (reading) => GUIDE.map((page) => page.replace("/guide/", reading));
const PAGES = new Set([...START, ...GUIDE, ...OTHER_READINGS.flatMap(pagesOf)]);
const readingOf = (address) => OTHER_READINGS.find((prefix) => address.startsWith(prefix)) ?? "/guide/";
const isAsset = (address) => address.startsWith("/static/") && address.includes("?v=");

// Two gates before anything is kept: the address is on the list, and the server says that the answer is the same for
// everybody. The request carries no cookie, so the server could not put anything of a person into it.
async function keep(address) {
  const response = await fetch(address, { credentials: "omit", cache: "no-cache" });
  const control = response.headers.get("Cache-Control") ?? "";
  const isPublic = response.headers.get("X-Public") === "1" && !/private|no-store/.test(control);
  const isWhole = response.status === 200 && !response.redirected;
  const isListed = PAGES.has(address) || (isAsset(address) && control.includes("immutable"));
  if (!isPublic || !isWhole || !isListed) throw new Error(`not kept: ${address}`);
  await (await caches.open(CACHE)).put(address, response.clone());
  return response;
}

const find = async (address, options) => (await caches.open(CACHE)).match(address, { ignoreVary: true, ...options });

// A page that is not there is not a success: the status says so to whoever asks by script.
async function offline() {
  const page = await find("/offline");
  return page ? new Response(page.body, { status: 503, headers: page.headers }) : Response.error();
}

// Guide pages open from what is kept and are brought up to date behind the reader's back.
async function guidePage(event, address) {
  const kept = await find(address);
  const fresh = keep(address);
  event.waitUntil(fresh.catch(() => {}));
  if (kept) return kept;
  return fresh.catch(() => fetch(event.request)).catch(offline);
}

// An asset's address changes with its content. Without a connection an older one of the same name will do.
async function asset(request, address) {
  const kept = await find(address);
  if (kept) return kept;
  const fresh = keep(address).catch(() => fetch(request));
  return fresh.catch(async () => (await find(address, { ignoreSearch: true })) ?? Response.error());
}

// The start decides where to go by the sign-in, so the server is asked first. Private pages, and help, are never kept.
async function fromServer(request, address) {
  return fetch(request).catch(async () => (address === "/" ? await find("/") : undefined) ?? offline());
}

async function keepReading(reading, isAsked = false) {
  if (navigator.connection?.saveData && !isAsked) return;
  const missing = [];
  for (const page of pagesOf(reading)) if (!(await find(page))) missing.push(page);
  await Promise.allSettled(missing.map(keep));
}

self.addEventListener("install", (event) => {
  event.waitUntil(Promise.all(START.map(keep)).then(() => keepReading("/guide/")));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

// The reader asks for the whole guide, in the reading of the page they are on.
self.addEventListener("message", (event) => {
  const asked = String(event.data?.keep ?? "");
  if (asked.startsWith("/guide/")) event.waitUntil(keepReading(readingOf(asked), true));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (isAsset(pathname + search)) event.respondWith(asset(request, pathname + search));
  else if (pathname !== "/" && PAGES.has(pathname)) {
    event.respondWith(guidePage(event, pathname));
    const reading = readingOf(pathname);
    if (reading !== "/guide/" && request.mode === "navigate") event.waitUntil(keepReading(reading));
  } else if (request.mode === "navigate") event.respondWith(fromServer(request, pathname));
});
