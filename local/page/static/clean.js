// What CloudWatch takes out of a widget's HTML ("Details about custom widgets", "Custom widgets"
// of the samples): JavaScript and frames. Told loudly here, because there it goes in silence. The
// page's own policy would run none of it either.
const FORBIDDEN = "script, iframe, frame, frameset, object, embed, applet, base, link, meta";
const ADDRESSES = ["href", "src", "action", "formaction", "xlink:href", "data", "poster"];
const SCRIPTED = /^[\u0000-\u0020]*(javascript|vbscript|data:text\/html)/i;

/** A fragment without scripts, and words about each kind of thing that was taken out. */
export function cleaned(html) {
  const parsed = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  const body = parsed.body;
  const removed = new Map();
  const note = (what) => removed.set(what, (removed.get(what) ?? 0) + 1);
  // What stands before the body's first element is put into the head.
  for (const element of [...parsed.head.children]) body.prepend(element);
  for (const element of body.querySelectorAll(FORBIDDEN)) {
    note(`<${element.localName}>`);
    element.remove();
  }
  for (const element of body.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (name.toLowerCase().startsWith("on")) {
        note(name.toLowerCase());
        element.removeAttribute(name);
      } else if (ADDRESSES.includes(name.toLowerCase()) && SCRIPTED.test(value)) {
        note(`javascript: in ${name}`);
        element.removeAttribute(name);
      }
    }
  }
  const notes = [...removed].map(([what, times]) => `${what}${times > 1 ? ` (${times} times)` : ""}`);
  return { body, notes };
}
