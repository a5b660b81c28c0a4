// Leaves at once: hides the page, ends the sign-in in the background, and puts the weather in its place.
"use strict";

const WEATHER = "https://www.bbc.com/weather";
const form = document.querySelector("[data-exit]");
const status = form.querySelector("[data-exit-status]");
let presses = [];

const leave = () => {
  document.documentElement.classList.add("gone"); // before anything else: the page is out of sight
  document.title = "Weather";
  fetch(form.action, { method: "POST", keepalive: true }).catch(() => {});
  location.replace(navigator.onLine ? WEATHER : "about:blank");
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  leave();
});

// Shift three times within five seconds. Escape stays free: in a browser it stops a page that is loading.
document.addEventListener("keyup", (event) => {
  if (event.key !== "Shift") {
    presses = [];
    return;
  }
  presses = [...presses, event.timeStamp].filter((moment) => event.timeStamp - moment < 5000);
  if (presses.length === 3) leave();
  else status.textContent = presses.length === 1 ? "Shift twice more leaves this page." : "Shift once more leaves this page.";
});

window.addEventListener("pageshow", () => document.documentElement.classList.remove("gone"));
