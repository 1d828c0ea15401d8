import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostIdSchema } from '@millwright/contracts';
import { z } from 'zod';

const HostIdentitySchema = z.object({ hostId: HostIdSchema, secret: z.string() });
/** Who this host is to its broker; made by enrolment and kept in a 0600 file. */
export type HostIdentity = z.infer<typeof HostIdentitySchema>;

const pathIn = (dataFolder: string): string => join(dataFolder, 'host-identity.json');

export function readHostIdentity(dataFolder: string): HostIdentity | undefined {
  try {
    return HostIdentitySchema.parse(JSON.parse(readFileSync(pathIn(dataFolder), 'utf8')));
  } catch {
    return undefined;
  }
}

export async function writeHostIdentity(dataFolder: string, identity: HostIdentity): Promise<void> {
  const beside = `${pathIn(dataFolder)}.partial`;
  await writeFile(beside, JSON.stringify(identity), { mode: 0o600 });
  await rename(beside, pathIn(dataFolder));
}
