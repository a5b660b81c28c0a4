// The check-in: one card at a time, and every pause in typing saved. Without this script the same form has two buttons.
"use strict";

const form = document.querySelector("[data-check-in]");
const status = form.querySelector("[data-status]");
const PAUSE = 400; // ms without a key before saving
const AGAIN = [2000, 5000, 15000, 30000, 60000]; // ms before trying once more

// --- Saving -------------------------------------------------------------------------------------------------------
// `seen` holds, for each field group, what the server has acknowledged; a group is dirty when the page differs from it.

const groups = [...form.querySelectorAll("[data-card]")].map((card) => ({ card, fields: [...card.querySelectorAll("textarea, input[type=radio], input[type=checkbox]")] })).filter((group) => group.fields.length);
const versionOf = (group) => group.card.querySelector("input[name^=version-]");
const snapshot = (group) => {
  const data = {};
  for (const field of group.fields) {
    if (field.type !== "radio") data[field.name] = field.value;
    else if (field.checked) data[field.name] = field.value;
    else data[field.name] ??= "";
  }
  return data;
};
const asText = (group) => JSON.stringify(snapshot(group));
const mustSaveAtOnce = document.querySelector(".error-summary") !== null; // what is on the page is not what is stored
for (const group of groups) group.seen = mustSaveAtOnce ? null : asText(group);
const dirty = () => groups.filter((group) => !group.held && asText(group) !== group.seen);

let saving = false;
let timer = 0;
let failures = 0;
let isFinishing = false;

function say(text, isBad = false) {
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("bad", isBad);
}

function later(delay) {
  clearTimeout(timer);
  timer = setTimeout(save, delay);
}

async function save({ isLeaving = false } = {}) {
  clearTimeout(timer);
  if (saving && !isLeaving) return; // the one under way comes back here when it is done
  if (isFinishing) return;
  const sent = dirty();
  if (!sent.length) return;
  saving = true;
  const body = new URLSearchParams();
  for (const name of ["check-in", "member"]) body.set(name, form.elements[name].value);
  const texts = sent.map((group) => [group, asText(group)]);
  for (const group of sent) {
    for (const [name, value] of Object.entries(snapshot(group))) body.set(name, value);
    body.set(versionOf(group).name, versionOf(group).value);
  }
  body.set("action", "save");
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" }, keepalive: isLeaving, redirect: "error" });
    const result = await answer.json();
    if (answer.ok) acknowledge(texts, result);
    else refuse(sent, answer.status, result);
  } catch {
    failures += 1;
    say("Not saved yet. Your words are still here.", true);
    later(AGAIN[Math.min(failures, AGAIN.length) - 1]);
  }
  saving = false;
  if (!failures && dirty().length) later(PAUSE);
}

function acknowledge(texts, result) {
  failures = 0;
  for (const [group, text] of texts) {
    group.seen = text;
    versionOf(group).value = result.version;
  }
  const time = new Date(result.saved_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
  say(`Saved ${time}`);
}

function refuse(sent, code, result) {
  failures = 0;
  if (code === 409 && result.error === "conflict") return showConflicts(sent, result);
  if (code >= 500) {
    failures += 1;
    later(AGAIN[Math.min(failures, AGAIN.length) - 1]);
    return say("Not saved yet. Your words are still here.", true);
  }
  for (const group of sent) group.held = true; // nothing that trying again would mend
  if (code === 401) say("You are signed out. Press Save for later: you can sign in without losing a word.", true);
  else say(Object.values(result.fields ?? {})[0] ?? result.advice ?? "Not saved. Copy your words before you leave.", true);
}

function showConflicts(sent, result) {
  for (const group of sent) {
    const area = group.card.querySelector("textarea");
    const stored = area && result.conflicts[area.name.slice("answer-".length)];
    if (area && stored) {
      group.held = true;
      group.card.querySelector(".elsewhere")?.remove();
      group.card.querySelector("h2").after(conflictBox(group, area, stored));
    } else if (!area && result.ratings) {
      versionOf(group).value = result.ratings.version; // ratings are one tap: the newest tap wins, knowingly
    }
  }
  say("Changed on another device: both texts are here.", true);
  if (dirty().length) later(PAUSE);
}

function conflictBox(group, area, stored) {
  const box = document.createElement("div");
  box.className = "warning elsewhere";
  const title = document.createElement("p");
  title.append(Object.assign(document.createElement("strong"), { textContent: "Saved on the other device:" }));
  const text = Object.assign(document.createElement("p"), { className: "words", textContent: stored.text });
  const actions = Object.assign(document.createElement("div"), { className: "actions" });
  const settle = (value) => {
    area.value = value;
    versionOf(group).value = stored.version;
    group.held = false;
    box.remove();
    area.focus();
    save();
  };
  for (const [label, value] of [["Keep both", () => `${stored.text}\n\n${area.value}`], ["Keep what I typed here", () => area.value], ["Take the other text", () => stored.text]]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "second", textContent: label });
    button.addEventListener("click", () => settle(value()));
    actions.append(button);
  }
  box.append(title, text, actions);
  return box;
}

form.addEventListener("input", (event) => {
  const group = groups.find((one) => one.card.contains(event.target));
  if (group && !group.card.querySelector(".elsewhere")) group.held = false;
  if (!dirty().length) return;
  say("");
  later(PAUSE);
});
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save({ isLeaving: true }));
window.addEventListener("pagehide", () => save({ isLeaving: true }));
window.addEventListener("online", () => save());
form.addEventListener("submit", () => {
  clearTimeout(timer);
  isFinishing = true; // the form itself carries everything now
});
window.addEventListener("pageshow", () => { isFinishing = false; });

// A rating tapped again is taken back.
for (const radio of form.querySelectorAll(".rating input")) {
  radio.addEventListener("pointerdown", () => { radio.wasChecked = radio.checked; });
  radio.addEventListener("click", () => {
    if (!radio.wasChecked) return;
    radio.checked = false;
    radio.wasChecked = false;
    form.dispatchEvent(new Event("input", { bubbles: true }));
    later(PAUSE);
  });
}

// --- One card at a time -------------------------------------------------------------------------------------------

const cards = [...form.querySelectorAll("[data-card]")];
const pager = form.querySelector(".pager");
const back = form.querySelector("[data-previous]");
const next = form.querySelector("[data-next]");
const showAll = document.querySelector("[data-all-cards]");
let at = Math.max(0, cards.findIndex((card) => card.querySelector(".error, .elsewhere")));

function show(index, { focus = true } = {}) {
  at = Math.min(Math.max(index, 0), cards.length - 1);
  cards.forEach((card, place) => { card.hidden = place !== at; });
  form.toggleAttribute("data-begun", at > 0);
  back.disabled = at === 0;
  next.disabled = at === cards.length - 1;
  if (!focus) return;
  const heading = cards[at].querySelector("h2");
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

back.addEventListener("click", () => { save(); show(at - 1); });
next.addEventListener("click", () => { save(); show(at + 1); });
showAll.querySelector("button").addEventListener("click", () => {
  cards.forEach((card) => { card.hidden = false; });
  back.hidden = next.hidden = showAll.hidden = true;
});
document.addEventListener("click", (event) => {
  const target = event.target.closest('.error-summary a[href^="#"]');
  const field = target && document.getElementById(target.hash.slice(1));
  const card = field?.closest("[data-card]");
  if (card && card.hidden) show(cards.indexOf(card));
});
pager.hidden = showAll.hidden = false;
form.classList.add("paged");
show(at, { focus: false });
if (mustSaveAtOnce && !document.querySelector(".elsewhere, .error")) later(0);
