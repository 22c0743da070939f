/* Photos of an entry: made small on the phone and drawn anew, so that place and phone stay out of them. */
(function () {
  "use strict";

  var H = window.Handheld, LONGEST = 1600, MOST = 6;
  H.MOST_PHOTOS = MOST;

  async function picture(file) {
    try { return await createImageBitmap(file, { imageOrientation: "from-image" }); }
    catch (error) { return createImageBitmap(file); }
  }

  function draw(image, longest) {
    var scale = Math.min(1, longest / Math.max(image.width, image.height)), canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  function jpeg(canvas, quality) {
    return new Promise(function (done, fail) {
      canvas.toBlob(function (blob) { if (blob) done(new Response(blob).arrayBuffer()); else fail(new Error("jpeg")); }, "image/jpeg", quality);
    });
  }

  /* A file as { bytes, small }: a JPEG of at most 1,600 pixels a side, and a thumbnail as a data address. */
  H.shrink = async function (file) {
    var image;
    try { image = await picture(file); }
    catch (error) { throw new Error("这不是能打开的照片，请重新拍一张。"); }
    var canvas = draw(image, LONGEST), bytes = await jpeg(canvas, 0.8);
    if (bytes.byteLength > 500000) bytes = await jpeg(canvas, 0.6);
    return { bytes: bytes, small: draw(image, 160).toDataURL("image/jpeg", 0.6) };
  };

  H.thumbnail = async function (bytes) {
    try { return draw(await createImageBitmap(new Blob([bytes], { type: "image/jpeg" })), 160).toDataURL("image/jpeg", 0.6); }
    catch (error) { return ""; }
  };

  /* ---- Of a draft ---- */
  H.keepDraftPhoto = async function (name, photo) {
    photo.key = photo.key || H.uuid();
    var key = H.me.person.uuid + "/" + name + "#" + photo.key, sealed = await H.sealBytes(H.me.key, photo.bytes, key);
    await (await H.base()).put("drafts", { key: key, iv: sealed.iv, data: sealed.data, at: Date.now() });
  };
  H.dropDraftPhoto = async function (name, photo) {
    await (await H.base()).delete("drafts", H.me.person.uuid + "/" + name + "#" + photo.key);
  };
  H.draftPhotos = async function (name) {
    var start = H.me.person.uuid + "/" + name + "#", db = await H.base(), keys = await db.getAllKeys("drafts"), found = [];
    for (var i = 0; i < keys.length; i++) {
      if (keys[i].indexOf(start) !== 0) continue;
      var kept = await db.get("drafts", keys[i]);
      try {
        var bytes = await H.unsealBytes(H.me.key, kept, keys[i]);
        found.push({ key: keys[i].slice(start.length), bytes: bytes, small: await H.thumbnail(bytes) });
      } catch (error) { /* of another key */ }
    }
    return found;
  };
  H.dropDraftPhotos = async function (name) {
    var start = H.me.person.uuid + "/" + name + "#", db = await H.base(), keys = await db.getAllKeys("drafts");
    for (var i = 0; i < keys.length; i++) if (keys[i].indexOf(start) === 0) await db.delete("drafts", keys[i]);
  };
})();
