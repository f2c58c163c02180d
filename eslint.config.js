import js from '@eslint/js';
import prettier from 'eslint-config-prettier/flat';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import { readdirSync } from 'node:fs';
import tseslint from 'typescript-eslint';

// Which rooms of lib/ a room may import from: arrows point one way, up this list. Files that stand directly in
// lib/ and are listed as ground may be imported by all.
const ground = [
  'errors',
  'ids',
  'validation',
  'redaction',
  'secret-name',
  'deferred',
  'deferred-decorators',
  'on-abort',
  'pause',
  'reader-queue',
  'shared-reply',
  'paths',
  'protocol',
  'shapes',
  'telemetry',
  'timers',
  'version',
  'within',
];
const rooms = {
  telemetry: [],
  record: [],
  output: [],
  approvals: [],
  tools: ['output'],
  transport: [],
  wire: ['transport'],
  account: ['wire'],
  resume: ['record', 'transport', 'wire'],
  options: ['record', 'output', 'approvals', 'tools', 'transport', 'resume'],
  remote: ['transport', 'options'],
  loaded: ['record', 'approvals', 'transport', 'wire', 'resume', 'options'],
  isolation: ['transport', 'wire', 'options', 'loaded'],
  turn: [
    'record',
    'output',
    'approvals',
    'tools',
    'transport',
    'wire',
    'options',
    'loaded',
    'isolation',
  ],
  thread: ['record', 'output', 'resume', 'options', 'turn'],
  conversation: [
    'record',
    'approvals',
    'wire',
    'account',
    'resume',
    'options',
    'loaded',
    'isolation',
    'turn',
    'thread',
  ],
  opentelemetry: [],
  parity: ['resume', 'turn'],
  fleet: ['codex', 'record', 'wire', 'resume', 'options', 'loaded', 'turn', 'thread'],
  page: ['codex', 'record', 'approvals', 'options', 'loaded', 'turn'],
  cli: ['index', 'page', 'migration', 'loaded'],
  'ai-sdk': ['record', 'output', 'approvals', 'options', 'loaded', 'turn', 'thread'],
  // Both convert a turn to a stream.
  'ag-ui': ['ai-sdk', 'approvals', 'turn'],
  migration: [],
  nestjs: ['codex', 'doctor-report', 'record', 'approvals', 'resume', 'options', 'thread'],
  testing: ['record', 'approvals', 'transport', 'options', 'turn', 'thread'],
};
const everyFile = readdirSync('lib', { withFileTypes: true }).map((entry) =>
  entry.name.replace(/\.ts$/, ''),
);
const arrows = [
  ...Object.entries(rooms).map(([room, below]) => ({
    files: [`lib/${room}/**/*.ts`],
    rules: forbid(
      [...new Set([...everyFile, ...Object.keys(rooms)])].filter(
        (name) => name !== room && !below.includes(name) && !ground.includes(name),
      ),
      String.raw`(\.\./)+`,
    ),
  })),
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/testing/**', 'lib/*/**'],
    rules: forbid(
      [
        'testing',
        'opentelemetry',
        'parity',
        'fleet',
        'page',
        'cli',
        'ai-sdk',
        'ag-ui',
        'nestjs',
        'migration',
      ],
      String.raw`\./`,
    ),
  },
];

function forbid(names, prefix) {
  return {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: String.raw`^${prefix}(${names.join('|')})(/|\.js$)`,
            message: 'This arrow points the wrong way: see the room table in eslint.config.js.',
          },
        ],
      },
    ],
  };
}

const syntax = [
  { selector: 'ExportDefaultDeclaration', message: 'Use named exports only.' },
  {
    selector:
      ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration AwaitExpression:not(:function AwaitExpression)',
    message: 'No top-level await in the library: it breaks require(esm).',
  },
  {
    selector: 'Program > ExpressionStatement > AwaitExpression',
    message: 'No top-level await in the library: it breaks require(esm).',
  },
];
const realms = {
  selector:
    'BinaryExpression[operator="instanceof"][right.name=/^(AbortSignal|Array|Buffer|Date|Error|Function|Map|Object|Promise|RegExp|Set|Uint8Array|URL)$/]',
  message:
    'This is false for values of another realm, such as those of Node under Jest: use lib/shapes.ts.',
};
// What a test may replace by fakes while the library is in use.
const takenAtLoad = 'Fake timers would stop it: use lib/timers.ts.';
const faked = [
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
];

export default defineConfig(
  globalIgnores([
    'dist/',
    '.build/',
    'coverage/',
    'docs/',
    'lib/protocol/generated/',
    'bench/.venv/',
    'fixtures/python/.venv/',
    // Programs on the packed package, which is not there before it is packed.
    'fixtures/consumers/',
    'fixtures/runtimes/*.mts',
    // Their packages are installed by `npm run check:temporal` and `npm run build:restate` alone.
    'examples/fleet-temporal/',
    'examples/fleet-restate/',
  ]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', ...syntax],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/explicit-member-accessibility': ['error', { accessibility: 'no-public' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/promise-function-async': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'typeLike', format: ['PascalCase'] },
        {
          selector: ['function', 'classMethod', 'parameter'],
          format: ['camelCase'],
          leadingUnderscore: 'allow',
        },
        { selector: 'enumMember', format: ['PascalCase'] },
      ],
      '@typescript-eslint/no-extraneous-class': [
        'error',
        { allowWithDecorator: true, allowStaticOnly: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  ...arrows,
  {
    files: ['lib/**/*.ts'],
    ignores: ['lib/timers.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...syntax, realms],
      'no-restricted-globals': ['error', ...faked.map((name) => ({ name, message: takenAtLoad }))],
      'no-restricted-imports': [
        'error',
        {
          paths: ['timers', 'timers/promises', 'perf_hooks'].flatMap((name) =>
            [name, `node:${name}`].map((name) => ({ name, message: takenAtLoad })),
          ),
        },
      ],
      'no-restricted-properties': [
        'error',
        ...[
          ['AbortSignal', 'timeout'],
          ['Date', 'now'],
          ['process', 'hrtime'],
          ['process', 'nextTick'],
        ].map(([object, property]) => ({ object, property, message: takenAtLoad })),
      ],
    },
  },
  {
    files: ['spec/**/*.ts'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  { files: ['examples/**/*.{ts,tsx}'], rules: { 'no-restricted-syntax': 'off' } },
  {
    // Components are functions, and named as types are.
    files: ['examples/**/*.tsx'],
    rules: {
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'function', format: ['camelCase', 'PascalCase'] },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: globals.node },
    rules: {
      'no-restricted-syntax': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
    },
  },
  prettier,
);
