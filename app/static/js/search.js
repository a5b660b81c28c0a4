// Searches the guide on the device, by the rules of app/guide/search.py. What is typed goes nowhere.
"use strict";

const SHOWN = 3; // places of one page
const PAUSE = 150; // milliseconds without a key before the answer changes
const WORD = /[\p{L}\p{N}]+(?:['’‘ʼ][\p{L}\p{N}]+)*/gu;
const SENTENCE = /\S.*?(?:[.!?…]+[”’")]*(?=\s)|$)/g;

const form = document.querySelector("[data-texts]");
const [alarming, results, nothing, empty] = ["alarming", "found", "nothing", "empty"].map((name) => document.querySelector(`[data-${name}]`));
const spoken = document.querySelector("[role=status]");

const fold = (word) => word.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f]/g, "").replace(/['’‘ʼ](?:s$)?/g, "");
const wordsOf = (text) => (text.match(WORD) ?? []).map(fold);
const has = (stems, term) => stems.some((stem) => term.has(stem));
const hasAny = (stems, terms) => terms.some((term) => has(stems, term));
const holds = (place, term) => 4 * has(place.titleStems, term) + 2 * has(place.headingStems, term) + has(place.stems, term);

function isAbout(place, terms) {
  const above = place.id ? place.headingStems : place.titleStems;
  return hasAny(place.stems, terms) || (place.isFirst && hasAny(above, terms));
}

class Index {
  constructor({ everyday, alarming, words, pages }) {
    this.everyday = new Set(everyday.split(" "));
    this.alarming = alarming.split(" ");
    this.stems = new Map(words.flatMap((group, stem) => group.split(" ").map((word) => [word, stem])));
    this.pages = pages.map(([address, title, parts]) => ({ address, title, places: this.placesOf(title, parts) }));
    this.places = this.pages.flatMap((page) => page.places);
  }

  placesOf(title, parts) {
    const titleStems = this.stemsIn(title);
    return parts.flatMap(([heading, ...passages]) =>
      passages.map(([id, text], nth) => {
        const headingStems = this.stemsIn(id ? heading : text);
        return { id, heading, text, titleStems, headingStems, stems: this.stemsIn(text), isFirst: nth === 0 };
      }),
    );
  }

  stemsIn(text) {
    return wordsOf(text).map((word) => this.stems.get(word));
  }

  meant(word) {
    if (this.stems.has(word)) return new Set([this.stems.get(word)]);
    const shortest = word.length === 3 ? 3 : Math.max(4, Math.floor(word.length / 2) + 1);
    for (let end = word.length; end >= shortest; end--) {
      const known = [...this.stems].filter(([other]) => other.startsWith(word.slice(0, end)));
      if (known.length) return new Set(known.map(([, stem]) => stem));
    }
    return new Set();
  }

  terms(words) {
    const telling = words.filter((word) => !this.everyday.has(word) && (word.length > 2 || this.stems.has(word)));
    return (telling.length ? telling : words).map((word) => this.meant(word));
  }

  find(typed) {
    const words = [...new Set(wordsOf(typed.normalize("NFC")))];
    const terms = this.terms(words);
    const weights = terms.map((term) => {
      const standing = this.places.filter((place) => holds(place, term)).length;
      return standing && Math.log(1 + this.places.length / standing);
    });
    const fitting = this.places.filter((place) => isAbout(place, terms));
    const whole = fitting.filter((place) => terms.every((term) => holds(place, term)));
    const worth = new Map();
    for (const place of whole.length ? whole : fitting) {
      worth.set(place, terms.reduce((sum, term, nth) => sum + weights[nth] * holds(place, term), 0));
    }
    const byWorth = (one, other) => worth.get(other) - worth.get(one);
    return {
      terms,
      pages: this.pages
        .map((page) => ({ ...page, places: page.places.filter((place) => worth.has(place)).sort(byWorth) }))
        .filter((page) => page.places.length)
        .sort((one, other) => byWorth(one.places[0], other.places[0])),
      count: worth.size,
      isWhole: whole.length > 0,
      isAlarming: words.some((word) => this.alarming.some((beginning) => word.startsWith(beginning))),
    };
  }

  sentence(text, terms) {
    const words = (sentence) => terms.filter((term) => has(this.stemsIn(sentence), term)).length;
    return text.match(SENTENCE).reduce((best, next) => (words(next) > words(best) ? next : best));
  }

  // The pieces of `text` as nodes, its found words marked.
  marked(text, terms) {
    const nodes = [];
    let end = 0;
    for (const match of text.matchAll(WORD)) {
      if (!hasAny(this.stemsIn(match[0]), terms)) continue;
      nodes.push(text.slice(end, match.index), element("mark", match[0]));
      end = match.index + match[0].length;
    }
    return [...nodes, text.slice(end)];
  }
}

function element(name, ...inside) {
  const made = document.createElement(name);
  made.append(...inside);
  return made;
}

function link(address, ...inside) {
  const made = element("a", ...inside);
  made.href = address;
  return made;
}

const places = (number) => (number === 1 ? "place" : "places");

function section(index, { address, title, ...page }, terms) {
  const rows = page.places.slice(0, SHOWN).map(({ id, heading, text }) => {
    const where = element("span", ...(heading ? index.marked(heading, terms) : ["At the beginning"]));
    return element("li", link(id ? `${address}#${id}` : address, where, " ", ...index.marked(index.sentence(text, terms), terms)));
  });
  const made = element("section", element("h2", link(address, ...index.marked(title, terms))), element("ol", ...rows));
  made.className = "found";
  const more = page.places.length - rows.length;
  if (more) {
    made.append(element("p", `${more} more ${places(more)} on this page`));
    made.lastChild.className = "quiet small";
  }
  return made;
}

function show(index) {
  const found = index.find(form.q.value);
  const isTyped = form.q.value.trim() !== "";
  results.replaceChildren(...found.pages.map((page) => section(index, page, found.terms)));
  alarming.hidden = !found.isAlarming;
  nothing.hidden = !isTyped || found.count > 0;
  empty.hidden = isTyped;
  if (!found.count) spoken.textContent = isTyped ? "Nothing found." : "";
  else spoken.textContent = `${found.count} ${places(found.count)}` + (found.isWhole ? "" : ". None has all of these words; these have some.");
}

let loading;

async function load() {
  const answer = await fetch(form.dataset.texts);
  if (!answer.ok) throw new Error(answer.status);
  return new Index(await answer.json());
}

async function search() {
  loading ??= load();
  const index = await loading.catch(() => undefined);
  if (index) return show(index);
  loading = undefined; // the next key tries again
  spoken.textContent = "The texts are not on this device yet. Search again when there is a connection.";
}

let pause;

form.addEventListener("input", () => {
  clearTimeout(pause);
  pause = setTimeout(search, PAUSE);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  search();
});

search();
