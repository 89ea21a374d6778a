import { WorkbenchError } from '../core/base';
import { type ClaimLedger, claimLedger, recordedLedgerRun } from '../node/paper';
import { readRunRecords, runNamed } from '../node/runs';

/**
 * The ledger of some runs that were kept, or of the newest finished ones under the paper's protocol and under the default.
 *
 * @param names - parts of the records' names; none for the newest
 * @throws InvalidArgumentError if a name is of no scored run
 * @throws {@link WorkbenchError} if there is no finished run
 */
export async function recordedLedger(names: readonly string[], folder: string): Promise<ClaimLedger> {
  const { records } = await readRunRecords(folder);
  const scored = records.filter(({ figures }) => figures).reverse();
  // An ensemble's name holds those of its presets: it is meant where nothing else is.
  const [own, ensembles] = [
    scored.filter(({ members }) => !members),
    scored.filter(({ members }) => members),
  ];
  const chosen =
    names.length > 0
      ? names.map((name) => runNamed([...own, ...ensembles], name))
      : (['paper-rows', 'speakers'] as const).flatMap(
          (protocol) =>
            own.find(
              ({ status, config: { dataset } }) => status === 'finished' && dataset.protocol === protocol,
            ) ?? [],
        );
  if (chosen.length === 0)
    throw new WorkbenchError('there is no finished run yet: npm run evaluate -- --save keeps one');
  return claimLedger(chosen.map(recordedLedgerRun));
}
