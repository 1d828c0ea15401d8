import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const DECORATED = ['apps/broker'];
const UNITS = ['packages/*', 'apps/hypervisor-host', 'apps/front-door', 'apps/command-line', 'apps/portal', 'guests/*'];
/** Files that take more than ten seconds: one that began last would leave a processor idle. */
const LONG = [
  'packages/x86-vmm/src/verification/resource-control.test.ts',
  'packages/assembler/src/disassemble.test.ts',
  'packages/x86-vmm/src/verification/compare-tiers.test.ts',
  'guests/line3-mixing/src/modbus.test.ts',
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.indexOf(relative(import.meta.dirname, moduleId));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** Tests that start guests, browsers or servers: one file after the other, with time for a loaded machine and a second try. */
const whole = (name: string, folders: string) => ({
  test: {
    name,
    include: [`test/${folders}/**/*.test.ts`],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    retry: 2,
  },
});

/** scripts/test.mjs runs the two whole projects beside each other. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    projects: [
      ...DECORATED,
      {
        test: {
          name: 'units',
          include: UNITS.map((folder) => `${folder}/src/**/*.test.{ts,tsx}`),
          testTimeout: 60_000,
          // A second try on a loaded machine: sockets, emulators and databases are real here, too.
          retry: 2,
        },
      },
      whole('machines', '{conformance,guests}'),
      whole('product', '{integration,fault,end-to-end}'),
    ],
  },
});
