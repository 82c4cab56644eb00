// The page's own work: what is refreshed, what an action does, and what is remembered.
import { loadSheets, Pane } from "/static/custom.js";
import { readGraphs, show } from "/static/graph.js";
import { morph } from "/static/morph.js";

const LIVE_MS = 3000;
const token = document.querySelector('meta[name="page-token"]').content;
const byId = (name) => document.getElementById(name);
const widgets = new Map();
let popupOf = null;
let popupPane = null;

class CustomWidget {
  constructor(section) {
    this.section = section;
    this.id = section.id;
    this.body = section.querySelector(".body");
    this.tools = section.querySelector(".tools");
    this.pane = new Pane(this.body, (action) => act(this, action));
    this.isHeld = false;
    this.turn = 0;
    this.tools.append(button("?", "What this widget is", () => this.describe()));
  }

  /** Ask again. While an answer to a person's act is shown, only `isAsked` replaces it. */
  async load(isAsked = false) {
    if (this.isHeld && !isAsked) return;
    const turn = ++this.turn;
    this.section.classList.add("busy");
    const answer = await this.ask({ what: "load" });
    this.section.classList.remove("busy");
    if (turn !== this.turn || (this.isHeld && !isAsked)) return;
    this.hold(false);
    this.show(answer);
  }

  async describe() {
    openPopup(this, await this.ask({ what: "describe" }));
  }

  async ask(content, forms = this.pane.forms()) {
    const { clientWidth: width, clientHeight: height } = this.body;
    return post({ id: this.id, width, height, theme: themeNow(), range: byId("range").value, forms, ...content });
  }

  show(answer) {
    this.section.classList.toggle("failed", answer.kind === "error");
    this.note(this.pane.show(answer.html));
  }

  /** Tell what CloudWatch would take out in silence. */
  note(removed) {
    this.section.querySelector(":scope > .notes")?.remove();
    if (removed.length) this.section.querySelector("header").after(strippedNote(removed));
  }

  /** Keep what is shown until the person goes back. */
  hold(isHeld) {
    this.isHeld = isHeld;
    this.tools.querySelector(".back")?.remove();
    if (!isHeld) return;
    const back = button("Back", "Show the widget again; it is not refreshed until then", () => this.load(true).then(() => this.body.focus()));
    back.className = "back";
    this.tools.prepend(back);
  }
}

async function act(widget, action) {
  if (action.element.getAttribute("aria-busy") === "true") return;
  if (action.confirmation !== null && !(await confirmed(action))) return;
  const isPopup = action.display === "popup";
  let answer = { kind: "html", html: action.content };
  if (action.kind === "call") {
    const params = paramsOf(action);
    if (params === null) {
      answer = { kind: "error", html: '<div class="failure" role="alert"><b>The action is broken</b><p>Its content is no JSON object.</p></div>' };
    } else {
      action.element.setAttribute("aria-busy", "true");
      const isInPopup = popupPane?.root.contains(action.element);
      const forms = { ...widget.pane.forms(), ...(isInPopup ? popupPane.forms() : {}) };
      answer = await widget.ask({ what: "call", endpoint: action.endpoint, params }, forms);
      action.element.removeAttribute("aria-busy");
    }
  }
  if (isPopup) {
    openPopup(widget, answer);
    return;
  }
  widget.turn += 1;
  if (byId("popup").open) byId("popup").close();
  widget.hold(true);
  widget.show(answer);
  if (!action.element.isConnected) widget.body.focus();
}

function paramsOf(action) {
  if (!action.text.trim()) return {};
  try {
    const params = JSON.parse(action.text);
    return params !== null && typeof params === "object" && !Array.isArray(params) ? params : null;
  } catch {
    return null;
  }
}

/** A closed dialog gives the focus back by itself; only where it was lost is it given here. */
function regain(element) {
  if (document.activeElement === null || document.activeElement === document.body) element?.focus();
}

let question = null;

/** A person's word; one question is asked at a time, and each is answered once. */
function confirmed(action) {
  const dialog = byId("confirm");
  decided(false);
  byId("confirm-words").textContent = action.confirmation;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => { question = { action, resolve }; });
}

function decided(isYes) {
  const { action, resolve } = question ?? {};
  question = null;
  regain(action?.element);
  resolve?.(isYes);
}

/** A dialog tells of its closing a little later: that of the question before is not this one's. */
function closedQuestion() {
  const dialog = byId("confirm");
  if (!dialog.open) decided(dialog.returnValue === "yes");
}

function openPopup(widget, answer) {
  const dialog = byId("popup");
  popupOf = popupOf ?? { widget, element: focusedNow() };
  popupPane = new Pane(dialog.querySelector(".body"), (action) => act(widget, action));
  const removed = popupPane.show(answer.html);
  dialog.querySelector(":scope > .notes")?.remove();
  if (removed.length) dialog.querySelector("header").after(strippedNote(removed));
  if (!dialog.open) dialog.showModal();
}

/** What an act did is shown where it was asked for, unless an answer is looked at there. */
function closedPopup() {
  if (byId("popup").open) return;
  regain(popupOf?.element);
  popupOf?.widget.load();
  popupOf = null;
  popupPane = null;
}

function focusedNow() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

async function post(content) {
  try {
    const answer = await fetch("/widget", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Page-Token": token },
      body: JSON.stringify(content),
    });
    if (answer.ok) return await answer.json();
    return failed(await answer.text());
  } catch {
    return failed("The local stack does not answer. Does `make up` still run?");
  }
}

function failed(words) {
  const shown = document.createElement("div");
  shown.className = "failure";
  shown.setAttribute("role", "alert");
  shown.textContent = words;
  return { kind: "error", html: shown.outerHTML };
}

function strippedNote(removed) {
  const list = document.createElement("ul");
  list.className = "notes";
  const row = document.createElement("li");
  row.textContent = `CloudWatch takes this out of a widget, and so did this page: ${removed.join(", ")}`;
  list.append(row);
  return list;
}

function button(words, title, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", act);
  return made;
}

/** Graphs, alarms and notes; put in place piece by piece, so that nothing flickers. */
async function live() {
  const status = byId("state");
  try {
    const answer = await fetch(`/live?range=${encodeURIComponent(byId("range").value)}`);
    if (!answer.ok) throw new Error(await answer.text());
    const content = await answer.json();
    put(byId("alarm-list"), content.alarms);
    put(byId("notes"), content.notes);
    byId("now").textContent = content.now;
    for (const [id, html] of Object.entries(content.widgets)) put(byId(id)?.querySelector(".body"), html);
    const title = document.title.replace(/^\(\d+\) /, "");
    document.title = content.raised ? `(${content.raised}) ${title}` : title;
    status.textContent = "";
    status.className = "";
  } catch {
    status.textContent = "The local stack does not answer";
    status.className = "wrong";
  }
}

const shown = new WeakMap();
function put(element, html) {
  if (!element || shown.get(element) === html) return;
  shown.set(element, html);
  const wanted = document.createElement("div");
  wanted.innerHTML = html;
  const at = element.querySelector(".graph[data-at]")?.dataset.at;
  element.querySelectorAll(".pointer, .reading").forEach((old) => old.remove());
  morph(element, wanted);
  const graph = element.querySelector(".graph");
  if (at && graph) show(graph, Number(at));
}

function themeNow() {
  const chosen = document.documentElement.dataset.theme;
  return chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function loadAll(updates, isAsked = false) {
  for (const widget of widgets.values()) {
    if (isAsked || widget.section.dataset[updates] === "true") widget.load();
  }
}

function remember(name, element, changed) {
  const kept = localStorage.getItem(name);
  if (kept !== null && [...element.options].some((option) => option.value === kept)) element.value = kept;
  element.addEventListener("change", () => {
    localStorage.setItem(name, element.value);
    changed();
  });
}

let timer = 0;
function pace() {
  clearInterval(timer);
  const seconds = Number(byId("every").value);
  if (seconds) timer = setInterval(() => document.hidden || loadAll("refresh"), seconds * 1000);
}

function applyTheme() {
  const chosen = byId("theme").value;
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  loadAll("refresh", true);
}

async function begin() {
  await loadSheets();
  remember("every", byId("every"), pace);
  remember("range", byId("range"), () => { live(); loadAll("timerange"); });
  remember("theme", byId("theme"), applyTheme);
  byId("refresh").addEventListener("click", () => { live(); loadAll("refresh", true); });
  byId("popup-close").addEventListener("click", () => byId("popup").close());
  byId("popup").addEventListener("close", closedPopup);
  byId("confirm").addEventListener("close", closedQuestion);
  for (const section of document.querySelectorAll(".widget.custom")) {
    const widget = new CustomWidget(section);
    widgets.set(section.id, widget);
    widget.load();
  }
  readGraphs(document);
  let resized = 0;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => loadAll("resize"), 400);
  });
  pace();
  setInterval(() => document.hidden || Number(byId("every").value) === 0 || live(), LIVE_MS);
  if (byId("range").value) live();
  document.documentElement.dataset.ready = "true";
}

begin();
