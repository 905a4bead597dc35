// Back and forward without keeping anything. A page about a person may be kept by no cache, so a browser cannot go back
// to it. Here each page stays in the memory of this tab: a form is sent, the answer takes the place of the page, and
// back puts the earlier page in again as it was left, with what was typed. Without scripts forms are sent as ever.
"use strict";

(() => {
  const kept = [{ body: document.body, title: document.title }]; // by the number in history.state
  let now = 0;
  history.replaceState({ page: now }, "");

  function show(page) {
    document.body.replaceWith(page.body);
    document.title = page.title;
  }

  async function send(form, button) {
    const action = (button && button.getAttribute("formaction")) || form.getAttribute("action");
    const answer = await fetch(action, { method: "POST", body: new FormData(form, button) });
    const html = (answer.headers.get("content-type") || "").startsWith("text/html");
    if (!html || (answer.status >= 400 && answer.status !== 422)) throw new Error(`The server answered ${answer.status}`);
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    kept.length = now + 1; // what lay ahead is gone, as in any browser
    kept.push({ body: document.adoptNode(made.body), title: made.title });
    now += 1;
    history.pushState({ page: now }, "", location.pathname);
    show(kept[now]);
    window.htmx.process(document.body);
    window.scrollTo(0, 0);
    const head = document.querySelector("h1");
    head.tabIndex = -1;
    head.focus({ preventScroll: true });
    document.dispatchEvent(new Event("leukon:page"));
  }

  document.addEventListener("submit", (e) => {
    const form = e.target, button = e.submitter;
    const download = form.getAttribute("action") === "save";
    if (e.defaultPrevented || form.method !== "post" || download) return;
    e.preventDefault();
    if (document.body.dataset.sent) return;
    document.body.dataset.sent = "";
    const body = document.body;
    send(form, button)
      .catch((error) => document.dispatchEvent(new CustomEvent("leukon:failed", { detail: error.message })))
      .finally(() => { delete body.dataset.sent; });
  });

  addEventListener("popstate", (e) => {
    if (!e.state || !kept[e.state.page]) return;
    if (e.state.page !== now) { now = e.state.page; show(kept[now]); }
  });
  // a jump within a page belongs to that page
  addEventListener("hashchange", () => { if (!history.state) history.replaceState({ page: now }, ""); });
})();
