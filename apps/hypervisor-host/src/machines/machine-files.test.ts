import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assert, onTestFinished, test } from 'vitest';
import { machineFilesUnder, removeRunRoot } from './machine-files.js';

test('the folder of the run folders goes when no machine is left in it, and not before', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'files-'));
  const { runFolder } = machineFilesUnder(folder)('11111111-1111-4111-8111-111111111111');
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
    rmSync(dirname(runFolder), { recursive: true, force: true });
  });
  mkdirSync(runFolder, { recursive: true });
  await removeRunRoot(folder);
  assert.isTrue(existsSync(runFolder));
  rmSync(runFolder, { recursive: true });
  await removeRunRoot(folder);
  assert.isFalse(existsSync(dirname(runFolder)));
  await removeRunRoot(folder);
});
