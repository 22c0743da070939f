/* Sending once. */
import { make } from "../elements.js";
import { isHtmx } from "./requests.js";

function busy(form, button) {
  form.dataset.busy = "";
  form.setAttribute("aria-busy", "true");
  if (!button || button.keptNodes) return;
  button.keptNodes = Array.from(button.childNodes);
  button.replaceChildren(make("span.spinner"), "正在提交…");
  button.setAttribute("aria-disabled", "true");
}

function idle(form) {
  delete form.dataset.busy;
  form.removeAttribute("aria-busy");
  Array.from(form.elements || []).forEach((button) => {
    if (!button.keptNodes) return;
    button.replaceChildren.apply(button, button.keptNodes);
    delete button.keptNodes;
    button.removeAttribute("aria-disabled");
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || isHtmx(form) || form.method !== "post" || "noBusy" in form.dataset) return;
  if ("busy" in form.dataset) {
    event.preventDefault();
    return;
  }
  busy(form, event.submitter);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt;
  if (form.tagName !== "FORM" || form.method !== "post") return;
  if ("busy" in form.dataset) {
    event.preventDefault();
    return;
  }
  const cause = event.detail.requestConfig.triggeringEvent;
  busy(form, cause && cause.submitter);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.tagName === "FORM") idle(event.detail.elt);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-busy]").forEach(idle);
});
