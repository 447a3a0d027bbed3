// What pages gain from a script; without it everything still works.
"use strict";

const said = document.getElementById("said");

function tell(text) {
  const line = document.createElement("p");
  line.className = "done";
  line.textContent = text;
  said.replaceChildren(line);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.querySelector(button.dataset.copy);
  if (!source || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent);
    tell(button.dataset.copied);
  });
}

// A second click on the same button, and not a window in the way, is what confirms.
for (const button of document.querySelectorAll("[data-confirm]")) {
  const before = [...button.childNodes];
  let sure = false;
  const calm = () => {
    sure = false;
    button.classList.remove("sure");
    button.replaceChildren(...before);
  };
  button.addEventListener("click", (event) => {
    if (sure) return;
    event.preventDefault();
    sure = true;
    button.classList.add("sure");
    button.textContent = button.dataset.confirm;
    tell(button.dataset.confirm);
  });
  button.addEventListener("blur", calm);
}

// A form that is on its way is not sent a second time.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
