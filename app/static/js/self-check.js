// Shows the text that fits the answers. Nothing is stored and nothing is sent; going back finds the page empty.
"use strict";

const questions = [...document.querySelectorAll("[data-question]")];
const results = [...document.querySelectorAll("[data-result]")];

const show = () => {
  const answers = questions.map((question) => question.querySelector("input:checked")?.value);
  const fitting = answers.some((answer) => answer === "yes" || answer === "unsure") ? "yes" : answers.every(Boolean) ? "no" : "";
  for (const result of results) result.hidden = result.dataset.result !== fitting;
};

const clear = () => {
  for (const input of document.querySelectorAll("[data-question] input")) input.checked = false;
  show();
};

document.addEventListener("change", show);
window.addEventListener("pageshow", clear);
clear();
