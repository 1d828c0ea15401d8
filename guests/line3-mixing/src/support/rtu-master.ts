import modbusSerial from 'modbus-serial';
import { line3RegisterMap } from '../register-map.js';

/** The package is CommonJS and types its class as `default`. */
const ModbusRTU = modbusSerial.default;

/**
 * QEMU hands a TCP connection's bytes to its UART in host time, eight at once: on a busy host a longer frame gets gaps above 3.5
 * characters, which the panel rightly takes for the frame's end. A master repeats then.
 */
export const ATTEMPTS = 6;

/** A Modbus master (modbus-serial) on a TCP port that carries the serial line's bytes. */
export class RtuMaster {
  private constructor(private readonly client: InstanceType<typeof ModbusRTU>) {}

  static async connect(port: number): Promise<RtuMaster> {
    const client = new ModbusRTU();
    await client.connectTelnet('127.0.0.1', { port });
    client.setID(line3RegisterMap.slaveAddress);
    client.setTimeout(1000);
    return new RtuMaster(client);
  }

  close(): void {
    this.client.close(() => undefined);
  }

  async coils(address: number, count: number): Promise<boolean[]> {
    return (await this.#repeated(() => this.client.readCoils(address, count))).data.slice(0, count);
  }
  async discreteInputs(address: number, count: number): Promise<boolean[]> {
    return (await this.#repeated(() => this.client.readDiscreteInputs(address, count))).data.slice(0, count);
  }
  async discreteInput(address: number): Promise<boolean> {
    return (await this.discreteInputs(address, 1))[0]!;
  }
  async inputRegisters(address: number, count: number): Promise<number[]> {
    return (await this.#repeated(() => this.client.readInputRegisters(address, count))).data;
  }
  async holdingRegisters(address: number, count: number): Promise<number[]> {
    return (await this.#repeated(() => this.client.readHoldingRegisters(address, count))).data;
  }
  async writeCoil(address: number, value: boolean): Promise<void> {
    await this.#repeated(() => this.client.writeCoil(address, value));
  }
  async writeCoils(address: number, values: boolean[]): Promise<void> {
    await this.#repeated(() => this.client.writeCoils(address, values));
  }
  async writeRegister(address: number, value: number): Promise<void> {
    await this.#repeated(() => this.client.writeRegister(address, value));
  }
  async writeRegisters(address: number, values: number[]): Promise<void> {
    await this.#repeated(() => this.client.writeRegisters(address, values));
  }

  async #repeated<T>(request: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await request();
      } catch (error) {
        if ((error as { name?: string }).name !== 'TransactionTimedOutError' || attempt === ATTEMPTS) throw error;
      }
    }
  }
}
