/** The files that the web app manifest names are there, in the sizes that it says, and are drawn from the one icon. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const FRONTEND = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(FRONTEND, 'public', path));

interface Icon {
  src: string;
  type: string;
  sizes: string;
}

const { icons } = JSON.parse(read('manifest.webmanifest').toString()) as { icons: Icon[] };

it.each(icons.filter(({ type }) => type === 'image/png').map((icon) => [icon.src, icon] as const))(
  '%s has the size that the manifest says',
  (src, { sizes }) => {
    const png = read(src);
    // https://www.w3.org/TR/png/#11IHDR: the width is at byte 16, the height at 20.
    expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(sizes);
  },
);

it('has icons that are what `npm run icons` draws', () => {
  expect(() => execFileSync(process.execPath, ['scripts/icons.js', '--check'], { cwd: FRONTEND })).not.toThrow();
});
