import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { commands as cliCommands, referenceFile, withReference } from '../src/cli/reference';
import { projectRoot, runOnWorkers } from '../src/node/files';
import { benchCommand } from './bench/main';
import { codeBlocks, type NpmCommand, npmCommands } from './markdown-blocks';

const read = (path: string): string =>
  readFileSync(join(projectRoot, path), 'utf8').replace(/<!--[^]*?-->/g, '');
const pages = ['README.md', 'notebooks/README.md', 'src/README.md', 'src/cli/README.md', 'data/README.md'];
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** The npm commands in `.ci/run`, and in the script `test:all` that it runs. */
const ciCommands = [
  ...`${read('.ci/run')}\n${scripts['test:all']}`
    .replace(/\\\n\s*/g, '')
    .matchAll(/npm (?:install|start|test|run [^&|;\n]*)[^&|;\n]*/g),
].flatMap(([text]) => npmCommands(text.replace(/\$\(.*/, 'recording.wav')));

/** Whether CI runs the command, possibly with more options or other numbers; `npm start` runs all notebooks. */
const isRun = ({ script, args }: NpmCommand): boolean =>
  ciCommands.some((command) => {
    if (command.script !== script) return false;
    const given = optionsOf(command);
    return script === 'start' || optionsOf({ args }).every((option) => given.includes(option));
  });

/** The help of a command and its subcommands. */
function helpOf(script: string): string {
  const command = [...cliCommands, benchCommand].find(({ name }) => name.split(' ').at(-1) === script);
  return command?.helpTexts().join('\n') ?? '';
}

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
    it(`in code blocks of ${page} are run by CI`, () => {
      assert.ok(commands.length >= 4, page);
      const others = commands.filter((command) => !isRun(command)).map(({ text }) => text);
      assert.deepEqual(others, []);
    });
  }

  for (const page of pages) {
    it(`named in ${page} exist, with their options`, () => {
      const named = [...read(page).matchAll(/npm run ([\w-]+)((?: [^`\n#]*)?)/g)];
      assert.ok(named.length >= 2);
      for (const [text, script, rest] of named) {
        assert.ok(script in scripts, `${text}: package.json has no such script`);
        for (const [option] of rest.matchAll(/--[a-z][\w-]*/g)) {
          assert.ok(helpOf(script).includes(option), `${text}: unknown option ${option}`);
        }
      }
    });

    it(`and the files linked in ${page} exist`, () => {
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
        assert.ok(headings.includes(anchor), `${text}: no such heading`);
      }
    });
  }
});

describe('src/cli/README.md', () => {
  it('contains the current help of all commands', () => {
    const page = readFileSync(referenceFile, 'utf8');
    assert.equal(page, withReference(page), 'out of date; run: npx tsx src/cli/reference.ts');
  });
});

describe('the commands of package.json', function () {
  this.timeout(120_000);
  const commands = Object.entries(scripts).flatMap(([name, command]) => {
    const [, source] = /^tsx (src\/cli\/\S+)/.exec(command) ?? [];
    return source && name !== 'test' ? [{ name, source }] : [];
  });
  const results = new Map<string, { status: number; stdout: string; stderr: string }>();
  before(async () => {
    const env = { ...process.env, SER_ENGINE: 'none' };
    const lanes = Array.from({ length: availableParallelism() }, (_, lane) => lane);
    await runOnWorkers(commands, lanes, {}, async (_, { name, source }) => {
      const args = ['--import', 'tsx', source, '--help'];
      const child = spawn(process.execPath, args, { cwd: projectRoot, env });
      const [stdout, stderr, [status]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number]>,
      ]);
      results.set(name, { status, stdout, stderr });
    });
  });
  for (const { name } of commands) {
    it(`print help without any setup: npm run ${name} -- --help`, () => {
      const { status, stdout, stderr } = results.get(name)!;
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, new RegExp(`^Usage: npm ${name === 'start' ? '' : 'run '}${name} -- `));
    });
  }
});
