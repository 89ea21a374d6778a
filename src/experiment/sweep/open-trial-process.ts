import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { ExperimentConfig } from '../../config';
import { messageOf } from '../../errors';
import { moduleFile, moduleOptions } from '../../start-worker';
import type { EpochRecord } from '../../training';
import type { TrialOrder, TrialReport } from './trial-process';

type TrialEnd = Exclude<TrialReport, { epoch: EpochRecord }>;

/** A process that runs trials one after the other, and is started anew after one that it did not survive. */
export interface TrialProcess {
  /**
   * @returns the score and the run record's name, or why there is none
   * @throws the signal's reason, once the trial has stopped
   */
  run(
    config: ExperimentConfig,
    options: { signal?: AbortSignal; onEpoch?: (epoch: EpochRecord) => void },
  ): Promise<TrialEnd>;
  close(): void;
}

/** Time that a trial has to stop by itself, ms. */
const graceMs = 5000;
/** Of what the process wrote before it died, so much is kept. */
const lastCharacters = 2000;

/**
 * @param module - the file whose `runTrial` the process calls
 * @param options - `processes`, how many there are: each has its share of the processors; `root`, folder of the corpora;
 *   `runs`, of the run records
 */
export function openTrialProcess(
  module: string,
  { processes, root, runs }: { processes: number; root: string; runs: string },
): TrialProcess {
  let child: ChildProcess | undefined;
  let lastWords = '';

  const start = (): ChildProcess => {
    const threads = String(Math.max(1, Math.floor(availableParallelism() / processes)));
    const started = fork(moduleFile(__dirname, 'trial-process'), [module], {
      execArgv: [...moduleOptions],
      env: { ...process.env, SER_DATA: resolve(root), TF_NUM_INTRAOP_THREADS: threads },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced', // JSON has no NaN
    });
    lastWords = '';
    started.stderr?.setEncoding('utf8').on('data', (text: string) => {
      lastWords = (lastWords + text).slice(-lastCharacters);
    });
    started.on('error', () => undefined); // whatever it is, the process ends with it
    return started;
  };

  return {
    run: async (config, { signal, onEpoch }) => {
      signal?.throwIfAborted();
      if (!child?.connected) child = start();
      const current = child;
      let timer: NodeJS.Timeout | undefined;
      const stop = (): void => {
        if (current.connected) current.send('stop' satisfies TrialOrder);
        timer = setTimeout(() => current.kill('SIGKILL'), graceMs);
      };
      const listeners = new AbortController();
      try {
        const end = await new Promise<TrialEnd>((resolve, reject) => {
          const onReport = (report: TrialReport): void => {
            if (!('epoch' in report)) {
              resolve(report);
              return;
            }
            try {
              onEpoch?.(report.epoch);
            } catch (error) {
              reject(error instanceof Error ? error : new Error(messageOf(error)));
            }
          };
          const onClose = (code: number | null, killedBy: string | null): void => {
            const how = killedBy === null ? `with code ${code ?? '?'}` : `by ${killedBy}`;
            const last = lastWords.trim().split('\n').at(-1);
            resolve({ problem: `its process stopped ${how}${last ? `: ${last}` : ''}` });
          };
          current.on('message', onReport).on('close', onClose);
          listeners.signal.addEventListener('abort', () => {
            current.off('message', onReport).off('close', onClose);
          });
          signal?.addEventListener('abort', stop);
          current.send({ config, runs } satisfies TrialOrder);
        });
        signal?.throwIfAborted();
        return end;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        listeners.abort();
      }
    },
    close: () => {
      child?.kill('SIGKILL');
      child = undefined;
    },
  };
}
