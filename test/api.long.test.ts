import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import * as ser from '../src';
import { projectRoot } from '../src/node/files';
import { joinLines, readNotebook } from '../src/notebook/notebook-file';
import { catchOutput } from './cli/catch-output';
import { codeBlocks } from './markdown-blocks';
import { toneCorpus } from './node/experiment/tone-corpus';

const guidePath = join(projectRoot, 'src', 'api', 'README.md');
const namespaces = ['audio', 'controls', 'dataset', 'dsp', 'evaluation', 'figures', 'models'] as const;

describe('public API', () => {
  it('has at most 95 values at the top level, and seven namespaces', () => {
    const names = Object.keys(ser);
    assert.ok(names.length <= 95, `${names.length} names`);
    const index = readFileSync(join(projectRoot, 'src', 'index.ts'), 'utf8');
    const found = Array.from(index.matchAll(/^export \* as (\w+)/gm), ([, name]) => name);
    assert.deepEqual(found, namespaces);
  });

  it('has no value that neither a notebook nor a guide uses', () => {
    const notebooks = join(projectRoot, 'notebooks');
    const cells = readdirSync(notebooks)
      .filter((file) => file.endsWith('.ipynb'))
      .flatMap((file) => readNotebook(join(notebooks, file)).cells)
      .flatMap((cell) => (cell.cell_type === 'code' ? [joinLines(cell.source)] : []));
    const guides = ['README.md', 'src/README.md', 'src/api/README.md'].map((path) =>
      readFileSync(join(projectRoot, path), 'utf8'),
    );
    const text = [...cells, ...guides].join('\n');
    const names = Object.keys(ser).filter((name) => !namespaces.some((namespace) => namespace === name));
    const all = [
      ...names,
      ...namespaces.flatMap((name) => Object.keys(ser[name]).map((of) => `${name}.${of}`)),
    ];
    const used = new Set(
      Array.from(text.matchAll(/\bser\.(\w+)(?:\.(\w+))?/g), ([, name, of]) =>
        namespaces.some((namespace) => namespace === name) ? `${name}.${of}` : name,
      ),
    );
    for (const [, names, namespace] of text.matchAll(/\bconst \{([^}]*)\} =\s+ser\.(\w+);/g))
      for (const [name] of names.matchAll(/\w+/g)) used.add(`${namespace}.${name}`);
    assert.deepEqual(
      all.filter((name) => !used.has(name)),
      [],
    );
  });
});

describe('src/api/README.md', function () {
  this.timeout(300_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-guide-'));
  const program = join(root, 'guide.ts');
  const { SER_DATA } = process.env;
  const folder = process.cwd();

  before(() => {
    const lines = codeBlocks(readFileSync(guidePath, 'utf8'))
      .filter(({ language }) => language === 'ts')
      .flatMap(({ code }) => code.split('\n'));
    const isImport = (line: string): boolean => line.startsWith('import ');
    const imports = lines
      .filter(isImport)
      .map((line) =>
        line.replace(`'speech-emotion-workbench'`, JSON.stringify(join(projectRoot, 'src', 'index'))),
      );
    const body = lines.filter((line) => !isImport(line));
    writeFileSync(
      program,
      [...imports, 'export async function guide(): Promise<void> {', ...body, '}', ''].join('\n'),
    );
    mkdirSync(join(root, 'corpora'));
    toneCorpus(join(root, 'corpora'), 3);
    process.env.SER_DATA = join(root, 'corpora');
    process.chdir(root);
  });
  after(() => {
    process.chdir(folder);
    if (SER_DATA === undefined) delete process.env.SER_DATA;
    else process.env.SER_DATA = SER_DATA;
    rmSync(root, { recursive: true });
  });

  it('compiles', () => {
    const { config } = ts.readConfigFile(join(projectRoot, 'tsconfig.json'), (path) =>
      ts.sys.readFile(path),
    ) as {
      config: unknown;
    };
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, projectRoot);
    const typeRoots = [join(projectRoot, 'node_modules', '@types')];
    const compiled = ts.createProgram([program], { ...options, typeRoots, noUnusedLocals: false });
    const file = compiled.getSourceFile(program)!;
    const found = [...compiled.getSyntacticDiagnostics(file), ...compiled.getSemanticDiagnostics(file)];
    const problems = found.map(({ messageText, start = 0 }) => {
      const line = file.text.slice(0, start).split('\n').at(-1)! + file.text.slice(start).split('\n')[0];
      return `${line.trim()}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    assert.deepEqual(problems, []);
  });

  it('runs from the first block to the last', async () => {
    const { guide } = (await import(program)) as { guide: () => Promise<void> };
    const { out } = await catchOutput(async () => {
      await guide();
      return 0;
    });
    assert.match(out, /^Protocol: speakers/m);
    assert.match(out, /training\.epochs/);
    assert.ok(readdirSync(join(root, 'runs', 'guide')).includes('timeline.png'));
  });
});
