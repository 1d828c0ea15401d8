import { relative } from 'node:path';

/**
 * Reporter of vitest that names the tests which passed on a later try, and why they failed before: a second try forgives a loaded
 * machine, and hides nothing.
 */
export default class SecondTries {
  #found = [];

  onTestCaseResult(test) {
    const { state, errors = [] } = test.result();
    const tries = test.diagnostic()?.retryCount ?? 0;
    if (state !== 'passed' || tries === 0) return;
    const reasons = errors.map(({ message, stacks = [] }) => {
      const places = stacks.map(({ file, line }) => `\nat ${relative('.', file)}:${line}`);
      return `    ${[message, ...places].join('').replaceAll('\n', '\n    ')}`;
    });
    this.#found.push([`  ${test.module.relativeModuleId} > ${test.fullName} (try ${tries + 1})`, ...reasons].join('\n'));
  }

  onTestRunEnd() {
    if (this.#found.length > 0) console.log(`\nPassed on a later try:\n${this.#found.join('\n')}`);
  }
}
