// The check-in: one card at a time, and every pause in typing saved. Without this script the same form has two buttons.
"use strict";

const form = document.querySelector("[data-check-in]");
const status = form.querySelector("[data-status]");
const wayOut = form.querySelector("[data-way-out]"); // sends the whole form, where a script's save is refused
const PAUSE = 400; // ms without a key before saving
const AGAIN = [2000, 5000, 15000, 30000, 60000]; // ms before trying once more

// --- Saving -------------------------------------------------------------------------------------------------------
// A group is one card's fields. `known` is what the server has acknowledged; `unsure` names the fields that were sent
// without an answer yet, so what is stored may be either. Every save is stamped with this page and a count: the server
// lets a page follow itself, and answers a conflict only when somebody else wrote.

const PAGE = [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join("").padEnd(8, "0");
let turn = 0;
let isSaving = false;
let isFinishing = false;
let timer = 0;
let failures = 0;

const snapshot = (group) => {
  const values = {};
  for (const field of group.fields) {
    if (field.type !== "radio" || field.checked) values[field.name] = field.value;
    else values[field.name] ??= "";
  }
  return values;
};
const groups = [...form.querySelectorAll("[data-card]")]
  .map((card) => ({ card, fields: [...card.querySelectorAll("textarea, input[type=radio]")], version: card.querySelector("input[name^=version-]") }))
  .filter((group) => group.fields.length);
for (const group of groups) Object.assign(group, { known: snapshot(group), unsure: new Set(), held: false, carried: "" });

const changed = (group) => Object.entries(snapshot(group)).filter(([name, value]) => group.unsure.has(name) || value !== group.known[name]);
const dirty = () => groups.filter((group) => !group.held && changed(group).length);
const isConflicting = (group) => group.card.querySelector(".elsewhere") !== null;
// Text and wish go together; a rating goes alone, so that it takes no other along.
const valuesToSend = (group) => (group.card.querySelector("textarea") ? snapshot(group) : Object.fromEntries(changed(group)));

// Tells the guard of the page that comes back by Back whether there is something to lose.
function mark() {
  form.toggleAttribute("data-unsaved", groups.some((group) => changed(group).length));
}
window.addEventListener("pagehide", mark);

function say(text, isBad = false) {
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("bad", isBad);
}

function later(delay) {
  clearTimeout(timer);
  timer = setTimeout(save, delay);
}

function tryAgain() {
  failures += 1;
  later(AGAIN[Math.min(failures, AGAIN.length) - 1]);
  say("Not saved yet. Your words are still here.", true);
}

async function post(sent, action, isLeaving = false) {
  const mine = ++turn;
  const carried = sent.map((group) => [group, valuesToSend(group)]);
  // What outlives its page may have 64 KiB; this encoding leaves words of any script as short as they are.
  const body = isLeaving ? new FormData() : new URLSearchParams();
  for (const name of ["csrf_token", "check-in", "member"]) body.set(name, form.elements[name].value);
  for (const [group, values] of carried) {
    body.set(group.version.name, group.version.value);
    for (const [name, value] of Object.entries(values)) {
      body.set(name, value);
      group.unsure.add(name);
    }
    if (isLeaving) group.carried = JSON.stringify(values);
  }
  for (const [name, value] of [["page", PAGE], ["turn", mine], ["action", action]]) body.set(name, value);
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "application/json" }, keepalive: isLeaving, redirect: "error" });
    return { code: answer.status, isLast: mine === turn, carried, result: await answer.json() };
  } finally {
    if (isLeaving) for (const group of sent) group.carried = "";
  }
}

async function save({ isLeaving = false } = {}) {
  clearTimeout(timer);
  if (isFinishing || (isSaving && !isLeaving)) return; // the one under way comes back here when it is done
  const sent = dirty().filter((group) => group.carried !== JSON.stringify(valuesToSend(group)));
  if (!sent.length) return;
  isSaving = true;
  try {
    const { code, isLast, carried, result } = await post(sent, "save", isLeaving);
    if (code === 200) acknowledge(carried, result, isLast);
    else if (isLast) refuse(sent, code, result); // otherwise a newer save says how things stand
  } catch {
    tryAgain();
  }
  isSaving = false;
  if (!failures && dirty().length) later(PAUSE);
}

function acknowledge(carried, result, isLast) {
  failures = 0;
  for (const [group, values] of carried) {
    Object.assign(group.known, values);
    if (isLast) for (const name of Object.keys(values)) group.unsure.delete(name);
    group.version.value = Math.max(group.version.value, result.version);
  }
  wayOut.hidden = true;
  if (groups.some((group) => group.held)) return; // something else still needs the person
  say(`Saved ${new Date(result.saved_at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}`);
}

// Nothing was saved. What trying again would not mend is held until the person has done something about it.
function refuse(sent, code, result) {
  failures = 0;
  if (result.error === "conflict") return showConflicts(sent, result);
  if (code >= 500) return tryAgain();
  const named = sent.filter((group) => Object.keys(snapshot(group)).some((name) => result.fields?.[name]));
  for (const group of named.length ? named : sent) group.held = true;
  wayOut.hidden = code !== 401 && code !== 409;
  wayOut.textContent = code === 401 ? "Sign in and save" : "Show all my words";
  if (code === 401) say("You are signed out. Your words are still here.", true);
  else if (code === 409) say(`${result.advice.split(". ")[0]}. Your words are still here.`, true);
  else if (named.length) say(`${cards.indexOf(named[0].card) + 1} of ${cards.length}: ${Object.values(result.fields)[0]}`, true);
  else say(result.advice ?? "Not saved. Copy your words before you leave.", true);
}

// A reload can overtake the save of the page that it replaces. An empty save waits its turn behind that one and tells
// whether there is more than this page shows.
async function catchUp() {
  const shown = Math.max(...groups.map((group) => Number(group.version.value)));
  const { code, result } = await post([], "save").catch(() => ({}));
  if (code === 200 && result.version > shown && !dirty().length) location.reload();
}

function letGo() {
  for (const group of groups) if (!isConflicting(group)) group.held = false;
}

form.addEventListener("input", (event) => {
  const group = groups.find((one) => one.card.contains(event.target));
  if (group && !isConflicting(group)) group.held = false;
  if (!dirty().length) return;
  if (!status.classList.contains("bad")) say("");
  later(PAUSE);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") return save({ isLeaving: true });
  if (!wayOut.hidden) letGo(); // perhaps signed in again in another tab
  save();
});
window.addEventListener("pagehide", () => save({ isLeaving: true }));
window.addEventListener("online", () => save());
// No unsaved word goes without a question.
window.addEventListener("beforeunload", (event) => {
  if (dirty().length) history.replaceState({ card: at, isUnsure: true }, "");
  save({ isLeaving: true }); // ahead of the request for the next page
  const isUnsaved = status.classList.contains("bad") && groups.some((group) => changed(group).length);
  if (isUnsaved && !isFinishing && !isOffForHelp) event.preventDefault();
});
let isOffForHelp = false; // nothing stands between a person and help
document.addEventListener("click", (event) => { isOffForHelp = event.target.closest('a[href="/help/"]') !== null; });

// --- The same answer changed elsewhere ------------------------------------------------------------------------------

function showConflicts(sent, { conflicts, ratings }) {
  for (const group of sent) {
    const area = group.card.querySelector("textarea");
    const stored = area && conflicts[area.name.slice("answer-".length)];
    if (stored) putBeside(group, area, stored).scrollIntoView({ block: "nearest" });
    else if (!area && ratings) takeOver(group, ratings);
  }
  const first = groups.find(isConflicting);
  if (!first) return;
  if (first.card.hidden) show(cards.indexOf(first.card));
  say("Changed on another device: both texts are here.", true);
}

// A rating is one tap: what was tapped here stands, knowingly, and the others follow what is stored.
function takeOver(group, { ratings, version }) {
  const tapped = new Set(changed(group).map(([name]) => name));
  group.version.value = version;
  for (const field of group.fields) {
    if (tapped.has(field.name)) continue;
    field.checked = field.value === String(ratings[field.name.slice("rating-".length)]);
    group.known[field.name] = snapshot(group)[field.name];
  }
}

function putBeside(group, area, stored) {
  const wish = (value) => group.fields.find((field) => field.type === "radio" && field.value === value);
  const make = (tag, className, textContent) => Object.assign(document.createElement(tag), { className, textContent });
  const settle = (text, want) => {
    area.value = text;
    for (const field of group.fields) if (field.type === "radio") field.checked = field.value === want;
    group.version.value = stored.version;
    group.held = false;
    box.remove();
    area.focus();
    save();
  };
  const chosen = () => group.fields.find((field) => field.type === "radio" && field.checked)?.value ?? "";
  const choices = [
    ["Keep both", () => settle([stored.text, area.value].filter(Boolean).join("\n\n"), chosen() || stored.want)],
    ["Keep what I typed here", () => settle(area.value, chosen())],
    ["Take the other text", () => settle(stored.text, stored.want)],
  ];
  const box = make("div", "warning elsewhere", "");
  const actions = make("div", "actions", "");
  for (const [label, choose] of choices) {
    const button = Object.assign(make("button", "second", label), { type: "button" });
    button.addEventListener("click", choose);
    actions.append(button);
  }
  box.append(make("p", "label", "Saved meanwhile on another device:"), make("p", "words", stored.text));
  if (stored.want) box.append(make("p", "want", wish(stored.want).closest("label").textContent));
  box.append(actions);
  group.held = true;
  group.card.querySelector(".elsewhere")?.remove();
  area.after(box);
  return box;
}

// --- Finishing ------------------------------------------------------------------------------------------------------

// The form as a whole goes to the server, which shows what a script cannot: the sign-in, or every word for copying.
function sendForm() {
  isFinishing = true;
  for (const [name, value] of [["page", PAGE], ["turn", ++turn]]) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  form.submit();
  form.addEventListener("input", () => { isFinishing = false; }, { once: true }); // it was stopped, and writing goes on
}

async function saveForLater() {
  if (wayOut.hidden) {
    letGo();
    await save();
  }
  if (!wayOut.hidden) return sendForm();
  if (!isSaving && !groups.some((group) => changed(group).length)) say("Saved. It waits here until you come back.");
}

async function finish() {
  if (isFinishing) return;
  const open = groups.find(isConflicting);
  if (open) {
    show(cards.indexOf(open.card));
    return say("Choose first which text to keep.", true);
  }
  clearTimeout(timer);
  letGo();
  const sent = dirty();
  isFinishing = form.inert = true; // what would be typed now could go nowhere
  say("One moment.");
  try {
    const { code, result } = await post(sent, "submit");
    if (code === 200) return location.replace(form.getAttribute("action"));
    isFinishing = form.inert = false;
    refuse(sent, code, result);
  } catch {
    isFinishing = form.inert = false;
    say("Not finished yet: the server cannot be reached. Your words are still here. Press Finish again.", true);
  }
  if (!status.classList.contains("bad")) say("");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter?.value === "submit") finish();
  else saveForLater();
});

// A rating tapped again is taken back.
for (const radio of form.querySelectorAll(".rating input")) {
  const remember = () => { radio.wasChecked = radio.checked; };
  radio.addEventListener("pointerdown", remember);
  radio.addEventListener("keydown", (event) => event.key === " " && remember());
  radio.addEventListener("click", () => {
    if (!radio.wasChecked) return;
    radio.checked = radio.wasChecked = false;
    radio.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// --- Thoughts kept while reading --------------------------------------------------------------------------------------
// They go along with the card on view. Putting one into its answer is like typing it: the usual saving follows.

const thoughts = form.querySelector("[data-thoughts]");

function putIn(item) {
  const area = thoughts.closest("[data-card]").querySelector("textarea");
  const text = item.querySelector(".words").textContent;
  if (!area.value.includes(text)) area.value = [area.value.trimEnd(), text].filter(Boolean).join("\n\n");
  item.querySelector("[data-remove]").hidden = false;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
  area.setSelectionRange(area.value.length, area.value.length);
}

async function letItGo(item, button) {
  while (isSaving) await new Promise((resolve) => setTimeout(resolve, 100));
  await save(); // the list gives a thought up only for an answer that is on the server
  if (groups.some((group) => changed(group).length)) return;
  const answer = await fetch(`/thoughts/${item.dataset.thought}/remove`, { method: "POST", headers: { Accept: "application/json" } }).catch(() => ({}));
  if (answer.status !== 204 && answer.status !== 404) return Object.assign(button, { textContent: "Not removed. Try again" });
  if (!item.isConnected) return; // tapped twice
  item.remove();
  thoughts.querySelector("[data-count]").textContent -= 1;
  thoughts.hidden = !thoughts.querySelector("[data-thought]");
  (thoughts.hidden ? thoughts.closest("[data-card]").querySelector("textarea") : thoughts.querySelector("summary")).focus();
}

if (thoughts) {
  thoughts.querySelector("[data-by-hand]").hidden = true;
  for (const item of thoughts.querySelectorAll("[data-thought]")) {
    const [use, remove] = item.querySelectorAll("button");
    item.querySelector(".actions").hidden = false;
    use.addEventListener("click", () => putIn(item));
    remove.addEventListener("click", () => letItGo(item, remove));
  }
}

// --- One card at a time -------------------------------------------------------------------------------------------

const cards = [...form.querySelectorAll("[data-card]")];
const pager = form.querySelector(".pager");
const back = form.querySelector("[data-previous]");
const next = form.querySelector("[data-next]");
const showAll = document.querySelector("[data-all-cards]");
let at = 0;

function show(index, { focus = true } = {}) {
  if (!form.classList.contains("paged")) return cards[index].scrollIntoView();
  at = Math.min(Math.max(index, 0), cards.length - 1);
  cards.forEach((card, place) => { card.hidden = place !== at; });
  if (thoughts && cards[at].querySelector("textarea") && !cards[at].contains(thoughts)) {
    thoughts.open = false;
    cards[at].append(thoughts);
  }
  form.toggleAttribute("data-begun", at > 0);
  back.disabled = at === 0;
  next.disabled = at === cards.length - 1;
  history.replaceState({ card: at }, ""); // a reload comes back to the same card
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
  form.classList.remove("paged");
  form.toggleAttribute("data-begun", false);
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
const problem = cards.findIndex((card) => card.querySelector(".error, .elsewhere"));
const before = history.state ?? {};
show(problem >= 0 ? problem : before.card ?? 0, { focus: false });
if (before.isUnsure) catchUp();

// After a refused form, what is on the page is not what is stored.
if (document.querySelector(".error-summary")) {
  for (const group of groups) {
    for (const field of group.fields) group.unsure.add(field.name);
    const box = group.card.querySelector(".elsewhere");
    if (box) putBeside(group, group.card.querySelector("textarea"), { text: box.querySelector(".words").textContent, want: box.dataset.want, version: Number(group.version.value) });
    if (group.card.querySelector(".error")) group.held = true;
  }
  later(0);
}
