"use strict";
(() => {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
  });

  const form = document.getElementById("filter");
  if (!form) return;
  const shown = document.getElementById("shown");
  const cases = [...document.querySelectorAll("article[data-marks]")].map((article) => ({
    article,
    marks: article.dataset.marks.split(" ").map((token) => token.split(":")),
    slices: article.dataset.slices.split(" "),
  }));
  const apply = () => {
    const { check, slice, kind } = Object.fromEntries(new FormData(form));
    let count = 0;
    for (const { article, marks, slices } of cases) {
      const marked = marks.some(([of, what]) => (!check || of === check) && (!kind || what === kind));
      article.hidden = !((marked || !(check || kind)) && (!slice || slices.includes(slice)));
      count += article.hidden ? 0 : 1;
    }
    shown.textContent = shown.dataset.said.replace("{n}", count).replace("{total}", cases.length);
  };
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("hashchange", () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.hidden) return;
    form.reset();
    setTimeout(() => target.scrollIntoView());
  });
  apply();
})();
