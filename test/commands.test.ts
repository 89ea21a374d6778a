import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../src/node/files';
import { codeBlocks, type NpmCommand, npmCommands } from './markdown-blocks';

const read = (path: string): string =>
  readFileSync(join(projectRoot, path), 'utf8').replace(/<!--[^]*?-->/g, '');
const pages = ['README.md', 'notebooks/README.md', 'src/README.md', 'data/README.md'];
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** The commands of `.ci/run`, wherever in a line they stand. */
const ofCi = [
  ...read('.ci/run')
    .replace(/\\\n\s*/g, '')
    .matchAll(/npm (?:install|start|test|run [^&|;\n]*)[^&|;\n]*/g),
].flatMap(([text]) => npmCommands(text.replace(/\$\(.*/, 'recording.wav')));

/** CI runs it, perhaps with more options or smaller numbers; a single notebook is among all. */
const isRun = ({ script, args }: NpmCommand): boolean =>
  ofCi.some((command) => {
    if (command.script !== script) return false;
    const given = optionsOf(command);
    return script === 'start' || optionsOf({ args }).every((option) => given.includes(option));
  });

const optionsOf = ({ args }: Pick<NpmCommand, 'args'>): string[] =>
  args
    .join(' ')
    .replace(/(?<=\s)\d+$|(?<=\s)\d+(?=\s)/g, 'N')
    .split(/ (?=--)/)
    .filter((option) => option !== '');

describe('the commands of the documentation', () => {
  for (const page of ['README.md', 'notebooks/README.md']) {
    const commands = codeBlocks(read(page))
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => npmCommands(code));
    it(`are run by CI, those in blocks of ${page}`, () => {
      assert.ok(commands.length >= 4, page);
      const left = commands.filter((command) => !isRun(command)).map(({ text }) => text);
      assert.deepEqual(left, []);
    });
  }

  for (const page of pages) {
    it(`exist, with their options, wherever ${page} names one`, () => {
      const named = [...read(page).matchAll(/npm run ([\w-]+)((?: [^`\n#]*)?)/g)];
      assert.ok(named.length >= 2);
      for (const [text, script, rest] of named) {
        assert.ok(script in scripts, `${text}: package.json has no such script`);
        const [, source] = /tsx (src\S+)/.exec(scripts[script]) ?? [];
        for (const [option] of rest.matchAll(/--[a-z][\w-]*/g))
          assert.match(
            read(source),
            new RegExp(`\\b${option.slice(2)}\\b`),
            `${text}: ${source} knows no ${option}`,
          );
      }
    });

    it(`and files exist that ${page} links to`, () => {
      const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
      for (const [text, path, anchor] of links) {
        const target = join(dirname(page), path === '' ? page.replace(/.*\//, '') : path);
        assert.ok(existsSync(join(projectRoot, target)), text);
        if (!anchor) continue;
        const headings = [...read(target).matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
          title
            .toLowerCase()
            .replace(/[^\w -]/g, '')
            .replaceAll(' ', '-'),
        );
        assert.ok(headings.includes(anchor), `${text}: there is no such heading`);
      }
    });
  }
});

describe('the commands of package.json', function () {
  this.timeout(60_000);
  for (const [name, command] of Object.entries(scripts)) {
    const [, source] = /^tsx (src\/cli\/\S+)/.exec(command) ?? [];
    if (!source || name === 'test') continue;
    it(`explain themselves, and make nothing ready for that: npm run ${name} -- --help`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', source, '--help'], {
        cwd: projectRoot,
        encoding: 'utf8',
        env: { ...process.env, SER_ENGINE: 'none' },
      });
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, new RegExp(`^npm ${name === 'start' ? '' : 'run '}${name}\\b`));
    });
  }
});
