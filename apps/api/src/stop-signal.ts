/**
 * Hears SIGTERM and SIGINT from the first moment, before the rest is even loaded: the first process of a container hears nothing that nobody listens for.
 * While Usher starts, it ends at once: what a migration has begun is rolled back.
 */
export class StopSignal {
  private act = (_signal: NodeJS.Signals): void => process.exit(0);

  constructor() {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => this.act(signal));
  }

  /** From now on there is something to finish. */
  answerWith(act: (signal: NodeJS.Signals) => void): void {
    this.act = act;
  }
}
