import { join } from 'node:path';
import { WorkbenchError } from '../../core/base';
import type { Engine, EpochRecord } from '../../core/network';
import { splitFileName } from '../runs';

interface SummaryWriter {
  scalar: (name: string, value: number, step: number) => void;
  flush: () => void;
}

/** What tfjs-node has beside TensorFlow.js. */
interface TfjsNode {
  node: { summaryFileWriter: (folder: string) => SummaryWriter };
}

/**
 * Writes learning curves as TensorBoard's event files, a folder a split.
 *
 * @param folder - is made
 * @returns to be called after each epoch
 * @throws {@link WorkbenchError} without the native engine, whose TensorFlow writes the files
 */
export function tensorBoardLog(
  { name, tf }: Engine,
  folder: string,
): (split: string, record: EpochRecord) => void {
  if (name !== 'native')
    throw new WorkbenchError('TensorBoard logs need the native engine: see `npm run doctor`');
  const { summaryFileWriter } = (tf as unknown as TfjsNode).node;
  const writers = new Map<string, SummaryWriter>();
  return (split, { epoch, seconds, ...values }) => {
    let writer = writers.get(split);
    if (!writer) {
      writer = summaryFileWriter(join(folder, splitFileName(split)));
      writers.set(split, writer);
    }
    for (const [name, value] of Object.entries({ ...values, seconds })) writer.scalar(name, value, epoch);
    writer.flush();
  };
}
