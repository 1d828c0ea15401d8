import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DisplayNameSchema, MachineIdSchema, MachineSpecSchema, WantedStateSchema } from '@millwright/contracts';
import { z } from 'zod';

/** What the agent remembers of a machine, durably: the last command it was given and how far it came. */
export const MachineRecordSchema = z.object({
  version: z.literal(1),
  machineId: MachineIdSchema,
  name: DisplayNameSchema,
  epoch: z.number().int(),
  generation: z.number().int(),
  wanted: WantedStateSchema,
  spec: MachineSpecSchema,
  /** The machine ended by itself (guest powered off, failure) under this generation: it is not started again until a newer one says so. */
  endedGeneration: z.number().int().default(0),
});
export type MachineRecord = z.infer<typeof MachineRecordSchema>;

/** Writes beside, fsyncs and renames: a record is the old one or the new one. */
export async function writeRecord(path: string, record: MachineRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = `${path}.partial`;
  const file = await open(beside, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(record));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}

/** Records of all machines under the data folder; one that cannot be read is left alone and named in `broken`. */
export async function readRecords(
  dataFolder: string,
): Promise<{ readonly records: readonly MachineRecord[]; readonly broken: readonly string[] }> {
  const folder = join(dataFolder, 'machines');
  const names = await readdir(folder).catch(() => []);
  const records: MachineRecord[] = [];
  const broken: string[] = [];
  for (const name of names) {
    try {
      records.push(MachineRecordSchema.parse(JSON.parse(await readFile(join(folder, name, 'machine.json'), 'utf8'))));
    } catch {
      broken.push(join(folder, name));
    }
  }
  return { records, broken };
}
