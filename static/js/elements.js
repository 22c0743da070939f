/* The one way to make elements. Words always become text, never markup. */
const SVG = "http://www.w3.org/2000/svg";

/* make("p.muted", { id: "net", hidden: !shown, onclick: save }, "words", [more], otherNode): a tag with its classes;
   attributes (true stands alone; false, null and undefined leave out) and `on…` listeners, where there are any; children
   (false, null, undefined and "" leave out). */
export function make(tag, ...more) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  if (isAttributes(more[0])) setAttributes(node, more.shift());
  addTo(node, more);
  return node;
}

function isAttributes(one) {
  return Boolean(one) && typeof one === "object" && !one.nodeType && !Array.isArray(one);
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
}

export function addTo(node, child) {
  if (child === null || child === undefined || child === false || child === "") return;
  if (Array.isArray(child)) for (const one of child) addTo(node, one);
  else node.appendChild(child.nodeType ? child : document.createTextNode(String(child)));
}

/* A picture of the sprite that the page names. */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  const sprite = document.querySelector("meta[name=sprite]");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite ? sprite.content : ""}#${name}`);
  drawing.appendChild(use);
  return drawing;
}

/* A line with its sign: error, warning or info. */
export function note(kind, words) {
  const sign = kind === "error" || kind === "warning" ? "exclamation-triangle" : "info-circle";
  return make(`div.note.note-${kind}`, icon(sign), make("div", words));
}

/* The nodes of a form that the server has rendered (a template of ours, never what somebody typed). Scripts in it do
   not run. */
export function parseForm(html) {
  return Array.from(new DOMParser().parseFromString(html, "text/html").body.childNodes);
}
