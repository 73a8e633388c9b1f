import { createRequire } from 'node:module';

// The packages are the frontend's.
const require = createRequire(new URL('../frontend/package.json', import.meta.url));
const js = require('@eslint/js');
const tseslint = require('typescript-eslint');

export default tseslint.config({ ignores: ['docker/*.mjs', 'docker/dev/dev-page'] }, js.configs.recommended, {
  files: ['**/*.{js,mjs}'],
  extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
  languageOptions: { parserOptions: { project: new URL('tsconfig.json', import.meta.url).pathname } },
  rules: {
    // They do not see a type that JSDoc gives.
    '@typescript-eslint/no-unsafe-assignment': 'off',
    '@typescript-eslint/no-unsafe-return': 'off',
    // Event handlers are arrow functions of one call.
    '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  },
});
