/* Sealing: AES-GCM, bound to the place where the sealed thing lies. */
export const subtle = window.crypto && window.crypto.subtle;

export const encoder = new TextEncoder();

const decoder = new TextDecoder();

export const canSeal = Boolean(subtle && window.indexedDB);

export function randomBytes(count) {
  return window.crypto.getRandomValues(new Uint8Array(count));
}

function fromBase64(words) {
  const raw = atob(words);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

export async function sealBytes(key, bytes, place) {
  const iv = randomBytes(12);
  const data = await subtle.encrypt(
    { name: "AES-GCM", iv: iv, additionalData: encoder.encode(place) },
    key,
    bytes,
  );
  return { iv: iv, data: data };
}

export async function unsealBytes(key, sealed, place) {
  return subtle.decrypt(
    { name: "AES-GCM", iv: sealed.iv, additionalData: encoder.encode(place) },
    key,
    sealed.data,
  );
}

export function sealJson(key, value, place) {
  return sealBytes(key, encoder.encode(JSON.stringify(value)), place);
}

export async function unsealJson(key, sealed, place) {
  return JSON.parse(decoder.decode(await unsealBytes(key, sealed, place)));
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function digest(bytes) {
  return toHex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
}

export function encodeWords(words) {
  return encoder.encode(words);
}

export function newUuid() {
  const b = randomBytes(16);
  b[6] = (b[6] & 15) | 64;
  b[8] = (b[8] & 63) | 128;
  return toHex(b).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function importContentKey(words) {
  return subtle.importKey("raw", fromBase64(words), "AES-GCM", false, ["encrypt", "decrypt"]);
}
