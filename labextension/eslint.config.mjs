import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['lib', 'node_modules', '.yarn'] },
  { files: ['**/*.ts'], extends: [...tseslint.configs.strictTypeChecked] },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname }
    },
    rules: {
      curly: 'error',
      eqeqeq: 'error',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'What comes from a kernel is text, never markup.' },
        { property: 'outerHTML', message: 'What comes from a kernel is text, never markup.' },
        { property: 'insertAdjacentHTML', message: 'What comes from a kernel is text, never markup.' }
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      // As in JupyterLab's own code.
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'interface', format: ['PascalCase'], custom: { regex: '^I[A-Z]', match: true } }
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }]
    }
  },
  {
    files: ['test/**/*.ts'],
    // Node's test functions return promises that its runner awaits.
    rules: { '@typescript-eslint/no-floating-promises': 'off' }
  }
);
