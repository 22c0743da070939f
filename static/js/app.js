/* What the pages need beyond Bootstrap and htmx. Everything works by attribute and event delegation, so fragments
   that htmx brings in need no start-up. No eval, no inline handlers; every page also works without this file. */
(function () {
  "use strict";

  var sprite = (document.querySelector('meta[name="sprite"]') || {}).content || "";
  var isHtmx = function (element) {
    return ["get", "post", "put", "patch", "delete"].some(function (verb) { return element.hasAttribute("hx-" + verb); });
  };

  function make(tag, css, text) {
    var element = document.createElement(tag);
    if (css) element.className = css;
    if (text) element.textContent = text;
    return element;
  }

  function icon(name) {
    var space = "http://www.w3.org/2000/svg";
    var drawing = document.createElementNS(space, "svg");
    var use = document.createElementNS(space, "use");
    drawing.setAttribute("class", "icon");
    drawing.setAttribute("aria-hidden", "true");
    use.setAttribute("href", sprite + "#" + name);
    drawing.appendChild(use);
    return drawing;
  }

  /* ---- Toasts: one line of what happened and what to do ---- */
  function toasts() {
    var area = document.querySelector(".toasts");
    if (!area) {
      area = make("div", "toasts");
      area.setAttribute("role", "status");
      area.setAttribute("aria-live", "polite");
      document.body.appendChild(area);
    }
    return area;
  }

  function toast(text, options) {
    options = options || {};
    var area = toasts();
    var same = Array.from(area.children).find(function (note) { return note.dataset.text === text; });
    if (same) return;
    var note = make("div", "note note-" + (options.error ? "error" : "info"));
    note.dataset.text = text;
    note.appendChild(options.error ? icon("exclamation-triangle") : icon("check-circle"));
    var words = make("div", "", text);
    if (options.reload) {
      var again = make("button", "btn btn-sm btn-outline-secondary ms-2", "刷新页面");
      again.type = "button";
      again.addEventListener("click", function () { window.location.reload(); });
      words.appendChild(again);
    }
    note.appendChild(words);
    var close = make("button", "close");
    close.type = "button";
    close.setAttribute("aria-label", "关闭");
    close.dataset.dismiss = "";
    close.appendChild(icon("x-lg"));
    note.appendChild(close);
    if (options.error) note.setAttribute("role", "alert");
    area.appendChild(note);
    if (!options.error) window.setTimeout(function () { note.remove(); }, 4000);
  }

  /* ---- Asking before an act ---- */
  var dialog, answer;

  function buildDialog() {
    dialog = make("dialog", "ask");
    dialog.setAttribute("aria-labelledby", "ask-words");
    dialog.setAttribute("aria-describedby", "ask-detail");
    var form = make("form");
    form.method = "dialog";
    var words = make("h2"), detail = make("p"), buttons = make("div", "buttons");
    words.id = "ask-words";
    detail.id = "ask-detail";
    var no = make("button", "btn btn-outline-secondary", "取消"), yes = make("button", "btn btn-primary");
    no.value = "";
    yes.value = "yes";
    buttons.append(no, yes);
    form.append(words, detail, buttons);
    dialog.appendChild(form);
    dialog.addEventListener("close", function () {
      var then = answer;
      answer = null;
      if (dialog.returnValue === "yes" && then) then();
    });
    dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(""); });
    document.body.appendChild(dialog);
  }

  /* What the act will do to the ticked rows of its form, where these carry amounts. */
  function picked(source) {
    var form = source.form || source.closest("form");
    var place = form && form.dataset.unit && source !== form ? form.querySelector("[data-picked]") : null;
    return place ? place.textContent : "";
  }

  function ask(source, question, then) {
    var data = source.dataset, told = [picked(source), data.confirmDetail].filter(Boolean).join("。");
    if (!window.HTMLDialogElement) {
      if (window.confirm([question, told].filter(Boolean).join("\n"))) then();
      return;
    }
    if (!dialog) buildDialog();
    var detail = dialog.querySelector("p"), yes = dialog.querySelector("button[value=yes]");
    dialog.querySelector("h2").textContent = question;
    detail.textContent = told;
    detail.hidden = !told;
    yes.textContent = data.confirmLabel || "确定";
    var grave = source.matches(".btn-danger, .btn-outline-danger") || "confirmDanger" in data;
    yes.className = "btn " + (grave ? "btn-danger" : "btn-primary");
    answer = then;
    dialog.returnValue = "";
    dialog.showModal();
    (grave ? dialog.querySelector("button") : yes).focus();
  }

  var confirmed = new WeakSet();

  /* Signing out where the phone's page still has something unsent: asked, for it stays sealed here (js/handheld). */
  function unsent() { try { return Number(localStorage.getItem("handheld-unsent")) || 0; } catch (error) { return 0; } }

  document.addEventListener("submit", function (event) {
    if (!event.target.matches("[data-sign-out]")) return;
    try { sessionStorage.setItem("handheld-leaves", event.target.dataset.signOut); } catch (error) { /* then everybody's pack goes */ }
    var count = unsent();
    if (!count) return;
    event.target.dataset.confirm = "手机入户还有 " + count + " 条没有上传，现在退出吗？";
    event.target.dataset.confirmDetail = "退出后它们封存在这部手机上，您下次用密码登录再传。要先上传，请先打开“手机入户”";
  }, true);

  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    var source = [button, form].find(function (element) { return element && element.dataset.confirm; });
    if (!source || isHtmx(form) || (button && isHtmx(button))) return;
    if (confirmed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if ("busy" in form.dataset) return;
    ask(source, source.dataset.confirm, function () {
      confirmed.add(form);
      form.requestSubmit(button || undefined);
    });
  }, true);

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-confirm]");
    if (!link || isHtmx(link)) return;
    event.preventDefault();
    ask(link, link.dataset.confirm, function () { window.location.assign(link.href); });
  });

  document.addEventListener("htmx:confirm", function (event) {
    var source = event.detail.elt;
    var trigger = event.detail.triggeringEvent && event.detail.triggeringEvent.submitter;
    if (trigger && trigger.dataset.confirm) source = trigger;
    var question = event.detail.question || source.dataset.confirm;
    if (!question) return;
    event.preventDefault();
    ask(source, question, function () { event.detail.issueRequest(true); });
  });

  /* ---- Sending once ---- */
  function busy(form, button) {
    form.dataset.busy = "";
    form.setAttribute("aria-busy", "true");
    if (!button || button.keptNodes) return;
    button.keptNodes = Array.from(button.childNodes);
    button.replaceChildren(make("span", "spinner"), document.createTextNode("正在提交…"));
    button.setAttribute("aria-disabled", "true");
  }

  function idle(form) {
    delete form.dataset.busy;
    form.removeAttribute("aria-busy");
    Array.from(form.elements || []).forEach(function (button) {
      if (!button.keptNodes) return;
      button.replaceChildren.apply(button, button.keptNodes);
      delete button.keptNodes;
      button.removeAttribute("aria-disabled");
    });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || isHtmx(form) || form.method !== "post" || "noBusy" in form.dataset) return;
    if ("busy" in form.dataset) { event.preventDefault(); return; }
    busy(form, event.submitter);
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    var form = event.detail.elt;
    if (form.tagName !== "FORM" || form.method !== "post") return;
    if ("busy" in form.dataset) { event.preventDefault(); return; }
    var cause = event.detail.requestConfig.triggeringEvent;
    busy(form, cause && cause.submitter);
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.elt.tagName === "FORM") idle(event.detail.elt);
  });
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) document.querySelectorAll("form[data-busy]").forEach(idle);
  });

  /* ---- Preset words: a tap adds them to their field ---- */
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-words-for]");
    var field = button && document.getElementById(button.dataset.wordsFor);
    if (!field) return;
    var before = field.value.trim();
    field.value = before ? before.replace(/[；。，]$/, "") + "；" + button.textContent.trim() : button.textContent.trim();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  /* ---- Unsaved changes ---- */
  var changed = new Set();
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && "guard" in form.dataset) changed.add(form);
  });
  document.addEventListener("submit", function (event) { if (!event.defaultPrevented) changed.delete(event.target); });
  window.addEventListener("beforeunload", function (event) {
    changed.forEach(function (form) { if (!document.contains(form)) changed.delete(form); });
    if (changed.size) { event.preventDefault(); event.returnValue = ""; }
  });

  /* ---- Filters: with the mouse at once, with the keyboard when the choice is made ---- */
  var keyed = null;
  function autosubmit(target) {
    var form = target.form;
    if (!form || !(target.hasAttribute("data-autosubmit") || form.hasAttribute("data-autosubmit"))) return;
    if (!target.matches("select, input[type=checkbox], input[type=radio], input[type=date], input[type=month]")) return;
    form.requestSubmit();
  }
  document.addEventListener("keydown", function (event) {
    if (!event.target.matches("select, input[type=date], input[type=month], input[type=radio]")) return;
    if (event.key === "Enter" && keyed === event.target && event.target.dataset.pending) {
      delete event.target.dataset.pending;
      autosubmit(event.target);
    } else {
      keyed = event.target;
    }
  });
  document.addEventListener("pointerdown", function () { keyed = null; });
  document.addEventListener("change", function (event) {
    if (keyed === event.target) event.target.dataset.pending = "1";
    else autosubmit(event.target);
  });
  document.addEventListener("focusout", function (event) {
    if (keyed !== event.target) return;
    keyed = null;
    if (event.target.dataset.pending) { delete event.target.dataset.pending; autosubmit(event.target); }
  });

  /* ---- Files ---- */
  function size(bytes) {
    return bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
  }
  function showFiles(input) {
    var drop = input.closest(".drop");
    if (!drop) return;
    var name = drop.querySelector(".drop-name"), files = Array.from(input.files);
    if (!("empty" in name.dataset)) name.dataset.empty = name.textContent;
    var limit = Number(input.dataset.maxMb || 0) * 1048576;
    var heavy = limit && files.find(function (file) { return file.size > limit; });
    if (heavy) {
      input.value = "";
      files = [];
      toast("“" + heavy.name + "”有 " + size(heavy.size) + "，超过 " + input.dataset.maxMb + " MB，请分开后再上传。", { error: true });
    }
    name.textContent = files.map(function (file) { return file.name + "（" + size(file.size) + "）"; }).join("、") || name.dataset.empty;
    drop.classList.toggle("filled", files.length > 0);
  }
  document.addEventListener("change", function (event) { if (event.target.type === "file") showFiles(event.target); });
  ["dragover", "dragleave", "drop"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var drop = event.target.closest && event.target.closest(".drop");
      if (kind !== "dragleave" && event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files")) event.preventDefault();
      if (!drop) return;
      drop.classList.toggle("over", kind === "dragover");
      var input = drop.querySelector("input[type=file]");
      if (kind !== "drop" || !input || !event.dataTransfer.files.length) return;
      if (!input.multiple && event.dataTransfer.files.length > 1) {
        toast("这里一次只能放一个文件。", { error: true });
        return;
      }
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });

  /* ---- Rows, copying, showing a password, closing, printing ---- */
  function openRow(event) {
    var row = event.target.closest("table[data-rows] > tbody > tr");
    if (!row || event.defaultPrevented || event.target.closest("a, button, input, select, textarea, label, summary")) return;
    if (String(window.getSelection())) return;
    var link = row.querySelector("a[href]");
    if (!link) return;
    if (event.ctrlKey || event.metaKey || event.button === 1) window.open(link.href, "_blank", "noopener");
    else if (event.button === 0) link.click();
  }
  document.addEventListener("click", openRow);
  document.addEventListener("auxclick", openRow);

  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    var box = make("textarea", "visually-hidden");
    box.value = text;
    document.body.appendChild(box);
    box.select();
    var done = document.execCommand("copy");
    box.remove();
    return done ? Promise.resolve() : Promise.reject();
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-copy], [data-reveal], [data-dismiss], [data-print]");
    if (!target) return;
    if ("copy" in target.dataset) {
      copy(target.dataset.copy).then(
        function () { toast("已复制"); },
        function () { toast("没有复制成功，请手工选中后复制。", { error: true }); }
      );
    } else if ("reveal" in target.dataset) {
      var field = document.querySelector(target.dataset.reveal), hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      target.textContent = hidden ? "隐藏" : "显示";
      target.setAttribute("aria-pressed", String(hidden));
    } else if ("dismiss" in target.dataset) {
      target.closest(".note").remove();
    } else {
      window.print();
    }
  });

  document.addEventListener("keydown", function (event) {
    var search = document.querySelector(".top .search input[type=search]");
    var typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && search && !typing && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape") {
      if (event.target === search) search.blur();
      document.querySelectorAll(".toasts .note").forEach(function (note) { note.remove(); });
    }
  });

  /* ---- htmx: failures are told in words, never swallowed ---- */
  var failures = {
    400: "填写的内容有误，没有保存。请检查后再试。",
    401: "登录已过期，请重新登录。",
    403: "当前岗位没有办理这一项的权限，或登录已过期。请刷新页面；仍不行请联系本县系统管理员。",
    404: "这一项已不存在，或不在当前岗位的范围内。请刷新页面。",
    409: "刚刚有人办理过这一项，您的操作没有保存。请刷新页面查看最新情况。",
    413: "文件太大，没有上传。请分开后再试。",
    429: "操作太频繁，请稍等一分钟再试。"
  };
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    toast(failures[status] || "系统出错，没有保存。请稍后再试；仍不行请联系本县系统管理员。", { error: true, reload: status !== 400 && status !== 413 && status !== 429 });
  });
  document.addEventListener("htmx:sendError", function () {
    toast("网络连接不上，没有保存。请检查网络后再试，已填写的内容还在页面上。", { error: true });
  });
  document.addEventListener("htmx:timeout", function () {
    toast("等待时间过长，请检查网络后再试。", { error: true });
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.xhr.responseText.includes("data-signed-out")) {
      event.detail.shouldSwap = false;
      window.location.reload();
    }
  });

  /* ---- Ticked rows ---- */
  function picks(form) { return Array.from(form.querySelectorAll("input[name=pick]")); }
  /* Where rows carry an amount in fen, what the ticked ones add up to. */
  function sumOf(boxes) {
    if (!boxes.some(function (box) { return box.dataset.fen; })) return "";
    var fen = boxes.reduce(function (sum, box) { return sum + (box.checked ? Number(box.dataset.fen) : 0); }, 0);
    return "，共 " + (fen / 100).toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 }) + " 元";
  }
  function countPicks(form) {
    var all = picks(form), ticked = all.filter(function (box) { return box.checked; }).length;
    var words = "已选 " + ticked + " " + (form.dataset.unit || "户") + sumOf(all);
    form.querySelectorAll("[data-picked]").forEach(function (place) { place.textContent = words; });
    form.querySelectorAll("[data-pick-all]").forEach(function (box) {
      box.checked = ticked > 0 && ticked === all.length;
      box.indeterminate = ticked > 0 && ticked < all.length;
    });
  }
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (!form || !event.target.matches("[data-pick-all], input[name=pick]")) return;
    if (event.target.matches("[data-pick-all]")) picks(form).forEach(function (box) { box.checked = event.target.checked; });
    countPicks(form);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-picks]").forEach(countPicks);
  });

  /* ---- A panel that scrolls sideways can be reached with the keyboard ---- */
  function reachable() {
    document.querySelectorAll(".table-responsive").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  }
  document.addEventListener("DOMContentLoaded", reachable);
  document.addEventListener("htmx:afterSettle", reachable);
  window.addEventListener("resize", reachable);

  /* ---- The entry of this page stays in sight in a menu that is longer than the screen ---- */
  document.addEventListener("DOMContentLoaded", function () {
    var here = document.querySelector("#side [aria-current=page]"), box = here && here.parentElement;
    while (box && box.id !== "side" && box.scrollHeight <= box.clientHeight) box = box.parentElement;
    if (!box || box.scrollHeight <= box.clientHeight) return;
    var below = here.getBoundingClientRect().bottom + 16 - box.getBoundingClientRect().bottom;
    if (below > 0) box.scrollTop += below;
  });
})();
