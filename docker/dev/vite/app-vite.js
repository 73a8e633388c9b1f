/** The Vite that the frontend itself has installed. Versions 4 to 8 have what is used here. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @param {string} frontend the folder of the frontend's package.json
 * @returns {Promise<typeof import('vite')>}
 */
export async function appVite(frontend) {
  // Not by `require`: before version 6 that is the CommonJS build, another copy than the one that the configuration imports.
  const manifest = createRequire(join(frontend, 'package.json')).resolve('vite/package.json');
  const { exports } = /** @type {{ exports: { '.': Entry } }} */ (JSON.parse(readFileSync(manifest, 'utf8')));
  const url = pathToFileURL(join(dirname(manifest), importedBy(exports['.']))).href;
  return /** @type {typeof import('vite')} */ (await import(url));
}

/** @typedef {string | { import: Entry } | { default: Entry }} Entry */

/**
 * @param {Entry} entry
 * @returns {string}
 */
function importedBy(entry) {
  if (typeof entry === 'string') return entry;
  return importedBy('import' in entry ? entry.import : entry.default);
}
