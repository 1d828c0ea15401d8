/** Runs asynchronous operations one after the other, in the order they were asked for; a failure concerns its own caller only. */
export class InOrder {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(operation: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(operation);
    this.#last = result.catch(() => {});
    return result;
  }
}
