import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { InvalidRegisters } from '../cpu/register-dump.js';
import { KernelImageError } from '../machine/kernel/image-error.js';
import { MachineCore } from '../machine/machine-core.js';
import { MachineError } from '../machine-error.js';
import { MachineService } from './machine-service.js';
import type { MachineEvent, WorkerMessage, WorkerRequest, WorkerStart } from './messages.js';

/** Entry of a machine's worker: builds the machine, then answers its owner's calls between slices of guest execution. */
const port = parentPort as MessagePort;
const { spec, frame, restoreFrom } = workerData as WorkerStart;

const tell = (message: WorkerMessage): void => port.postMessage(message);

function failureOf(error: unknown): { code: string; message: string } {
  if (error instanceof MachineError) return { code: error.code, message: error.message };
  if (error instanceof KernelImageError) return { code: 'medium.failed', message: `kernel: ${error.message}` };
  if (error instanceof InvalidRegisters) return { code: 'machine.argument', message: error.message };
  return { code: 'engine.defect', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

try {
  const service = new MachineService(new Uint32Array(frame), (event: MachineEvent) => tell(event));
  service.adopt(await MachineCore.build(spec, restoreFrom, service), restoreFrom !== undefined);
  port.on('message', ({ id, call, args }: WorkerRequest) => {
    service.call(call, args).then(
      (value) => tell({ id, value }),
      (error: unknown) => tell({ id, failure: failureOf(error) }),
    );
  });
  tell({ ready: true });
} catch (error) {
  tell({ id: 0, failure: failureOf(error) });
  port.close();
}
