/* A screen with one form: kept as a draft while one types, checked, then put into the outbox. */
import { addTo, icon, make, note, parseForm } from "../../elements.js";
import { showPerHead } from "../../per_head.js";
import {
  dropDraftPhoto,
  dropDraftPhotos,
  keepDraft,
  keepDraftPhoto,
  readDraft,
  readDraftPhotos,
} from "../drafts.js";
import { fillForm, fillMembers, findFault, gatherFields } from "../forms.js";
import { hasRoom, keepEntry } from "../outbox.js";
import { phone } from "../phone.js";
import { MOST_PHOTOS, shrinkPhoto } from "../photos.js";
import { showToast } from "../screen.js";

export function formPage(options) {
  const form = make("form.handheld-form", { novalidate: true, autocomplete: "off" });
  const fault = make("div", { role: "alert" });
  const photos = [];
  const host = make("div", parseForm(options.html)); // rendered by the server, from our own templates
  const inside = options.bare ? host : make("section.field-question", host);
  addTo(form, inside);
  const album = options.photos && photoSection(options, photos);
  if (album) addTo(form, album.section);
  const save = make("button.btn.btn-primary.btn-lg", { type: "submit" }, options.save);
  addTo(form, make("div.field-save", save));
  fillForm(form, options.values);
  if (options.members) fillMembers(form, options.members);
  const keep = debounce(
    () =>
      keepDraft(options.draft, gatherFields(form)).catch(() => {
        showToast("手机存储已满，正在填的只在屏幕上。请先上传已存的，或清理手机空间。");
      }),
    400,
  );
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  phone.saveDraftNow = () => keep.now();
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-words-for]");
    if (!button) return;
    event.preventDefault();
    const field = form.querySelector(`#${button.getAttribute("data-words-for")}`);
    const before = field.value.trim();
    field.value = before
      ? `${before.replace(/[；。，]$/, "")}；${button.textContent.trim()}`
      : button.textContent.trim();
    keep();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (save.disabled) return;
    fault.textContent = "";
    const problem = findFault(form, options.kind);
    if (problem) {
      showFault(fault, problem);
      return;
    }
    save.disabled = true;
    try {
      const content = Object.assign(
        {
          kind: options.kind,
          village: phone.me.pack.village.code,
          codes: phone.me.pack.codes,
          made_at: new Date().toISOString(),
          photos: photos.length,
          fields: gatherFields(form),
        },
        options.content,
      );
      await keepEntry(
        {
          content: content,
          about: String(options.about),
          label: { title: options.label(form), told: options.told(form) },
        },
        photos,
        options.draft,
      );
      keep.stop();
      phone.saveDraftNow = null;
      await dropDraftPhotos(options.draft);
      showToast(phone.net.on ? "存好了，正在上传。" : "存好了，有网络时自动上传。");
      location.hash = options.next;
    } catch (error) {
      showFault(fault, { words: error.message || "没有存好，请再点一次。" });
      save.disabled = false;
    }
  });
  readDraft(options.draft).then(async (kept) => {
    if (kept) fillForm(form, kept);
    showPerHead(form);
    if (album) {
      (await readDraftPhotos(options.draft)).forEach((photo) => {
        photos.push(photo);
      });
      album.show();
    }
  });
  return [make("div.field-intro", options.head, fault), form];
}

function showFault(place, problem) {
  place.textContent = "";
  addTo(place, note("error", problem.words));
  if (problem.field) {
    problem.field.focus();
    problem.field.scrollIntoView({ block: "center" });
    place.scrollIntoView({ block: "nearest" });
  } else place.scrollIntoView({ block: "center" });
  if (problem.field) {
    const near = problem.field.closest(".field-question") || problem.field.parentNode;
    const old = near.querySelector(".field-error");
    if (old) old.remove();
    near.appendChild(make("div.field-error", icon("exclamation-circle"), make("span", problem.words)));
    problem.field.scrollIntoView({ block: "center" });
  }
}

function debounce(work, wait) {
  let timer = 0;
  let stopped = false;
  function later() {
    clearTimeout(timer);
    if (!stopped)
      timer = setTimeout(() => {
        timer = 0;
        work();
      }, wait);
  }
  later.now = () => {
    if (!timer || stopped) return Promise.resolve();
    clearTimeout(timer);
    timer = 0;
    return work();
  };
  later.stop = () => {
    stopped = true;
    clearTimeout(timer);
  };
  return later;
}

function photoSection(options, photos) {
  const list = make("div.handheld-photos");
  const input = make("input.visually-hidden", {
    type: "file",
    accept: "image/*",
    multiple: true,
    id: "handheld-photos",
    name: "photos",
  });
  const said = make("p.muted.small", "最多 6 张；在手机上缩小，去掉位置信息。");
  function show() {
    list.textContent = "";
    photos.forEach((photo, place) => {
      addTo(
        list,
        make(
          "figure",
          make("img", { src: photo.small, alt: `第 ${place + 1} 张照片`, width: "72", height: "72" }),
          make(
            "button.btn.btn-outline-secondary",
            {
              type: "button",
              "aria-label": `去掉第 ${place + 1} 张照片`,
              onclick: () => {
                photos.splice(place, 1);
                dropDraftPhoto(options.draft, photo);
                show();
              },
            },
            "去掉",
          ),
        ),
      );
    });
  }
  input.addEventListener("change", async () => {
    const files = Array.from(input.files);
    input.value = "";
    for (const file of files) {
      if (photos.length >= MOST_PHOTOS) {
        said.textContent = "最多 6 张，多的没有加上。";
        break;
      }
      said.textContent = "正在缩小……";
      try {
        const photo = await shrinkPhoto(file);
        if (!(await hasRoom(photo.bytes.byteLength * 2))) {
          said.textContent = "手机存储快满了，这张照片没有加上。先上传已存的，或清理手机空间。";
          break;
        }
        photos.push(photo);
        show();
        said.textContent = `已加 ${photos.length} 张，最多 6 张。`;
        await keepDraftPhoto(options.draft, photo);
      } catch (error) {
        said.textContent =
          error.message && /[一-龥]/.test(error.message)
            ? error.message
            : "手机存储快满了，这张照片只在屏幕上。请尽快存好这一条。";
      }
    }
  });
  const section = make(
    "section.field-question",
    { "aria-label": "照片" },
    make("b", "照片（可不拍）"),
    list,
    make("label.btn.btn-outline-primary.handheld-add", { for: "handheld-photos" }, icon("camera"), "加照片"),
    input,
    said,
  );
  return { section, show };
}
