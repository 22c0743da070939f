/* Photos of an entry: made small on the phone and drawn anew, so that place and phone stay out of them. */
import { make } from "../elements.js";

const LONGEST = 1600;

export const MOST_PHOTOS = 6;

async function readPicture(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (_error) {
    return createImageBitmap(file);
  }
}

function drawSmall(image, longest) {
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  const canvas = make("canvas", {
    width: Math.max(1, Math.round(image.width * scale)),
    height: Math.max(1, Math.round(image.height * scale)),
  });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function toJpeg(canvas, quality) {
  return new Promise((done, fail) => {
    canvas.toBlob(
      (blob) => {
        if (blob) done(new Response(blob).arrayBuffer());
        else fail(new Error("jpeg"));
      },
      "image/jpeg",
      quality,
    );
  });
}

/* A file as { bytes, small }: a JPEG of at most 1,600 pixels a side, and a thumbnail as a data address. */
export async function shrinkPhoto(file) {
  let image;
  try {
    image = await readPicture(file);
  } catch (_error) {
    throw new Error("这不是能打开的照片，请重新拍一张。");
  }
  const canvas = drawSmall(image, LONGEST);
  let bytes = await toJpeg(canvas, 0.8);
  if (bytes.byteLength > 500000) bytes = await toJpeg(canvas, 0.6);
  return { bytes: bytes, small: drawSmall(image, 160).toDataURL("image/jpeg", 0.6) };
}

export async function drawThumbnail(bytes) {
  try {
    const image = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));
    return drawSmall(image, 160).toDataURL("image/jpeg", 0.6);
  } catch (_error) {
    return "";
  }
}
