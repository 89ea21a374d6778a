import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { WorkbenchError } from '../../../src/core/base';
import { explainFileError } from '../../../src/node/files';

describe('Errors of the operating system', () => {
  it('name the path, what happened and the remedy', async () => {
    const error: unknown = await readFile('/no/such/file').catch((raw: unknown) => explainFileError(raw));
    assert.ok(error instanceof WorkbenchError);
    assert.match(error.message, /^\/no\/such\/file: it does not exist, or was removed .* \(ENOENT\)$/);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    assert.match(
      (explainFileError(full, 'runs/a.json') as Error).message,
      /^runs\/a\.json: the disk is full/,
    );
  });

  it('are the only errors that change', () => {
    const error = new Error('other');
    assert.equal(explainFileError(error), error);
    assert.equal(explainFileError(undefined), undefined);
  });
});
