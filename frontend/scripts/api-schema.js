/**
 * Generates src/api/schema/ from the OpenAPI document, a JSON file that `backend/manage.py openapi` prints.
 * With --check it writes nothing, and fails when the folder differs from what the document gives.
 */
import { createClient } from '@hey-api/openapi-ts';
import console from 'node:console';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

/**
 * Keywords without a meaning for the page. The backend checks bounds and patterns; a pattern would even be wrong, as
 * Python's \w is not JavaScript's.
 */
const IGNORED = ['pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'maxItems', 'readOnly', 'writeOnly'];
/** With the format int64, an identifier would become a BigInt. */
const isIgnored = (key, value) => (IGNORED.includes(key) && typeof value !== 'object') || value === 'int64';

const SCHEMA = resolve(import.meta.dirname, '../src/api/schema');

/** One file of types, and one of the same shapes as schemas that check an answer at run time. */
const generate = (document, path) =>
    createClient({
        input: document,
        output: { path, entryFile: false, fileName: { suffix: null } },
        logs: { level: 'silent' },
        // Shapes only: requests need this page's time limit, CSRF token and clock.
        parser: { filters: { operations: { exclude: ['/.*/'] }, orphans: true } },
        // Without comments, a changed description in the document does not make the folder stale.
        plugins: [
            { name: '@hey-api/typescript', comments: false },
            { name: 'valibot', comments: false },
        ],
    });

const contentOf = (folder) => readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);

async function isCurrent(document) {
    const fresh = mkdtempSync(join(tmpdir(), 'api-schema-'));
    try {
        await generate(document, fresh);
        return JSON.stringify(contentOf(fresh)) === JSON.stringify(contentOf(SCHEMA));
    } finally {
        rmSync(fresh, { recursive: true });
    }
}

function fail(what, remedy) {
    console.error(`${what}\n${remedy}`);
    process.exit(1);
}

function read(path) {
    if (!path) fail('No OpenAPI document is given.', 'Type: npm run types -- FILE');
    try {
        return JSON.parse(readFileSync(path, 'utf8'), (key, value) => (isIgnored(key, value) ? undefined : value));
    } catch (error) {
        return fail(`${path} cannot be read (${error.message}).`, 'Type: python backend/manage.py openapi > FILE');
    }
}

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true });
const document = read(positionals[0]);
if (!values.check) await generate(document, SCHEMA);
else if (!(await isCurrent(document)))
    fail('src/api/schema/ is not what the OpenAPI document describes.', `Type: npm run types -- ${positionals[0]}`);
