/**
 * A machine could not do what its owner asked. `code` is stable: `machine.state` (wrong moment), `machine.argument`,
 * `snapshot.disk-changed`, `snapshot.version`, `snapshot.bad-file`, `snapshot.not-written`, `medium.failed`, `engine.defect`.
 */
export class MachineError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
