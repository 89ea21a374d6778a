import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type CommandTools, defineCommand, UsageError } from '../../src/cli/command';
import { integer, option } from '../../src/cli/options';
import { createRandom, nearestName, type Random } from '../../src/core/base';
import { paths } from '../../src/node/files';
import { Checkout, type End, requireLibrary, snapshot } from './checkout';
import { type Kind, kinds } from './kinds';
import { runAsProgram } from '../../src/cli/program';

export const crashCommand = defineCommand('npm run crash', {
  summary: 'Kill commands at random moments, run them again, and check that nothing is lost.',
  details: `Each trial starts the work in a copy of the project, kills it with SIGKILL (or SIGTERM) at a random time or between two file operations, and runs it again to the end. The result must be the same as that of an undisturbed run; readers must always find a complete version; no temporary file, lock or process may remain; nothing outside the copy may change. Kinds: ${Object.keys(kinds).join(', ')}; default: all but start.`,
  arguments: { '[KIND...]': { help: 'kinds of work' } },
  options: {
    kills: option('N', 'kills of each kind', integer(1), 10),
    seed: option('S', 'seed of the first kill; the next ones follow', integer(0), 1),
  },
  run: async ({ kills, seed }, { args, print }: CommandTools) => {
    const names = args.length > 0 ? args : Object.keys(kinds).filter((name) => name !== 'start');
    const unknown = names.find((name) => !Object.hasOwn(kinds, name));
    if (unknown !== undefined)
      throw new UsageError(
        `unknown kind ${unknown}; did you mean ${nearestName(unknown, Object.keys(kinds)) ?? 'train'}?`,
      );
    requireLibrary();
    const outside = [paths.runs, join(paths.corpora, '..'), paths.notebooks];
    const before = outside.map(snapshot);
    let failures = 0;
    for (const name of names)
      failures += await campaign(name, kinds[name as keyof typeof kinds], { kills, seed, print });
    const changed = outside.filter((folder, i) => snapshot(folder) !== before[i]);
    for (const folder of changed) print(`FAILED: ${folder} has changed`);
    return failures + changed.length > 0 ? 1 : 0;
  },
});

interface Campaign {
  kills: number;
  seed: number;
  print: (line: string) => void;
}

/** @returns the number of failures */
async function campaign(name: string, kind: Kind, { kills, seed, print }: Campaign): Promise<number> {
  const checkout = new Checkout();
  let failures = 0;
  try {
    await kind.prepare(checkout);
    const undisturbed = new Map<number, Undisturbed>();
    for (let number = seed; number < seed + kills; number++) {
      const random = createRandom(`crash ${name} ${number}`);
      const variant = number % kind.variants.length;
      const known = undisturbed.get(variant) ?? (await runUndisturbed(kind, variant, checkout));
      undisturbed.set(variant, known);
      const problems: string[] = [];
      const what = await killOnce(kind, variant, known, random, checkout, problems).catch(
        (error: unknown) => {
          problems.push(String(error));
          return 'stopped';
        },
      );
      print(
        `${name} ${number}: ${what}${problems.length > 0 ? `\n  FAILED, seed ${number}: ${problems.join('\n  ')}` : ': ok'}`,
      );
      if (problems.length > 0) failures++;
    }
  } finally {
    kind.close?.();
    checkout.remove();
  }
  print(`${name}: ${kills} kills, ${failures} failed`);
  return failures;
}

/** Result and duration of an undisturbed run. */
interface Undisturbed {
  result: string;
  seconds: number;
  /** number of file operations in its main process */
  changes: number;
}

const preload = ['--require', require.resolve('tsx/cjs'), '--require', join(__dirname, 'kill-at.ts')];

function argumentsOf(
  kind: Kind,
  variant: number,
  checkout: Checkout,
): { args: string[]; env: Record<string, string> } {
  const env = kind.env?.(checkout) ?? {};
  const source = 'SER_CRASH_URL' in env ? [env.SER_CRASH_URL, 'manifest.json'] : [];
  return { args: [...preload, ...kind.variants[variant], ...source], env };
}

async function runUndisturbed(kind: Kind, variant: number, checkout: Checkout): Promise<Undisturbed> {
  const { args, env } = argumentsOf(kind, variant, checkout);
  // Twice: the first run also fills caches that the later ones read.
  let end: End | undefined;
  for (let run = 0; run < 2; run++) {
    kind.reset(checkout);
    end = await checkout.start(args, { ...env, SER_KILL_COUNT: checkout.path('home', 'count') }).ended;
    if (end.code !== 0) throw new Error(`the undisturbed run failed: ${end.output}`);
  }
  const changes = Number(readFileSync(checkout.path('home', 'count'), 'utf8'));
  const left = checkout.leftovers();
  if (left.length > 0) throw new Error(`the undisturbed run left ${left.join(', ')}`);
  return { result: kind.result(checkout), seconds: end!.seconds, changes };
}

/** Time for processes to end after a kill, s: more than the guaranteed second, because the machine may be busy. */
const endSec = 10;

async function killOnce(
  kind: Kind,
  variant: number,
  { result, seconds, changes }: Undisturbed,
  random: Random,
  checkout: Checkout,
  problems: string[],
): Promise<string> {
  kind.reset(checkout);
  const { args, env } = argumentsOf(kind, variant, checkout);
  const reading = kind.reader ? await startReader(kind, args, env, checkout) : undefined;
  const described: string[] = [];
  // Sometimes the second run is killed as well.
  const times = random.uniform() < 0.25 ? 2 : 1;
  let hasFinished = false;
  for (let time = 0; time < times && !hasFinished; time++) {
    const { text, isFinished } = await kill();
    described.push(text);
    hasFinished = isFinished;
  }
  const isSaved = kind.isSaved !== undefined && (hasFinished || kind.isSaved(checkout));
  const expected = isSaved ? undefined : result;

  const again = await checkout.start(args, env).ended;
  if (again.code !== 0)
    problems.push(`the run after the kill ended with code ${again.code}: ${again.output.slice(-600)}`);
  if (reading) await reading(problems);
  const now = kind.result(checkout);
  // If a run was complete when it was killed, a second, equal run follows.
  const isEqual = expected === undefined ? isRepetition(now, result) : now === expected;
  if (!isEqual) problems.push(`the result differs: ${now} instead of ${result}`);
  const left = checkout.leftovers();
  if (left.length > 0) problems.push(`left: ${left.join(', ')}`);
  const processes = await checkout.remainingProcesses(endSec);
  if (processes.length > 0) problems.push(`still running: ${processes.join('; ')}`);
  return described.join(', then ');

  async function kill(): Promise<{ text: string; isFinished: boolean }> {
    const way = random.uniform();
    if (way < 0.5) {
      const at = `${1 + Math.floor(random.uniform() * changes)}${random.uniform() < 0.5 ? '+' : ''}`;
      const end = await checkout.start(args, { ...env, SER_KILL_AT: at }).ended;
      if (end.signal !== 'SIGKILL' && end.code !== 0)
        problems.push(`code ${end.code}: ${end.output.slice(-600)}`);
      await checkProcesses();
      return killed(`SIGKILL at file operation ${at} of ${changes}`, end.code);
    }
    const signal = way < 0.8 ? 'SIGKILL' : 'SIGTERM';
    const after = random.uniform() * seconds * 1.05;
    const running = checkout.start(args, env);
    await Promise.race([setTimeout(after * 1000), running.ended]);
    const sent = performance.now();
    running.kill(signal);
    const end = await running.ended;
    const stopSec = (performance.now() - sent) / 1000;
    const isExpected =
      end.code === 0 ||
      (signal === 'SIGKILL' ? end.signal === 'SIGKILL' : end.code === 143 || end.signal === 'SIGTERM');
    if (!isExpected) problems.push(`${signal}: code ${end.code}, ${end.signal}: ${end.output.slice(-600)}`);
    if (signal === 'SIGTERM' && stopSec > endSec)
      problems.push(`stopped only ${stopSec.toFixed(1)} s after SIGTERM`);
    await checkProcesses();
    const stopped = signal === 'SIGTERM' ? `, stopped in ${stopSec.toFixed(2)} s` : '';
    return killed(`${signal} after ${after.toFixed(2)} s of ${seconds.toFixed(2)} s${stopped}`, end.code);
  }

  function killed(how: string, code: number | null): { text: string; isFinished: boolean } {
    const isFinished = code === 0;
    return { text: `${how}${isFinished ? ' (had already finished)' : ''}`, isFinished };
  }

  /** Checks that no process is running; not with a reader, which runs until the end. */
  async function checkProcesses(): Promise<void> {
    if (kind.reader) return;
    const processes = await checkout.remainingProcesses(endSec);
    if (processes.length > 0) problems.push(`running after the kill: ${processes.join('; ')}`);
  }
}

/** Whether a result consists of the lines of another one, each once or twice. */
function isRepetition(text: string, of: string): boolean {
  const [lines, wanted] = [text, of].map((all) => all.split('\n'));
  return (
    lines.every((line) => wanted.includes(line)) &&
    wanted.every((line) => lines.includes(line)) &&
    lines.length <= 2 * wanted.length
  );
}

/** Starts a reader of the finished result. @returns a function that ends it and reports what it found */
async function startReader(
  kind: Kind,
  args: readonly string[],
  env: Record<string, string>,
  checkout: Checkout,
): Promise<(problems: string[]) => Promise<void>> {
  await checkout.start(args, env).ended;
  const [stop, output] = [checkout.path('home', 'stop'), checkout.path('home', 'readings')];
  for (const file of [stop, output]) rmSync(file, { force: true });
  const running = checkout.start(kind.reader!(checkout, stop, output));
  return async (problems) => {
    writeFileSync(stop, '');
    const end = await running.ended;
    if (end.code !== 0 || !existsSync(output) || readFileSync(output, 'utf8') === '0')
      problems.push(`the reader failed: ${end.output.slice(-600)}`);
  };
}

if (require.main === module) {
  runAsProgram(crashCommand.run);
}
