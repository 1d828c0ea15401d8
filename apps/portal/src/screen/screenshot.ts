import { errorOfProblem, failure, type MachineId, TICKET_SCHEME } from '@millwright/contracts';
import { callBroker } from '../platform/broker-client';

/** Downloads the machine's picture in full size as PNG. @throws PlatformError */
export async function saveScreenshot(machineId: MachineId, name: string): Promise<void> {
  const { ticket, url: pictureUrl } = await callBroker('requestTicket', { path: { id: machineId }, body: { purpose: 'screenshot' } });
  const response = await fetch(pictureUrl, { headers: { authorization: `${TICKET_SCHEME} ${ticket}` } });
  if (!response.ok) throw errorOfProblem(await response.json().catch(() => undefined)) ?? failure('platform.unavailable');
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, '-')}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
