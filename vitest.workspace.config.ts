import { defineConfig } from 'vitest/config';

const DECORATED = ['apps/broker'];
const UNITS = ['packages/*', 'apps/hypervisor-host', 'apps/front-door', 'apps/command-line', 'apps/portal', 'guests/*'];

/** Unit tests run side by side; what starts guests, browsers or servers runs one file after the other. */
export default defineConfig({
  test: {
    maxWorkers: 2,
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
      {
        test: {
          name: 'whole',
          include: ['test/{conformance,integration,guests,fault,end-to-end}/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          retry: 2,
        },
      },
    ],
  },
});
