/** Writes a `.gz` and a `.br` beside each compressible file of the build, for Nginx to send. */
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSIBLE = /\.(html|js|css|svg|json|txt|webmanifest|map|wasm)$/;
// Below this size, the headers outweigh the saving.
const SMALLEST_BYTES = 512;

const encodings = {
  gz: (content: Buffer) => promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }),
  br: (content: Buffer) =>
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
};

export function precompress(): Plugin {
  let directory = '';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved(config) {
      directory = join(config.root, config.build.outDir);
    },
    // After all files are written, those of public/ included.
    async closeBundle() {
      for (const name of await readdir(directory, { recursive: true })) {
        if (COMPRESSIBLE.test(name)) await compress(join(directory, name));
      }
    },
  };
}

async function compress(path: string): Promise<void> {
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
