import { defineConfig } from 'vitest/config';

// Two projects: `unit` is what `npm test` runs; `packaging` builds the single executable first (about 8 s) and runs it.
export default defineConfig({
  test: {
    // Forks: native modules (DuckDB) and WebAssembly memories stay apart. Two of them: one per core of a small machine.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/packaging/**'],
          setupFiles: ['test/support/setup.ts'],
          globalSetup: ['test/support/build-bundle.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'packaging',
          include: ['test/packaging/**/*.test.ts'],
          globalSetup: ['test/support/build-executable.ts'],
        },
      },
    ],
  },
});
