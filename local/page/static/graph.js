// Values of a graph at the pointer, or with the arrow keys.

/** Wire every graph below `root`, now and later. */
export function readGraphs(root) {
  root.addEventListener("pointermove", (event) => {
    const graph = event.target.closest?.(".graph");
    if (!graph) return;
    const plot = graph.querySelector("svg").getBoundingClientRect();
    read(graph, (event.clientX - plot.left) / plot.width);
  });
  root.addEventListener("pointerout", (event) => {
    const graph = event.target.closest?.(".graph");
    if (graph && !graph.contains(event.relatedTarget)) clear(graph);
  });
  root.addEventListener("keydown", (event) => {
    const graph = event.target.closest?.(".graph");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!graph || event.target !== graph) return;
    if (event.key === "Escape") clear(graph);
    if (!step) return;
    event.preventDefault();
    const moments = momentsOf(graph);
    const at = moments.indexOf(Number(graph.dataset.at));
    const next = moments[at < 0 ? (step < 0 ? moments.length - 1 : 0) : Math.min(moments.length - 1, Math.max(0, at + step))];
    show(graph, next);
  });
  root.addEventListener("focusout", (event) => event.target.matches?.(".graph") && clear(event.target));
}

function momentsOf(graph) {
  const { lines } = JSON.parse(graph.dataset.graph);
  return [...new Set(lines.flatMap((line) => line.points.map(([at]) => at)))].sort((a, b) => a - b);
}

function read(graph, part) {
  const { start, end } = JSON.parse(graph.dataset.graph);
  const wanted = start + part * (end - start);
  const moments = momentsOf(graph);
  if (part < 0 || part > 1 || !moments.length) return clear(graph);
  show(graph, moments.reduce((best, at) => (Math.abs(at - wanted) < Math.abs(best - wanted) ? at : best)));
}

/** Put the values of one moment beside the pointer. */
export function show(graph, at) {
  const { start, end, lines } = JSON.parse(graph.dataset.graph);
  clear(graph);
  graph.dataset.at = at;
  const part = (at - start) / (end - start);
  const plot = graph.querySelector(".plot");
  const pointer = made("div", "pointer");
  pointer.style.left = `${part * 100}%`;
  const reading = made("div", "reading");
  reading.setAttribute("role", "status");
  reading.style[part > 0.5 ? "right" : "left"] = `${(part > 0.5 ? 1 - part : part) * 100}%`;
  reading.append(row(new Date(at * 1000).toISOString().slice(11, 16) + " UTC", ""));
  for (const line of lines) {
    const found = line.points.find(([moment]) => moment === at);
    if (found) reading.append(row(line.label, String(Math.round(found[1] * 1000) / 1000)));
  }
  plot.append(pointer, reading);
}

function clear(graph) {
  delete graph.dataset.at;
  graph.querySelectorAll(".pointer, .reading").forEach((element) => element.remove());
}

function made(name, kind) {
  const element = document.createElement(name);
  element.className = kind;
  return element;
}

function row(words, value) {
  const element = document.createElement("div");
  const strong = document.createElement("b");
  strong.textContent = value;
  element.append(words, strong);
  return element;
}
