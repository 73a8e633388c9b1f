/** Writes a `.gz` and a `.br` beside each compressible file of the page, for Nginx to send. */
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const COMPRESSIBLE = /\.(html|js|mjs|css|svg|json|txt|xml|webmanifest|map|wasm)$/;
// Below this size, the headers outweigh the saving.
const SMALLEST_BYTES = 512;

const encodings = {
  gz: (/** @type {Buffer} */ content) => promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
  br: (/** @type {Buffer} */ content) =>
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
};

/** @param {string} folder */
export async function precompress(folder) {
  for (const name of await readdir(folder, { recursive: true })) {
    if (COMPRESSIBLE.test(name)) await compress(join(folder, name));
  }
}

/** @param {string} path */
async function compress(path) {
  const content = await readFile(path);
  if (content.length < SMALLEST_BYTES) return;
  const { atime, mtime } = await stat(path);
  for (const [extension, encode] of Object.entries(encodings)) {
    const encoded = await encode(content);
    if (encoded.length >= content.length) continue;
    await writeFile(`${path}.${extension}`, encoded);
    // Nginx takes Last-Modified and ETag from the file that it sends; they must be the same for every encoding.
    await utimes(`${path}.${extension}`, atime, mtime);
  }
}
