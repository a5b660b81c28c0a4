// Private notes, locked and opened here in the browser: the server gets envelopes, never a passphrase or a word.
//
// The format, for whoever has to open a note without this script:
//   key       PBKDF2 with HMAC-SHA-256 over the passphrase (NFC, UTF-8), the lock's salt and its rounds; 32 bytes
//   envelope  "1." + base64(nonce, 12 bytes) + "." + base64(AES-256-GCM of the content, its tag of 16 bytes at the end)
//   bound to  "same-side|1|note|ID" as additional data, with the note's id in decimal; the proof to "same-side|1|proof"
//   content   JSON in UTF-8, {title, text, written}, filled up with spaces to a multiple of 1,024 bytes

const root = document.querySelector("[data-notes]");
const find = (selector) => root.querySelector(selector);
const MEMBER = find("[name=member]").value;
const [STEP, LONGEST, ROUNDS] = ["step", "longest", "rounds"].map((name) => Number(root.dataset[name]));
const IDLE = 5 * 60_000; // ms without a touch before the notes lock
const AWAY = 60_000; // ms out of sight
const PAUSE = 500; // ms without a key before saving
const AGAIN = [2000, 5000, 15000, 30000, 60000]; // ms before trying once more

let stored = { lock: null, notes: new Map() }; // what the server has: id -> {version, envelope}
let key = null; // opens it; lives only here, and no script can read it out
// The note at hand: {id, version, lock, sealed, unsure, held}. `sealed` holds words that are not on the server yet,
// locked already, so they outlast locking. `unsure` names by their nonces what was sent without an answer.
let note = null;
const isUnsaved = () => Boolean(note?.sealed || note?.isSealing);

// --- Locking ------------------------------------------------------------------------------------------------------

const utf8 = new TextEncoder();
const random = (length) => crypto.getRandomValues(new Uint8Array(length));
const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const fromBase64 = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const cipher = (nonce, place) => ({ name: "AES-GCM", iv: nonce, additionalData: utf8.encode(`same-side|1|${place}`) });
const placeOf = (id) => `note|${id}`;
const nonceOf = (envelope) => envelope.split(".")[1];
const newId = () => String(crypto.getRandomValues(new BigUint64Array(1))[0] >> 1n || 1n);

async function makeKey(passphrase, { salt, rounds }) {
  if (rounds < ROUNDS) throw new Error("a lock that is too weak");
  const typed = await crypto.subtle.importKey("raw", utf8.encode(passphrase.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: fromBase64(salt), iterations: rounds };
  return crypto.subtle.deriveKey(how, typed, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

async function seal(opener, place, content) {
  const text = utf8.encode(JSON.stringify(content));
  const padded = new Uint8Array(Math.ceil(text.length / STEP) * STEP).fill(32);
  padded.set(text);
  const nonce = random(12);
  const sealed = await crypto.subtle.encrypt(cipher(nonce, place), opener, padded);
  return `1.${toBase64(nonce)}.${toBase64(new Uint8Array(sealed))}`;
}

async function unseal(opener, place, envelope) {
  const [version, nonce, sealed] = envelope.split(".");
  if (version !== "1") throw new Error("an envelope of another version");
  const padded = await crypto.subtle.decrypt(cipher(fromBase64(nonce), place), opener, fromBase64(sealed));
  return JSON.parse(new TextDecoder().decode(padded));
}

const yes = (promise) => promise.then(() => true, () => false);

// A damaged proof keeps nobody out whose key opens a note.
const isRight = async (candidate, lock) => (await yes(unseal(candidate, "proof", lock.proof)))
  || (lock === stored.lock && yes(Promise.any([...stored.notes].map(([id, { envelope }]) => unseal(candidate, placeOf(id), envelope)))));

// --- The server -----------------------------------------------------------------------------------------------------

const UNREACHABLE = "The server cannot be reached just now. Try again in a minute.";
const SIGNED_OUT = "You are signed out. Sign in in another tab, then try again here.";
const SOMEBODY_ELSE = "Somebody else is signed in here now. Load this page again.";

async function post(address, body, isLeaving = false) {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const sent = JSON.stringify({ member: MEMBER, ...body });
  const answer = await fetch(`/notes/${address}`, { method: "POST", headers, body: sent, keepalive: isLeaving, redirect: "error" });
  return { code: answer.status, result: answer.status === 204 ? {} : await answer.json() };
}

// Brings `stored` up to date. Returns what stands in the way, empty when nothing does.
async function load() {
  try {
    const answer = await fetch("/notes/all", { headers: { Accept: "application/json" }, cache: "no-store", redirect: "error" });
    if (!answer.ok) return answer.status === 401 ? SIGNED_OUT : UNREACHABLE;
    const { member, lock, notes } = await answer.json();
    if (member !== MEMBER) return SOMEBODY_ELSE;
    stored = { lock, notes: new Map(notes.map(({ id, version, envelope }) => [id, { version, envelope }])) };
    return "";
  } catch {
    return UNREACHABLE;
  }
}

// --- What is on view ------------------------------------------------------------------------------------------------

const make = (tag, className, textContent) => Object.assign(document.createElement(tag), { className, textContent });
const [title, text, status, signIn, conflict] = ["#note-title", "#note-text", "[data-status]", "[data-sign-in]", "[data-conflict]"].map(find);

function show(name, focus = true) {
  for (const view of root.querySelectorAll("[data-view]")) view.hidden = view.dataset.view !== name;
  for (const asked of root.querySelectorAll("[data-asked]")) asked.hidden = true;
  emptyFields();
  for (const error of root.querySelectorAll("p.error")) error.textContent = "";
  find("[data-waiting]").hidden = !isUnsaved();
  find("details").open = false;
  if (!focus) return;
  find(`[data-view=${name}] h1`).focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

function emptyFields() {
  for (const form of root.querySelectorAll("form")) form.reset();
}

const isShown = (name) => !find(`[data-view=${name}]`).hidden;

function say(words, isBad = false) {
  if (status.textContent !== words) status.textContent = words;
  status.classList.toggle("bad", isBad);
}

async function showList(done = "") {
  const opener = key;
  const open = async ([id, { envelope }]) => ({ id, content: await unseal(opener, placeOf(id), envelope).catch(() => null) });
  const opened = await Promise.all([...stored.notes].map(open));
  if (key !== opener) return; // locked meanwhile
  note = null;
  const when = ({ content }) => content?.written ?? "";
  opened.sort((one, other) => when(other).localeCompare(when(one)));
  find("[data-list]").replaceChildren(...opened.map(listed));
  find("[data-empty]").hidden = opened.length > 0;
  find("[data-done]").textContent = done;
  find("[data-done]").hidden = !done;
  show("list");
}

function listed({ id, content }) {
  const entry = Object.assign(make("button", "entry", ""), { type: "button" });
  if (content) {
    const day = new Date(content.written).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
    const name = content.title.trim() || content.text.trim().split("\n")[0].slice(0, 60) || "A note without words";
    entry.append(Object.assign(make("span", "", name), { dir: "auto" }), make("span", "quiet small", day));
  } else entry.append(make("span", "error", "This note cannot be opened"));
  entry.addEventListener("click", () => write({ id, version: stored.notes.get(id).version }, content));
  const item = make("li", "", "");
  item.append(entry);
  return item;
}

function write(chosen, content) {
  note = { lock: stored.lock, sealed: "", unsure: [], held: false, ...chosen };
  show("write");
  find("[data-form=write]").hidden = !content;
  find("[data-damaged]").hidden = Boolean(content);
  [title.value, text.value] = [content?.title ?? "", content?.text ?? ""];
  conflict.replaceChildren();
  signIn.hidden = true;
  say("");
  if (!history.state?.isInside) history.pushState({ isInside: true }, "");
}

// To the list, by a button or by the browser's Back; and no further while words are not saved.
const back = () => (history.state?.isInside ? history.back() : leave());
async function leave() {
  if (!key || isShown("list")) return;
  const hasToChoose = conflict.hasChildNodes();
  if (note && !hasToChoose && !note.isTooLong) note.held = false;
  await waitWhile(() => note?.isSealing || isSaving);
  await save();
  if (!key) return;
  if (!isUnsaved()) return showList();
  if (hasToChoose) say("Choose first which text to keep.", true);
  if (!history.state?.isInside) history.pushState({ isInside: true }, "");
}
const waitWhile = async (isUnderWay) => { while (isUnderWay()) await new Promise((resolve) => setTimeout(resolve, 20)); };
window.addEventListener("popstate", leave);

function lock(why = "") {
  clearTimeout(alarm);
  if (!key) return;
  key = null;
  if (!isUnsaved()) note = null;
  find("[data-list]").replaceChildren();
  conflict.replaceChildren();
  find("[data-empty]").hidden = find("[data-done]").hidden = true;
  find("[data-done]").textContent = "";
  say("");
  show("locked"); // and with it every field is emptied
  find("#unlock-error").textContent = why;
}

// --- Saving -----------------------------------------------------------------------------------------------------------

let isSaving = false;
let carried = ""; // what goes along with a page that is being left
let failures = 0;
let timer = 0;

function later(delay) {
  clearTimeout(timer);
  timer = setTimeout(save, delay);
}

// With every key the words are locked, so that they are ready to go whatever happens to the page.
async function typed() {
  const [mine, opener, words] = [note, key, { title: title.value, text: text.value, written: new Date().toISOString() }];
  const turn = mine.turn = (mine.turn ?? 0) + 1;
  mine.isSealing = true;
  const envelope = await seal(opener, placeOf(mine.id), words);
  if (turn !== mine.turn) return; // something was typed after it
  mine.isSealing = false;
  mine.sealed = envelope;
  mine.isTooLong = utf8.encode(JSON.stringify(words)).length > STEP * LONGEST;
  mine.held = conflict.hasChildNodes() || mine.isTooLong;
  if (mine.isTooLong) say("Not saved: this note is too long. Shorten it, or go on in another note.", true);
  if (mine.held) return;
  if (!status.classList.contains("bad")) say("");
  if (document.visibilityState === "hidden") save({ isLeaving: true });
  else later(PAUSE);
}

async function save({ isLeaving = false } = {}) {
  clearTimeout(timer);
  const [mine, envelope] = [note, note?.sealed];
  if (!envelope || mine.held || (isSaving && !isLeaving) || carried === envelope) return;
  isSaving = true;
  if (isLeaving) carried = envelope;
  const body = { salt: mine.lock.salt, version: mine.version, envelope, unsure: mine.unsure };
  mine.unsure = [...mine.unsure, nonceOf(envelope)].slice(-50);
  try {
    const { code, result } = await post(mine.id, body, isLeaving);
    if (code === 200) acknowledge(mine, envelope, result);
    else refuse(mine, code, result);
  } catch {
    tryAgain();
  }
  isSaving = false;
  if (carried === envelope) carried = "";
  if (!failures && note?.sealed && !note.held) later(PAUSE);
}

function acknowledge(mine, envelope, { version }) {
  failures = 0;
  mine.version = Math.max(mine.version, version);
  mine.unsure = mine.unsure.slice(mine.unsure.indexOf(nonceOf(envelope)) + 1);
  stored.notes.set(mine.id, { version: mine.version, envelope });
  if (mine.sealed !== envelope || mine.isSealing) return; // more was typed meanwhile
  mine.sealed = "";
  find("[data-waiting]").hidden = true;
  signIn.hidden = true;
  if (!key) note = null;
  else say(`Saved ${new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}`);
}

function tryAgain() {
  failures += 1;
  later(AGAIN[Math.min(failures, AGAIN.length) - 1]);
  say("Not saved yet: the server cannot be reached. Your words are still here.", true);
}

// Nothing was saved. What trying again would not mend is held until the person has done something about it.
function refuse(mine, code, result) {
  failures = 0;
  if (code >= 500) return tryAgain();
  if (result.error === "conflict" && follows(mine, result)) return later(0);
  mine.held = true;
  signIn.hidden = code !== 401;
  if (code === 401) say("You are signed out. Your words are still here.", true);
  else if (result.error === "other-passphrase") lock(OTHER_PASSPHRASE);
  else if (!key) return; // seen to as soon as the notes are open again
  else if (result.error === "conflict") showConflict(mine, result);
  else if (result.error === "gone") showGone(mine);
  else say(`${result.advice} Your words are still here: copy them before you leave.`, true);
}

// Of two saves of this page, the later one can arrive first. Then what is stored is our own.
function follows(mine, { version, envelope }) {
  const isOwn = mine.unsure.includes(nonceOf(envelope));
  if (isOwn) mine.version = version;
  return isOwn || version <= mine.version;
}

async function showConflict(mine, { version, envelope }) {
  const theirs = await unseal(key, placeOf(mine.id), envelope).catch(() => null);
  const take = (newTitle, newText) => {
    [title.value, text.value, mine.version, mine.unsure] = [newTitle, newText, version, []];
    settled();
  };
  const keepMine = ["Keep what I typed here", () => take(title.value, text.value)];
  if (!theirs) return ask("What was saved meanwhile on another device cannot be opened: it was changed or damaged.", "", [keepMine]);
  ask("Saved meanwhile on another device:", [theirs.title, theirs.text].filter(Boolean).join("\n\n"), [
    ["Keep both", () => take(title.value || theirs.title, [theirs.text, text.value].filter(Boolean).join("\n\n"))],
    keepMine,
    ["Take the other text", () => take(theirs.title, theirs.text)],
  ]);
  say("Changed on another device: both texts are here.", true);
}

function showGone(mine) {
  ask("This note was deleted on another device.", "", [
    ["Keep it as a new note", () => { Object.assign(mine, { id: newId(), version: 0, unsure: [] }); settled(); }],
    ["Let it go", () => { mine.sealed = ""; stored.notes.delete(mine.id); back(); }],
  ]);
  say("Not saved. Your words are still here.", true);
}

function ask(label, words, choices) {
  const actions = make("div", "actions", "");
  for (const [name, choose] of choices) {
    const button = Object.assign(make("button", "second", name), { type: "button" });
    button.addEventListener("click", choose);
    actions.append(button);
  }
  const box = make("div", "warning elsewhere", "");
  box.append(make("p", "label", label), make("p", "words", words), actions);
  conflict.replaceChildren(box);
  box.scrollIntoView({ block: "nearest" });
}

function settled() {
  conflict.replaceChildren();
  say("");
  text.focus();
  typed();
}

find("[data-form=write]").addEventListener("input", typed);
find("[data-form=write]").addEventListener("change", () => save()); // a field was left: perhaps for the way out

// --- Passphrases ------------------------------------------------------------------------------------------------------

const SHORTEST = 12; // characters
const FEWEST = 5; // different ones
const OTHER_PASSPHRASE = "The passphrase was changed on another device. Type the new one.";
const WRONG = "This passphrase does not open your notes. Look at capital letters and spaces, then try again.";

function complain(id, words) {
  const field = find(`#${id}`);
  find(`#${id}-error`).textContent = words;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

// What was typed twice, once it is long enough and the same both times; otherwise the field says what to do.
function newPassphrase(name) {
  const [first, second] = ["first", "second"].map((which) => find(`#${name}-${which}`).value);
  const signs = [...first.normalize("NFC")];
  if (signs.length < SHORTEST) return complain(`${name}-first`, `This has ${signs.length} characters. Take at least ${SHORTEST}.`);
  if (new Set(signs).size < FEWEST) return complain(`${name}-first`, "This repeats itself too much. Take words that do not belong together.");
  if (first !== second) return complain(`${name}-second`, "The two are not the same. Type it once more.");
  return first;
}

async function choose(passphrase, opener) {
  const [salt, before] = [toBase64(random(16)), stored];
  const fresh = await makeKey(passphrase, { salt, rounds: ROUNDS });
  const proof = await seal(fresh, "proof", { title: "", text: "same-side", written: "" });
  const relock = async ([id, { version, envelope }]) => ({ id, version, envelope: await seal(fresh, placeOf(id), await unseal(opener, placeOf(id), envelope)) });
  const notes = await Promise.all([...before.notes].map(relock));
  const { code, result } = await post("passphrase", { salt: before.lock?.salt ?? "", new_salt: salt, rounds: ROUNDS, proof, notes });
  if (code !== 204) return { code, result };
  stored = { lock: { salt, rounds: ROUNDS, proof }, notes: new Map(notes.map(({ id, ...rest }) => [id, rest])) };
  return { code, fresh };
}

async function begin() {
  const passphrase = newPassphrase("begin");
  if (!passphrase) return;
  const { code, fresh } = await choose(passphrase).catch(() => ({ code: 0 }));
  if (code === 204) return opened(fresh, "Your passphrase is set. Nothing but these words opens your notes.");
  const problem = code === 401 ? SIGNED_OUT : await load();
  if (!stored.lock) return complain("begin-first", problem || UNREACHABLE);
  show("locked");
  complain("unlock", "A passphrase is chosen already, perhaps on another device. Type that one.");
}

async function unlock() {
  const passphrase = find("#unlock").value;
  if (!passphrase) return complain("unlock", "Type your passphrase.");
  const problem = await load();
  if (problem && (problem !== UNREACHABLE || !stored.lock)) return complain("unlock", problem); // without a connection, what is here will do
  if (note?.sealed && !note.key && note.lock.salt !== stored.lock?.salt) {
    const old = await makeKey(passphrase, note.lock);
    find("#unlock").value = "";
    if (!(await isRight(old, note.lock))) return complain("unlock", "The words waiting on this page are locked with the passphrase of before. Type that one first.");
    note.key = old;
    if (stored.lock) return complain("unlock", "Now the new passphrase.");
  }
  if (!stored.lock) return show("begin");
  const candidate = await makeKey(passphrase, stored.lock);
  if (!(await isRight(candidate, stored.lock))) return complain("unlock", WRONG);
  await opened(candidate);
}

// To the words that waited on this page while it was locked, otherwise to the list.
async function opened(opener, done) {
  key = opener;
  touchedAt = Date.now();
  check();
  if (!note?.sealed) return showList(done);
  const words = await unseal(note.key ?? key, placeOf(note.id), note.sealed);
  write({ ...note, lock: stored.lock, sealed: "", key: null, held: false }, words);
  typed();
}

async function change() {
  find("#change-old-error").textContent = "";
  const problem = await load();
  if (problem) return complain("change-old", problem);
  if (!stored.lock) return lock(OTHER_PASSPHRASE);
  const old = await makeKey(find("#change-old").value, stored.lock);
  if (!(await isRight(old, stored.lock))) return complain("change-old", "This is not the passphrase you have now.");
  const passphrase = newPassphrase("change");
  if (!passphrase) return;
  const readable = await Promise.all([...stored.notes].map(([id, { envelope }]) => yes(unseal(old, placeOf(id), envelope))));
  if (!readable.every(Boolean)) return complain("change-old", "One of your notes cannot be opened, so it cannot be locked anew. Delete it from the list first.");
  const { code, result, fresh } = await choose(passphrase, old).catch(() => ({ code: 0 }));
  if (!key) return; // locked meanwhile
  if (code === 204) key = fresh;
  if (code === 204) return showList("From now on, only the new passphrase opens your notes.");
  if (code === 0 || code >= 500) return lock("The server did not answer, so the passphrase may be the new one or still the old one. Try the new one first.");
  complain("change-old", code === 401 ? SIGNED_OUT : result.advice);
}

// --- Buttons and forms --------------------------------------------------------------------------------------------------

let isBusy = false;
const ACTS = { begin, unlock, change, write: back };
for (const form of root.querySelectorAll("form")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    const button = form.querySelector("button");
    const label = button.textContent;
    if (form.dataset.form !== "write") button.textContent = "One moment"; // making a key takes a second
    for (const error of form.querySelectorAll(".error")) error.textContent = "";
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    await Promise.resolve(ACTS[form.dataset.form]()).catch(() => { form.querySelector(".error").textContent = "That did not work. Load the page again."; });
    button.textContent = label;
    isBusy = false;
  });
}
for (const box of root.querySelectorAll("[data-show]")) {
  const fields = box.form.querySelectorAll("input[type=password]");
  box.addEventListener("change", () => { for (const field of fields) field.type = box.checked ? "text" : "password"; });
  box.form.addEventListener("reset", () => { for (const field of fields) field.type = "password"; });
}
for (const button of root.querySelectorAll("[data-lock]")) button.addEventListener("click", () => { save(); lock(); });
for (const button of root.querySelectorAll("[data-back]")) button.addEventListener("click", back);
title.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  text.focus();
});
find("[data-new]").addEventListener("click", () => { write({ id: newId(), version: 0 }, { title: "", text: "" }); title.focus(); });
find("[data-change]").addEventListener("click", () => { show("change"); if (!history.state?.isInside) history.pushState({ isInside: true }, ""); });

// The questions before something goes for good: what answers "yes" returns what stood in the way.
const DELETIONS = {
  async delete() {
    const mine = note;
    mine.held = true; // what is being deleted is not saved any more
    await waitWhile(() => isSaving || mine.isSealing);
    const isThere = mine.version || mine.unsure.length;
    const { code, result } = isThere ? await post(`${mine.id}/delete`, { version: mine.version }).finally(() => { mine.held = false; later(PAUSE); }) : { code: 404 };
    if (result?.error === "conflict") stored.notes.set(mine.id, { version: result.version, envelope: result.envelope });
    if (code !== 204 && code !== 404) return code === 401 ? SIGNED_OUT : result.advice ?? "It was changed on another device meanwhile. Look at it there first.";
    mine.sealed = "";
    stored.notes.delete(mine.id);
    back();
    return "";
  },
  async "delete-all"() {
    const { code, result } = await post("delete-all", { confirm: "delete" });
    if (code !== 204) return code === 401 ? SIGNED_OUT : result.advice;
    [stored, note] = [{ lock: null, notes: new Map() }, null];
    show("begin");
    return "";
  },
};
for (const question of root.querySelectorAll("[data-confirm]")) {
  const [ask, asked, error] = ["[data-ask]", "[data-asked]", ".error"].map((selector) => question.querySelector(selector));
  ask.addEventListener("click", () => { asked.hidden = false; asked.querySelector("[data-no]").focus(); });
  asked.querySelector("[data-no]").addEventListener("click", () => { asked.hidden = true; ask.focus(); });
  asked.querySelector("[data-yes]").addEventListener("click", async () => {
    error.textContent = await DELETIONS[question.dataset.confirm]().catch(() => UNREACHABLE);
  });
}

// --- Locking by itself, and leaving -------------------------------------------------------------------------------------

let alarm = 0;
let touchedAt = 0;
let awayAt = Infinity;

// Also asked whenever somebody comes back, since a sleeping phone stops its timers.
function check() {
  clearTimeout(alarm);
  if (!key) return;
  const rest = Math.min(touchedAt + IDLE, awayAt + AWAY) - Date.now();
  if (rest > 0) alarm = setTimeout(check, rest);
  else lock();
}

for (const kind of ["pointerdown", "keydown", "input", "scroll"]) {
  document.addEventListener(kind, () => { check(); touchedAt = Date.now(); }, { capture: true, passive: true });
}
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") {
    awayAt = Date.now();
    save({ isLeaving: true });
    return check();
  }
  check();
  awayAt = Infinity;
  if (note && !signIn.hidden) note.held = false; // perhaps signed in again in another tab
  save();
});
window.addEventListener("online", () => save());
document.querySelector("[data-exit]").addEventListener("pointerdown", () => save());
window.addEventListener("pagehide", () => {
  save({ isLeaving: true });
  lock();
  emptyFields(); // a passphrase that was typed and not sent, too
  root.toggleAttribute("data-unsaved", isUnsaved());
});

// No unsaved word goes without a question; but nothing stands between a person and help, or the way out.
let isOffForHelp = false;
document.addEventListener("click", (event) => { isOffForHelp = event.target.closest('a[href="/help/"]') !== null; });
window.addEventListener("beforeunload", (event) => {
  save({ isLeaving: true });
  const isGone = document.documentElement.classList.contains("gone");
  if (isUnsaved() && !isOffForHelp && !isGone) event.preventDefault();
});
let wasShift = false; // one more opens the way out, and it ends the sign-in that a save needs
document.addEventListener("keyup", ({ key: pressed }) => {
  if (pressed === "Shift" && wasShift) save();
  wasShift = pressed === "Shift";
});

// --- The beginning ------------------------------------------------------------------------------------------------------

async function start() {
  const again = find("[data-again]");
  again.hidden = true;
  find("[data-say]").textContent = "One moment.";
  const problem = await load();
  if (!problem) return show(stored.lock ? "locked" : "begin", false);
  find("[data-say]").textContent = problem;
  again.hidden = false;
}

const canLock = window.isSecureContext && Boolean(crypto.subtle);
document.querySelector('[data-cannot="script"]').hidden = true;
document.querySelector('[data-cannot="lock"]').hidden = canLock;
root.hidden = !canLock;
find("[data-again]").addEventListener("click", start);
if (canLock) start();
