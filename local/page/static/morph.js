// Makes a tree like another with as few changes as it takes, so that a refresh keeps the focus, what
// was typed, what is open and where one scrolled to.

/** Make the children of `old` like those of `wanted`. */
export function morph(old, wanted) {
  const known = keyed(old);
  const coming = keyed(wanted);
  let place = old.firstChild;
  for (const next of [...wanted.childNodes]) {
    const key = keyOf(next);
    // What is not wanted any more goes first: so nothing that stays has to be moved.
    while (place && goes(place, key, coming)) place = removed(place);
    const match = key ? known.get(key)?.shift() : null;
    if (match) {
      if (match === place) place = place.nextSibling;
      else move(old, match, place);
      patch(match, next);
    } else if (!key && place && !keyOf(place) && alike(place, next)) {
      patch(place, next);
      place = place.nextSibling;
    } else {
      old.insertBefore(document.importNode(next, true), place);
    }
  }
  while (place) place = removed(place);
}

/** A row is known by its own key, or else by its first cell: never by its place in a table. */
function keyOf(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return null;
  if (node.dataset?.key) return `${node.localName} key ${node.dataset.key}`;
  if (node.id) return `${node.localName} id ${node.id}`;
  if (node.localName === "tr" && node.cells?.length) return `tr ${node.cells[0].textContent}`;
  return null;
}

function keyed(parent) {
  const found = new Map();
  for (const child of parent.children ?? []) {
    const key = keyOf(child);
    if (key) found.set(key, [...(found.get(key) ?? []), child]);
  }
  return found;
}

function goes(node, nextKey, coming) {
  const key = keyOf(node);
  return Boolean(key && key !== nextKey && !coming.has(key));
}

function removed(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

function move(parent, node, before) {
  if (parent.moveBefore) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

function alike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName;
}

function patch(old, wanted) {
  if (old.isEqualNode(wanted)) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = wanted.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!wanted.hasAttribute(name) && !isTheirs(old, name)) old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value && !isTheirs(old, name)) old.setAttribute(name, value);
  }
  if (old.localName === "textarea" && old.value !== old.defaultValue) return;
  morph(old, wanted);
}

/** What a person has set since: what is open, and what was typed stays by itself. */
function isTheirs(element, name) {
  if (name === "open") return element.localName === "details";
  return name === "tabindex" || name === "role" || name === "aria-busy";
}
