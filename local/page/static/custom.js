// Custom widgets: their answers in a shadow tree, so that their styles are theirs alone, and their
// cwdb-actions ("Interactivity in the custom widget" of the CloudWatch user guide).
import { cleaned } from "/static/clean.js";
import { morph } from "/static/morph.js";

const NATIVE = "a[href], button, input, select, textarea, summary, [contenteditable]";
const sheets = {};

/** Load the style sheets that every shadow tree has. */
export async function loadSheets() {
  for (const name of ["widget", "frame"]) {
    const answer = await fetch(`/static/${name}.css`);
    sheets[name] = new CSSStyleSheet();
    sheets[name].replaceSync(await answer.text());
  }
}

/** A place in which answers are shown: a widget's body, or the popup. */
export class Pane {
  /** @param act Called with (action, pane) when an action's event happens. */
  constructor(body, act) {
    this.body = body;
    this.act = act;
    this.shown = null;
    this.host = document.createElement("div");
    this.root = this.host.attachShadow({ mode: "open" });
    for (const kind of ["click", "dblclick"]) {
      this.root.addEventListener(kind, (event) => this.#happened(event, kind));
    }
    this.root.addEventListener("mouseover", (event) => this.#happened(event, "mouseenter"));
    this.root.addEventListener("submit", (event) => event.preventDefault());
    this.root.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Show HTML; what is already there stays, with its focus. Gives words about what was taken out. */
  show(html) {
    if (this.host.parentNode !== this.body) this.body.replaceChildren(this.host);
    if (html === this.shown) return this.notes;
    const { body, notes } = cleaned(html);
    const isFirst = this.shown === null;
    this.shown = html;
    this.notes = notes;
    const isPlain = body.querySelector(".cwdb-no-default-styles") !== null;
    this.root.adoptedStyleSheets = isPlain ? [sheets.frame] : [sheets.widget, sheets.frame];
    if (isFirst) this.root.replaceChildren(document.importNode(fragmentOf(body), true));
    else morph(this.root, body);
    this.#makeReachable();
    return notes;
  }

  /** Every field of the widget by its name, as `widgetContext.forms.all`. */
  forms() {
    const found = {};
    for (const field of this.root.querySelectorAll("input[name], select[name], textarea[name]")) {
      if ((field.type === "checkbox" || field.type === "radio") && !field.checked) continue;
      found[field.name] = field.value;
    }
    return found;
  }

  /** An anchor without an address is no stop of the keyboard; with an action it has to be one. */
  #makeReachable() {
    for (const action of this.root.querySelectorAll("cwdb-action")) {
      const element = action.previousElementSibling;
      if (!element || element.matches(NATIVE) || element.localName === "cwdb-action") continue;
      if (!element.hasAttribute("tabindex")) element.tabIndex = 0;
      if (!element.hasAttribute("role")) element.setAttribute("role", "button");
    }
  }

  #happened(event, kind) {
    for (let element = event.target; element && element !== this.root; element = element.parentNode) {
      const action = element.nextElementSibling;
      if (action?.localName !== "cwdb-action") continue;
      if ((action.getAttribute("event") || "click") !== kind) continue;
      if (kind === "mouseenter" && element.contains(event.relatedTarget)) return;
      event.preventDefault();
      this.act(readAction(element, action, kind), this);
      return;
    }
  }

  #pressed(event) {
    const element = event.target;
    if ((event.key !== "Enter" && event.key !== " ") || element.matches(NATIVE)) return;
    if (element.nextElementSibling?.localName !== "cwdb-action") return;
    event.preventDefault();
    element.click();
  }
}

/** An action as it is now: what is refreshed while a person decides changes nothing of it. */
function readAction(element, action, event) {
  return {
    element,
    event,
    kind: action.getAttribute("action") || "html",
    display: action.getAttribute("display") || "widget",
    confirmation: action.getAttribute("confirmation"),
    endpoint: action.getAttribute("endpoint") || "",
    content: action.innerHTML,
    text: action.textContent,
  };
}

function fragmentOf(body) {
  const fragment = document.createDocumentFragment();
  fragment.append(...body.childNodes);
  return fragment;
}
