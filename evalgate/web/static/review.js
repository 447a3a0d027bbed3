// What the review pages gain from a script: keys, marked stretches, a lease that is renewed. Without it forms do the work.
"use strict";

(() => {
  const form = document.getElementById("answer");
  if (!form) return;
  const desk = document.querySelector(".desk");
  const blocks = [...form.querySelectorAll("[data-block]")];
  const spansField = form.elements.spans;
  let spans = JSON.parse(spansField.value || "[]");
  let current = 0;

  const radios = (block) => [...block.querySelectorAll("input[type=radio]")];

  function show(place) {
    current = place;
    blocks.forEach((block, at) => block.classList.toggle("current", at === place));
  }

  function go(place) {
    const block = blocks[Math.max(0, Math.min(blocks.length - 1, place))];
    const choices = radios(block);
    (choices.find((one) => one.checked) ?? choices[0]).focus();
    show(blocks.indexOf(block));
  }

  blocks.forEach((block, place) => block.addEventListener("focusin", () => show(place)));

  // Marked stretches, counted in code points of the stored text: a piece that is shown as something else says how many.
  function counted(root, node, offset) {
    const range = document.createRange();
    range.setStart(root, 0);
    range.setEnd(node, offset);
    return pointsOf(range.cloneContents());
  }

  function pointsOf(part) {
    let points = 0;
    for (const child of part.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) points += [...child.data].length;
      else if (child.dataset.n) points += Number(child.dataset.n);
      else points += pointsOf(child);
    }
    return points;
  }

  function whole(root, range) {
    // A piece that stands for something hidden is inside or outside, never cut.
    const cut = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest("[data-n]");
    const [first, last] = [cut(range.startContainer), cut(range.endContainer)];
    if (first && root.contains(first)) range.setStartBefore(first);
    if (last && root.contains(last)) range.setEndAfter(last);
    return range;
  }

  function rangeOf(root, start, end) {
    const range = document.createRange();
    let before = 0;
    for (const child of root.childNodes) {
      const points = child.nodeType === Node.TEXT_NODE ? [...child.data] : null;
      const length = points ? points.length : Number(child.dataset.n);
      const place = (at) => points.slice(0, at - before).join("").length;
      if (start >= before && start < before + length) {
        if (points) range.setStart(child, place(start));
        else range.setStartBefore(child);
      }
      if (end > before && end <= before + length) {
        if (points) range.setEnd(child, place(end));
        else range.setEndAfter(child);
      }
      before += length;
    }
    return range;
  }

  function drawn() {
    spansField.value = JSON.stringify(spans);
    const ranges = [];
    for (const block of blocks) {
      const list = block.querySelector(".spans");
      const rows = [];
      for (const span of spans.filter((one) => one.criterion === block.dataset.block)) {
        const root = document.querySelector(`.text[data-side="${span.side}"][data-index="${span.index}"]`);
        if (!root) continue;
        const range = rangeOf(root, span.start, span.end);
        ranges.push(range);
        const row = document.createElement("li");
        const words = document.createElement("q");
        words.textContent = range.toString();
        const drop = document.createElement("button");
        drop.type = "button";
        drop.textContent = list.dataset.drop;
        drop.addEventListener("click", () => {
          spans = spans.filter((one) => one !== span);
          drawn();
          go(blocks.indexOf(block));
        });
        row.append(words, drop);
        rows.push(row);
      }
      list.replaceChildren(...rows);
      list.hidden = rows.length === 0;
    }
    if (window.Highlight) CSS.highlights.set("evidence", new Highlight(...ranges));
  }

  function marked() {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return;
    const range = selection.getRangeAt(0);
    const node = range.startContainer;
    const root = (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest(".texts .text[data-side]");
    if (!root || root.closest(".harmful")?.querySelector("#unblur:not(:checked)")) return;
    const inside = range.cloneRange();
    // Three clicks select a paragraph up to the beginning of what follows it.
    if (!root.contains(range.endContainer)) inside.setEnd(root, root.childNodes.length);
    const all = whole(root, inside);
    const start = counted(root, all.startContainer, all.startOffset);
    const end = counted(root, all.endContainer, all.endOffset);
    const criterion = blocks[current].dataset.block;
    const { side, index } = root.dataset;
    const same = (one) => one.criterion === criterion && one.side === side && one.start === start && one.end === end;
    if (end <= start || spans.some(same)) return;
    // The word that the second of three clicks marked is part of what the third one marks.
    const swallowed = (one) =>
      one.criterion === criterion && one.side === side && one.index === Number(index) && one.start >= start && one.end <= end;
    spans = spans.filter((one) => !swallowed(one));
    spans.push({ criterion, side, index: Number(index), start, end });
    selection.removeAllRanges(); // or the next click anywhere would mark it once more
    drawn();
    tell(desk.dataset.marked ?? "");
  }

  document.addEventListener("pointerup", () => setTimeout(marked));
  document.addEventListener("keyup", (event) => event.key === "Shift" && marked());

  // Keys.
  const keys = document.getElementById("keys");
  if (keys) {
    keys.checked = localStorage.getItem("evalgate.keys") !== "off";
    keys.addEventListener("change", () => localStorage.setItem("evalgate.keys", keys.checked ? "on" : "off"));
  }
  const typing = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox])");

  function opened(id) {
    const details = document.getElementById(id);
    if (!details) return;
    details.open = !details.open;
    const first = details.open && details.querySelector("input:not([type=hidden])");
    (first || details.querySelector("summary")).focus();
    details.scrollIntoView({ block: "nearest" });
  }

  const letters = {
    s: () => opened("skip"),
    "?": () => opened("help"),
    u: () => document.getElementById("undo")?.requestSubmit(),
    f: () => {
      const flag = form.elements.flagged;
      flag.checked = !flag.checked;
      tell(flag.checked ? desk.dataset.flagOn : desk.dataset.flagOff);
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.main, .ways button"));
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || typing(event.target)) return;
    const inside = event.target === document.body || event.target.id === "main" || form.contains(event.target);
    const arrow = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (arrow && event.target.matches("[data-block] input[type=radio]")) {
      event.preventDefault();
      go(current + arrow);
      return;
    }
    if (!keys?.checked) return;
    if (inside && /^[0-9]$/.test(event.key)) {
      const choices = radios(blocks[current]);
      const place = event.key === "0" ? choices.length - 1 : Number(event.key) - 1;
      if (place < choices.length - (event.key === "0" ? 0 : 1)) {
        choices[place].checked = true;
        choices[place].focus();
      }
    } else if (letters[event.key]) {
      event.preventDefault();
      letters[event.key]();
    }
  });

  // Time with the item in front of somebody, which is sent and never shown.
  let seconds = 0;
  let since = document.hidden ? 0 : performance.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && since) seconds += (performance.now() - since) / 1000;
    since = document.hidden ? 0 : performance.now();
  });
  form.addEventListener("submit", () => {
    const now = since ? (performance.now() - since) / 1000 : 0;
    if (form.elements.seconds) form.elements.seconds.value = Math.min(86400, seconds + now).toFixed(1);
  });

  // The lease is renewed while the page is open.
  if (desk.dataset.beat) {
    const held = { slot: Number(desk.dataset.slot), token: Number(desk.dataset.token) };
    const headers = { "Content-Type": "application/json", "X-CSRF": desk.dataset.csrf };
    const beat = async () => {
      try {
        const answer = await fetch(desk.dataset.beat, { method: "POST", headers, body: JSON.stringify(held) });
        if (answer.ok && !(await answer.json()).kept) {
          clearInterval(timer);
          tell(desk.dataset.lost);
        }
      } catch {
        // The next beat tries again; an answer counts even after the lease while there is room.
      }
    };
    const timer = setInterval(beat, Math.max(10, Number(desk.dataset.every)) * 1000);
  }

  drawn();
  show(0);
  const from = new URLSearchParams(location.search).get("done");
  if (desk.dataset.beat && from) go(0);
})();
