// Reads a customer key in any of its forms, by the rules of `strongroom key`: vectors/customer-keys.json.

const LABEL = "strongroom customer key fingerprint 1\0";

const FORMS = {
  raw: "32 raw bytes",
  characters: "32 characters, used as they are",
  base64: "base64 of 32 bytes",
  hex: "64 hex digits",
};

/** Reads a key. Returns null if the bytes are none. */
export function read(given) {
  let body = given;
  if (given.length !== 32) {
    const end = given.length;
    if (given[end - 1] === 10) body = given.subarray(0, given[end - 2] === 13 ? end - 2 : end - 1);
  }
  const read = decode(body);
  return read && { ...read, lineEnd: body.length !== given.length };
}

function decode(body) {
  if (body.length === 32) {
    const printable = body.every((byte) => byte >= 0x20 && byte <= 0x7e);
    return { key: Uint8Array.from(body), form: printable ? "characters" : "raw" };
  }
  const text = String.fromCharCode(...body.subarray(0, 65));
  if (body.length === 64 && /^[0-9a-fA-F]{64}$/.test(text)) {
    return { key: Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16)), form: "hex" };
  }
  // The last letter holds four bits of the key and two that are zero.
  if ((body.length === 43 || body.length === 44) && /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=?$/.test(text)) {
    return { key: Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), form: "base64" };
  }
  return null;
}

/** Describes the form that a key was given in. */
export const describe = (read) => FORMS[read.form] + (read.lineEnd ? ", with a line end that was ignored" : "");

/** Returns the fingerprint: 16 hex digits in groups of four. */
export async function fingerprint(key) {
  const label = new TextEncoder().encode(LABEL);
  const bytes = new Uint8Array(label.length + key.length);
  bytes.set(label);
  bytes.set(key, label.length);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  bytes.fill(0);
  return hex(digest.subarray(0, 8)).match(/..../g).join(" ");
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

/** Returns what makes a key easier to guess than its length suggests, or null. */
export function weakness(key) {
  const bytes = Array.from(key);
  const period = [...Array(16).keys()].map((n) => n + 1).find((n) => bytes.every((byte, at) => at < n || byte === bytes[at - n]));
  if (period === 1) return "Every byte is the same.";
  if (period) return `The first ${period} bytes are repeated: only they have to be guessed.`;
  const step = (bytes[1] - bytes[0] + 256) % 256;
  if (bytes.every((byte, at) => at === 0 || (byte - bytes[at - 1] + 256) % 256 === step)) return "Each byte differs from the one before by the same step.";
  const text = String.fromCharCode(...bytes);
  if (/^[0-9]+$/.test(text)) return "32 decimal digits contain at most 106 bits, not 256.";
  if (/^[0-9a-fA-F]+$/.test(text)) return "This looks like 16 bytes in hex. It is used as 32 characters, which contain at most 128 bits.";
  if (/^([a-z \-_.,!?']+|[A-Z \-_.,!?']+)$/.test(text) || (/^[\x20-\x7e]+$/.test(text) && text.includes(" "))) return "This looks like words: a key chosen by a person is found by trying words.";
  if (new Set(bytes).size < 14) return "Only few different bytes occur.";
  return null;
}
