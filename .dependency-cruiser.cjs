/** Circular imports, type imports included, and imports that point upwards. `npm run lint` runs it. */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A file may not import itself through others, not even for types.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'core-imports-only-core',
      severity: 'error',
      comment: 'src/core runs in any JavaScript runtime.',
      from: { path: '^src/core/' },
      to: { path: '^src/', pathNot: '^src/core/' },
    },
    {
      name: 'web-imports-only-core',
      severity: 'error',
      from: { path: '^src/(web/|browser\\.ts)' },
      to: { path: '^src/', pathNot: '^src/(core|web)/' },
    },
    {
      name: 'node-imports-node-and-core',
      severity: 'error',
      from: { path: '^src/node/' },
      to: { path: '^src/', pathNot: '^src/(core|node)/' },
    },
    {
      name: 'notebook-imports-node-and-core',
      severity: 'error',
      from: { path: '^src/notebook/' },
      to: { path: '^src/', pathNot: '^src/(core|node|notebook)/' },
    },
    {
      name: 'cli-is-on-top',
      severity: 'error',
      comment: 'Nothing imports a command, and the library does not import its own index.',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/(cli/|index\\.ts|browser\\.ts)' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'src/core/dsp/kernel/assembly' },
  },
};
