const VERBS = ["get", "post", "put", "patch", "delete"];

export function isHtmx(element) {
  return VERBS.some((verb) => element.hasAttribute(`hx-${verb}`));
}
