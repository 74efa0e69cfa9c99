interface Asked<Item, Answer> {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/** What is asked for in one turn of the event loop is done by one call, and nobody waits for more to come. */
export class Together<Item, Answer> {
  private asked: Asked<Item, Answer>[] = [];

  /** `work` answers in the order of the items. */
  constructor(private readonly work: (items: Item[]) => Promise<Answer[]>) {}

  do(item: Item): Promise<Answer> {
    if (this.asked.length === 0) setImmediate(() => void this.run());
    return new Promise((resolve, reject) => this.asked.push({ item, resolve, reject }));
  }

  private async run(): Promise<void> {
    const all = this.asked;
    this.asked = [];
    try {
      const answers = await this.work(all.map(({ item }) => item));
      all.forEach(({ resolve }, index) => resolve(answers[index]));
    } catch (error) {
      all.forEach(({ reject }) => reject(error));
    }
  }
}
