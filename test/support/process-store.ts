/**
 * Keeps the SDK's settings of a run for the whole process. The SDK keeps them in the asynchronous context of the run.
 *
 * A program that loses this context after an `await` declares the rest to no engine: the update succeeds without
 * creating it. A user's `pulumi up` runs the program in its own process, without such a context. Tests run one
 * operation at a time.
 */
class ProcessStore {
  #store: unknown;

  public getStore(): unknown {
    return this.#store;
  }

  public run(store: unknown, callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
    // The program of an operation that was ended may wait forever.
    this.#store = store;
    return Promise.resolve(callback(...args)).finally(() => {
      if (this.#store === store) this.#store = undefined;
    });
  }
}

// The SDK shares its own among its copies under this name, and reads it again each time.
Object.assign(globalThis, { asyncLocalStorage: new ProcessStore() });
