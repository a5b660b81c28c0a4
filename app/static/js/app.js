// On every page: the worker, the zone guess, sharing, and the guard against pages kept after signing out.
"use strict";

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
