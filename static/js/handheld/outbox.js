/* What was filled in waits here until the server has said that it has it: sent one by one, again and again, in the
   foreground. The number and the digest make a repeat harmless; the order does not matter. */
(function () {
  "use strict";

  var H = window.Handheld, PIECE = 48 * 1024, PATIENCE = 60000;
  var WAITS = [5000, 15000, 30000, 60000, 120000];
  var sending = false, failures = 0, timer = 0;

  H.net = { on: navigator.onLine !== false, words: "" };

  function address(name) { return document.body.dataset[name]; }

  async function call(url, options) {
    var stop = new AbortController(), clock = setTimeout(function () { stop.abort(); }, PATIENCE);
    var headers = Object.assign({}, options.headers);
    if (H.me) headers.Authorization = "Phone " + H.me.token;
    try {
      var answer = await fetch(url, Object.assign({}, options, { headers: headers, signal: stop.signal, cache: "no-store", credentials: "omit" }));
      H.net.on = true;
      return answer;
    } catch (error) {
      H.net.on = false;
      throw error;
    } finally { clearTimeout(clock); }
  }
  H.call = call;

  async function json(answer) { try { return await answer.json(); } catch (error) { return {}; } }
  H.json = json;

  /* ---- Signing in on the phone ---- */
  H.openWithPassword = async function (username, password, duty) {
    var people = await (await H.base()).getAll("people");
    var known = people.filter(function (person) { return person.username === username; })[0];
    var answer = await fetch(address("open"), {
      method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit", cache: "no-store",
      body: JSON.stringify({ username: username, password: password, known: known ? known.phone : "", duty: duty || "" })
    });
    return Object.assign(await json(answer), { ok: answer.ok });
  };

  /* Fetches the pack where there is a network. Answers "" or what to say. */
  H.freshen = async function () {
    var answer;
    try { answer = await call(address("pack"), { headers: H.me.tag ? { "If-None-Match": H.me.tag } : {} }); }
    catch (error) { return "没有网络，用的是手机上的资料。"; }
    if (!H.me) return "";
    if (answer.status === 304) { await H.stillFresh(); return ""; }
    if (answer.status === 401) { H.me.expired = true; return (await json(answer)).detail; }
    if (answer.status === 410) { await H.wipePack(H.me.person.uuid); return (await json(answer)).detail; }
    if (!answer.ok) return "服务器暂时没有答复，用的是手机上的资料。";
    var pack = await answer.json();
    if (!H.me) return "";
    try { await H.keepPack(pack, answer.headers.get("ETag") || ""); }
    catch (error) { H.me.pack = pack; return "手机存不下村里的资料，离线时打不开。请清理手机空间后再试。"; }
    await hear(pack.mine);
    return "";
  };

  /* What the server says of entries of before: one that waits for a person, one that was settled. */
  async function hear(mine) {
    var db = await H.base();
    for (var i = 0; i < mine.length; i++) {
      var entry = await db.get("entries", mine[i].uuid);
      if (!entry || entry.person !== H.me.person.uuid || entry.state === "here") continue;
      entry.state = mine[i].state === "attention" ? "attention" : "received";
      entry.words = mine[i].words || "";
      await keepReply(entry, mine[i].reply);
    }
  }

  async function keepReply(entry, words) {
    entry.reply = await H.sealJson(H.me.key, words || "", entry.person + "/" + entry.uuid + "/reply");
    await (await H.base()).put("entries", entry);
  }

  /* ---- Keeping ---- */
  H.FULL = "手机存储已满，这一条还没有存好，填的内容还在屏幕上。请先上传已存的，或清理手机空间，再点一次。";

  /* Keeps an entry with its photos, all or nothing; rejects with Chinese words where the phone has no room. */
  H.keep = async function (entry, photos, draft) {
    var me = H.me, db = await H.base(), uuid = H.uuid();
    var words = JSON.stringify(entry.content), size = photos.reduce(function (n, photo) { return n + photo.bytes.byteLength; }, words.length * 4);
    if (!await room(size)) throw new Error(H.FULL);
    var place = me.person.uuid + "/" + uuid;
    var sealed = await H.sealJson(me.key, { content: words, label: entry.label }, place);
    var row = {
      uuid: uuid, person: me.person.uuid, phone: me.person.phone, kind: entry.content.kind, about: entry.about, at: Date.now(),
      state: "here", photos: photos.length, digest: await H.digest(H.bytes(words)), iv: sealed.iv, data: sealed.data, reply: null, tries: 0
    };
    var rows = [];
    for (var i = 0; i < photos.length; i++) {
      var key = H.uuid(), photo = await H.sealBytes(me.key, photos[i].bytes, place + "/" + key);
      rows.push({
        uuid: key, entry: uuid, person: me.person.uuid, digest: await H.digest(photos[i].bytes), size: photos[i].bytes.byteLength,
        have: 0, done: false, waits: me.person.uuid + "/" + uuid, iv: photo.iv, data: photo.data
      });
    }
    var tx;
    try {
      tx = db.transaction(["entries", "photos", "drafts"], "readwrite");
      tx.done.catch(function () { /* told below */ });
      await Promise.all([tx.objectStore("entries").put(row)].concat(rows.map(function (one) { return tx.objectStore("photos").put(one); })));
      if (draft) await tx.objectStore("drafts").delete(me.person.uuid + "/" + draft);
      await tx.done;
    } catch (error) {
      try { tx.abort(); } catch (ended) { /* it has undone itself */ }
      throw new Error(H.FULL);
    }
    await H.countUnsent();
    H.sendSoon(0);
    return uuid;
  };

  async function room(size) {
    if (!navigator.storage || !navigator.storage.estimate) return true;
    try {
      var told = await navigator.storage.estimate();
      return !told.quota || told.quota - told.usage > size * 1.5 + 262144;
    } catch (error) { return true; }
  }
  H.room = room;

  H.entries = async function () {
    var db = await H.base(), me = H.me, rows = await db.getAllFromIndex("entries", "person", me.person.uuid), found = [];
    var left = await H.photosLeft(me.person.uuid);
    for (var i = 0; i < rows.length; i++) {
      var row = rows[i], place = row.person + "/" + row.uuid;
      try {
        var told = row.data ? await H.unsealJson(me.key, row, place) : { label: {} };
        found.push({
          uuid: row.uuid, kind: row.kind, about: row.about, at: row.at, state: row.state, label: told.label, content: told.content ? JSON.parse(told.content) : null,
          reply: row.reply ? await H.unsealJson(me.key, row.reply, place + "/reply") : "",
          words: row.words || "", photos: row.photos, waiting: left[row.uuid] || 0
        });
      } catch (error) { found.push({ uuid: row.uuid, kind: row.kind, about: row.about, at: row.at, state: row.state, label: { title: "（打不开的记录）", told: "封存时用的是另一把钥匙，请联系本县系统管理员" }, reply: "", photos: 0, waiting: 0 }); }
    }
    return found.sort(function (a, b) { return b.at - a.at; });
  };

  /* ---- Sending ---- */
  H.sendSoon = function (wait) {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  };

  H.sendNow = function () { failures = 0; return send(); };

  function told(uuid) { document.dispatchEvent(new CustomEvent("handheld:sent", { detail: uuid })); }

  async function send() {
    if (sending || !H.me || H.me.expired) return;
    sending = true;
    try {
      // One page at a time: two windows of one browser share the store.
      if (navigator.locks) await navigator.locks.request("handheld-send", { ifAvailable: true }, function (lock) { return lock ? round() : null; });
      else await round();
      failures = 0;
    } catch (error) {
      failures += 1;
      if (H.me) H.sendSoon(WAITS[Math.min(failures, WAITS.length) - 1]);
    } finally {
      sending = false;
      await H.countUnsent();
      told("");
    }
  }

  async function round() {
    var db = await H.base(), rows = await db.getAllFromIndex("entries", "person", H.me.person.uuid);
    rows.sort(function (a, b) { return a.at - b.at; });
    for (var i = 0; i < rows.length && H.me; i++) {
      if (rows[i].state === "here" || rows[i].state === "stuck") await sendEntry(rows[i]);
    }
    for (i = 0; i < rows.length && H.me; i++) {
      var row = await db.get("entries", rows[i].uuid);
      if (row && (row.state === "received" || row.state === "attention")) await sendPhotos(row);
    }
  }

  async function sendEntry(row) {
    var place = row.person + "/" + row.uuid, told1;
    try { told1 = await H.unsealJson(H.me.key, row, place); } catch (error) { return; } // sealed under another key: stays
    H.sendingNow = row.uuid;
    told(row.uuid);
    try {
      var answer = await call(address("entries"), {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ uuid: row.uuid, content: told1.content, digest: row.digest, sent_at: new Date().toISOString() })
      });
      if (answer.status === 401) { H.me.expired = true; throw new Error("401"); }
      var said = await json(answer);
      if (answer.ok && said.state) { row.state = said.state === "attention" ? "attention" : "received"; row.words = said.words || ""; }
      else if (answer.status === 400 || answer.status === 409) row.state = "stuck";
      else throw new Error(String(answer.status));
      row.tries += 1;
      await keepReply(row, said.reply || said.detail);
    } finally { H.sendingNow = ""; }
    told(row.uuid);
  }

  async function sendPhotos(row) {
    var db = await H.base(), photos = await db.getAllFromIndex("photos", "entry", row.uuid);
    for (var i = 0; i < photos.length; i++) if (!photos[i].done) await sendPhoto(row, photos[i]);
  }

  async function sendPhoto(row, photo) {
    var db = await H.base(), bytes = await H.unsealBytes(H.me.key, photo, row.person + "/" + row.uuid + "/" + photo.uuid);
    while (!photo.done) {
      var query = "?entry=" + row.uuid + "&digest=" + photo.digest + "&size=" + photo.size + "&offset=" + photo.have;
      var answer = await call(address("photos").replace("00000000-0000-0000-0000-000000000000", photo.uuid) + query, {
        method: "PUT", headers: { "Content-Type": "application/octet-stream" }, body: bytes.slice(photo.have, photo.have + PIECE)
      });
      var said = await json(answer);
      if (answer.ok) { photo.have = said.have; photo.done = said.done; }
      else if (answer.status === 409 && typeof said.have === "number") photo.have = said.have;
      else if (answer.status === 400) { photo.done = true; photo.refused = said.detail; }
      else throw new Error(String(answer.status));
      if (photo.done) { photo.data = null; delete photo.waits; } // it is there; the phone keeps no second copy
      await db.put("photos", photo);
      told(row.uuid);
    }
  }

  window.addEventListener("online", function () { H.net.on = true; failures = 0; H.sendSoon(500); });
  window.addEventListener("offline", function () { H.net.on = false; told(""); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) H.sendSoon(500); });
  setInterval(function () { if (!document.hidden) H.sendSoon(0); }, 60000);
})();
