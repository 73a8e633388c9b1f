/**
 * Draws the PNG icons of the web app manifest from public/favicon.svg. The same input gives the same bytes on each
 * machine. With --check it writes nothing, and fails when a file differs.
 */
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { Buffer } from 'node:buffer';
import console from 'node:console';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import process from 'node:process';

const PUBLIC = resolve(import.meta.dirname, '../public');
const rounded = readFileSync(join(PUBLIC, 'favicon.svg'), 'utf8');
/** The system cuts out the shape. The shield is inside of the circle that each shape keeps (radius 40 %). */
const fullBleed = rounded.replace(' rx="8"', '');
/** Android draws its status bar's icon from the opaque parts only. */
const badge = rounded.replace(/<rect.*?\/>/, '');

const ICONS = {
    'panel-192.png': [rounded, 192],
    'panel-512.png': [rounded, 512],
    'maskable-192.png': [fullBleed, 192],
    'maskable-512.png': [fullBleed, 512],
    'apple-touch-icon.png': [fullBleed, 180],
    'badge-96.png': [badge, 96],
};

const draw = (svg, width) => Buffer.from(new Resvg(svg, { fitTo: { mode: 'width', value: width } }).render().asPng());

const isCurrent = (path, png) => {
    try {
        return readFileSync(path).equals(png);
    } catch {
        return false;
    }
};

await initWasm(readFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm')));
const folder = join(PUBLIC, 'icons');
mkdirSync(folder, { recursive: true });
for (const [name, [svg, width]] of Object.entries(ICONS)) {
    const path = join(folder, name);
    const png = draw(svg, width);
    if (!process.argv.includes('--check')) writeFileSync(path, png);
    else if (!isCurrent(path, png)) {
        console.error(`public/icons/${name} is not what public/favicon.svg gives.\nType: npm run icons`);
        process.exit(1);
    }
}
