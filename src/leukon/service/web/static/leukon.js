// What scripts add to pages that work without them: charts that can be touched, completion, a new row when the last is
// filled, a file dropped anywhere on the form, printing. Nothing is kept in the browser.
"use strict";

(() => {
  // the library of charts is large: it is loaded with the first of them
  const parts = ["static/vega.min.js", "static/vega-lite.min.js", "static/vega-embed.min.js"];
  let loaded;
  function loadCharts() {
    loaded ??= parts.reduce((before, path) => before.then(() => new Promise((done, fail) => {
      const script = Object.assign(document.createElement("script"), { src: path, onload: done, onerror: fail });
      document.head.append(script);
    })), Promise.resolve());
    return loaded;
  }

  const quiet = { actions: false, renderer: "svg", ast: true, defaultStyle: false,
    tooltip: { theme: "leukon", disableDefaultStyle: true } };

  function showCharts(within) {
    const figures = [...within.querySelectorAll("figure.chart:not([data-live])")];
    for (const figure of figures) figure.dataset.live = "";
    if (figures.length) loadCharts().then(() => figures.forEach(showChart), () => {});
  }

  // the drawn chart makes room for one that can be touched; to a screen reader it is the same picture
  function showChart(figure) {
    const drawn = figure.querySelector("svg");
    const head = drawn.querySelector("text");
    const said = drawn.querySelector("desc");
    const place = Object.assign(document.createElement("div"), { className: "live" });
    const name = document.createElement("p");
    name.className = "live-name";
    name.textContent = head ? head.textContent : "";
    figure.append(name, place);
    window.vegaEmbed(place, JSON.parse(figure.dataset.spec), quiet).then(() => {
      place.removeAttribute("aria-roledescription");
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", said ? said.textContent : figure.dataset.name);
      place.querySelector("svg").setAttribute("aria-hidden", "true");
      drawn.remove();
      for (const hint of document.querySelectorAll(".touch")) hint.hidden = false;
    }, () => { name.remove(); place.remove(); });
  }

  // completion: the words of a kind, asked for while typing
  let waiting;
  function complete(field) {
    clearTimeout(waiting);
    const typed = field.value.trim();
    if (typed.length < 2) return;
    waiting = setTimeout(() => {
      if (!field.isConnected) return; // sent meanwhile: without a place of its own the list would fill the answer's
      const list = document.getElementById(field.getAttribute("list"));
      window.htmx.ajax("POST", `words/${field.dataset.kind}`, { target: list, swap: "innerHTML", values: { q: typed } });
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

  // a file may be dropped anywhere on the form
  for (const kind of ["dragover", "dragenter", "dragleave", "drop"]) {
    document.addEventListener(kind, (e) => {
      const place = document.querySelector("#entry .drop");
      if (!place) return;
      if (kind !== "dragleave") e.preventDefault();
      place.classList.toggle("over", kind === "dragover" || kind === "dragenter");
      if (kind === "drop" && e.dataTransfer.files.length) place.querySelector("input").files = e.dataTransfer.files;
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
  document.addEventListener("htmx:responseError", (e) => say(`The server answered ${e.detail.xhr.status}`));
  document.addEventListener("htmx:sendError", () => say("The server cannot be reached"));
  document.addEventListener("leukon:failed", (e) => say(e.detail));

  function say(line) {
    const said = document.getElementById("said");
    said.textContent = `${line}. What was typed is still here: try again.`;
    said.className = "notice problem";
  }

  function begin() {
    document.querySelectorAll(".print").forEach((button) => { button.hidden = false; });
    showCharts(document);
  }
  document.addEventListener("leukon:page", begin);
  begin();
})();
