import { type CommandTools, defineCommand, UsageError } from '../../src/cli/command';
import { flag, integer, option, userPath } from '../../src/cli/options';
import { formatFailure, formatResult, fuzz, targetFiles } from './campaign';
import type { FuzzTarget } from './target';
import { runAsProgram } from '../../src/cli/program';

export const fuzzCommand = defineCommand('npm run fuzz', {
  summary: 'Feed damaged and hostile input to the library, and report every case that is not handled.',
  details:
    'A case fails if it throws an error that is not a message for users, takes more than 10 s or 1 GB of memory, crashes, or writes outside its folder. ' +
    'Case i has the seed N + i, so that --seed S --cases 1 repeats one case. The exit code is 1 if a case failed.',
  arguments: { '[TARGET...]': { help: 'kinds of input (see --list), or all; default: all' } },
  options: {
    seed: option('N', 'seed of the first case', integer(0), 1),
    cases: option('N', 'number of cases of each target', integer(1), 200),
    timeout: option('S', 'time limit of a case in seconds', integer(1), 10),
    list: flag('list the targets'),
    targets: option('DIR', 'folder with the targets; default: test/fuzz/targets', userPath),
  },
  run: async ({ seed, cases, timeout, list, targets }, { args, print, progress }: CommandTools) => {
    const files = targetFiles(targets);
    const names = args.length === 0 || args.includes('all') ? [...files.keys()] : args;
    const unknown = names.find((name) => !files.has(name));
    if (unknown !== undefined) {
      throw new UsageError(`unknown target ${unknown}; available: ${['all', ...files.keys()].join(', ')}`);
    }
    if (files.size === 0) throw new UsageError('no targets found');
    if (list) {
      for (const name of names) {
        const { target } = (await import(files.get(name)!)) as { target: FuzzTarget };
        print(`${name}: ${target.summary}`);
      }
      return 0;
    }
    const results = [];
    for (const name of names) {
      const result = await fuzz(files.get(name)!, {
        seed,
        cases,
        timeoutSec: timeout,
        onFailure: (failure) => {
          progress.note(formatFailure(name, failure));
        },
        onProgress: (done) => {
          progress.update(`${name}, cases`, done, cases, 'files');
        },
      });
      results.push(result);
    }
    print(results.map(formatResult).join('\n'));
    return results.some(({ failures }) => failures.length > 0) ? 1 : 0;
  },
});

if (require.main === module) {
  runAsProgram(fuzzCommand.run);
}
