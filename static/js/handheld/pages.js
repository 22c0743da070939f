/* The screens of the phone, drawn from the pack alone: one column, one hand. */
(function () {
  "use strict";

  var H = window.Handheld, P = H.pages = {};
  var SVG = "http://www.w3.org/2000/svg";
  var KINDS = { entry: "入户排查", signoff: "本屯确认", verification: "核实", visit: "走访" };

  /* ---- Building ---- */
  function h(tag, more) {
    var parts = tag.split("."), node = document.createElement(parts[0]), i = 1;
    if (parts.length > 1) node.className = parts.slice(1).join(" ");
    if (more && typeof more === "object" && !more.nodeType && !Array.isArray(more)) {
      Object.keys(more).forEach(function (name) {
        if (name.slice(0, 2) === "on") node.addEventListener(name.slice(2), more[name]);
        else if (more[name] === true) node.setAttribute(name, "");
        else if (more[name] !== false && more[name] !== null && more[name] !== undefined) node.setAttribute(name, more[name]);
      });
      i = 2;
    }
    for (; i < arguments.length; i++) add(node, arguments[i]);
    return node;
  }
  function add(node, child) {
    if (child === null || child === undefined || child === false || child === "") return;
    if (Array.isArray(child)) child.forEach(function (one) { add(node, one); });
    else node.appendChild(child.nodeType ? child : document.createTextNode(String(child)));
  }
  H.h = h;

  function icon(name) {
    var svg = document.createElementNS(SVG, "svg"), use = document.createElementNS(SVG, "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", document.querySelector("meta[name=sprite]").content + "#" + name);
    svg.appendChild(use);
    return svg;
  }
  H.icon = icon;

  function day(words) {
    if (!words) return "";
    var parts = words.slice(0, 10).split("-");
    return Number(parts[1]) + "月" + Number(parts[2]) + "日";
  }

  function until(words) {
    if (!words) return "";
    var left = Math.round((Date.parse(words) - Date.parse(H.today())) / 86400000);
    if (left < 0) return day(words) + "前，已超期 " + -left + " 天";
    return day(words) + "前" + (left === 0 ? "，今天到期" : "，还有 " + left + " 天");
  }

  function note(kind, words) { return h("div.note.note-" + kind, icon(kind === "error" || kind === "warning" ? "exclamation-triangle" : "info-circle"), h("div", words)); }
  H.note = note;

  /* ---- What is where ---- */
  function households() { return H.me.pack ? H.me.pack.households : []; }
  function household(uuid) { return households().filter(function (home) { return home.uuid === uuid; })[0]; }
  function hamlet(pk) { return H.me.pack.hamlets.filter(function (one) { return String(one.pk) === String(pk); })[0]; }
  function task(uuid) { return H.me.pack.tasks.filter(function (one) { return one.uuid === uuid; })[0]; }
  function caseOf(uuid) { return H.me.pack.cases.filter(function (one) { return one.household === uuid; })[0]; }

  function stateWords(entry) {
    if (entry.uuid === H.sendingNow) return "正在上传";
    if (entry.state === "here") return H.net.on ? "等待上传" : "在手机上，待上传";
    if (entry.state === "stuck") return "没有收下，需要处理";
    if (entry.waiting) return "已收到，还有 " + entry.waiting + " 张照片在传";
    return entry.state === "attention" ? "已收到，待乡镇处理" : entry.words || "已收到";
  }
  H.stateWords = stateWords;

  function of(mine, kind, about) {
    return mine.filter(function (entry) { return entry.kind === kind && entry.about === String(about); })[0];
  }

  /* ---- The village ---- */
  P.village = async function () {
    var pack = H.me.pack, mine = await H.entries(), drafts = await H.drafts(), round = pack.round;
    var open = pack.tasks.filter(function (one) { return !of(mine, "verification", one.uuid) && !one.answered; });
    var search = h("input.form-control", { type: "search", placeholder: "户主或家里人的姓名", "aria-label": "查找农户", autocomplete: "off", maxlength: "20" });
    var found = h("div");
    search.addEventListener("input", function () {
      var words = search.value.trim();
      found.textContent = "";
      if (!words) return;
      var rows = households().filter(function (home) {
        return home.head.indexOf(words) >= 0 || home.members.some(function (one) { return one[1].indexOf(words) >= 0; });
      }).slice(0, 20);
      add(found, rows.length ? rows.map(function (home) { return row(home, mine); }) : h("p.field-foot.muted", "本村户册里没有找到。确实没有的，点“户册里没有的户”。"));
    });
    return {
      title: pack.village.name + (round ? " · " + round.label.replace(/^\d+\s*年/, "") : ""),
      body: [
        h("div.field-intro",
          h("h1", "入户排查"),
          h("p", round ? progressWords(pack, mine) + (round.open && round.due ? " · " + until(round.due) : "") : "现在没有开启的季度排查。"),
          round && !round.open && note("warning", round.label + round.state + "。现在填的会收下，转给乡镇处理。"),
          h("div.field-search-one", search), found,
          round && h("div.field-acts", h("a.btn.btn-outline-primary", { href: "#/new" }, "户册里没有的户"), h("a.btn.btn-outline-primary", { href: "#/outbox" }, "我填的（" + mine.length + "）"))),
        drafts.length > 0 && h("section", { "aria-label": "没填完的" }, h("div.field-head", h("h2", "没填完的")), drafts.map(function (name) { return draftRow(name); })),
        open.length > 0 && h("section", { "aria-label": "要核实的" }, h("div.field-head", h("h2", "要核实"), h("span.muted", open.length + " 户")), open.map(taskRow)),
        visitRows(pack, mine),
        pack.hamlets.length > 0 && h("div.field-head", h("h2", "各屯"), h("span.muted", households().length + " 户")),
        pack.hamlets.map(function (one) { return hamletRow(one, mine); }),
        !pack.hamlets.length && h("p.field-foot.muted", "户册里还没有屯，请联系乡镇补上。"),
        households().some(function (home) { return !home.hamlet; }) && h("a.field-item", { href: "#/hamlet/none" }, h("span.grow", h("b", "没有登记屯的户"), h("span.sub", households().filter(function (home) { return !home.hamlet; }).length + " 户")), icon("chevron-right")),
        h("p.field-foot", h("a", { href: "#/more" }, "更多：更新资料、存储、退出"))
      ]
    };
  };

  function progressWords(pack, mine) {
    var done = pack.hamlets.filter(function (one) { return one.signed || of(mine, "signoff", one.pk); }).length;
    return pack.hamlets.length + " 个屯，已确认 " + done + " 个";
  }

  function draftRow(name) {
    var parts = name.split("/"), home = household(parts[1]), words = { entry: "入户排查", new: "户册里没有的户", task: "核实", visit: "走访", signoff: "本屯确认" }[parts[0]];
    var about = home ? home.head + "户 · " : parts[0] === "signoff" && hamlet(parts[1]) ? hamlet(parts[1]).name + " · " : parts[0] === "task" && task(parts[1]) && household(task(parts[1]).household) ? household(task(parts[1]).household).head + "户 · " : "";
    return h("a.field-item", { href: "#/" + name }, h("span.field-mark", icon("pencil")), h("span.grow", h("b", about + words), h("span.sub", "没填完，点开接着填")), icon("chevron-right"));
  }

  function taskRow(one) {
    var home = household(one.household);
    return h("a.field-item", { href: "#/task/" + one.uuid }, h("span.grow", h("b", home ? home.head : "（不在户册里）"), home && h("span.muted", " " + home.size + " 人"), h("span.sub", one.tags.join("、") + (one.due ? " · " + until(one.due) : ""))), icon("chevron-right"));
  }

  function visitRows(pack, mine) {
    if (!pack.cases.length) return null;
    return h("section", { "aria-label": "跟踪走访" }, h("details.field-fold", h("summary", h("b", "跟踪走访"), h("span.muted", " " + pack.cases.length + " 户")),
      pack.cases.map(function (one) {
        var home = household(one.household), sent = of(mine, "visit", one.household);
        return h("a.field-item", { href: "#/visit/" + one.household }, h("span.grow", h("b", home ? home.head : ""), h("span.sub", one.kind + " · " + (sent ? "走访 " + stateWords(sent) : one.last ? "上次走访 " + day(one.last) : "还没有走访过"))), icon("chevron-right"));
      })));
  }

  function hamletRow(one, mine) {
    var homes = households().filter(function (home) { return home.hamlet === one.pk; }), sent = of(mine, "signoff", one.pk);
    var some = homes.filter(function (home) { var own = of(mine, "entry", home.uuid); return own ? own.label.told !== "未发现风险" : home.last && home.last.uuid && !home.last.clear; }).length;
    var waits = homes.filter(function (home) { var own = of(mine, "entry", home.uuid); return own && (own.state === "here" || own.state === "stuck"); }).length;
    var state = one.signed ? "已确认 " + day(one.signed.on) : sent ? "确认" + stateWords(sent) : "还没有确认";
    return h("a.field-item", { href: "#/hamlet/" + one.pk }, one.signed || sent ? h("span.field-mark", icon("check-lg")) : h("span.field-mark", icon("people")),
      h("span.grow", h("b", one.name), h("span.muted", " " + homes.length + " 户"), h("span.sub", state + (some ? " · 有情况 " + some + " 户" : "") + (waits ? " · 待上传 " + waits + " 户" : ""))), icon("chevron-right"));
  }

  /* ---- A hamlet ---- */
  P.hamlet = async function (pk) {
    var mine = await H.entries(), one = pk === "none" ? null : hamlet(pk), round = H.me.pack.round;
    var homes = households().filter(function (home) { return one ? home.hamlet === one.pk : !home.hamlet; });
    var sent = one && of(mine, "signoff", one.pk);
    return {
      title: one ? one.name : "没有登记屯的户", back: "#/",
      body: [
        h("div.field-intro", h("h1", one ? one.name : "没有登记屯的户"), h("p", homes.length + " 户" + (one && one.head ? " · 屯长 " + one.head : ""))),
        homes.map(function (home) { return row(home, mine); }),
        !homes.length && h("p.field-foot.muted", "户册里这里还没有户。"),
        one && round && (one.signed ? h("p.field-signed", icon("check-circle"), h("span", "已确认：" + day(one.signed.on) + "排查，" + one.signed.by + "录入"))
          : sent ? h("p.field-signed", icon("check-circle"), h("span", "本屯确认：" + stateWords(sent)))
            : h("div.field-acts.field-acts-in.field-acts-one", h("a.btn.btn-outline-primary", { href: "#/signoff/" + one.pk }, "本屯排查确认")))
      ]
    };
  };

  function row(home, mine) {
    var own = of(mine, "entry", home.uuid), last = home.last, mark;
    if (home.lamp === "red") mark = h("span.lamp.red", { title: "亮灯预警" }, h("span.visually-hidden", "亮灯预警"));
    else if (own || last && last.uuid) mark = h("span.field-mark", icon((own ? own.label.told === "未发现风险" : last.clear) ? "check-lg" : "pencil"));
    else mark = h("span.field-mark");
    var words = own ? own.label.told + " · " + stateWords(own) : last ? (last.uuid ? "" : "上次 ") + last.told + " · " + day(last.on) : home.kind || "还没有排查过";
    return h("a.field-item", { href: "#/home/" + home.uuid }, mark, h("span.grow", h("b", home.head || "（无户主）"), h("span.muted", " " + home.size + " 人"), h("span.sub", words)), icon("chevron-right"));
  }

  /* ---- A household ---- */
  P.home = async function (uuid) {
    var home = household(uuid), mine = await H.entries();
    if (!home) return missing();
    var own = mine.filter(function (entry) { return entry.about === uuid; }), tasks = H.me.pack.tasks.filter(function (one) { return one.household === uuid; });
    return {
      title: home.head + "户", back: "#/hamlet/" + (home.hamlet || "none"),
      body: [
        h("div.field-intro", h("h1", home.head + "户"), h("p", home.size + " 人" + (home.kind ? " · " + home.kind : "")), lastBox(home)),
        h("section.field-question", { "aria-label": "家里人" }, h("b", "家里人"), h("ul.field-list", home.members.map(function (one) { return h("li", one[1] + "，" + one[3] + (one[2] ? "，" + one[2] + " 年生" : "")); }))),
        h("div.field-acts.field-acts-in.field-acts-one",
          H.me.pack.round && h("a.btn.btn-primary", { href: "#/entry/" + uuid }, "入户排查"),
          tasks.map(function (one) { return h("a.btn.btn-outline-primary", { href: "#/task/" + one.uuid }, "核实：" + one.tags.join("、")); }),
          caseOf(uuid) && h("a.btn.btn-outline-primary", { href: "#/visit/" + uuid }, "登记走访")),
        own.length > 0 && h("section", { "aria-label": "我填的" }, h("div.field-head", h("h2", "我填的")), own.map(sentRow))
      ]
    };
  };

  function lastBox(home) {
    var last = home.last;
    return h("div.field-last", h("b", "上次"), h("span", last ? day(last.on) + " " + last.who + " " + last.way + "：" + last.told : "还没有入户排查记录"));
  }

  function missing() { return { title: "手机入户", back: "#/", body: [h("div.field-intro", note("warning", "手机上没有这一项，可能已经办完。请回到村里的页面。")), h("p.field-foot", h("a.btn.btn-primary", { href: "#/" }, "回到村里"))] }; }

  /* ---- Forms ---- */
  function formPage(options) {
    var form = h("form.handheld-form", { novalidate: true, autocomplete: "off" }), fault = h("div", { role: "alert" }), photos = [];
    var host = h("div");
    host.innerHTML = options.html;
    var inside = options.bare ? host : h("section.field-question", host);
    add(form, inside);
    if (options.photos) add(form, photoSection(options, photos));
    var save = h("button.btn.btn-primary.btn-lg", { type: "submit" }, options.save);
    add(form, h("div.field-save", save));
    H.fill(form, options.values);
    if (options.members) H.fillMembers(form, options.members);
    var keep = debounce(function () {
      return H.keepDraft(options.draft, H.gather(form)).catch(function () { H.toast("手机存储已满，正在填的只在屏幕上。请先上传已存的，或清理手机空间。"); });
    }, 400);
    form.addEventListener("input", keep);
    form.addEventListener("change", keep);
    H.saveDraftNow = function () { return keep.now(); };
    form.addEventListener("click", function (event) {
      var button = event.target.closest("[data-words-for]");
      if (!button) return;
      event.preventDefault();
      var field = form.querySelector("#" + button.getAttribute("data-words-for")), before = field.value.trim();
      field.value = before ? before.replace(/[；。，]$/, "") + "；" + button.textContent.trim() : button.textContent.trim();
      keep();
    });
    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      if (save.disabled) return;
      fault.textContent = "";
      var found = H.fault(form, options.kind);
      if (found) { show(fault, found); return; }
      save.disabled = true;
      try {
        var content = Object.assign({ kind: options.kind, village: H.me.pack.village.code, codes: H.me.pack.codes, made_at: new Date().toISOString(), photos: photos.length, fields: H.gather(form) }, options.content);
        await H.keep({ content: content, about: String(options.about), label: { title: options.label(form), told: options.told(form) } }, photos, options.draft);
        keep.stop();
        H.saveDraftNow = null;
        await H.dropDraftPhotos(options.draft);
        H.toast(H.net.on ? "存好了，正在上传。" : "存好了，有网络时自动上传。");
        location.hash = options.next;
      } catch (error) {
        show(fault, { words: error.message || "没有存好，请再点一次。" });
        save.disabled = false;
      }
    });
    H.draft(options.draft).then(async function (kept) {
      if (kept) H.fill(form, kept);
      if (window.fieldPerHead) window.fieldPerHead(form);
      if (options.photos) {
        (await H.draftPhotos(options.draft)).forEach(function (photo) { photos.push(photo); });
        photos.shown();
      }
    });
    return [h("div.field-intro", options.head, fault), form];
  }

  function show(place, found) {
    place.textContent = "";
    add(place, note("error", found.words));
    if (found.field) { found.field.focus(); found.field.scrollIntoView({ block: "center" }); place.scrollIntoView({ block: "nearest" }); }
    else place.scrollIntoView({ block: "center" });
    if (found.field) {
      var near = found.field.closest(".field-question") || found.field.parentNode, old = near.querySelector(".field-error");
      if (old) old.remove();
      near.appendChild(h("div.field-error", icon("exclamation-circle"), h("span", found.words)));
      found.field.scrollIntoView({ block: "center" });
    }
  }

  function debounce(work, wait) {
    var timer = 0, stopped = false;
    function later() { clearTimeout(timer); if (!stopped) timer = setTimeout(function () { timer = 0; work(); }, wait); }
    later.now = function () { if (!timer || stopped) return Promise.resolve(); clearTimeout(timer); timer = 0; return work(); };
    later.stop = function () { stopped = true; clearTimeout(timer); };
    return later;
  }

  function photoSection(options, photos) {
    var list = h("div.handheld-photos"), input = h("input.visually-hidden", { type: "file", accept: "image/*", multiple: true, id: "handheld-photos", name: "photos" }), said = h("p.muted.small", "最多 6 张；在手机上缩小，去掉位置信息。");
    function shown() {
      list.textContent = "";
      photos.forEach(function (photo, place) {
        add(list, h("figure", h("img", { src: photo.small, alt: "第 " + (place + 1) + " 张照片", width: "72", height: "72" }), h("button.btn.btn-outline-secondary", { type: "button", "aria-label": "去掉第 " + (place + 1) + " 张照片", onclick: function () { photos.splice(place, 1); H.dropDraftPhoto(options.draft, photo); shown(); } }, "去掉")));
      });
    }
    photos.shown = shown;
    input.addEventListener("change", async function () {
      var files = Array.prototype.slice.call(input.files);
      input.value = "";
      for (var i = 0; i < files.length; i++) {
        if (photos.length >= H.MOST_PHOTOS) { said.textContent = "最多 6 张，多的没有加上。"; break; }
        said.textContent = "正在缩小……";
        try {
          var photo = await H.shrink(files[i]);
          if (!await H.room(photo.bytes.byteLength * 2)) { said.textContent = "手机存储快满了，这张照片没有加上。先上传已存的，或清理手机空间。"; break; }
          photos.push(photo);
          shown();
          said.textContent = "已加 " + photos.length + " 张，最多 6 张。";
          await H.keepDraftPhoto(options.draft, photo);
        } catch (error) { said.textContent = error.message && /[一-龥]/.test(error.message) ? error.message : "手机存储快满了，这张照片只在屏幕上。请尽快存好这一条。"; }
      }
    });
    return h("section.field-question", { "aria-label": "照片" }, h("b", "照片（可不拍）"), list, h("label.btn.btn-outline-primary.handheld-add", { for: "handheld-photos" }, icon("camera"), "加照片"), input, said);
  }

  P.entry = async function (uuid) {
    var home = household(uuid), pack = H.me.pack;
    if (!home || !pack.round) return missing();
    var one = hamlet(home.hamlet);
    return {
      title: home.head + "户 · 入户排查", back: "#/home/" + uuid,
      body: formPage({
        kind: "entry", draft: "entry/" + uuid, about: uuid, html: pack.forms.entry, bare: true, members: home.members, photos: true,
        head: [h("h1", home.head + "户"), h("p", (one ? one.name + " · " : "") + home.size + " 人" + (home.kind ? " · " + home.kind : "")), lastBox(home), h("p.field-say", "“我们每个季度来看看家里有没有难处，有的话好帮着想办法。问六个方面，几分钟。”")],
        values: { visited_on: H.today(), spoken_with: home.head, hamlet_head: one ? one.head : "", way: "visit", source: "cadre", heads: home.size },
        content: { round: pack.round.uuid, household: uuid, seen: home.last ? home.last.uuid : "" },
        label: function () { return home.head + "户"; }, told: H.told, save: "存好了，下一项", next: "#/hamlet/" + (home.hamlet || "none")
      })
    };
  };

  P.new = async function () {
    var pack = H.me.pack;
    if (!pack.round) return missing();
    return {
      title: "户册里没有的户", back: "#/",
      body: formPage({
        kind: "entry", draft: "new", about: "new", html: pack.forms.newcomer, bare: true, photos: true,
        head: [h("h1", "户册里没有的户"), h("p.field-say", "“我们每个季度来看看家里有没有难处，有的话好帮着想办法。问六个方面，几分钟。”")],
        values: { visited_on: H.today(), way: "visit", source: "cadre" }, content: { round: pack.round.uuid },
        label: function (form) { return form.querySelector("[name=new-name]").value.trim() + "（新发现）"; }, told: H.told, save: "存好了，下一项", next: "#/"
      })
    };
  };

  P.signoff = async function (pk) {
    var one = hamlet(pk), pack = H.me.pack, mine = await H.entries();
    if (!one || !pack.round) return missing();
    var homes = households().filter(function (home) { return home.hamlet === one.pk; }), lines = [];
    homes.forEach(function (home) {
      var own = of(mine, "entry", home.uuid);
      if (own) lines.push(home.head + "：" + own.label.told); else if (home.last && home.last.uuid) lines.push(home.head + "：" + home.last.told);
    });
    return {
      title: one.name + " · 确认", back: "#/hamlet/" + pk,
      body: formPage({
        kind: "signoff", draft: "signoff/" + pk, about: one.pk, html: pack.forms.signoff,
        head: [h("h1", one.name + " · 本屯排查确认"), h("p", homes.length + " 户"), lines.length ? h("ul.field-list", lines.map(function (words) { return h("li", words); })) : h("p", "本屯还没有填过户。确认后，就是全屯都没有发现风险。")],
        values: { on: H.today(), hamlet_head: one.head }, content: { round: pack.round.uuid, hamlet: one.pk },
        label: function () { return one.name; }, told: function () { return "本屯排查确认"; }, save: "确认本屯已排查", next: "#/hamlet/" + pk
      })
    };
  };

  P.task = async function (uuid) {
    var one = task(uuid), home = one && household(one.household);
    if (!one) return missing();
    return {
      title: (home ? home.head + "户" : "") + " · 核实", back: home ? "#/home/" + home.uuid : "#/",
      body: formPage({
        kind: "verification", draft: "task/" + uuid, about: uuid, html: one.html, photos: true,
        head: [h("h1", (home ? home.head + "户" : "") + "核实"), h("p", one.kind + (one.due ? " · " + until(one.due) : "")), one.ask && note("warning", one.ask), one.answered_by && h("p", one.answered_by + "已回复过，再存就是修改回复。"), home && lastBox(home)],
        values: { visited_on: H.today() }, content: { task: uuid, household: one.household, answered: one.answered },
        label: function () { return home ? home.head + "户" : "核实"; }, told: function () { return "核实 " + one.tags.join("、"); }, save: "存好了，下一项", next: "#/"
      })
    };
  };

  P.visit = async function (uuid) {
    var one = caseOf(uuid), home = household(uuid);
    if (!one || !home) return missing();
    return {
      title: home.head + "户 · 走访", back: "#/home/" + uuid,
      body: formPage({
        kind: "visit", draft: "visit/" + uuid, about: uuid, html: one.html, photos: true,
        head: [h("h1", home.head + "户：登记走访"), h("p", one.kind + (one.last ? " · 上次走访 " + day(one.last) : ""))],
        values: { on: H.today() }, content: { household: uuid },
        label: function () { return home.head + "户"; }, told: function () { return "走访"; }, save: "存好了，下一项", next: "#/"
      })
    };
  };

  /* ---- What I have filled in ---- */
  P.outbox = async function () {
    var mine = await H.entries(), waits = mine.filter(function (one) { return one.state === "here" || one.state === "stuck" || one.waiting; });
    return {
      title: "我填的", back: "#/",
      body: [
        h("div.field-intro", h("h1", "我填的"), h("p", mine.length + " 条" + (waits.length ? "，还有 " + waits.length + " 条没有传完" : "，全部已收到")),
          waits.length > 0 && h("div.field-acts.field-acts-one", h("button.btn.btn-primary", { type: "button", onclick: function () { H.sendNow(); } }, icon("cloud-upload"), "现在上传"))),
        mine.map(sentRow),
        !mine.length && h("p.field-foot.muted", "还没有填过。填好的先存在手机上，有网络时自动上传。")
      ]
    };
  };

  function sentRow(entry) {
    var bad = entry.state === "stuck" || entry.state === "attention";
    return h("a.field-item", { href: "#/sent/" + entry.uuid }, h("span.field-mark", icon(entry.state === "received" && !entry.waiting ? "check-lg" : bad ? "exclamation-circle" : "clock")),
      h("span.grow", h("b", entry.label.title || ""), h("span.muted", " " + KINDS[entry.kind]), h("span.sub", (entry.label.told || "") + " · " + stateWords(entry))), icon("chevron-right"));
  }

  P.sent = async function (uuid) {
    var entry = (await H.entries()).filter(function (one) { return one.uuid === uuid; })[0];
    if (!entry) return missing();
    return {
      title: "我填的", back: "#/outbox",
      body: [
        h("div.field-intro", h("h1", entry.label.title || ""), h("p", KINDS[entry.kind] + " · " + (entry.label.told || ""))),
        h("section.field-question", h("dl.handheld-facts",
          h("dt", "状态"), h("dd", stateWords(entry)),
          h("dt", "填的时间"), h("dd", new Date(entry.at).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" })),
          h("dt", "照片"), h("dd", entry.photos ? entry.photos + " 张" + (entry.waiting ? "，还有 " + entry.waiting + " 张没有传完" : "，已传完") : "没有"),
          entry.reply && [h("dt", "答复"), h("dd", entry.reply)])),
        h("p.field-foot.muted", entry.state === "here" ? "还在手机上。传上去以前别清理微信缓存，也别清除浏览器数据。" : entry.state === "stuck" ? "服务器没有收下这一条，内容还在手机上。请按答复说的办，或联系乡镇。" : "填错了要更正的，请新填一条，先前的一条也留着。")
      ]
    };
  };

  /* ---- More ---- */
  P.more = async function () {
    var kept = null, space = null;
    try { kept = navigator.storage && navigator.storage.persisted ? await navigator.storage.persisted() : null; } catch (error) { /* not told */ }
    try { space = navigator.storage && navigator.storage.estimate ? await navigator.storage.estimate() : null; } catch (error) { /* not told */ }
    var keep = kept === true ? "浏览器答应不自动清理这里的记录。" : kept === false ? "浏览器没有答应保留：空间紧张时它可能自动清理，请当天上传，别清理微信缓存。" : "这个浏览器说不清会不会自动清理，请当天上传，别清理缓存。";
    return {
      title: "更多", back: "#/",
      body: [
        h("div.field-intro", h("h1", "更多"), h("p", H.me.person.name + " · " + (H.me.pack ? H.me.pack.person.role + " · " + H.me.pack.village.name : ""))),
        h("section.field-question", h("b", "手机上的资料"), h("p.mb-1", H.me.packAt ? "更新于 " + new Date(H.me.packAt).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" }) + (H.me.pack ? "，不联网最多保留 " + H.me.pack.keep_days + " 天" : "") : "还没有"), h("p.muted.small", "只有姓名和出生年份，没有身份证号码和电话；用密码锁加密。"),
          h("button.btn.btn-outline-primary.w-100", { type: "button", onclick: async function (event) { event.target.disabled = true; H.toast("正在更新……"); var words = await H.freshen(); H.toast(words || "已是最新的。"); H.draw(); } }, icon("arrow-repeat"), "更新资料")),
        h("section.field-question", h("b", "存储"), h("p.mb-1", keep), space && space.quota ? h("p.muted.small", "已用 " + Math.ceil(space.usage / 1048576) + " MB，还能存约 " + Math.floor((space.quota - space.usage) / 1048576) + " MB。") : null,
          kept === false && navigator.storage.persist ? h("button.btn.btn-outline-primary.w-100", { type: "button", onclick: async function () { var yes = await navigator.storage.persist(); H.toast(yes ? "浏览器答应保留了。" : "浏览器没有答应。请添加到桌面后再试。"); H.draw(); } }, "请浏览器保留") : null),
        h("section.field-question", h("b", "打开方式"), h("p.mb-1", "添加到桌面，没有网络也好打开。"), h("a.btn.btn-outline-primary.w-100", { href: "#/guide" }, "看图添加到桌面")),
        h("div.field-acts.field-acts-in.field-acts-one",
          h("a.btn.btn-outline-secondary", { href: document.body.dataset.home }, "待办和其他页面（要网络）"),
          h("a.btn.btn-outline-secondary", { href: document.body.dataset.phones }, "我的手机，停用丢了的（要网络）"),
          h("button.btn.btn-outline-secondary", { type: "button", onclick: function () { H.lockNow(); } }, icon("lock"), "锁上，换人用"),
          h("button.btn.btn-outline-secondary", { type: "button", onclick: function () { location.hash = "#/leave"; } }, icon("box-arrow-right"), "退出，清除手机上的资料"))
      ]
    };
  };

  P.leave = async function () {
    var left = await H.unsentOf(H.me.person.uuid), busy = false;
    async function go() {
      if (busy) return;
      busy = true;
      try { await H.call(document.body.dataset.leave, { method: "POST" }); } catch (error) { /* without a network it ends by itself */ }
      await H.forget(H.me.person.uuid);
      H.toast(left ? "已退出。没有上传的 " + left + " 条封存在手机上，您下次登录再传。" : "已退出，手机上的资料已清除。");
      location.hash = "#/";
      H.draw();
    }
    return {
      title: "退出", back: "#/more",
      body: [
        h("div.field-intro", h("h1", "退出"), left ? note("warning", "还有 " + left + " 条没有上传。") : h("p", "村里的资料会从手机上清除。")),
        h("div.field-acts.field-acts-in.field-acts-one",
          left > 0 && h("button.btn.btn-primary", { type: "button", onclick: async function () { H.toast("正在上传……"); await H.sendNow(); H.draw(); } }, icon("cloud-upload"), "先上传"),
          h("button.btn.btn-outline-danger", { type: "button", onclick: go }, left ? "封存没有上传的，退出" : "退出"),
          h("a.btn.btn-outline-secondary", { href: "#/more" }, "不退出"))
      ]
    };
  };

  P.guide = async function () {
    function step(number, words, drawing) { return h("li.handheld-step", h("div.handheld-picture", { role: "img", "aria-label": words }, drawing), h("div", h("b", number + " "), words)); }
    var bar = h("div.pic-bar", h("span", "防贫入户"), h("span.pic-dots", "···"));
    var menu = h("div.pic-menu", h("span", "发送给朋友"), h("span.pic-hot", "在浏览器打开"), h("span", "收藏"));
    var browser = h("div.pic-menu", h("span", "刷新"), h("span.pic-hot", "添加到桌面"), h("span", "书签"));
    var desk = h("div.pic-desk", h("span"), h("span"), h("span.pic-app", "防贫"), h("span"));
    return {
      title: "添加到桌面", back: "#/",
      body: [
        h("div.field-intro", h("h1", "在浏览器打开，添加到桌面"), h("p", "微信清理缓存时会把没有上传的记录一起清掉。用手机浏览器打开、放到桌面更稳妥；不添加也能用。")),
        h("ol.handheld-steps", step("1", "点右上角的“···”", bar), step("2", "选“在浏览器打开”", menu), step("3", "在浏览器的菜单里选“添加到桌面”（有的叫“添加到主屏幕”）", browser), step("4", "以后从桌面点“防贫入户”打开", desk)),
        h("p.field-foot", h("a.btn.btn-primary", { href: "#/" }, "知道了"))
      ]
    };
  };

  /* ---- Who opens ---- */
  P.people = async function () {
    var people = await H.people();
    return {
      title: "手机入户",
      body: [
        h("div.field-intro", h("h1", "谁在用"), people.length ? h("p", "点自己的名字，输密码锁。") : null),
        people.map(function (person) {
          return h("a.field-item", { href: person.wrapped ? "#/pin/" + person.uuid : "#/password/" + person.uuid }, h("span.field-mark", icon("person")),
            h("span.grow", h("b", person.name), h("span.sub", (person.unsent ? "有 " + person.unsent + " 条没有上传" : "没有要上传的") + (person.wrapped ? "" : " · 已封存，用密码打开"))), icon("chevron-right"));
        }),
        h("div.field-acts.field-acts-in.field-acts-one", h("a.btn.btn-outline-primary", { href: "#/password" }, people.length ? "其他人登录" : "登录"), h("a.btn.btn-link", { href: "#/guide" }, "添加到桌面"))
      ]
    };
  };

  P.pin = async function (uuid) {
    var person = (await H.people()).filter(function (one) { return one.uuid === uuid; })[0];
    if (!person) return missing();
    var field = h("input.form-control.handheld-pin", { type: "password", inputmode: "numeric", pattern: "[0-9]*", maxlength: "6", autocomplete: "off", id: "pin", required: true }), said = h("div", { role: "alert" });
    var form = h("form", { novalidate: true }, h("div.field", h("label.form-label", { for: "pin" }, "密码锁（6 位数字）"), field), said, h("button.btn.btn-primary.btn-lg.w-100", "打开"));
    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      said.textContent = "";
      var button = form.querySelector("button");
      button.disabled = true;
      var words = await H.unlock(uuid, field.value);
      button.disabled = false;
      if (words) { field.value = ""; add(said, note("error", words)); field.focus(); if (!(await H.people()).some(function (one) { return one.uuid === uuid && one.wrapped; })) location.hash = "#/password/" + uuid; return; }
      location.hash = "#/";
      H.opened();
    });
    return {
      title: "手机入户", back: "#/people",
      body: [h("div.field-intro", h("h1", person.name), h("p", person.unsent ? "有 " + person.unsent + " 条没有上传" : "没有要上传的")), h("section.field-question", form), h("p.field-foot", h("a", { href: "#/password/" + uuid }, "忘了密码锁，用密码登录"))], focus: field
    };
  };

  P.password = async function (uuid) {
    var person = uuid && (await H.people()).filter(function (one) { return one.uuid === uuid; })[0];
    var name = h("input.form-control", { id: "name", autocomplete: "username", autocapitalize: "none", spellcheck: "false", required: true, value: person ? person.username : null });
    var password = h("input.form-control", { id: "password", type: "password", autocomplete: "current-password", required: true });
    var pin = h("input.form-control.handheld-pin", { id: "pin1", type: "password", inputmode: "numeric", maxlength: "6", autocomplete: "off", required: true });
    var again = h("input.form-control.handheld-pin", { id: "pin2", type: "password", inputmode: "numeric", maxlength: "6", autocomplete: "off", required: true });
    var said = h("div", { role: "alert" }), choice = h("div"), duty = "";
    var form = h("form", { novalidate: true },
      h("div.field", h("label.form-label", { for: "name" }, "用户名"), name), h("div.field", h("label.form-label", { for: "password" }, "密码"), password),
      h("p.field-say", "给这部手机设一个密码锁，离线打开时用。别人拿到手机，没有它打不开村里的资料。"),
      h("div.field", h("label.form-label", { for: "pin1" }, "密码锁（6 位数字）"), pin), h("div.field", h("label.form-label", { for: "pin2" }, "再输一遍"), again),
      choice, said, h("button.btn.btn-primary.btn-lg.w-100", "登录，带上村里的资料"));
    form.addEventListener("submit", async function (event) {
      event.preventDefault();
      said.textContent = "";
      var wrong = !name.value.trim() || !password.value ? "请填用户名和密码。" : !/^\d{6}$/.test(pin.value) ? "密码锁要 6 位数字。" : /^(\d)\1{5}$/.test(pin.value) || "0123456789 9876543210".indexOf(pin.value) >= 0 ? "密码锁太好猜，请换一个：不要用相同的或顺着排的数字。" : pin.value !== again.value ? "两次输的密码锁不一样。" : "";
      if (wrong) { add(said, note("error", wrong)); return; }
      var button = form.querySelector("button.btn-lg");
      button.disabled = true;
      try {
        var answer = await H.openWithPassword(name.value.trim(), password.value, duty);
        if (answer.choose) {
          choice.textContent = "";
          add(choice, h("fieldset.field-choice", h("legend", "用哪个岗位入户"), h("div.choices.choices-1", answer.choose.map(function (one) { return h("label", h("input", { type: "radio", name: "duty", value: one[0], onchange: function () { duty = String(one[0]); } }), h("span", one[1])); }))));
          add(said, note("warning", "您有几个岗位，请选一个再点登录。"));
          return;
        }
        if (!answer.ok) { add(said, note("error", answer.detail || "没有登录上，请再试一次。")); return; }
        await H.settleIn(answer, name.value.trim(), pin.value);
        add(said, note("warning", "正在带上村里的资料……"));
        var words = await H.freshen();
        location.hash = "#/";
        H.opened(words);
      } catch (error) {
        said.textContent = "";
        add(said, note("error", H.canSeal ? "没有网络，登录不了。第一次打开要有网络；没有上传的记录还在手机上。" : "这个浏览器不能安全地存资料，请换手机自带的浏览器打开。"));
      } finally { button.disabled = false; }
    });
    return { title: "手机入户", back: "#/people", body: [h("div.field-intro", h("h1", "登录"), person ? h("p", person.name + "：用密码打开手机上封存的记录。") : null), h("section.field-question", form)] };
  };

  P.empty = async function () {
    return {
      title: "手机入户",
      body: [
        h("div.field-intro", h("h1", "手机上没有村里的资料"), note("warning", H.me.wiped || "资料的保留天数到了，或还没有带上。有网络时点下面带上；没有上传的记录还在手机上。")),
        h("div.field-acts.field-acts-in.field-acts-one",
          h("button.btn.btn-primary", { type: "button", onclick: async function () { H.toast("正在带上……"); var words = await H.freshen(); if (words) H.toast(words); H.draw(); } }, "带上村里的资料"),
          h("a.btn.btn-outline-primary", { href: "#/outbox" }, "我填的"), h("a.btn.btn-outline-secondary", { href: "#/leave" }, "退出"))
      ]
    };
  };
})();
