import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

/**
 * Who may import whom, inside src/. The data goes one way (README, "How the code is laid out"); an import that is not
 * listed here is an error. The files at the root of src/ (errors, random, paths) are open to all.
 */
const mayImport = {
  audio: [],
  dsp: ['audio'],
  corpora: ['audio'],
  augment: ['audio', 'dsp'],
  features: ['audio', 'dsp', 'augment', 'corpora'],
  dataset: ['corpora', 'features'],
  config: ['features', 'dataset'],
  engine: [],
  models: ['config', 'engine'],
  training: ['config', 'engine'],
  evaluation: ['dataset', 'corpora'],
  experiment: [
    'audio',
    'dsp',
    'corpora',
    'features',
    'dataset',
    'config',
    'engine',
    'models',
    'training',
    'evaluation',
  ],
  figures: ['audio', 'dsp', 'corpora', 'features', 'dataset', 'evaluation'],
  notebook: ['audio', 'corpora', 'engine', 'training', 'figures'],
  gallery: [
    'audio',
    'dsp',
    'augment',
    'corpora',
    'features',
    'dataset',
    'config',
    'evaluation',
    'experiment',
    'figures',
  ],
  cli: [
    'audio',
    'corpora',
    'features',
    'dataset',
    'config',
    'engine',
    'models',
    'training',
    'evaluation',
    'experiment',
    'figures',
    'notebook',
    'gallery',
  ],
};
const folders = Object.keys(mayImport);

/** Packages that one place alone imports, so that they can be replaced there. */
const onlyIn = {
  'danfojs-node': /^corpora$/,
  '@tensorflow/': /^(engine|models|training)$/,
  'libsvm-js': /^models$/,
  tslab: /^notebook$/,
};

const directionRules = folders.map((folder) => {
  const forbidden = folders.filter((other) => other !== folder && !mayImport[folder].includes(other));
  const packages = Object.keys(onlyIn).filter((name) => !onlyIn[name].test(folder));
  const patterns = [
    {
      regex: `^(\\.\\./)+(${forbidden.join('|')})(/|$)`,
      message: `src/${folder} may import only: ${mayImport[folder].join(', ') || 'no other folder'}.`,
    },
    {
      regex: `^(\\.\\./)+(${folders.filter((other) => other !== folder).join('|')})/.`,
      message: 'Import another stage through its index, not its insides.',
    },
    { regex: '^(\\.\\./)+index$|^(\\.\\./)+\\.?$', message: 'The library does not import its own index.' },
    ...packages.map((name) => ({ regex: `^${name}`, message: `${name} is imported in one place only.` })),
  ];
  return { files: [`src/${folder}/**/*.ts`], rules: { 'no-restricted-imports': ['error', { patterns }] } };
});

export default tseslint.config(
  // The kernel's sources are AssemblyScript, which asc checks.
  { ignores: ['dist/', 'docs/', 'runs/', 'data/', 'node_modules/', '.venv/', 'src/core/dsp/kernel/assembly/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
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
  ...directionRules,
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
