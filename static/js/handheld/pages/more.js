/* More: the pack, the storage, signing out, the way to the desktop. */
import { icon, make, note } from "../../elements.js";
import { forgetPerson } from "../clearing.js";
import { lockNow } from "../lock.js";
import { sendNow } from "../outbox.js";
import { countUnsentOf } from "../people.js";
import { phone } from "../phone.js";
import { drawScreen, showToast } from "../screen.js";
import { callServer, refreshPack } from "../server.js";

export async function morePage() {
  let kept = null;
  let space = null;
  try {
    kept = navigator.storage && navigator.storage.persisted ? await navigator.storage.persisted() : null;
  } catch (_error) {
    /* not known */
  }
  try {
    space = navigator.storage && navigator.storage.estimate ? await navigator.storage.estimate() : null;
  } catch (_error) {
    /* not known */
  }
  const keep =
    kept === true
      ? "浏览器答应不自动清理这里的记录。"
      : kept === false
        ? "浏览器没有答应保留：空间紧张时它可能自动清理，请当天上传，别清理微信缓存。"
        : "这个浏览器说不清会不会自动清理，请当天上传，别清理缓存。";
  return {
    title: "更多",
    back: "#/",
    body: [
      make(
        "div.field-intro",
        make("h1", "更多"),
        make(
          "p",
          `${phone.me.person.name} · ${phone.me.pack ? `${phone.me.pack.person.role} · ${phone.me.pack.village.name}` : ""}`,
        ),
      ),
      make(
        "section.field-question",
        make("b", "手机上的资料"),
        make(
          "p.mb-1",
          phone.me.packAt
            ? `更新于 ${new Date(phone.me.packAt).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" })}${phone.me.pack ? `，不联网最多保留 ${phone.me.pack.keep_days} 天` : ""}`
            : "还没有",
        ),
        make("p.muted.small", "只有姓名和出生年份，没有身份证号码和电话；用密码锁加密。"),
        make(
          "button.btn.btn-outline-primary.w-100",
          {
            type: "button",
            onclick: async (event) => {
              event.target.disabled = true;
              showToast("正在更新……");
              const words = await refreshPack();
              showToast(words || "已是最新的。");
              drawScreen();
            },
          },
          icon("arrow-repeat"),
          "更新资料",
        ),
      ),
      make(
        "section.field-question",
        make("b", "存储"),
        make("p.mb-1", keep),
        space && space.quota
          ? make(
              "p.muted.small",
              `已用 ${Math.ceil(space.usage / 1048576)} MB，还能存约 ${Math.floor((space.quota - space.usage) / 1048576)} MB。`,
            )
          : null,
        kept === false && navigator.storage.persist
          ? make(
              "button.btn.btn-outline-primary.w-100",
              {
                type: "button",
                onclick: async () => {
                  const yes = await navigator.storage.persist();
                  showToast(yes ? "浏览器答应保留了。" : "浏览器没有答应。请添加到桌面后再试。");
                  drawScreen();
                },
              },
              "请浏览器保留",
            )
          : null,
      ),
      make(
        "section.field-question",
        make("b", "打开方式"),
        make("p.mb-1", "添加到桌面，没有网络也好打开。"),
        make("a.btn.btn-outline-primary.w-100", { href: "#/guide" }, "看图添加到桌面"),
      ),
      make(
        "div.field-acts.field-acts-in.field-acts-one",
        make("a.btn.btn-outline-secondary", { href: document.body.dataset.home }, "待办和其他页面（要网络）"),
        make(
          "a.btn.btn-outline-secondary",
          { href: document.body.dataset.phones },
          "我的手机，停用丢了的（要网络）",
        ),
        make(
          "button.btn.btn-outline-secondary",
          {
            type: "button",
            onclick: () => {
              lockNow();
            },
          },
          icon("lock"),
          "锁上，换人用",
        ),
        make(
          "button.btn.btn-outline-secondary",
          {
            type: "button",
            onclick: () => {
              location.hash = "#/leave";
            },
          },
          icon("box-arrow-right"),
          "退出，清除手机上的资料",
        ),
      ),
    ],
  };
}

export async function leavePage() {
  const left = await countUnsentOf(phone.me.person.uuid);
  let busy = false;
  async function go() {
    if (busy) return;
    busy = true;
    try {
      await callServer(document.body.dataset.leave, { method: "POST" });
    } catch (_error) {
      /* without a network it ends by itself */
    }
    await forgetPerson(phone.me.person.uuid);
    showToast(
      left ? `已退出。没有上传的 ${left} 条封存在手机上，您下次登录再传。` : "已退出，手机上的资料已清除。",
    );
    location.hash = "#/";
    drawScreen();
  }
  return {
    title: "退出",
    back: "#/more",
    body: [
      make(
        "div.field-intro",
        make("h1", "退出"),
        left ? note("warning", `还有 ${left} 条没有上传。`) : make("p", "村里的资料会从手机上清除。"),
      ),
      make(
        "div.field-acts.field-acts-in.field-acts-one",
        left > 0 &&
          make(
            "button.btn.btn-primary",
            {
              type: "button",
              onclick: async () => {
                showToast("正在上传……");
                await sendNow();
                drawScreen();
              },
            },
            icon("cloud-upload"),
            "先上传",
          ),
        make(
          "button.btn.btn-outline-danger",
          { type: "button", onclick: go },
          left ? "封存没有上传的，退出" : "退出",
        ),
        make("a.btn.btn-outline-secondary", { href: "#/more" }, "不退出"),
      ),
    ],
  };
}

export async function guidePage() {
  function step(number, words, drawing) {
    return make(
      "li.handheld-step",
      make("div.handheld-picture", { role: "img", "aria-label": words }, drawing),
      make("div", make("b", `${number} `), words),
    );
  }
  const bar = make("div.pic-bar", make("span", "防贫入户"), make("span.pic-dots", "···"));
  const menu = make(
    "div.pic-menu",
    make("span", "发送给朋友"),
    make("span.pic-hot", "在浏览器打开"),
    make("span", "收藏"),
  );
  const browser = make(
    "div.pic-menu",
    make("span", "刷新"),
    make("span.pic-hot", "添加到桌面"),
    make("span", "书签"),
  );
  const desk = make("div.pic-desk", make("span"), make("span"), make("span.pic-app", "防贫"), make("span"));
  return {
    title: "添加到桌面",
    back: "#/",
    body: [
      make(
        "div.field-intro",
        make("h1", "在浏览器打开，添加到桌面"),
        make(
          "p",
          "微信清理缓存时会把没有上传的记录一起清掉。用手机浏览器打开、放到桌面更稳妥；不添加也能用。",
        ),
      ),
      make(
        "ol.handheld-steps",
        step("1", "点右上角的“···”", bar),
        step("2", "选“在浏览器打开”", menu),
        step("3", "在浏览器的菜单里选“添加到桌面”（有的叫“添加到主屏幕”）", browser),
        step("4", "以后从桌面点“防贫入户”打开", desk),
      ),
      make("p.field-foot", make("a.btn.btn-primary", { href: "#/" }, "知道了")),
    ],
  };
}
