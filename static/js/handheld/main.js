/* Which screen is shown, the bar above it, the lock, the worker. */
(function () {
  "use strict";

  var H = window.Handheld, h = H.h, P = H.pages, root = document.getElementById("handheld");
  var OPEN = { "": "village", hamlet: "hamlet", home: "home", entry: "entry", new: "new", signoff: "signoff", task: "task", visit: "visit", outbox: "outbox", sent: "sent", more: "more", leave: "leave", guide: "guide" };
  var SHUT = { people: "people", pin: "pin", password: "password", guide: "guide" };
  var WITHOUT_PACK = { outbox: 1, sent: 1, more: 1, leave: 1, guide: 1 };
  var drawn = 0, touched = Date.now(), waiting = null;
  var wechat = /MicroMessenger/i.test(navigator.userAgent);

  /* ---- Drawing ---- */
  H.draw = async function () {
    var turn = ++drawn, parts = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent), name = parts[0] || "";
    H.saveDraftNow = null;
    var page, screen;
    try {
      if (!H.canSeal) screen = unfit();
      else if (H.me) { page = OPEN[name] || "village"; if (!H.me.pack && !WITHOUT_PACK[page]) page = "empty"; }
      else { page = SHUT[name]; if (!page) { var people = await H.people(); page = people.length ? "people" : "password"; parts = []; } }
      screen = screen || await P[page](parts[1]);
    } catch (error) { screen = broken(error); }
    if (turn !== drawn) return;
    var unsent = H.canSeal ? await H.countUnsent().catch(function () { return 0; }) : 0;
    if (turn !== drawn) return;
    root.textContent = "";
    root.appendChild(bar(screen, unsent));
    var main = h("main", { id: "main", tabindex: "-1" }, notes(unsent), screen.body);
    root.appendChild(main);
    root.setAttribute("data-screen", page + (parts[1] ? "/" + parts[1] : ""));
    document.title = screen.title + " · 精准防贫";
    window.scrollTo(0, 0);
    if (screen.focus) screen.focus.focus(); else main.focus({ preventScroll: true });
  };

  function unfit() { return { title: "手机入户", body: [h("div.field-intro", H.note("error", "这个浏览器不能安全地存资料（要用 https 打开）。请换手机自带的浏览器，或用普通的入户排查页。")), h("p.field-foot", h("a.btn.btn-primary", { href: document.body.dataset.home }, "普通页面"))] }; }

  function broken(error) {
    var full = error && error.name === "QuotaExceededError";
    return { title: "手机入户", body: [h("div.field-intro", H.note("error", full ? H.FULL : "这一页没有打开。存在手机上的记录还在，请刷新再试。")), h("p.field-foot", h("button.btn.btn-primary", { type: "button", onclick: function () { location.reload(); } }, "刷新"))] };
  }

  function bar(screen, unsent) {
    return h("header.field-bar",
      screen.back ? h("a.field-back", { href: screen.back }, H.icon("chevron-left"), h("span.visually-hidden", "返回")) : null,
      h("span.field-title", screen.title),
      h("span.field-net" + (H.net.on && !unsent ? "" : ".off"), { id: "net", role: "status" }, net(unsent)));
  }

  function net(unsent) {
    var words = H.net.on ? (unsent ? "" : "已联网") : "无网络";
    return words + (words && unsent ? " · " : "") + (unsent ? unsent + " 条待上传" : "");
  }

  function notes(unsent) {
    return h("div.field-notes", { id: "notes" },
      unsent > 0 && h("p.handheld-unsent", { id: "unsent" }, "还有 " + unsent + " 条没有上传，别清理微信缓存和浏览器数据"),
      H.me && H.me.expired && h("div", H.note("error", "登录已过期，现在传不上去。内容都在手机上。"), h("a.btn.btn-primary.w-100", { href: "#/again" }, "输密码，接着上传")),
      wechat && location.hash !== "#/guide" && !remembered("handheld-guide") && h("p.handheld-wechat", h("a", { href: "#/guide" }, "在微信里也能用；看图放到桌面更稳妥")),
      waiting && h("p.handheld-new", "有新版本。", h("button.btn.btn-sm.btn-outline-primary", { type: "button", onclick: renew }, "更新页面")));
  }

  function remembered(name) { try { return localStorage.getItem(name); } catch (error) { return null; } }

  /* Where only the counts have changed, what is being typed stays as it is. */
  document.addEventListener("handheld:sent", async function () {
    var place = document.getElementById("net"), line = document.getElementById("notes");
    if (!place) return;
    var unsent = await H.countUnsent();
    if (!document.getElementById("net")) return;
    document.getElementById("net").textContent = net(unsent);
    document.getElementById("net").className = "field-net" + (H.net.on && !unsent ? "" : " off");
    line = document.getElementById("notes");
    if (line) line.replaceWith(notes(unsent));
    redraw();
  });

  /* Only lists are drawn again by themselves, and only where nobody is typing: looked at when it happens. */
  function isList() {
    var typed = root.querySelector("input[type=search]");
    return H.me && !root.querySelector("form") && !(typed && typed.value) && /^(#\/?)?(|outbox|sent\/.*|hamlet\/.*|home\/.*)$/.test(location.hash);
  }
  var redrawing = 0;
  function redraw() {
    clearTimeout(redrawing);
    redrawing = setTimeout(function () {
      if (!isList()) return;
      var top = window.scrollY;
      H.draw().then(function () { window.scrollTo(0, top); });
    }, 300);
  }

  H.toast = function (words) {
    var old = document.getElementById("toast");
    if (old) old.remove();
    var toast = h("div.handheld-toast", { id: "toast", role: "status" }, words);
    document.body.appendChild(toast);
    setTimeout(function () { toast.remove(); }, 5000);
  };

  /* ---- The lock ---- */
  H.opened = function (words) {
    touched = Date.now();
    H.draw();
    if (words) H.toast(words);
    askToKeep();
    H.sendNow();
    if (!words) H.freshen().then(function (said) { if (H.me) { if (said) H.toast(said); if (isList() || !H.me.pack) H.draw(); } });
  };

  H.lockNow = async function () {
    try { if (H.saveDraftNow) await H.saveDraftNow(); } catch (error) { /* the draft of a moment ago stays */ }
    H.lock();
    location.hash = "#/people";
    H.draw();
  };

  function idle() {
    if (!H.me) return;
    var minutes = H.me.pack ? H.me.pack.idle_minutes : 10;
    if (Date.now() - touched > minutes * 60000) H.lockNow();
  }
  ["pointerdown", "keydown", "input"].forEach(function (name) { document.addEventListener(name, function () { idle(); touched = Date.now(); }, true); });
  document.addEventListener("visibilitychange", function () { if (document.hidden) { if (H.saveDraftNow) H.saveDraftNow(); } else idle(); });
  setInterval(idle, 5000);

  async function askToKeep() {
    try { if (navigator.storage && navigator.storage.persist && !(await navigator.storage.persisted())) await navigator.storage.persist(); } catch (error) { /* told under 更多 */ }
  }

  /* ---- The worker ---- */
  function renew() {
    if (!waiting) return location.reload();
    Promise.resolve(H.saveDraftNow && H.saveDraftNow()).then(function () { waiting.postMessage("take over"); });
  }

  function watch(registration) {
    function ready() { if (registration.waiting && navigator.serviceWorker.controller) { waiting = registration.waiting; document.dispatchEvent(new CustomEvent("handheld:sent")); } }
    ready();
    registration.addEventListener("updatefound", function () {
      var worker = registration.installing;
      if (worker) worker.addEventListener("statechange", ready);
    });
    document.addEventListener("visibilitychange", function () { if (!document.hidden && H.net.on) registration.update().catch(function () { /* another time */ }); });
  }

  if (navigator.serviceWorker) {
    var had = !!navigator.serviceWorker.controller;
    navigator.serviceWorker.addEventListener("controllerchange", function () { if (had) location.reload(); had = true; });
    navigator.serviceWorker.register(document.body.dataset.worker).then(watch).catch(function () { /* an ordinary page, then */ });
  }

  /* ---- Start ---- */
  window.addEventListener("hashchange", async function () {
    if (H.saveDraftNow) { try { await H.saveDraftNow(); } catch (error) { /* kept a moment ago */ } }
    if (location.hash === "#/guide") { try { localStorage.setItem("handheld-guide", "1"); } catch (error) { /* shown again */ } }
    if (location.hash === "#/again" && H.me) { var person = H.me.person.uuid; H.lock(); location.hash = "#/password/" + person; return; }
    H.draw();
  });

  (async function () {
    if (H.canSeal) { try { await H.wipeOld(); } catch (error) { /* told where it is drawn */ } }
    H.draw();
  })();
})();
