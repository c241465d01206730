"use strict";
// The examples' texts: in the page, or in scripts beside it that are added when first needed.

/** @type {Map<number, Promise<Chunk>>} */
const chunks = new Map();
/** @type {Map<number, (chunk: Chunk) => void>} */
const awaited = new Map();

window.harnessChunk = (number, chunk) => awaited.get(number)?.(chunk);

// Only the files that the page names may be added.
const allowed = page.chunk_files.length
  ? window.trustedTypes?.createPolicy("chunk", {
      createScriptURL(address) {
        if (page.chunk_files.some((one) => one.file === address)) return address;
        throw new Error(`not a file of this page: ${address}`);
      },
    })
  : undefined;

/**
 * @param {number} number
 * @returns {Promise<Chunk>}
 */
function chunkOf(number) {
  const known = chunks.get(number);
  if (known) return known;
  const made = page.chunk_files.length ? fromFile(number) : fromPage(number);
  chunks.set(number, made);
  made.catch(() => chunks.delete(number));
  return made;
}

/**
 * @param {number} number
 * @returns {Promise<Chunk>}
 */
async function fromPage(number) {
  return JSON.parse(byId(`chunk-${number}`, HTMLScriptElement).text);
}

/**
 * @param {number} number
 * @returns {Promise<Chunk>}
 */
function fromFile(number) {
  const file = page.chunk_files.find((one) => one.number === number)?.file ?? "";
  return new Promise((resolve, reject) => {
    awaited.set(number, resolve);
    const script = document.createElement("script");
    script.src = allowed ? allowed.createScriptURL(file) : file;
    script.onerror = () => reject(new Error(`${file} cannot be read: it belongs beside this page`));
    document.head.append(script);
  });
}
