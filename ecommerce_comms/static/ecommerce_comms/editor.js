/* The editor's page works without this file; with it the preview follows while one writes, and everything has a key. */
"use strict";

(() => {
  const form = document.getElementById("ed-form");
  if (!form) return;
  const get = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const fields = all("textarea[data-part]", form);
  const WAIT = 250;
  let writing = fields.find((field) => field.dataset.part === "body");
  let timer, asked, searched = "", leaving = false;

  const say = (words) => { get("ed-heard").textContent = words; };
  const put = (element, words) => { if (element && element.textContent !== words) element.textContent = words; };
  const written = () => JSON.stringify(fields.map((field) => field.value));
  const atFirst = written();
  const isChanged = () => written() !== atFirst;

  /* ---- preview and complaints ---- */

  function wanted() {
    const value = (name) => form.elements[name] ? form.elements[name].value : "";
    const ticked = (name) => form.elements[name].checked;
    const told = {
      text: Object.fromEntries(fields.map((field) => [field.dataset.part, field.value])),
      about: value("about"), tongue: value("tongue"), now: ticked("now"), dark: ticked("dark"), plain: ticked("plain"),
    };
    if (value("search") !== searched) told.search = value("search");
    return told;
  }

  async function update() {
    clearTimeout(timer);
    if (asked) asked.abort();
    const mine = asked = new AbortController();
    const told = wanted();
    try {
      const response = await fetch(form.dataset.preview, {
        method: "POST", body: JSON.stringify(told), signal: mine.signal, credentials: "same-origin",
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      });
      const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
      if (!isJson) { put(get("ed-summary"), response.redirected || response.status === 403 ? form.dataset.signedOut : form.dataset.unreachable); return; }
      const answer = await response.json();
      if (answer.error) { put(get("ed-summary"), answer.error); return; }
      if ("search" in told) { searched = told.search; offer(answer.orders, told.about); }
      show(answer);
    } catch (error) {
      if (error.name !== "AbortError") put(get("ed-summary"), form.dataset.unreachable);
    }
  }

  function show(answer) {
    put(get("ed-summary"), answer.summary);
    get("ed-summary").classList.toggle("ed-bad", answer.errors > 0);
    for (const [id, html] of Object.entries(answer.pieces)) replace(get(id), html);
    for (const [id, words] of Object.entries(answer.words)) {
      put(get(id), words);
      get(id).lang = answer.language;
    }
    for (const [part, count] of Object.entries(answer.counts)) put(get(`count-${part}`), count);
    get("ed-panes").classList.toggle("ed-old", !answer.works);
    if (answer.works && get("ed-mail").srcdoc !== answer.mail) get("ed-mail").srcdoc = answer.mail;
    mark();
  }

  /* What the server sent is escaped there. Nothing is touched that is the same, so that a screen reader is not told twice. */
  function replace(element, html) {
    if (element.dataset.was === html) return;
    element.dataset.was = html;
    const place = [...element.querySelectorAll("a, button")].indexOf(document.activeElement);
    element.innerHTML = html;
    if (place >= 0) element.querySelectorAll("a, button")[place]?.focus(); // who stood on it goes on from there
  }

  function offer(groups, chosen) {
    const select = form.elements.about;
    select.replaceChildren(...groups.map(([title, options]) => {
      const group = document.createElement("optgroup");
      group.label = title;
      group.append(...options.map(([value, label]) => new Option(label, value, false, value === chosen)));
      return group;
    }));
    const found = searched ? groups[0][1].map(([value]) => value) : [];
    put(get("ed-sought"), searched && !found.length ? groups[0][0] : "");
    if (found.length && !found.includes(select.value)) { select.value = found[0]; update(); }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(update, WAIT);
    put(get("ed-dirty"), isChanged() ? `(${form.dataset.unsaved})` : "");
  }

  /* ---- complaints lead to their place ---- */

  function mark() {
    for (const field of fields) {
      const found = all(".ed-error", get(`complaints-${field.dataset.part}`)).length > 0;
      field.setAttribute("aria-invalid", String(found));
      field.parentElement.classList.toggle("ed-mistaken", found);
    }
    for (const item of all(".ed-complaint[data-part]:not([data-part=''])")) {
      if (item.querySelector("button")) continue;
      const said = item.querySelector(".ed-said"), button = document.createElement("button");
      button.type = "button";
      button.append(...said.childNodes);
      button.addEventListener("click", () => jump(item.dataset.part, Number(item.dataset.line), Number(item.dataset.column)));
      said.append(button);
    }
  }

  function jump(part, line, column) {
    const field = fields.find((each) => each.dataset.part === part);
    const before = line ? field.value.split("\n").slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) : 0;
    const place = Math.min(before + Math.max(column - 1, 0), field.value.length);
    field.focus();
    field.setSelectionRange(place, line ? Math.min(place + 1, field.value.length) : place);
    const high = parseFloat(getComputedStyle(field).lineHeight) || 20;
    field.scrollTop = Math.max(0, (line - 4) * high);
  }

  /* ---- facts ---- */

  const facts = all("[data-insert]").map((item) => {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    button.append(...item.childNodes);
    button.addEventListener("click", () => insert(item.dataset.insert));
    item.append(button);
    return button;
  });
  const visible = () => facts.filter((button) => !button.parentElement.hidden);

  function insert(words) {
    if (writing.readOnly) return;
    const { selectionStart, selectionEnd } = writing;
    writing.focus();
    writing.setRangeText(words, selectionStart, selectionEnd, "end");
    writing.dispatchEvent(new Event("input", { bubbles: true }));
    say(`${form.dataset.inserted} ${words}`);
  }

  function rove(buttons, to) {
    for (const button of facts) button.tabIndex = -1;
    const next = buttons[Math.max(0, Math.min(to, buttons.length - 1))];
    if (next) next.tabIndex = 0;
    return next;
  }

  function find() {
    const words = get("ed-find").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const button of facts) button.parentElement.hidden = !words.every((word) => button.textContent.toLowerCase().includes(word));
    for (const group of all(".ed-group")) group.hidden = all("li:not([hidden])", group).length === 0;
    get("ed-none").hidden = visible().length > 0;
    rove(visible(), 0);
  }

  get("ed-find").addEventListener("input", find);
  get("ed-find").addEventListener("keydown", (event) => {
    const [nearest] = visible();
    if (event.key === "Enter") { event.preventDefault(); if (nearest) nearest.click(); }
    else if (event.key === "ArrowDown" && nearest) { event.preventDefault(); rove(visible(), 0).focus(); }
    else if (event.key === "Escape") writing.focus();
  });
  get("ed-facts").addEventListener("keydown", (event) => {
    const shown = visible(), at = shown.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[event.key];
    if (event.key === "Escape") writing.focus();
    if (to === undefined || at < 0) return;
    event.preventDefault();
    if (to < 0) get("ed-find").focus();
    else rove(shown, to).focus();
  });

  /* ---- tabs ---- */

  const panes = all(".ed-pane");
  const list = document.createElement("div");
  list.className = "ed-tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", get("ed-see-title").textContent);
  const tabs = panes.map((pane, place) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${place}`;
    tab.textContent = pane.dataset.tab;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", pane.id = `pane-${place}`);
    pane.setAttribute("role", "tabpanel");
    pane.setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", () => choose(place));
    return tab;
  });
  list.append(...tabs);
  get("ed-inbox").after(list);

  function choose(place) {
    tabs.forEach((tab, each) => {
      tab.setAttribute("aria-selected", String(each === place));
      tab.tabIndex = each === place ? 0 : -1;
      panes[each].hidden = each !== place;
    });
    sessionStorage.setItem("ed-tab", String(place));
  }

  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement), ltr = getComputedStyle(list).direction === "ltr" ? 1 : -1;
    const to = { ArrowRight: at + ltr, ArrowLeft: at - ltr, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const place = (to + tabs.length) % tabs.length;
    choose(place);
    tabs[place].focus();
  });

  /* ---- keys, and coming back to where one was ---- */

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const save = form.querySelector('[value="save"]');
    if (event.key.toLowerCase() === "s") { event.preventDefault(); if (save) form.requestSubmit(save); }
    else if (event.key === "Enter") { event.preventDefault(); update(); }
    else if (event.key === " ") { event.preventDefault(); get("ed-find").focus(); get("ed-find").select(); }
  });

  form.addEventListener("submit", (event) => {
    if (!event.submitter || event.submitter.value === "preview") { event.preventDefault(); update(); return; }
    leaving = true;
    const place = { part: writing.dataset.part, at: writing.selectionStart, scroll: writing.scrollTop, page: location.pathname };
    sessionStorage.setItem("ed-place", JSON.stringify(place));
  });

  window.addEventListener("beforeunload", (event) => { if (!leaving && isChanged()) event.preventDefault(); });

  function comeBack() {
    const place = JSON.parse(sessionStorage.getItem("ed-place") || "null");
    sessionStorage.removeItem("ed-place");
    const field = place && place.page === location.pathname && fields.find((each) => each.dataset.part === place.part);
    if (!field) return;
    field.focus({ preventScroll: true });
    field.setSelectionRange(place.at, place.at);
    field.scrollTop = place.scroll;
  }

  for (const field of fields) {
    field.addEventListener("input", soon);
    field.addEventListener("focus", () => { writing = field; });
  }
  form.elements.phone.addEventListener("change", () => get("ed-device").classList.toggle("ed-on-phone", form.elements.phone.checked));
  for (const name of ["about", "tongue", "now", "dark", "plain"]) form.elements[name].addEventListener("change", update);
  if (form.elements.search) form.elements.search.addEventListener("input", soon);

  form.parentElement.classList.add("ed-ready");
  choose(Math.min(Number(sessionStorage.getItem("ed-tab")) || 0, tabs.length - 1));
  find();
  mark();
  comeBack();
})();
