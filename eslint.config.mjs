import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Folders by layer. Imports point downwards: cli and notebook → node → core, and web → core. Within a layer, a folder imports only
 * those before it. dependency-cruiser (.dependency-cruiser.cjs) checks the same for layers and finds circular imports of files.
 */
const layers = {
  core: [
    'base',
    'audio',
    'dsp',
    'features',
    'dataset',
    'config',
    'network',
    'evaluation',
    'prediction',
    'figures',
  ],
  node: [
    'files',
    'corpora',
    'extraction',
    'engine',
    'runs',
    'models',
    'live',
    'experiment',
    'sweep',
    'drawing',
    'paper',
  ],
};

/** Packages that only one place may import, so that they can be replaced there. */
const packagePlaces = {
  'danfojs-node': ['node/corpora'],
  '@tensorflow/': ['core/network', 'node/engine', 'web'],
  'libsvm-js': ['node/engine'],
  tslab: ['notebook'],
  'plotly.js-dist': ['node/build', 'node/drawing'],
  commander: ['cli'],
  'p-retry': ['node/corpora'],
  zod: ['core/config', 'core/features', 'core/network', 'node/corpora', 'node/runs', 'web'],
};

/** What src/core may import from packages: pure JavaScript or WebAssembly that runs in a browser. */
const corePackages = [
  '@noble/hashes',
  '@tensorflow/tfjs',
  '@tensorflow/tfjs-backend-wasm',
  '@wasm-audio-decoders/ogg-vorbis',
  'codec-parser',
  'fastest-levenshtein',
  'mpg123-decoder',
  'opus-decoder',
  'pure-rand',
  'wavefile',
  'zod',
];

/** What the live page (src/web) may import in addition. */
const webPackages = ['preact', 'fflate', 'idb'];

const nodeGlobals = [
  'process',
  'Buffer',
  '__dirname',
  '__filename',
  'require',
  'module',
  'global',
  'setImmediate',
];

function importRules(place) {
  const [layer, folder] = place.split('/');
  const patterns = Object.entries(packagePlaces)
    .filter(([, places]) => !places.includes(place))
    .map(([name, places]) => ({
      regex: `^${name}`,
      message: `${name} is imported only in ${places.map((path) => `src/${path}`).join(' and ')}.`,
    }));
  if (layer === 'core' || layer === 'web') {
    const packages = layer === 'web' ? [...corePackages, ...webPackages] : corePackages;
    patterns.push({
      regex: `^(?!\\.|(${packages.join('|')})(/|$))`,
      message: `src/${layer} runs in any JavaScript runtime: no Node modules, no native packages.`,
    });
  }
  const siblings = layers[layer];
  if (siblings) {
    const later = siblings.slice(siblings.indexOf(folder) + 1);
    if (later.length > 0) {
      patterns.push({
        regex: `^(\\.\\./)+(${layer}/)?(${later.join('|')})(/|$)`,
        message: `src/${place} may not import folders that build on it (${later.join(', ')}).`,
      });
    }
    const others = siblings.filter((other) => other !== folder);
    patterns.push({
      regex: `^(\\.\\./)+(core/|node/)?(${others.join('|')})/.`,
      message: 'Import another folder through its index.',
    });
  }
  return { 'no-restricted-imports': ['error', { patterns }] };
}

const places = [
  ...Object.entries(layers).flatMap(([layer, folders]) => folders.map((folder) => `${layer}/${folder}`)),
  'notebook',
  'cli',
  'web',
];

export default tseslint.config(
  // The kernel's sources are AssemblyScript, which its own compiler checks.
  {
    ignores: [
      'dist/',
      'docs/',
      'runs/',
      'data/',
      'node_modules/',
      '.venv/',
      '**/plotly.min.js',
      'src/core/dsp/kernel/assembly/',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers in messages read well as they are.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Index loops are the clear form for signals: several buffers share one index.
      '@typescript-eslint/prefer-for-of': 'off',
      // An index into a typed array inside its bounds is never undefined; the checks of a hot loop are its bounds.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // node:assert and fast-check take callbacks that return nothing of use.
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
  ...places.map((place) => ({ files: [`src/${place}/**/*.{ts,tsx}`], rules: importRules(place) })),
  {
    files: ['src/core/**/*.ts', 'src/web/**/*.{ts,tsx}', 'src/browser.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...nodeGlobals.map((name) => ({
          name,
          message: 'src/core and src/web run in any JavaScript runtime.',
        })),
      ],
    },
  },
  {
    files: ['**/*.{js,cjs,mjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        require: 'readonly',
        module: 'writable',
        __dirname: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setImmediate: 'readonly',
      },
    },
  },
);
