import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The folders of src/ and what each may import: folders below it. */
const page = ['device', 'ui', 'text', 'data', 'api', 'core'];
const layers = {
    shell: page,
    pages: page,
    panel: page,
    ui: ['text', 'data', 'api', 'core'],
    device: ['api', 'core'],
    data: ['live', 'api', 'core'],
    live: ['api', 'core'],
    // `words`: each language is a folder inside.
    text: ['words', 'api'],
    api: ['core'],
    core: [],
};

const layerRules = Object.entries(layers).map(([folder, below]) => ({
    files: [`src/${folder}/**`],
    ignores: ['**/*.test.*'],
    rules: {
        'no-restricted-imports': [
            'error',
            {
                patterns: [
                    {
                        regex: `^(\\.\\./)+(?!\\.\\./|(${below.join('|')})(/|$))`,
                        message: `src/${folder}/ may import from ${below.join(', ') || 'itself only'}.`,
                    },
                ],
            },
        ],
    },
}));

/** The service worker has no build step. */
const worker = { files: ['public/*.js'], languageOptions: { globals: { self: 'readonly' } } };

export default defineConfig(globalIgnores(['dist', 'src/api/schema']), js.configs.recommended, layerRules, worker, {
    files: ['**/*.{ts,tsx}'],
    extends: [
        tseslint.configs.strictTypeChecked,
        tseslint.configs.stylisticTypeChecked,
        reactHooks.configs.flat.recommended,
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
        // Event handlers are arrow functions of one call.
        '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
        // The rule is meant for objects; numbers are fine in template strings.
        '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
        // All text that the page shows is in src/text/, ready for translation.
        'no-restricted-syntax': [
            'error',
            { selector: 'JSXText[value=/\\p{L}/u]', message: 'Text belongs in src/text/.' },
            {
                selector: 'JSXAttribute[name.name=/^(alt|aria-label|hint|label|placeholder|title)$/] > Literal',
                message: 'Text belongs in src/text/.',
            },
        ],
    },
});
