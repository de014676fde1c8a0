import { defineConfig } from 'vitest/config'

// One project a kind of test: `npm test -- --project unit`.
const projects = {
  unit: ['test/unit/**/*.test.ts', 'test/formats/*.test.ts'],
  contract: ['test/contract/*.test.ts'],
  network: ['test/network/**/*.test.ts'],
  sim: ['test/sim/*.test.ts'],
  interop: ['test/interop/*.test.ts'],
  e2e: ['test/e2e/*.test.ts'],
  hostile: ['test/hostile/*.test.ts'],
  fuzz: ['test/fuzz/*.test.ts']
}

export default defineConfig({
  test: {
    pool: 'forks',
    projects: Object.entries(projects).map(([name, include]) => ({
      extends: true,
      test: { name, include, testTimeout: 60_000, hookTimeout: 60_000 }
    }))
  }
})
