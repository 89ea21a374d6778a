import { messageOf } from '../../core/base';
import type { FromWorker, ToWorker, WorkerTask } from './workers';

/**
 * Turns this process into a worker of `openWorkerProcess`: it handles one request at a time until the parent exits.
 *
 * @param work - handles an request; `signal` is aborted when the parent cancels the request, `report` sends progress to the parent
 */
export function runWorkerMain<Task extends WorkerTask>(
  work: (
    request: Task['request'],
    options: { signal: AbortSignal; report: (report: Task['report']) => void },
  ) => Promise<Task['end']>,
): void {
  const send = (message: FromWorker<Task>): void => {
    if (process.connected) process.send?.(message);
  };
  const report = (report: Task['report']): void => {
    send({ report });
  };
  let control: AbortController | undefined;
  process.on('message', (message: ToWorker<Task>) => {
    if (message === 'stop') {
      control?.abort(new Error('it was stopped'));
      return;
    }
    control = new AbortController();
    void work(message.request, { signal: control.signal, report })
      .then((end) => ({ end }))
      .catch((error: unknown) => ({ problem: messageOf(error) }))
      .then(send);
  });
  // Exit with the parent, even if it was killed. Ignore signals, which may reach the whole process group: the parent decides what to stop.
  process.on('disconnect', () => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
