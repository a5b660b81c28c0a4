// On every page: the worker, what this device remembers, the zone guess, sharing, and the guard against pages kept
// after signing out.
"use strict";

// Whom the guide speaks of, the size of the text, and where a reader was: kept here, sent nowhere. A browser that
// refuses to remember is no reason to fail.
const device = {
  get(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {
      return;
    }
  },
};

document.documentElement.dataset.text = device.get("text-size") ?? 0;

// The guide in the reading that was chosen. An address that names another reading is left as somebody sent it.
const PREFIXED = /^\/guide\/(wife|partner)\//;
const named = location.pathname.match(PREFIXED)?.[1];
const reading = named ?? device.get("reading");
if (["wife", "partner"].includes(reading)) {
  const moved = (address) => (PREFIXED.test(address) ? address : address.replace(/^\/guide\//, `/guide/${reading}/`));
  if (!named && location.pathname.startsWith("/guide/")) location.replace(moved(location.pathname) + location.search + location.hash);
  for (const link of document.querySelectorAll('a[href^="/guide/"]:not([data-reading])')) {
    link.setAttribute("href", moved(link.getAttribute("href")));
  }
}
for (const link of document.querySelectorAll("[data-reading]")) {
  link.addEventListener("click", () => device.set("reading", link.dataset.reading));
}

if ("serviceWorker" in navigator) {
  const policy = window.trustedTypes?.createPolicy("same-side", {
    createScriptURL: (address) => (address === "/sw.js" ? address : ""),
  });
  navigator.serviceWorker.register(policy ? policy.createScriptURL("/sw.js") : "/sw.js", { updateViaCache: "none" }).catch(() => {});
}

// A browser may bring a private page back from memory after signing out: show nothing and ask the server again.
// Only unsaved words stay, and only while the same person is signed in or nobody can be asked.
window.addEventListener("pageshow", async (event) => {
  if (!event.persisted || !document.body.hasAttribute("data-private")) return;
  const member = document.querySelector("[data-unsaved] input[name=member]")?.value;
  document.body.hidden = true;
  const page = member && await fetch("/check-in/").then((answer) => answer.text(), () => "unreachable");
  if (page === "unreachable" || (member && page.includes(`name="member" value="${member}"`))) {
    document.body.hidden = false;
    return;
  }
  document.body.replaceChildren();
  location.reload();
});

for (const field of document.querySelectorAll("[data-guess-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = field.tagName !== "SELECT" || [...field.options].some((option) => option.value === zone);
  if (zone && known && !field.dataset.touched) field.value = zone;
}

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => navigator.share({ url: button.dataset.share, text: button.dataset.text }).catch(() => {}));
}

document.querySelector(".error-summary")?.focus();
