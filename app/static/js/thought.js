// Keeping a thought: without a connection the words stay on the page, and none goes without a question.
"use strict";

const form = document.querySelector("[data-thought]");
const unreachable = form.querySelector("[data-unreachable]");
let isSending = false;
let isOffForHelp = false; // nothing stands between a person and help

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isSending) return; // a second tap keeps nothing twice
  isSending = true;
  isSending = await fetch("/healthz").then((answer) => answer.ok, () => false);
  unreachable.hidden = isSending;
  if (isSending) form.submit();
});
document.addEventListener("click", (event) => { isOffForHelp = event.target.closest('a[href="/help/"]') !== null; });
window.addEventListener("beforeunload", (event) => {
  if (form.elements.words.value.trim() && !isSending && !isOffForHelp) event.preventDefault();
});
