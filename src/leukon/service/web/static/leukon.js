// What scripts add to pages that work without them: charts that can be touched, completion, a new row when the last is
// filled, a file dropped anywhere on the form, printing. Nothing is kept in the browser.
"use strict";

(() => {
  const quiet = { actions: false, renderer: "svg", ast: true, defaultStyle: false,
    tooltip: { theme: "leukon", disableDefaultStyle: true } };

  function showCharts(within) {
    if (!window.vegaEmbed) return;
    for (const figure of within.querySelectorAll("figure.chart:not([data-live])")) {
      figure.dataset.live = "";
      const drawn = figure.querySelector("svg");
      const spec = JSON.parse(figure.dataset.spec);
      const place = document.createElement("div");
      place.className = "live";
      place.setAttribute("role", "img");
      const said = drawn.querySelector("desc");
      place.setAttribute("aria-label", said ? said.textContent : figure.dataset.name);
      const name = document.createElement("p");
      name.className = "live-name";
      const head = drawn.querySelector("text");
      name.textContent = head ? head.textContent : "";
      figure.append(name, place);
      spec.config = { ...spec.config, aria: false };
      window.vegaEmbed(place, spec, quiet).then(() => drawn.remove(), () => { name.remove(); place.remove(); });
    }
    for (const hint of within.querySelectorAll(".touch")) hint.hidden = !document.querySelector(".chart");
  }

  // completion: the words of a kind, asked for while typing
  let waiting;
  function complete(field) {
    clearTimeout(waiting);
    const typed = field.value.trim();
    if (typed.length < 2) return;
    waiting = setTimeout(() => {
      const list = document.getElementById(field.getAttribute("list"));
      window.htmx.ajax("GET", `words/${field.dataset.kind}`, { target: list, swap: "innerHTML", values: { q: typed } });
    }, 120);
  }

  // the last row of a list, once typed in, is followed by an empty one
  function addRow(field) {
    const row = field.closest(".drug") || (field.closest(".words") && field);
    if (!row || row.nextElementSibling || !field.value) return;
    const fresh = row.cloneNode(true);
    const fields = fresh.matches("input") ? [fresh] : fresh.querySelectorAll("input");
    for (const one of fields) { one.value = ""; one.removeAttribute("value"); }
    fresh.querySelectorAll(".doses").forEach((kept) => kept.remove());
    const label = fresh.getAttribute("aria-label");
    if (label) fresh.setAttribute("aria-label", label.replace(/\d+$/, (n) => Number(n) + 1));
    row.after(fresh);
  }

  function takeDrops(form) {
    const file = form.querySelector("input[type=file]");
    const place = form.querySelector(".drop");
    for (const kind of ["dragover", "dragenter"]) {
      document.addEventListener(kind, (e) => { e.preventDefault(); place.classList.add("over"); });
    }
    document.addEventListener("dragleave", (e) => { if (!e.relatedTarget) place.classList.remove("over"); });
    document.addEventListener("drop", (e) => {
      e.preventDefault();
      place.classList.remove("over");
      if (e.dataTransfer.files.length) { file.files = e.dataTransfer.files; file.focus(); }
    });
  }

  document.addEventListener("input", (e) => {
    if (e.target.dataset && e.target.dataset.kind) complete(e.target);
    if (e.target.matches("#entry input")) addRow(e.target);
  });
  document.addEventListener("click", (e) => {
    if (e.target.closest(".print")) window.print();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(e.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (e) => {
    const menu = e.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });
  document.addEventListener("htmx:afterSwap", (e) => showCharts(e.target));
  document.addEventListener("htmx:responseError", (e) => say(`The server answered ${e.detail.xhr.status}. Try again.`));
  document.addEventListener("htmx:sendError", () => say("The server cannot be reached. What was typed is still here."));

  function say(line) {
    const said = document.getElementById("said");
    said.textContent = line;
    said.className = "notice problem";
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".print").forEach((button) => { button.hidden = false; });
    const form = document.getElementById("entry");
    if (form) takeDrops(form);
    showCharts(document);
  });
})();
