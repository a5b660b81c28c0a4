// An agreement: the sentence as it will read, and no word lost without a connection or without a question.
"use strict";

const form = document.querySelector("[data-agreement]");

if (form) { // whoever has made theirs has no form any more
  const { when, will } = form.elements;
  const preview = form.querySelector("[data-preview]");
  const unreachable = form.querySelector("[data-unreachable]");
  const before = when.value + will.value;
  const hasChanged = () => when.value + will.value !== before;
  let isSending = false;
  let isOffForHelp = false; // nothing stands between a person and help

  // The same tidying as the server's.
  const tidy = (text, beginning) => text.trim().replace(/\s+/g, " ").replace(beginning, "").replace(/^[ .,;…]+|[ .,;…]+$/g, "");
  const show = () => {
    const parts = [tidy(when.value, /^when\b\s*/i), tidy(will.value, /^(?:i\s+will|i[’']ll|will)\b\s*/i)];
    preview.hidden = !parts.some(Boolean);
    preview.textContent = `When ${parts[0] || "…"}, I will ${parts[1] || "…"}.`.replace("….", "…");
  };
  form.addEventListener("input", show);
  show();

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isSending) return; // a second tap agrees on nothing twice
    isSending = true;
    isSending = await fetch("/healthz").then((answer) => answer.ok, () => false);
    unreachable.hidden = isSending;
    if (isSending) form.submit();
  });
  document.addEventListener("click", (event) => { isOffForHelp = event.target.closest('a[href="/help/"]') !== null; });
  window.addEventListener("beforeunload", (event) => {
    if (hasChanged() && !isSending && !isOffForHelp) event.preventDefault();
  });
  // Tells the guard of the page that comes back by Back whether there is something to lose.
  window.addEventListener("pagehide", () => form.toggleAttribute("data-unsaved", hasChanged() && !isSending));
}
