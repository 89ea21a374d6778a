import { messageOf } from '../../core/base';
import type { FromWorker, ToWorker, WorkerTask } from './worker-process';

/**
 * Makes this process one that `openWorkerProcess` has started: it does what it is told, one thing after the other.
 *
 * @param work - what it does: is handed the order, a signal that asks it to stop, and whom to tell how far it is
 */
export function runWorkerMain<Task extends WorkerTask>(
  work: (
    order: Task['order'],
    options: { signal: AbortSignal; report: (report: Task['report']) => void },
  ) => Promise<Task['end']>,
): void {
  const say = (message: FromWorker<Task>): void => {
    if (process.connected) process.send?.(message);
  };
  const report = (report: Task['report']): void => {
    say({ report });
  };
  let control: AbortController | undefined;
  process.on('message', (message: ToWorker<Task>) => {
    if (message === 'stop') {
      control?.abort(new Error('it was stopped'));
      return;
    }
    control = new AbortController();
    void work(message.order, { signal: control.signal, report })
      .then((end) => ({ end }))
      .catch((error: unknown) => ({ problem: messageOf(error) }))
      .then(say);
  });
  // Whoever was killed leaves no process behind; and an interrupt from the terminal is theirs to pass on.
  process.on('disconnect', () => process.exit(1));
  process.on('SIGINT', () => undefined);
}
