import fs from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// Preloaded with --require. Counts the calls of functions that change files, and kills this process before call number SER_KILL_AT, or
// after it if the number ends in "+". At exit, the process writes the number of calls to the file SER_KILL_COUNT.

const names = [
  'rename',
  'rm',
  'rmdir',
  'unlink',
  'link',
  'mkdir',
  'open',
  'writeFile',
  'appendFile',
  'copyFile',
];
const wanted = process.env.SER_KILL_AT ?? '';
const [killAt, isAfter] = [Number.parseInt(wanted, 10), wanted.endsWith('+')];
let calls = 0;

type Call = (...args: unknown[]) => unknown;

function watch(owner: Record<string, unknown>, name: string): void {
  const original = owner[name] as Call;
  owner[name] = (...args: unknown[]): unknown => {
    calls++;
    const isTurn = calls === killAt;
    if (isTurn && !isAfter) process.kill(process.pid, 'SIGKILL');
    const result = original.apply(owner, args);
    if (!isTurn) return result;
    if (!(result instanceof Promise)) process.kill(process.pid, 'SIGKILL');
    return (result as Promise<unknown>).finally(() => process.kill(process.pid, 'SIGKILL'));
  };
}

if (isMainThread) {
  for (const name of names) {
    watch(fs.promises, name);
    watch(fs, `${name}Sync`);
  }
  const file = process.env.SER_KILL_COUNT;
  if (file) {
    process.once('exit', () => {
      fs.writeFileSync(file, String(calls));
    });
  }
}
