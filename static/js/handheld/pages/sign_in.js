/* Who opens. */
import { addTo, icon, make, note } from "../../elements.js";
import { openVillage } from "../lock.js";
import { missingPage } from "./parts.js";
import { readPeople } from "../people.js";
import { phone } from "../phone.js";
import { drawScreen, showToast } from "../screen.js";
import { canSeal } from "../sealing.js";
import { refreshPack, signInWithPassword } from "../server.js";
import { keepPerson, unlock } from "../vault.js";

export async function peoplePage() {
  const people = await readPeople();
  return {
    title: "手机入户",
    body: [
      make(
        "div.field-intro",
        make("h1", "谁在用"),
        people.length ? make("p", "点自己的名字，输密码锁。") : null,
      ),
      people.map((person) =>
        make(
          "a.field-item",
          { href: person.wrapped ? `#/pin/${person.uuid}` : `#/password/${person.uuid}` },
          make("span.field-mark", icon("person")),
          make(
            "span.grow",
            make("b", person.name),
            make(
              "span.sub",
              (person.unsent ? `有 ${person.unsent} 条没有上传` : "没有要上传的") +
                (person.wrapped ? "" : " · 已封存，用密码打开"),
            ),
          ),
          icon("chevron-right"),
        ),
      ),
      make(
        "div.field-acts.field-acts-in.field-acts-one",
        make("a.btn.btn-outline-primary", { href: "#/password" }, people.length ? "其他人登录" : "登录"),
        make("a.btn.btn-link", { href: "#/guide" }, "添加到桌面"),
      ),
    ],
  };
}

export async function pinPage(uuid) {
  const person = (await readPeople()).filter((one) => one.uuid === uuid)[0];
  if (!person) return missingPage();
  const field = make("input.form-control.handheld-pin", {
    type: "password",
    inputmode: "numeric",
    pattern: "[0-9]*",
    maxlength: "6",
    autocomplete: "off",
    id: "pin",
    required: true,
  });
  const said = make("div", { role: "alert" });
  const form = make(
    "form",
    { novalidate: true },
    make("div.field", make("label.form-label", { for: "pin" }, "密码锁（6 位数字）"), field),
    said,
    make("button.btn.btn-primary.btn-lg.w-100", "打开"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    const button = form.querySelector("button");
    button.disabled = true;
    const words = await unlock(uuid, field.value);
    button.disabled = false;
    if (words) {
      field.value = "";
      addTo(said, note("error", words));
      field.focus();
      if (!(await readPeople()).some((one) => one.uuid === uuid && one.wrapped))
        location.hash = `#/password/${uuid}`;
      return;
    }
    location.hash = "#/";
    openVillage();
  });
  return {
    title: "手机入户",
    back: "#/people",
    body: [
      make(
        "div.field-intro",
        make("h1", person.name),
        make("p", person.unsent ? `有 ${person.unsent} 条没有上传` : "没有要上传的"),
      ),
      make("section.field-question", form),
      make("p.field-foot", make("a", { href: `#/password/${uuid}` }, "忘了密码锁，用密码登录")),
    ],
    focus: field,
  };
}

export async function passwordPage(uuid) {
  const person = uuid && (await readPeople()).filter((one) => one.uuid === uuid)[0];
  const name = make("input.form-control", {
    id: "name",
    autocomplete: "username",
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
    value: person ? person.username : null,
  });
  const password = make("input.form-control", {
    id: "password",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const pin = make("input.form-control.handheld-pin", {
    id: "pin1",
    type: "password",
    inputmode: "numeric",
    maxlength: "6",
    autocomplete: "off",
    required: true,
  });
  const again = make("input.form-control.handheld-pin", {
    id: "pin2",
    type: "password",
    inputmode: "numeric",
    maxlength: "6",
    autocomplete: "off",
    required: true,
  });
  const said = make("div", { role: "alert" });
  const choice = make("div");
  let duty = "";
  const form = make(
    "form",
    { novalidate: true },
    make("div.field", make("label.form-label", { for: "name" }, "用户名"), name),
    make("div.field", make("label.form-label", { for: "password" }, "密码"), password),
    make("p.field-say", "给这部手机设一个密码锁，离线打开时用。别人拿到手机，没有它打不开村里的资料。"),
    make("div.field", make("label.form-label", { for: "pin1" }, "密码锁（6 位数字）"), pin),
    make("div.field", make("label.form-label", { for: "pin2" }, "再输一遍"), again),
    choice,
    said,
    make("button.btn.btn-primary.btn-lg.w-100", "登录，带上村里的资料"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    said.textContent = "";
    const wrong =
      !name.value.trim() || !password.value
        ? "请填用户名和密码。"
        : !/^\d{6}$/.test(pin.value)
          ? "密码锁要 6 位数字。"
          : /^(\d)\1{5}$/.test(pin.value) || "0123456789 9876543210".indexOf(pin.value) >= 0
            ? "密码锁太好猜，请换一个：不要用相同的或顺着排的数字。"
            : pin.value !== again.value
              ? "两次输的密码锁不一样。"
              : "";
    if (wrong) {
      addTo(said, note("error", wrong));
      return;
    }
    const button = form.querySelector("button.btn-lg");
    button.disabled = true;
    try {
      const answer = await signInWithPassword(name.value.trim(), password.value, duty);
      if (answer.choose) {
        choice.textContent = "";
        addTo(
          choice,
          make(
            "fieldset.field-choice",
            make("legend", "用哪个岗位入户"),
            make(
              "div.choices.choices-1",
              answer.choose.map((one) =>
                make(
                  "label",
                  make("input", {
                    type: "radio",
                    name: "duty",
                    value: one[0],
                    onchange: () => {
                      duty = String(one[0]);
                    },
                  }),
                  make("span", one[1]),
                ),
              ),
            ),
          ),
        );
        addTo(said, note("warning", "您有几个岗位，请选一个再点登录。"));
        return;
      }
      if (!answer.ok) {
        addTo(said, note("error", answer.detail || "没有登录上，请再试一次。"));
        return;
      }
      await keepPerson(answer, name.value.trim(), pin.value);
      addTo(said, note("warning", "正在带上村里的资料……"));
      const words = await refreshPack();
      location.hash = "#/";
      openVillage(words);
    } catch (_error) {
      said.textContent = "";
      addTo(
        said,
        note(
          "error",
          canSeal
            ? "没有网络，登录不了。第一次打开要有网络；没有上传的记录还在手机上。"
            : "这个浏览器不能安全地存资料，请换手机自带的浏览器打开。",
        ),
      );
    } finally {
      button.disabled = false;
    }
  });
  return {
    title: "手机入户",
    back: "#/people",
    body: [
      make(
        "div.field-intro",
        make("h1", "登录"),
        person ? make("p", `${person.name}：用密码打开手机上封存的记录。`) : null,
      ),
      make("section.field-question", form),
    ],
  };
}

export async function emptyPage() {
  return {
    title: "手机入户",
    body: [
      make(
        "div.field-intro",
        make("h1", "手机上没有村里的资料"),
        note(
          "warning",
          phone.me.wiped ||
            "资料的保留天数到了，或还没有带上。有网络时点下面带上；没有上传的记录还在手机上。",
        ),
      ),
      make(
        "div.field-acts.field-acts-in.field-acts-one",
        make(
          "button.btn.btn-primary",
          {
            type: "button",
            onclick: async () => {
              showToast("正在带上……");
              const words = await refreshPack();
              if (words) showToast(words);
              drawScreen();
            },
          },
          "带上村里的资料",
        ),
        make("a.btn.btn-outline-primary", { href: "#/outbox" }, "我填的"),
        make("a.btn.btn-outline-secondary", { href: "#/leave" }, "退出"),
      ),
    ],
  };
}
