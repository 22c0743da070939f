/* Which screen is shown, the bar above it, the lines between them. */
import { icon, make, note } from "../elements.js";
import { STORE_FULL } from "./outbox.js";
import { countUnsent, readPeople } from "./people.js";
import { phone } from "./phone.js";
import { canSeal } from "./sealing.js";
import { isUpdateWaiting, renewPage } from "./update.js";

const root = document.getElementById("handheld");

const pages = {}; // name → function that answers { title, back, body, focus }

export function addPages(more) {
  Object.assign(pages, more);
}

const OPEN = {
  "": "village",
  hamlet: "hamlet",
  home: "home",
  entry: "entry",
  new: "new",
  signoff: "signoff",
  task: "task",
  visit: "visit",
  outbox: "outbox",
  sent: "sent",
  more: "more",
  leave: "leave",
  guide: "guide",
};

const SHUT = { people: "people", pin: "pin", password: "password", guide: "guide" };

const WITHOUT_PACK = { outbox: 1, sent: 1, more: 1, leave: 1, guide: 1 };

let drawn = 0;

const wechat = /MicroMessenger/i.test(navigator.userAgent);

export async function drawScreen() {
  const turn = ++drawn;
  let parts = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const name = parts[0] || "";
  phone.saveDraftNow = null;
  let page;
  let screen;
  try {
    if (!canSeal) screen = unfitPage();
    else if (phone.me) {
      page = OPEN[name] || "village";
      if (!phone.me.pack && !WITHOUT_PACK[page]) page = "empty";
    } else {
      page = SHUT[name];
      if (!page) {
        const people = await readPeople();
        page = people.length ? "people" : "password";
        parts = [];
      }
    }
    screen = screen || (await pages[page](parts[1]));
  } catch (error) {
    screen = brokenPage(error);
  }
  if (turn !== drawn) return;
  const unsent = canSeal ? await countUnsent().catch(() => 0) : 0;
  if (turn !== drawn) return;
  root.textContent = "";
  root.appendChild(titleBar(screen, unsent));
  const main = make("main", { id: "main", tabindex: "-1" }, noteLines(unsent), screen.body);
  root.appendChild(main);
  root.setAttribute("data-screen", page + (parts[1] ? `/${parts[1]}` : ""));
  document.title = `${screen.title} · 精准防贫`;
  window.scrollTo(0, 0);
  if (screen.focus) screen.focus.focus();
  else main.focus({ preventScroll: true });
}

function unfitPage() {
  return {
    title: "手机入户",
    body: [
      make(
        "div.field-intro",
        note(
          "error",
          "这个浏览器不能安全地存资料（要用 https 打开）。请换手机自带的浏览器，或用普通的入户排查页。",
        ),
      ),
      make("p.field-foot", make("a.btn.btn-primary", { href: document.body.dataset.home }, "普通页面")),
    ],
  };
}

function brokenPage(error) {
  const full = error && error.name === "QuotaExceededError";
  return {
    title: "手机入户",
    body: [
      make(
        "div.field-intro",
        note("error", full ? STORE_FULL : "这一页没有打开。存在手机上的记录还在，请刷新再试。"),
      ),
      make(
        "p.field-foot",
        make(
          "button.btn.btn-primary",
          {
            type: "button",
            onclick: () => {
              location.reload();
            },
          },
          "刷新",
        ),
      ),
    ],
  };
}

function titleBar(screen, unsent) {
  return make(
    "header.field-bar",
    screen.back
      ? make(
          "a.field-back",
          { href: screen.back },
          icon("chevron-left"),
          make("span.visually-hidden", "返回"),
        )
      : null,
    make("span.field-title", screen.title),
    make(
      `span.field-net${phone.net.on && !unsent ? "" : ".off"}`,
      { id: "net", role: "status" },
      netWords(unsent),
    ),
  );
}

function netWords(unsent) {
  const words = phone.net.on ? (unsent ? "" : "已联网") : "无网络";
  return words + (words && unsent ? " · " : "") + (unsent ? `${unsent} 条待上传` : "");
}

function noteLines(unsent) {
  return make(
    "div.field-notes",
    { id: "notes" },
    unsent > 0 &&
      make("p.handheld-unsent", { id: "unsent" }, `还有 ${unsent} 条没有上传，别清理微信缓存和浏览器数据`),
    phone.me &&
      phone.me.expired &&
      make(
        "div",
        note("error", "登录已过期，现在传不上去。内容都在手机上。"),
        make("a.btn.btn-primary.w-100", { href: "#/again" }, "输密码，接着上传"),
      ),
    wechat &&
      location.hash !== "#/guide" &&
      !rememberedChoice("handheld-guide") &&
      make("p.handheld-wechat", make("a", { href: "#/guide" }, "在微信里也能用；看图放到桌面更稳妥")),
    isUpdateWaiting() &&
      make(
        "p.handheld-new",
        "有新版本。",
        make("button.btn.btn-sm.btn-outline-primary", { type: "button", onclick: renewPage }, "更新页面"),
      ),
  );
}

function rememberedChoice(name) {
  try {
    return localStorage.getItem(name);
  } catch (_error) {
    return null;
  }
}

/* Where only the counts have changed, what is being typed stays as it is. */
document.addEventListener("handheld:sent", async () => {
  if (!document.getElementById("net")) return;
  const unsent = await countUnsent();
  const place = document.getElementById("net");
  if (!place) return;
  place.textContent = netWords(unsent);
  place.className = `field-net${phone.net.on && !unsent ? "" : " off"}`;
  const line = document.getElementById("notes");
  if (line) line.replaceWith(noteLines(unsent));
  redrawSoon();
});

/* Only lists are drawn again by themselves, and only where nobody is typing, asked at that moment. */
export function isList() {
  const typed = root.querySelector("input[type=search]");
  return (
    phone.me &&
    !root.querySelector("form") &&
    !(typed && typed.value) &&
    /^(#\/?)?(|outbox|sent\/.*|hamlet\/.*|home\/.*)$/.test(location.hash)
  );
}

let redrawing = 0;

function redrawSoon() {
  clearTimeout(redrawing);
  redrawing = setTimeout(() => {
    if (!isList()) return;
    const top = window.scrollY;
    drawScreen().then(() => {
      window.scrollTo(0, top);
    });
  }, 300);
}

export function showToast(words) {
  const old = document.getElementById("toast");
  if (old) old.remove();
  const toast = make("div.handheld-toast", { id: "toast", role: "status" }, words);
  document.body.appendChild(toast);
  setTimeout(() => {
    toast.remove();
  }, 5000);
}
