// Talking a check-in through: one card at a time on a phone between two people. Without this script the same cards
// stand below each other. Nothing of it goes to the server; a pause is kept in this tab, as a time and a number.
"use strict";

const talk = document.querySelector("[data-talk]");
const screens = [...talk.querySelectorAll("[data-screen]")]; // the start where there are two, the cards, the end
const isTalk = talk.querySelector("[data-pad]") !== null;
const pager = talk.querySelector(".pager");
const pausing = talk.querySelector("[data-pause]");
const said = talk.querySelector("[data-said]");
const MINUTE = 60_000;
const KEPT = `talk-${talk.dataset.talk}`;
const timeOf = (moment) => moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

const kept = (() => {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
})();
function keep(change) {
  Object.assign(kept, change);
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  } catch {
    return; // a browser that refuses to remember still shows the pause
  }
}

function say(text) {
  said.textContent = text;
}

// --- One screen at a time --------------------------------------------------------------------------------------------
// Each step forward is an entry of the history, so the phone's own Back turns one card back.

let at = 0;
let isPaused = false;

function change(update) {
  if (!document.startViewTransition || matchMedia("(prefers-reduced-motion: reduce)").matches) return update();
  const moving = document.startViewTransition(update);
  for (const part of [moving.ready, moving.finished]) part.catch(() => {}); // one that is overtaken is no fault
}

function show(state, { focus = true } = {}) {
  at = Math.min(Math.max(state?.at ?? 0, 0), screens.length - 1);
  isPaused = Boolean(state?.isPaused);
  if (kept.until && !isPaused && at > 0) keep({ until: null }); // they went on
  stopClocks();
  stayAwake();
  change(() => {
    screens.forEach((screen, place) => { screen.hidden = isPaused || place !== at; });
    pager.hidden = isPaused || (isTalk && at === 0);
    talk.toggleAttribute("data-begun", isPaused || at > 0 || !isTalk);
    talk.querySelector("[data-previous]").disabled = at === 0;
    talk.querySelector("[data-next]").disabled = at === screens.length - 1;
    if (isTalk) {
      talk.querySelector("[data-tools]").hidden = at === screens.length - 1;
      pausing.hidden = !isPaused;
      if (isPaused) showPause();
      else if (at === 0) showStart();
    }
    if (!focus) return;
    const heading = isPaused ? pausing.querySelector("h2") : screens[at].querySelector("h2") ?? talk.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  });
}

function go(state) {
  history.pushState(state, "");
  show(state);
}

window.addEventListener("popstate", (event) => show(event.state));
talk.querySelector("[data-previous]").addEventListener("click", () => history.back());
talk.querySelector("[data-next]").addEventListener("click", () => go({ at: at + 1 }));

// The phone stays awake while a card lies between two people, where the browser can do that.
let wake = null; // the promise of a lock
function stayAwake() {
  const isTalking = isTalk && !isPaused && at > 0 && at < screens.length - 1 && document.visibilityState === "visible";
  if (isTalking) {
    wake ??= navigator.wakeLock?.request("screen").catch(() => null);
  } else {
    wake?.then((lock) => lock?.release());
    wake = null;
  }
}
document.addEventListener("visibilitychange", stayAwake);

// --- Beginning ---------------------------------------------------------------------------------------------------------

const pads = [...talk.querySelectorAll("[data-pad]")];

function press(pad, isReady) {
  pad.setAttribute("aria-pressed", isReady);
  pad.querySelector("span").textContent = isReady ? "Ready" : "Press when you are ready";
}

function showStart() {
  for (const pad of pads) press(pad, false);
  const note = talk.querySelector("[data-paused]");
  note.hidden = !kept.until;
  if (kept.until) note.querySelector("[data-paused-until]").textContent = `You two paused until ${whenIs(new Date(kept.until))}.`;
}

for (const pad of pads) {
  pad.addEventListener("click", () => {
    press(pad, pad.getAttribute("aria-pressed") !== "true");
    if (pads.every((one) => one.getAttribute("aria-pressed") === "true")) go({ at: 1 });
  });
}
talk.querySelector("[data-begin]")?.addEventListener("click", (event) => {
  event.preventDefault();
  go({ at: 1 });
});

// The last choice of a format is remembered on this device, and stands where the address names none.
for (const link of talk.querySelectorAll("[data-format]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    device.set("format", link.dataset.format);
    location.replace(link.href);
  });
  const isRemembered = link.dataset.format === device.get("format") && !link.hasAttribute("aria-current");
  if (isRemembered && !location.search) location.replace(link.href);
}

// --- A clock for each ------------------------------------------------------------------------------------------------

let ticking = 0;
let running = null; // the clock that runs: its box, and when it began
let sound = null;

const clocks = [...talk.querySelectorAll("[data-clock]")].map((box) => ({ box, name: box.dataset.clock, spent: 0 }));
const lengthOf = () => (kept.minutes ?? 0) * MINUTE;
const minutes = () => `${kept.minutes} minute${kept.minutes > 1 ? "s" : ""}`;

function label(clock) {
  const button = clock.box.querySelector("button");
  const isOver = clock.spent >= lengthOf();
  button.textContent = isOver ? `${clock.name}: time to finish` : clock === running?.clock ? `${clock.name}: hold the clock` : clock.spent ? `${clock.name}: go on` : `${clock.name}: ${minutes()}`;
  clock.box.querySelector("progress").value = Math.min(1, clock.spent / lengthOf());
}

function tick() {
  const { clock, since, before } = running;
  clock.spent = before + performance.now() - since;
  if (clock.spent >= lengthOf()) {
    say(`${clock.name}, the time is over. Finish your sentence, then change.`);
    if (kept.tone) playTone();
    hold();
  } else {
    label(clock);
  }
}

function hold() {
  clearInterval(ticking);
  const clock = running?.clock;
  running = null;
  if (clock) label(clock);
}

function stopClocks() {
  hold();
  for (const clock of clocks) {
    clock.spent = 0;
    clock.box.parentElement.hidden = !kept.minutes;
    if (kept.minutes) label(clock);
  }
}

function playTone() {
  const [tone, volume, now] = [sound.createOscillator(), sound.createGain(), sound.currentTime];
  tone.frequency.value = 440;
  volume.gain.setValueAtTime(0, now);
  volume.gain.linearRampToValueAtTime(0.1, now + 0.1);
  volume.gain.linearRampToValueAtTime(0, now + 1.5);
  tone.connect(volume).connect(sound.destination);
  tone.start(now);
  tone.stop(now + 1.5);
}

for (const clock of clocks) {
  clock.box.querySelector("button").addEventListener("click", () => {
    const wasRunning = clock === running?.clock;
    hold();
    if (wasRunning) return say(`${clock.name}’s clock is held.`);
    if (clock.spent >= lengthOf()) clock.spent = 0;
    if (kept.tone) sound ??= new AudioContext(); // a browser lets one begin only at a touch
    running = { clock, since: performance.now(), before: clock.spent };
    ticking = setInterval(tick, 500);
    label(clock);
    say(`${clock.name}’s clock runs, ${minutes()}.`);
  });
}

// --- Pausing, with a time to come back ---------------------------------------------------------------------------------

const times = pausing ? [...pausing.querySelectorAll("[data-back]")] : [];
let waking = 0;

// When to come back: in twenty minutes, at a half hour at least two hours from now if that is still today, or tomorrow.
function backAt(choice, now = new Date()) {
  const then = new Date(now);
  then.setSeconds(0, 0);
  if (choice === "tomorrow") then.setDate(then.getDate() + 1);
  else if (choice === "soon") then.setTime(Math.ceil(now / MINUTE) * MINUTE + 20 * MINUTE);
  else then.setMinutes(Math.ceil((now.getHours() * 60 + now.getMinutes() + 120) / 30) * 30 - now.getHours() * 60);
  return choice === "later" && then.getDate() !== now.getDate() ? null : then;
}

function whenIs(moment) {
  const isToday = moment.toDateString() === new Date().toDateString();
  const day = isToday ? "" : `${moment.toLocaleDateString("en-GB", { weekday: "long" })}, `;
  return day + timeOf(moment);
}

function showPause() {
  clearTimeout(waking);
  const until = kept.until ? new Date(kept.until) : null;
  const isWaiting = until > Date.now();
  const isOver = Boolean(until) && !isWaiting;
  pausing.querySelector("[data-resume]").classList.toggle("link", !isOver);
  times[0].classList.toggle("second", isOver);
  const write = (name, text) => { pausing.querySelector(name).textContent = text; };
  pausing.querySelector("[data-times]").hidden = isWaiting;
  for (const button of times) {
    const then = backAt(button.dataset.back);
    button.hidden = !then;
    if (then) button.textContent = `${button.dataset.label}, at ${timeOf(then)}`;
  }
  if (isWaiting) {
    write("h2", `Pause until ${whenIs(until)}`);
    write("[data-pause-text]", "Nothing has to be solved until then. Go for a walk, have some water, look out of a window.");
    write("[data-resume]", "Go on now");
    waking = setTimeout(() => isPaused && showPause(), Math.min(until - Date.now() + 50, 2 ** 31 - 1));
  } else if (isOver) {
    write("h2", `It is past ${timeOf(until)}`);
    write("[data-pause-text]", "Go on when you are both ready, or choose another time.");
    write("[data-resume]", "Go on");
    say(`It is past ${timeOf(until)}. Go on when you are both ready.`);
  } else {
    write("h2", "Pause, and come back at …");
    write("[data-pause-text]", "Choose the time together. Whoever asked for the pause comes back first.");
    write("[data-resume]", "Go on without a pause");
  }
}

for (const button of times) {
  button.addEventListener("click", () => {
    keep({ until: backAt(button.dataset.back).getTime(), at });
    show({ at, isPaused: true });
  });
}
pausing?.querySelector("[data-resume]").addEventListener("click", () => history.back());
talk.querySelector("[data-pause-now]")?.addEventListener("click", () => go({ at, isPaused: true }));
talk.querySelector("[data-go-on]")?.addEventListener("click", () => {
  const last = Math.min(kept.at, screens.length - 1);
  for (let card = 1; card < last; card += 1) history.pushState({ at: card }, "");
  go({ at: last });
});
document.addEventListener("visibilitychange", () => isPaused && showPause());

// --- Sentences, and the side across the table ----------------------------------------------------------------------------

const sheet = talk.querySelector(".sheet");
const turn = talk.querySelector("[data-turn]");

function turnRound(isTurned) {
  talk.classList.toggle("turned", isTurned);
  turn.setAttribute("aria-pressed", isTurned);
  keep({ isTurned });
}

if (isTalk) {
  sheet.querySelector("h2").after(talk.querySelector(".phrases").cloneNode(true));
  talk.querySelector("[data-open-phrases]").addEventListener("click", () => sheet.showModal());
  sheet.addEventListener("click", (event) => event.target.closest("ul, h2") || sheet.close());
  turn.addEventListener("click", () => turnRound(!talk.classList.contains("turned")));
  turnRound(Boolean(kept.isTurned));

  const choice = talk.querySelector("[data-minutes]");
  const tone = talk.querySelector("[data-tone]");
  choice.value = kept.minutes ?? 0;
  tone.checked = Boolean(kept.tone);
  choice.addEventListener("change", () => keep({ minutes: Number(choice.value) }));
  tone.addEventListener("change", () => keep({ tone: tone.checked }));
  talk.querySelector(".pads").hidden = talk.querySelector("[data-clock-choice]").hidden = false;
}
talk.classList.add("paged");
show(history.state, { focus: false });
